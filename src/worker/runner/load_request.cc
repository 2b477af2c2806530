// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `load` requests, field by field.
#include "worker/runner/load_request.h"

#include <fmt/format.h>

#include <memory>

#include "bakeoff/error.h"
#include "worker/runner/request_fields.h"

namespace bakeoff::worker {
namespace {

constexpr int64_t kMostThreads = 65536;

}  // namespace

Artifact ArtifactFromJson(const Json& head, const EngineInfo& info) {
  const RequestFields fields("load");
  return fields.SourceOf(fields.Object(head, "artifact"), info.name, info.reads);
}

SessionOptions SessionOptionsFromJson(const Json& head, const EngineInfo& info) {
  const RequestFields fields("load");
  const Json& json = fields.Object(head, "options");
  SessionOptions options;
  options.device = fields.Text(json, "device", options.device);
  NeedOneOf(info.name, "device", info.devices, options.device);
  options.precision = fields.Text(json, "precision", options.precision);
  NeedOneOf(info.name, "precision", info.precisions, options.precision);
  options.threads = static_cast<int>(fields.Int(json, "threads", 1, 1, kMostThreads));
  options.streams = static_cast<int>(fields.Int(json, "streams", 1, 1, kMostThreads));
  if (info.max_requests > 0 && options.streams > info.max_requests) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} runs at most {} requests at the same time, not {}", info.name,
                                                     info.max_requests, options.streams));
  }
  options.batch = fields.Int(json, "batch", 0, 0, int64_t{1} << 31);
  options.shapes = fields.Shapes(json, "shapes");
  if (const auto profile = json.find("profile"); profile != json.end()) {
    if (!profile->is_boolean()) throw Error(ErrorCode::kUsage, "load: 'profile' must be true or false");
    if (*profile == Json(true)) options.profile = std::make_shared<Profile>();
  }
  if (options.profile && info.profile.empty())
    throw Error(ErrorCode::kUnsupported, fmt::format("{} does not tell the time of operators", info.name));
  options.engine = OptionValues(info.name, info.options, fields.Texts(json, "engine"));
  return options;
}

}  // namespace bakeoff::worker
