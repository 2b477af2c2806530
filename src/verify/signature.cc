// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pairs inputs and outputs of models that call them differently.
#include "verify/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::verify {
namespace {

// What a port is known by, from the surest to the vaguest.
using Key = std::string;

Key ByName(const Port& port) {
  return port.name;
}

// Some converters and readers decorate names: "serving_default_image:0" is the input `image`.
Key ByPlainName(const Port& port) {
  constexpr std::string_view kPrefix = "serving_default_";
  std::string_view name = port.name;
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return std::string(name.substr(0, name.rfind(':')));
}

Key BySize(const Port& port) {
  return fmt::format("{}", ElementCount(port.canonical));
}
Key BySizeAndType(const Port& port) {
  return fmt::format("{} {}", DTypeName(port.type), BySize(port));
}

template <typename KeyOf>
std::vector<Key> Keys(const Ports& ports, KeyOf key) {
  std::vector<Key> keys;
  for (const Port& port : ports) keys.push_back(key(port));
  return keys;
}

// The permutation that keys determine: both sides have the same keys, each once.
template <typename KeyOf>
std::optional<std::vector<size_t>> PairBy(const Ports& reference, const Ports& mine, KeyOf key) {
  const auto theirs = Keys(reference, key);
  std::vector<size_t> pairs;
  std::set<size_t> taken;
  for (const Key& wanted : Keys(mine, key)) {
    const auto found = std::find(theirs.begin(), theirs.end(), wanted);
    if (found == theirs.end() || std::count(theirs.begin(), theirs.end(), wanted) != 1) return std::nullopt;
    pairs.push_back(static_cast<size_t>(found - theirs.begin()));
    if (!taken.insert(pairs.back()).second) return std::nullopt;
  }
  return pairs;
}

}  // namespace

Ports PortsOf(const Artifact& artifact, const std::vector<TensorSpec>& specs,
              const std::map<std::string, Shape>& shapes) {
  Ports ports;
  for (const TensorSpec& spec : specs) {
    Port port{.name = spec.name, .type = spec.type, .shape = shapes.at(spec.name), .layout = {}, .canonical = {}};
    port.layout = LayoutOf(artifact, spec.name, port.shape.size());
    port.canonical = Permuted(port.shape, CanonicalAxes(port.layout, port.shape.size()));
    ports.push_back(std::move(port));
  }
  return ports;
}

std::optional<std::vector<size_t>> Pair(const Ports& reference, const Ports& mine) {
  if (reference.size() != mine.size()) return std::nullopt;
  if (auto pairs = PairBy(reference, mine, ByName)) return pairs;
  if (auto pairs = PairBy(reference, mine, ByPlainName)) return pairs;
  std::vector<size_t> in_place(mine.size());
  std::iota(in_place.begin(), in_place.end(), size_t{0});
  if (Keys(reference, BySizeAndType) == Keys(mine, BySizeAndType)) return in_place;
  if (auto pairs = PairBy(reference, mine, BySizeAndType)) return pairs;
  if (Keys(reference, BySize) == Keys(mine, BySize)) return in_place;
  return PairBy(reference, mine, BySize);
}

Json LayoutsJson(const Ports& ports) {
  Json json = Json::object();
  for (const Port& port : ports) {
    json[port.name] = {{"axes", port.layout.axes.empty() ? Json() : Json(port.layout.axes)},
                       {"assumed", port.layout.assumed},
                       {"shape", port.shape}};
  }
  return json;
}

std::string PortsText(const Ports& ports) {
  std::vector<std::string> parts;
  for (const Port& port : ports) {
    std::string text = fmt::format("{} {} {}", port.name, DTypeName(port.type), ShapeText(port.shape));
    if (!port.layout.axes.empty())
      text += fmt::format(" ({}{})", port.layout.axes, port.layout.assumed ? ", assumed" : "");
    parts.push_back(std::move(text));
  }
  return core::Join(parts, ", ");
}

int64_t BatchOf(const Ports& inputs, const std::vector<TensorSpec>& specs, const std::vector<TensorSpec>& outputs,
                bool said) {
  for (size_t i = 0; i < inputs.size() && i < specs.size(); ++i) {
    if (!specs[i].shape.empty() && specs[i].shape[0] == kFree && !inputs[i].shape.empty()) return inputs[i].shape[0];
  }
  for (const Port& port : inputs) {
    if (port.layout.axes.find('N') != std::string::npos) return BatchOf(port.shape, port.layout);
  }
  if (inputs.empty() || inputs.front().shape.empty()) return 1;
  const int64_t first = inputs.front().shape[0];
  const auto begins = [&](const auto& port) { return port.shape.size() > 1 && port.shape[0] == first; };
  const auto is_flat = [](const Port& port) { return port.shape.size() == 2; };
  const bool shared =
      std::all_of(inputs.begin(), inputs.end(), begins) && std::all_of(outputs.begin(), outputs.end(), begins);
  return shared && (said || std::all_of(inputs.begin(), inputs.end(), is_flat)) ? first : 1;
}

}  // namespace bakeoff::verify
