// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `load` requests, field by field.
#include "worker/runner/load_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bakeoff/error.h"
#include "core/text.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

constexpr int64_t kMostThreads = 65536;

const Json& Object(const Json& json, const char* name) {
  static const Json empty = Json::object();
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return empty;
  if (!field->is_object()) throw Error(ErrorCode::kUsage, fmt::format("load: '{}' must be an object", name));
  return *field;
}

std::string Text(const Json& json, const char* name, const std::string& otherwise) {
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return otherwise;
  if (!field->is_string()) throw Error(ErrorCode::kUsage, fmt::format("load: '{}' must be a text", name));
  return field->get<std::string>();
}

int64_t Int(const Json& json, const char* name, int64_t otherwise, int64_t low, int64_t high) {
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return otherwise;
  if (!field->is_number_integer() || *field < low || *field > high) {
    throw Error(ErrorCode::kUsage,
                fmt::format("load: '{}' must be a whole number from {} to {}, not {}", name, low, high, field->dump()));
  }
  return field->get<int64_t>();
}

std::vector<TensorSpec> Specs(const Json& json, const char* name) {
  std::vector<TensorSpec> specs;
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return specs;
  if (!field->is_array()) throw Error(ErrorCode::kUsage, fmt::format("load: '{}' must be a list", name));
  for (const Json& entry : *field) specs.push_back(SpecFromJson(entry));
  return specs;
}

bool Has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

void NeedOneOf(const EngineInfo& info, const char* what, const std::vector<std::string>& list,
               const std::string& name) {
  if (Has(list, name)) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{} has no {} '{}'; it has: {}", info.name, what, name, core::Join(list, ", ")));
}

}  // namespace

Artifact ArtifactFromJson(const Json& head, const EngineInfo& info) {
  const Json& json = Object(head, "artifact");
  Artifact artifact{
      Text(json, "path", ""), Text(json, "format", ""), Specs(json, "inputs"), Specs(json, "outputs"), {}};
  for (const auto& [name, layout] : Object(json, "layouts").items()) {
    if (!layout.is_string())
      throw Error(ErrorCode::kUsage, fmt::format("load: the layout of '{}' must be a text", name));
    artifact.layouts[name] = layout.get<std::string>();
  }
  if (Has(info.reads, "any") && artifact.path.empty()) return artifact;
  if (!Has(info.reads, "any") && !Has(info.reads, artifact.format)) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} does not read the format '{}'; it reads: {}", info.name,
                                                     artifact.format, core::Join(info.reads, ", ")));
  }
  std::error_code failure;
  if (!std::filesystem::exists(artifact.path, failure)) {
    throw Error(
        ErrorCode::kNotFound,
        fmt::format("{}: {}", artifact.path, failure ? failure.message() : "no such file on the worker's machine"));
  }
  return artifact;
}

SessionOptions SessionOptionsFromJson(const Json& head, const EngineInfo& info) {
  const Json& json = Object(head, "options");
  SessionOptions options;
  options.device = Text(json, "device", options.device);
  NeedOneOf(info, "device", info.devices, options.device);
  options.precision = Text(json, "precision", options.precision);
  NeedOneOf(info, "precision", info.precisions, options.precision);
  options.threads = static_cast<int>(Int(json, "threads", 1, 1, kMostThreads));
  options.streams = static_cast<int>(Int(json, "streams", 1, 1, kMostThreads));
  if (info.max_requests > 0 && options.streams > info.max_requests) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} runs at most {} requests at the same time, not {}", info.name,
                                                     info.max_requests, options.streams));
  }
  options.batch = Int(json, "batch", 0, 0, int64_t{1} << 31);
  for (const auto& [name, extents] : Object(json, "shapes").items()) {
    // The same checks as for a tensor's description.
    options.shapes[name] = SpecFromJson({{"name", name}, {"type", "f32"}, {"shape", extents}}).shape;
  }
  std::map<std::string, std::string> given;
  for (const auto& [name, value] : Object(json, "engine").items()) {
    if (!value.is_string())
      throw Error(ErrorCode::kUsage, fmt::format("load: the value of option '{}' must be a text", name));
    given[name] = value.get<std::string>();
  }
  options.engine = OptionValues(info.name, info.options, std::move(given));
  return options;
}

}  // namespace bakeoff::worker
