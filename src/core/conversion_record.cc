// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads conversion records.
#include "core/conversion_record.h"

#include <system_error>

#include "core/files.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostText = 64 << 20;

std::vector<TensorSpec> Specs(const Json& list) {
  std::vector<TensorSpec> specs;
  for (const Json& row : list) {
    specs.push_back({row.at("name").get<std::string>(), DTypeFromName(row.at("type").get<std::string>()),
                     row.at("shape").get<Shape>()});
  }
  return specs;
}

}  // namespace

fs::path ConversionRecordPath(const fs::path& model, bool is_folder) {
  return is_folder ? model / kFolderRecord : fs::path(model.string() + ".conversion.json");
}

std::optional<Json> ReadConversionRecord(const fs::path& model) {
  try {
    std::error_code failure;
    const bool is_folder = fs::is_directory(model, failure);
    const fs::path path = ConversionRecordPath(model, is_folder);
    if (!fs::exists(path, failure)) return std::nullopt;
    Json record = Json::parse(ReadFile(path, kMostText));
    if (record.at("schema") != kConversionSchema) return std::nullopt;
    if (!is_folder && record.at("target").at("bytes") != fs::file_size(model)) return std::nullopt;
    return record;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void AddConversionRecord(Artifact& artifact) {
  const auto record = ReadConversionRecord(artifact.path);
  if (!record) return;
  try {
    const Json& target = record->at("target");
    if (target.at("format") != artifact.format) return;
    Artifact told;
    told.inputs = Specs(target.at("inputs"));
    told.outputs = Specs(target.at("outputs"));
    told.layouts = target.at("layouts").get<std::map<std::string, std::string>>();
    if (artifact.inputs.empty()) artifact.inputs = std::move(told.inputs);
    if (artifact.outputs.empty()) artifact.outputs = std::move(told.outputs);
    artifact.layouts.merge(told.layouts);
  } catch (const std::exception&) {
    // Damaged: as if there were none.
  }
}

}  // namespace bakeoff::core
