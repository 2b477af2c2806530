// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Format by format, the shortest route first, so that longer routes begin with results that are proven already.
#include "convert/all.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bakeoff/error.h"
#include "convert/in_folder.h"
#include "core/error_json.h"
#include "core/files.h"
#include "core/model_description.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<void(const std::string&)>;

// The nearest first.
std::vector<FormatId> FormatsFrom(const Request& request) {
  std::vector<std::pair<size_t, FormatId>> found;
  for (const FormatId& format : Reachable(request.hops, request.source.format)) {
    try {
      found.emplace_back(FindRoutes(request.hops, request.source.format, format, request.precision).front().size(),
                         format);
    } catch (const Error&) {
      continue;  // in more steps than anybody wants
    }
  }
  if (found.empty()) FindRoutes(request.hops, request.source.format, "any other format", request.precision);
  std::sort(found.begin(), found.end());
  std::vector<FormatId> formats;
  for (auto& [length, format] : found) formats.push_back(std::move(format));
  return formats;
}

FormatOutcome Kept(FormatOutcome outcome, const Json& record) {
  outcome.kept = true;
  outcome.status = record.at("status").get<std::string>();
  outcome.steps = record.at("steps");
  return outcome;
}

void Fail(FormatOutcome& outcome, const Error& error) {
  outcome.error = error;
  outcome.status = StatusName(StatusFor(error));
}

void Make(Request request, bool replace, const Progress& progress, Made& made, FormatOutcome& outcome) {
  request.destination = outcome.destination;
  request.to = outcome.format;
  request.replace = replace;
  try {
    Result result = Convert(
        request,
        [&](const std::string& text) {
          if (progress) progress(fmt::format("{}: {}", outcome.destination.filename().string(), text));
        },
        made);
    Row& last = result.rows.back();
    outcome.status = StatusName(last.status);
    outcome.error = last.error;
    outcome.steps = StepsJson(result);
    outcome.notes = result.notes;
    if (!result.published) return;
    last.reply->converted.target.path = request.destination.string();
    made[request.to] = std::move(result.rows);
  } catch (const Error& error) {
    Fail(outcome, error);
  }
}

}  // namespace

AllResult ConvertAll(const core::ModelFolder& folder, const Request& asked, const Progress& progress) {
  AllResult result{.folder = folder.folder.string(),
                   .source = fs::path(folder.model.path).lexically_relative(folder.folder).string(),
                   .formats = {},
                   .notes = {}};
  Request request = asked;
  request.description = core::DescriptionOf(folder.whole);
  Made made;
  for (const FormatId& format : FormatsFrom(request)) {
    const InFolder there = LookInFolder(folder, format);
    FormatOutcome outcome{.format = format, .destination = there.path};
    const bool same_wish = there.record.is_object() && there.record.value("options", Json()) == OptionsJson(request) &&
                           there.record.value("precision", Json()) == request.precision;
    if (there.state == FolderState::kCurrent && same_wish && !request.replace) {
      outcome = Kept(std::move(outcome), there.record);
    } else if (there.state == FolderState::kForeign && !request.replace) {
      Fail(outcome, Error(ErrorCode::kUsage, fmt::format("{} exists, and {}; --force replaces it once the new one is "
                                                         "verified",
                                                         there.path.string(), there.why)));
    } else {
      Make(request, there.state != FolderState::kAbsent, progress, made, outcome);
      if (outcome.error && there.state != FolderState::kAbsent) {
        outcome.notes.push_back(fmt::format("{} is still the earlier one{}", there.path.string(),
                                            there.why.empty() ? "" : ", and " + there.why));
      }
    }
    result.formats.push_back(std::move(outcome));
  }
  result.notes = AbsentHops(request.hops);
  core::WriteFileAtomically(folder.folder / kFormatsFile,
                            ToJson(result).dump(1, ' ', false, Json::error_handler_t::replace), "\n");
  return result;
}

int ExitCode(const AllResult& result) {
  int worst = 0;
  for (const FormatOutcome& each : result.formats) {
    if (!each.error) continue;
    if (each.error->code() == ErrorCode::kMismatch) return ExitCodeFor(ErrorCode::kMismatch);
    worst = ExitCodeFor(ErrorCode::kUnsupported);
  }
  return worst;
}

Json ToJson(const AllResult& result) {
  Json rows = Json::array();
  for (const FormatOutcome& each : result.formats) {
    Json route = Json::array();
    for (const Json& step : each.steps) {
      if (route.empty()) route.push_back(step.at("from"));
      route.push_back(step.at("to"));
    }
    const Json last = each.steps.empty() ? Json::object() : each.steps.back();
    Json row = Json::object();
    for (const char* field : {"max_abs", "max_rel", "sqnr_db", "centred_sqnr_db", "std_over_rms"})
      row[field] = last.value(field, Json());
    const Json proof = last.value("proof", Json());
    row.update({{"format", each.format},
                {"path", each.destination.filename().string()},
                {"status", each.status},
                {"kept", each.kept},
                {"error", core::ErrorJson(each.error)},
                {"route", route},
                {"source_engine", proof.is_object() ? proof.value("source_engine", Json()) : Json()},
                {"engine", proof.is_object() ? proof.value("target_engine", Json()) : Json()},
                {"steps", each.steps},
                {"notes", each.notes}});
    rows.push_back(std::move(row));
  }
  return {{"schema", 1}, {"source", result.source}, {"rows", rows}, {"notes", result.notes}};
}

}  // namespace bakeoff::convert
