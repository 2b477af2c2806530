// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Draws or loads inputs in canonical order, hashes them, and puts them into each model's order.
#include "verify/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/rng.h"

namespace bakeoff::verify {
namespace {

std::span<const uint8_t> Bytes(const std::vector<std::byte>& data) {
  return {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
}

Range DefaultRange(DType type) {
  if (type == DType::kI32 || type == DType::kI64) return {0, 1};
  const core::TypeRange range = core::RangeOf(type);
  return {static_cast<double>(range.low), static_cast<double>(range.high)};
}

void CheckRange(const Port& port, const Range& range) {
  if (core::IsFloating(port.type)) return;
  const core::TypeRange fits = core::RangeOf(port.type);
  // 2^53: beyond it a double names no whole number exactly.
  const double low = std::max(static_cast<double>(fits.low), -0x1p53);
  const double high = std::min(static_cast<double>(fits.high), 0x1p53);
  if (range.low != std::floor(range.low) || range.high != std::floor(range.high)) {
    throw Error(ErrorCode::kUsage, fmt::format("--range {}={}..{}: the input is {}; give whole numbers", port.name,
                                               range.low, range.high, DTypeName(port.type)));
  }
  if (range.low < low || range.high > high) {
    throw Error(ErrorCode::kUsage, fmt::format("--range {}={}..{}: outside what {} holds", port.name, range.low,
                                               range.high, DTypeName(port.type)));
  }
}

std::vector<std::byte> Draw(const Port& port, size_t place, const Range* range, uint64_t seed) {
  const auto count = static_cast<size_t>(ElementCount(port.canonical));
  std::vector<std::byte> data(count * DTypeSize(port.type));
  data::Rng rng({seed, place});
  if (core::IsFloating(port.type)) {
    for (size_t i = 0; i < count; ++i)
      core::StoreReal(port.type, data.data(), i, range ? rng.Uniform(range->low, range->high) : rng.Normal());
    return data;
  }
  const Range within = range ? *range : DefaultRange(port.type);
  const auto low = static_cast<int64_t>(within.low);
  const auto width = static_cast<uint64_t>(within.high - within.low) + 1;
  for (size_t i = 0; i < count; ++i)
    core::StoreInt(port.type, data.data(), i, low + static_cast<int64_t>(rng.Below(width)));
  return data;
}

// Elements of a file as the input's type: the same type, or a conversion that loses nothing but floating-point digits.
std::vector<std::byte> Converted(const core::Array& array, const Port& port) {
  if (array.type == port.type) return array.data;
  const bool from_float = core::IsFloating(array.type);
  const bool to_float = core::IsFloating(port.type);
  const auto fail = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, fmt::format("--input {}: the file holds {}, the input is {}: {}", port.name,
                                                DTypeName(array.type), DTypeName(port.type), why));
  };
  if (from_float != to_float) throw fail("save it with the input's type");
  const std::vector<double> values = core::ToDoubles(array.type, array.data);
  std::vector<std::byte> data(values.size() * DTypeSize(port.type));
  const core::TypeRange range = core::RangeOf(port.type);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!to_float && (values[i] < static_cast<double>(range.low) || values[i] > static_cast<double>(range.high)))
      throw fail(fmt::format("{} does not fit", values[i]));
    core::StoreReal(port.type, data.data(), i, values[i]);
  }
  return data;
}

