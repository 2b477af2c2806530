// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The conversion record and the JSON of a result.
#include <system_error>

#include "convert/convert.h"
#include "core/conversion_record.h"
#include "core/error_json.h"
#include "worker/conversion.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;

Json FilesJson(const Artifact& artifact) {
  Json list = Json::array();
  for (const worker::ArtifactFile& file : worker::FilesOf(artifact).files)
    list.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  return list;
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json RowJson(const Row& row) {
  Json json = {{"hop", row.hop},
               {"version", row.version},
               {"from", row.from},
               {"to", row.to},
               {"status", StatusName(row.status)},
               {"error", core::ErrorJson(row.error)},
               {"convert_ns", row.reply ? Json(row.reply->convert_ns) : Json()},
               {"peak_rss_bytes", row.reply ? OrNull(row.reply->peak_rss_bytes) : Json()},
               {"rss_before_bytes", row.reply ? OrNull(row.reply->rss_before_bytes) : Json()},
               {"notes", row.reply ? Json(row.reply->converted.notes) : Json::array()},
               {"facts", row.reply ? row.reply->converted.facts : Json::object()}};
  const verify::OutputRow* worst = row.proof ? verify::WorstOutput(row.proof->check) : nullptr;
  json.update(worst ? verify::ToJson(worst->difference) : verify::ToJson(verify::Difference{}));
  json["proof"] = row.proof ? ToJson(*row.proof) : Json();
  return json;
}

}  // namespace

Json OptionsJson(const Request& request) {
  Json shapes = Json::object(), hops = Json::object();
  for (const auto& [name, shape] : request.shapes) shapes[name] = shape;
  for (const auto& [hop, options] : request.hop_options) hops[hop] = options;
  return {{"shapes", shapes}, {"opset", request.opset}, {"hops", hops}};
}

Json ToJson(const Result& result) {
  Json rows = Json::array();
  for (const Row& row : result.rows) {
    Json json = RowJson(row);
    json["route"] = {row.from, row.to};
    json["engine"] = row.proof ? Json(row.proof->target_engine) : Json();
    rows.push_back(std::move(json));
  }
  return {
      {"schema", 1},  {"source", result.source}, {"destination", result.destination}, {"published", result.published},
      {"rows", rows}, {"notes", result.notes}};
}

Json StepsJson(const Result& result) {
  Json steps = Json::array();
  for (const Row& row : result.rows) steps.push_back(RowJson(row));
  return steps;
}

Json RecordOf(const Request& request, const Result& result, const fs::path& path) {
  const Artifact& target = result.rows.back().reply->converted.target;
  Artifact here = target;
  here.path = path.string();
  Json told = worker::ToJson(here);
  told["path"] = request.destination.filename().string();
  std::error_code failure;
  told["bytes"] = fs::is_directory(path, failure) ? Json() : Json(fs::file_size(path));
  told["files"] = FilesJson(here);
  Json source = worker::ToJson(result.rows.front().reply->converted.source);
  source["path"] = fs::path(request.source.path).filename().string();
  source["files"] = FilesJson(request.source);
  return {{"schema", core::kConversionSchema},
          {"verified", result.rows.back().status == Status::kVerified || result.rows.back().status == Status::kWeak},
          {"status", StatusName(result.rows.back().status)},
          {"precision", request.precision},
          {"options", OptionsJson(request)},
          {"model", result.description},
          {"source", source},
          {"target", told},
          {"steps", StepsJson(result)},
          {"notes", result.notes}};
}

}  // namespace bakeoff::convert
