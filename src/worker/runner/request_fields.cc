// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Requests field by field.
#include "worker/runner/request_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "bakeoff/error.h"
#include "core/text.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

bool Has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

const Json& RequestFields::Object(const Json& json, const char* name) const {
  static const Json empty = Json::object();
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return empty;
  if (!field->is_object()) throw Error(ErrorCode::kUsage, fmt::format("{}: '{}' must be an object", op_, name));
  return *field;
}

std::string RequestFields::Text(const Json& json, const char* name, const std::string& otherwise) const {
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return otherwise;
  if (!field->is_string()) throw Error(ErrorCode::kUsage, fmt::format("{}: '{}' must be a text", op_, name));
  return field->get<std::string>();
}

int64_t RequestFields::Int(const Json& json, const char* name, int64_t otherwise, int64_t low, int64_t high) const {
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return otherwise;
  if (!field->is_number_integer() || *field < low || *field > high) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: '{}' must be a whole number from {} to {}, not {}", op_, name, low,
                                               high, field->dump()));
  }
  return field->get<int64_t>();
}

std::vector<TensorSpec> RequestFields::Specs(const Json& json, const char* name) const {
  std::vector<TensorSpec> specs;
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return specs;
  if (!field->is_array()) throw Error(ErrorCode::kUsage, fmt::format("{}: '{}' must be a list", op_, name));
  for (const Json& entry : *field) specs.push_back(SpecFromJson(entry));
  return specs;
}

std::map<std::string, Shape> RequestFields::Shapes(const Json& json, const char* name) const {
  std::map<std::string, Shape> shapes;
  for (const auto& [input, extents] : Object(json, name).items()) {
    // The same checks as for a tensor's description.
    shapes[input] = SpecFromJson({{"name", input}, {"type", "f32"}, {"shape", extents}}).shape;
  }
  return shapes;
}

std::map<std::string, std::string> RequestFields::Texts(const Json& json, const char* name) const {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : Object(json, name).items()) {
    if (!value.is_string())
      throw Error(ErrorCode::kUsage, fmt::format("{}: the value of '{}' in '{}' must be a text", op_, key, name));
    texts[key] = value.get<std::string>();
  }
  return texts;
}

Artifact RequestFields::ArtifactOf(const Json& json) const {
  return {Text(json, "path", ""), Text(json, "format", ""), Specs(json, "inputs"), Specs(json, "outputs"),
          Texts(json, "layouts")};
}

Artifact RequestFields::SourceOf(const Json& json, const std::string& owner, const std::vector<FormatId>& reads) const {
  Artifact artifact = ArtifactOf(json);
  if (Has(reads, "any") && artifact.path.empty()) return artifact;
  if (!Has(reads, "any") && !Has(reads, artifact.format)) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} does not read the format '{}'; it reads: {}", owner,
                                                     artifact.format, core::Join(reads, ", ")));
  }
  std::error_code failure;
  if (!std::filesystem::exists(artifact.path, failure)) {
    throw Error(
        ErrorCode::kNotFound,
        fmt::format("{}: {}", artifact.path, failure ? failure.message() : "no such file on the worker's machine"));
  }
  return artifact;
}

void NeedOneOf(const std::string& owner, const char* what, const std::vector<std::string>& list,
               const std::string& name) {
  if (Has(list, name)) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{} has no {} '{}'; it has: {}", owner, what, name, core::Join(list, ", ")));
}

void NeedAllRead(const std::string& owner, const OptionValues& options) {
  if (const auto unread = options.Unread(); !unread.empty()) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("{} has the option {}, but nothing reads it for this model and these settings; leave it out", owner,
                    core::Join(unread, ", ")));
  }
}

}  // namespace bakeoff::worker