// The file is in the order of the first model's axes. Rows are repeated or cut to the batch.
std::vector<std::byte> FromFile(const core::Array& array, const Port& port, const Port& reference) {
  const auto fail = [&](const std::string& hint) {
    return Error(ErrorCode::kUsage, fmt::format("--input {}: the file is {}, the input {}{}", reference.name,
                                                ShapeText(array.shape), ShapeText(reference.shape), hint));
  };
  if (array.shape.size() != reference.shape.size()) throw fail("");
  Shape rows = array.shape;
  const size_t batch_axis = reference.layout.axes.empty() ? 0 : reference.layout.axes.find('N');
  if (batch_axis == 0 && !rows.empty()) rows[0] = reference.shape[0];
  if (rows != reference.shape) throw fail("; give a file of that shape, or --shape");
  std::vector<std::byte> data = Converted(array, port);
  if (!array.shape.empty() && array.shape[0] != reference.shape[0]) {
    const size_t row = array.shape[0] > 0 ? data.size() / static_cast<size_t>(array.shape[0]) : 0;
    if (row == 0) throw fail(": it is empty");
    std::vector<std::byte> repeated(row * static_cast<size_t>(reference.shape[0]));
    for (size_t at = 0; at < repeated.size(); at += row)
      std::memcpy(repeated.data() + at, data.data() + at % data.size(), row);
    data = std::move(repeated);
  }
  return ToCanonical(data, reference.shape, port.type, reference.layout);
}

Shape WithoutOnes(Shape shape) {
  std::erase(shape, 1);
  return shape;
}

// What was said of this input: under its own name, the reference's, or "" for an only input.
template <typename T>
const T* Said(const std::map<std::string, T>& said, const Port& mine, const Port& reference, bool only) {
  for (const std::string& name : {mine.name, reference.name, std::string()}) {
    if (name.empty() && !only) continue;
    if (const auto found = said.find(name); found != said.end()) return &found->second;
  }
  return nullptr;
}

template <typename T>
void CheckNames(const char* option, const std::map<std::string, T>& said, const Ports& mine, const Ports& reference) {
  std::vector<std::string> names;
  for (const Port& port : reference) names.push_back(port.name);
  for (const auto& [name, value] : said) {
    const auto is = [&wanted = name](const Port& port) { return port.name == wanted; };
    if (name.empty() && mine.size() != 1)
      throw Error(ErrorCode::kUsage, fmt::format("{}: the model has {} inputs; name one: {}", option, mine.size(),
                                                 core::Join(names, ", ")));
    if (name.empty() || std::any_of(mine.begin(), mine.end(), is) ||
        std::any_of(reference.begin(), reference.end(), is))
      continue;
    throw Error(ErrorCode::kUsage, fmt::format("{} {}: the model has no such input{}; its inputs are {}", option, name,
                                               core::DidYouMean(name, names), core::Join(names, ", ")));
  }
}

// What a frame carries at most (docs/architecture.md); beyond it memory would end without a word about the cause.
constexpr double kMostBytes = 8.0 * (1ULL << 30);

void CheckSize(const Ports& mine) {
  for (const Port& port : mine) {
    double bytes = static_cast<double>(DTypeSize(port.type));
    for (const int64_t extent : port.shape) bytes *= static_cast<double>(extent);
    if (bytes <= kMostBytes) continue;
    throw Error(ErrorCode::kUsage, fmt::format("input '{}' of shape {} takes {:.3g} GiB, at most 8 GiB are possible; "
                                               "ask for less with --batch or --shape",
                                               port.name, ShapeText(port.shape), bytes / (1ULL << 30)));
  }
}

}  // namespace

Range ParseRange(std::string_view name, std::string_view text) {
  const size_t dots = text.find("..");
  if (dots != std::string_view::npos) {
    const auto low = core::ParseReal(text.substr(0, dots));
    const auto high = core::ParseReal(text.substr(dots + 2));
    if (low && high && std::isfinite(*low) && std::isfinite(*high) && *low <= *high) return {*low, *high};
  }
  throw Error(ErrorCode::kUsage, fmt::format("--range {}={}: give LOW..HIGH, 0..30521 for example", name, text));
}

size_t InputChoices::PictureBatches(size_t batch) const {
  size_t most = 0;
  for (const auto& [name, each] : pictures) most = std::max(most, (each.files.size() + batch - 1) / batch);
  return most;
}

