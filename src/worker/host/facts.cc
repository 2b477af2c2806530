// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads a `census` reply, field by field.
#include "worker/host/facts.h"

#include "worker/json_field.h"

namespace bakeoff::worker {
namespace {

constexpr const char* kWhose = "its census";

template <typename T>
void Take(const Json& json, const char* field, T& value, bool required = false) {
  TakeField(json, kWhose, field, value, required);
}

std::vector<graph::FilePort> PortsFromJson(const Json& reply, const char* field) {
  std::vector<Json> list;
  Take(reply, field, list, true);
  std::vector<graph::FilePort> ports;
  for (const Json& entry : list) {
    if (!entry.is_object())
      throw Error(ErrorCode::kEngineFailed, fmt::format("{} has a wrong '{}': not objects", kWhose, field));
    graph::FilePort port;
    Take(entry, "name", port.name, true);
    Take(entry, "type", port.type, true);
    if (entry.contains("shape") && !entry["shape"].is_null()) Take(entry, "shape", port.shape.emplace());
    ports.push_back(std::move(port));
  }
  return ports;
}

graph::Census CensusFromJson(const Json& json) {
  graph::Census census;
  Take(json, "operators", census.operators, true);
  for (const auto& [name, count] : census.operators) census.nodes += count;
  Take(json, "parameters", census.parameters, true);
  Take(json, "bytes_by_type", census.bytes_by_type);
  for (const auto& [type, bytes] : census.bytes_by_type) census.weight_bytes += bytes;
  Take(json, "quantised", census.quantised);
  if (json.contains("multiply_adds") && !json["multiply_adds"].is_null())
    Take(json, "multiply_adds", census.multiply_adds.emplace());
  Take(json, "not_counted", census.not_counted);
  return census;
}

}  // namespace

graph::FileFacts FactsFromJson(const Json& reply) {
  graph::FileFacts facts;
  facts.inputs = PortsFromJson(reply, "inputs");
  facts.outputs = PortsFromJson(reply, "outputs");
  Take(reply, "producer", facts.producer);
  if (reply.contains("file_version") && !reply["file_version"].is_null())
    Take(reply, "file_version", facts.file_version.emplace());
  Take(reply, "opsets", facts.opsets);
  Take(reply, "shapes", facts.counted_for);
  Take(reply, "notes", facts.notes);
  Json census;
  Take(reply, "census", census, true);
  if (!census.is_object()) throw Error(ErrorCode::kEngineFailed, fmt::format("{} has a wrong 'census'", kWhose));
  facts.census = CensusFromJson(census);
  return facts;
}

}  // namespace bakeoff::worker
