// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The operation `convert`: what the hop must not see is refused before, and what it says is checked afterwards.
#include "worker/runner/hop_main.h"

#include <fmt/format.h>

#include <filesystem>

#include "worker/conversion.h"
#include "worker/info.h"
#include "worker/runner/process_facts.h"
#include "worker/runner/request_fields.h"
#include "worker/runner/request_loop.h"
#include "worker/runner/timed_loop.h"
#include "worker/runner/worker_main.h"

namespace bakeoff::worker {
namespace {

Json Description(const HopInfo& info) {
  Json json = ToJson(info);
  json["libraries"] = LoadedLibraries();
  return json;
}

ConvertOptions OptionsOf(const Json& head, const HopInfo& info) {
  const RequestFields fields("convert");
  const Json& json = fields.Object(head, "options");
  ConvertOptions options;
  options.destination = fields.Text(json, "destination", "");
  if (options.destination.empty()) throw Error(ErrorCode::kUsage, "convert: 'destination' is missing");
  options.shapes = fields.Shapes(json, "shapes");
  options.precision = fields.Text(json, "precision", options.precision);
  NeedOneOf(info.name, "precision", info.precisions, options.precision);
  options.opset = fields.Int(json, "opset", 0, 0, 1000);
  if (options.opset != 0 && !info.takes_opset) {
    throw Error(ErrorCode::kUsage,
                fmt::format("{} writes {}, which has no opset; leave it out", info.name, info.writes));
  }
  options.description = json.value("description", Json());
  options.hop = OptionValues(info.name, info.options, fields.Texts(json, "hop"));
  return options;
}

Reply ConvertReply(const HopEntry& hop, const HopInfo& info, const Json& head) {
  const RequestFields fields("convert");
  const Artifact source = fields.SourceOf(fields.Object(head, "artifact"), info.name, info.reads);
  const ConvertOptions options = OptionsOf(head, info);
  // The peak was reset when the request came: this is what the process holds with its libraries loaded.
  const auto before = PeakMemoryBytes();
  const int64_t start = NowNs();
  const Converted converted = hop.convert(source, options);
  const int64_t convert_ns = NowNs() - start;
  NeedAllRead(info.name, options.hop);
  std::error_code failure;
  if (!std::filesystem::exists(converted.target.path, failure)) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{} says that it wrote {}, but nothing is there", info.name, converted.target.path));
  }
  Reply reply;
  reply.ok = ToJson(converted);
  reply.ok["convert_ns"] = convert_ns;
  reply.ok["rss_before_bytes"] = before ? Json(*before) : Json();
  return reply;
}

}  // namespace

void ServeHop(const HopEntry& hop, const HopInfo& info, Connection& connection) {
  const auto answer = [&](const std::string& op, int64_t, Frame& frame) -> Reply {
    if (op == "describe") return {.ok = {{"info", Description(info)}}};
    if (op == "convert") return ConvertReply(hop, info, frame.head);
    throw Error(ErrorCode::kUnsupported, fmt::format("this worker does not know the operation '{}'", op));
  };
  AnswerRequests(connection, ErrorCode::kConversion, answer, [] {});
}

int HopMain(int argc, char** argv, const HopEntry& hop) {
  HopInfo info;
  return ProgramMain(argc, argv,
                     {.describe =
                          [&] {
                            info = hop.describe();
                            return Description(info);
                          },
                      .serve = [&](const Json&, Connection& connection) { ServeHop(hop, info, connection); }});
}

}  // namespace bakeoff::worker