InputSet MakeInputs(const Ports& mine, const Ports& reference, const InputChoices& choices) {
  CheckSize(mine);
  CheckNames("--range", choices.ranges, mine, reference);
  CheckNames("--input", choices.files, mine, reference);
  CheckNames("--input", choices.pictures, mine, reference);
  const auto pairs = Pair(reference, mine);
  const auto apart = [&](std::string_view hint) {
    return Error(ErrorCode::kMismatch,
                 fmt::format("its inputs ({}) do not correspond to those of the first model ({}){}", PortsText(mine),
                             PortsText(reference), hint));
  };
  if (!pairs) throw apart("");
  for (size_t i = 0; i < mine.size(); ++i) {
    if (WithoutOnes(mine[i].canonical) != WithoutOnes(reference[(*pairs)[i]].canonical))
      throw apart("; say what their axes mean with --layout MODEL:INPUT=NHWC");
  }
  InputSet set;
  set.delivered.resize(mine.size());
  std::vector<std::vector<std::byte>> canonical(reference.size());
  for (size_t i = 0; i < mine.size(); ++i) {
    const size_t place = (*pairs)[i];
    const Port& port = mine[i];
    const Port& other = reference[place];
    const Range* range = Said(choices.ranges, port, other, mine.size() == 1);
    const core::Array* file = Said(choices.files, port, other, mine.size() == 1);
    const Pictures* pictures = Said(choices.pictures, port, other, mine.size() == 1);
    if (range && (file || pictures))
      throw Error(ErrorCode::kUsage,
                  fmt::format("--range and --input are both given for '{}': the file has the values; "
                              "leave out one of them",
                              other.name));
    if (range) CheckRange(port, *range);
    if (file && file->type != port.type)
      set.notes.push_back(fmt::format("--input {}: the file holds {}, the input is {}: converted", other.name,
                                      DTypeName(file->type), DTypeName(port.type)));
    canonical[place] = pictures ? PictureBatch(*pictures, port, choices.first_picture)
                       : file   ? FromFile(*file, port, other)
                                : Draw(port, place, range, choices.seed);
    set.delivered[i] = {port.name, port.type, port.shape,
                        FromCanonical(canonical[place], port.canonical, port.type, port.layout)};
  }
  core::Sha256 canonical_hash, delivered_hash;
  for (size_t place = 0; place < canonical.size(); ++place) {
    for (size_t i = 0; i < mine.size(); ++i) {
      if ((*pairs)[i] == place)
        canonical_hash.Add(fmt::format("{} {}\n", DTypeName(mine[i].type), ShapeText(mine[i].canonical)));
    }
    canonical_hash.Add(Bytes(canonical[place]));
  }
  for (const auto& tensor : set.delivered) {
    delivered_hash.Add(fmt::format("{} {} {}\n", tensor.name, DTypeName(tensor.type), ShapeText(tensor.shape)));
    delivered_hash.Add(Bytes(tensor.data));
  }
  set.canonical_sha256 = core::Hex(canonical_hash.Finish());
  set.delivered_sha256 = core::Hex(delivered_hash.Finish());
  return set;
}

std::optional<int64_t> PictureTime(const Ports& mine, const Ports& reference, const InputChoices& choices,
                                   int64_t count) {
  const auto pairs = Pair(reference, mine);
  if (choices.pictures.empty() || !pairs) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  bool any = false;
  for (size_t i = 0; i < mine.size(); ++i) {
    const Pictures* pictures = Said(choices.pictures, mine[i], reference[(*pairs)[i]], mine.size() == 1);
    if (!pictures || mine[i].canonical.empty()) continue;
    any = true;
    const auto batch = static_cast<size_t>(std::max<int64_t>(mine[i].canonical[0], 1));
    for (size_t first = 0; first < static_cast<size_t>(count); first += batch) {
      const auto values = PictureBatch(*pictures, mine[i], first);
      FromCanonical(values, mine[i].canonical, mine[i].type, mine[i].layout);
    }
  }
  if (!any) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace bakeoff::verify
