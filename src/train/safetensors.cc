// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading and writing weight files: safetensors (own code, the format is a JSON head and raw bytes) and torch.save
// archives.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "core/files.h"
#include "train/torch_archive.h"
#include "train/torch_script.h"
#include "train/weights.h"

namespace bakeoff::train {
namespace {

struct TypeRow {
  const char* name;
  torch::ScalarType type;
};

constexpr TypeRow kTypes[] = {
    {"F64", torch::kFloat64}, {"F32", torch::kFloat32}, {"F16", torch::kFloat16}, {"BF16", torch::kBFloat16},
    {"I64", torch::kInt64},   {"I32", torch::kInt32},   {"I16", torch::kInt16},   {"I8", torch::kInt8},
    {"U8", torch::kUInt8},    {"BOOL", torch::kBool},
};

// The format's own limit on its head.
constexpr uint64_t kMostHeadBytes = 100'000'000;

uint64_t LittleEndian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

Error Broken(const std::filesystem::path& path, const std::string& why) {
  return Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", path.string(), why));
}

StateDict ReadSafetensors(const std::filesystem::path& path, std::ifstream& file, uint64_t file_bytes,
                          std::map<std::string, std::string>* metadata) {
  std::array<char, 8> length{};
  file.seekg(0).read(length.data(), length.size());
  const uint64_t head_bytes = LittleEndian(length.data());
  if (!file || head_bytes > kMostHeadBytes || head_bytes + 8 > file_bytes) {
    throw Broken(path, fmt::format("a head of {} bytes in a file of {}: truncated, or no safetensors file", head_bytes,
                                   file_bytes));
  }
  std::string text(head_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const Json head = Json::parse(text, nullptr, false);
  if (!head.is_object()) throw Broken(path, "its head is no JSON object");
  const uint64_t data_bytes = file_bytes - 8 - head_bytes;

  StateDict state;
  for (const auto& [name, entry] : head.items()) {
    try {
      if (name == "__metadata__") {
        if (metadata) *metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto type_name = entry.at("dtype").get<std::string>();
      const auto* type =
          std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& row) { return row.name == type_name; });
      if (type == std::end(kTypes))
        throw Broken(path, fmt::format("tensor '{}' has the unknown type {}", name, type_name));
      const auto shape = entry.at("shape").get<std::vector<int64_t>>();
      const auto begin = entry.at("data_offsets").at(0).get<uint64_t>(),
                 end = entry.at("data_offsets").at(1).get<uint64_t>();
      uint64_t bytes = c10::elementSize(type->type);
      for (const int64_t extent : shape) {
        if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) {
          throw Broken(path, fmt::format("tensor '{}' has an impossible shape", name));
        }
      }
      if (begin > end || end > data_bytes || end - begin != bytes) {
        throw Broken(
            path, fmt::format("tensor '{}' needs {} bytes; its offsets {}..{} of {} do not give them (truncated file?)",
                              name, bytes, begin, end, data_bytes));
      }
      torch::Tensor tensor = torch::empty(shape, type->type);
      file.seekg(static_cast<std::streamoff>(8 + head_bytes + begin));
      file.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(bytes));
      if (!file) throw Broken(path, fmt::format("tensor '{}' could not be read", name));
      state.emplace(name, std::move(tensor));
    } catch (const Json::exception& error) {
      throw Broken(
          path, fmt::format("tensor '{}': its entry is not what the format says (dtype, shape, data_offsets)", name));
    }
  }
  return state;
}

}  // namespace

StateDict ReadWeights(const std::filesystem::path& path, std::map<std::string, std::string>* metadata) {
  std::error_code status;
  const uint64_t file_bytes = std::filesystem::file_size(path, status);
  std::ifstream file(path, std::ios::binary);
  if (status || !file)
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such weights file, or not readable", path.string()));
  std::array<char, 9> start{};
  file.read(start.data(), start.size());
  if (!file) throw Broken(path, "too short for a weights file");
  if (start[0] == 'P' && start[1] == 'K') return IsTorchScript(path) ? ReadTorchScript(path) : ReadTorchArchive(path);
  if (start[8] == '{') return ReadSafetensors(path, file, file_bytes, metadata);
  throw Broken(
      path, "neither a safetensors file nor a zip archive of torch.save (older .pth files: load and save them again)");
}

void WriteSafetensors(const std::filesystem::path& path, const StateDict& state,
                      const std::map<std::string, std::string>& metadata) {
  Json head = Json::object();
  if (!metadata.empty()) head["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : state) {
    const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [&](const TypeRow& row) { return row.type == tensor.scalar_type(); });
    if (type == std::end(kTypes))
      throw Error(ErrorCode::kUnsupported, fmt::format("tensor '{}': safetensors has no such type", name));
    head[name] = {
        {"dtype", type->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text = head.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // tensors start on 8 bytes
  std::string content(8, '\0');
  for (size_t i = 0; i < 8; ++i) content[i] = static_cast<char>(text.size() >> (8 * i));
  content.reserve(8 + text.size() + offset);
  content += text;
  for (const auto& [name, tensor] : state) {
    const torch::Tensor flat = tensor.contiguous().cpu();
    content.append(static_cast<const char*>(flat.data_ptr()), flat.nbytes());
  }
  core::WriteFileAtomically(path, content);
}

}  // namespace bakeoff::train
