// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Compares hashes with those of the conversion record.
#include "convert/in_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "bakeoff/error.h"
#include "core/conversion_record.h"
#include "core/formats.h"
#include "core/model_description.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

// Contents, in order, without names: a folder may be renamed, and so may what is in it.
Json HashesOf(const Artifact& artifact) {
  Json hashes = Json::array();
  for (const worker::ArtifactFile& file : worker::FilesOf(artifact).files) {
    // The record came after it was made.
    if (file.path != core::kFolderRecord) hashes.push_back(file.sha256);
  }
  return hashes;
}

Json HashesOf(const Json& files) {
  Json hashes = Json::array();
  for (const Json& file : files) hashes.push_back(file.at("sha256"));
  return hashes;
}

// Why the record's result is no longer this model; "" where it is.
std::string WhyStale(const core::ModelFolder& folder, const Artifact& result, const Json& record) {
  const std::string model = fs::path(folder.model.path).filename().string();
  if (!record.at("verified").get<bool>()) return "its answers were not compared";
  if (HashesOf(record.at("source").at("files")) != HashesOf(folder.model))
    return fmt::format("it was made from another {}", model);
  if (HashesOf(record.at("target").at("files")) != HashesOf(result)) return "it was changed after it was made";
  Artifact source = folder.model, target = result;
  core::AddConversionRecord(target);
  // Names, axes and classes as they would be written today.
  const Json told = core::DescriptionFor(core::DescriptionOf(folder.whole), source, target);
  const Json then = record.value("model", Json());
  for (const char* field : {"name", "classes", "preprocess"}) {
    if (told.at(field) != then.value(field, Json())) return fmt::format("model.json has another '{}' now", field);
  }
  return "";
}

}  // namespace

fs::path PathInFolder(const core::ModelFolder& folder, const FormatId& format) {
  const core::FormatRow* row = core::FindFormat(format);
  const std::string ending = row && !row->ending.empty() ? std::string(row->ending) : "." + format;
  return folder.folder / (fs::path(folder.model.path).stem().string() + ending);
}

InFolder LookInFolder(const core::ModelFolder& folder, const FormatId& format) {
  InFolder found{.path = PathInFolder(folder, format)};
  std::error_code failure;
  if (!fs::exists(found.path, failure)) return found;
  found.state = FolderState::kForeign;
  found.why = "it has no conversion record of its own";
  const auto record = core::ReadConversionRecord(found.path);
  if (!record) return found;
  found.record = *record;
  found.state = FolderState::kStale;
  try {
    const Artifact result{.path = found.path.string(), .format = format, .inputs = {}, .outputs = {}, .layouts = {}};
    found.why = WhyStale(folder, result, *record);
  } catch (const Json::exception&) {
    found.why = "its conversion record is damaged";
  } catch (const Error& error) {
    found.why = error.text();
  }
  if (found.why.empty()) found.state = FolderState::kCurrent;
  return found;
}

}  // namespace bakeoff::convert
