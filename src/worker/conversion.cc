// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results of hops to JSON and back, with every field checked on the way in.
#include "worker/conversion.h"

#include "worker/json_field.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

constexpr const char* kReply = "its reply to 'convert'";

Json SpecList(const std::vector<TensorSpec>& specs) {
  Json list = Json::array();
  for (const TensorSpec& spec : specs) list.push_back(ToJson(spec));
  return list;
}

// An object also when empty; a plain map would become null.
template <typename Map>
Json Object(const Map& map) {
  Json object = Json::object();
  for (const auto& [name, value] : map) object[name] = value;
  return object;
}

std::vector<TensorSpec> Specs(const Json& json, const char* field) {
  Json list = Json::array();
  TakeField(json, kReply, field, list, true);
  if (!list.is_array())
    throw Error(ErrorCode::kEngineFailed, fmt::format("{} has a '{}' that is no list", kReply, field));
  std::vector<TensorSpec> specs;
  for (const Json& row : list) specs.push_back(SpecFromJson(row));
  return specs;
}

Artifact ArtifactOf(const Json& json, const char* field) {
  Json row;
  TakeField(json, kReply, field, row, true);
  if (!row.is_object())
    throw Error(ErrorCode::kEngineFailed, fmt::format("{} has a '{}' that is no object", kReply, field));
  Artifact artifact;
  TakeField(row, kReply, "path", artifact.path, true);
  TakeField(row, kReply, "format", artifact.format, true);
  artifact.inputs = Specs(row, "inputs");
  artifact.outputs = Specs(row, "outputs");
  TakeField(row, kReply, "layouts", artifact.layouts);
  return artifact;
}

}  // namespace

Json ToJson(const Artifact& artifact) {
  return {{"path", artifact.path},
          {"format", artifact.format},
          {"inputs", SpecList(artifact.inputs)},
          {"outputs", SpecList(artifact.outputs)},
          {"layouts", Object(artifact.layouts)}};
}

Json ToJson(const ConvertOptions& options, const std::map<std::string, std::string>& hop) {
  return {{"destination", options.destination}, {"shapes", Object(options.shapes)},
          {"precision", options.precision},     {"opset", options.opset},
          {"description", options.description}, {"hop", Object(hop)}};
}

Json ToJson(const Converted& converted) {
  return {{"source", ToJson(converted.source)},
          {"target", ToJson(converted.target)},
          {"notes", converted.notes},
          {"facts", converted.facts}};
}

Converted ConvertedFromJson(const Json& json) {
  Converted converted;
  converted.source = ArtifactOf(json, "source");
  converted.target = ArtifactOf(json, "target");
  TakeField(json, kReply, "notes", converted.notes);
  TakeField(json, kReply, "facts", converted.facts);
  const auto same = [](const auto& one, const auto& other) { return one.size() == other.size(); };
  if (!same(converted.source.inputs, converted.target.inputs) ||
      !same(converted.source.outputs, converted.target.outputs)) {
    throw Error(ErrorCode::kEngineFailed, fmt::format("{} says {} inputs and {} outputs became {} and {}", kReply,
                                                      converted.source.inputs.size(), converted.source.outputs.size(),
                                                      converted.target.inputs.size(), converted.target.outputs.size()));
  }
  return converted;
}

}  // namespace bakeoff::worker
