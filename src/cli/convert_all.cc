// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs the conversion of a model folder and shows what became of each format.
#include "cli/convert_all.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

#include "bakeoff/error.h"
#include "cli/output.h"
#include "convert/all.h"
#include "core/text.h"
#include "verify/difference.h"

namespace bakeoff::cli {
namespace {

std::string Number(const Json& step, const char* field, const char* format) {
  const Json value = step.value(field, Json());
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : "-";
}

std::string Level(const Json& step) {
  const Json value = step.value("centred_sqnr_db", Json());
  return verify::LevelText(value.is_number() ? std::optional(value.get<double>()) : std::nullopt);
}

// Only the last step's own time: those before it belong to the rows above.
std::string Seconds(const convert::FormatOutcome& row, const Json& step) {
  const Json value = step.value("convert_ns", Json());
  return row.kept || !value.is_number() ? "-" : fmt::format("{:.2f}", value.get<double>() / 1e9);
}

Style StyleOf(const convert::FormatOutcome& row) {
  if (row.error) return Style::kBad;
  return row.status == "verified" ? Style::kGood : Style::kDim;
}

Table TableOf(const convert::AllResult& result) {
  Table table{.columns = {{.title = "format"},
                          {.title = "file", .wrap = true},
                          {.title = "route", .wrap = true},
                          {.title = "seconds", .right = true},
                          {.title = "compared on"},
                          {.title = "max rel", .right = true},
                          {.title = "SQNR dB", .right = true},
                          {.title = "status"}}};
  for (const convert::FormatOutcome& row : result.formats) {
    const Json last = row.steps.empty() ? Json::object() : row.steps.back();
    const Json proof = last.value("proof", Json());
    std::vector<std::string> route, engines;
    for (const Json& step : row.steps) route.push_back(step.at("to").get<std::string>());
    if (proof.is_object()) engines = {proof.value("source_engine", ""), proof.value("target_engine", "")};
    table.rows.push_back({row.format,
                          row.destination.filename().string(),
                          route.empty() ? "-" : core::Join(route, " -> "),
                          Seconds(row, last),
                          engines.empty() ? "-" : core::Join(engines, ", "),
                          Number(last, "max_rel", "{:.2g}"),
                          Level(last),
                          {row.status + (row.kept ? ", kept" : ""), StyleOf(row)}});
  }
  return table;
}

core::ModelFolder FolderOf(const Options& options, const convert::Request& request) {
  const std::string& path = options.Positional()[0];
  if (request.source.folder.empty())
    throw Error(ErrorCode::kUsage, fmt::format("{}: --all is for a model folder (docs/model-folder.md); for a single "
                                               "model name what to write: bakeoff convert {} DST",
                                               path, path));
  if (options.Positional().size() > 1)
    throw Error(ErrorCode::kUsage, "--all writes into the model folder itself; leave DST out");
  for (const char* option : {"to", "precision"}) {
    if (options.Has(option))
      throw Error(ErrorCode::kUsage,
                  fmt::format("--all makes every format with f32 weights; for --{} convert one format: bakeoff convert "
                              "{} DST --{} {}",
                              option, path, option, options.Text(option)));
  }
  return core::ReadModelFolder(request.source.folder);
}

}  // namespace

int ConvertAllFormats(const Options& options, const convert::Request& request, Console& console) {
  const core::ModelFolder folder = FolderOf(options, request);
  const convert::AllResult result =
      convert::ConvertAll(folder, request, [&](const std::string& text) { console.Progress(text); });
  console.Clear();
  WriteJson(options, console, convert::ToJson(result));
  if (JsonTakesStdout(options)) return convert::ExitCode(result);
  Table table = TableOf(result);
  constexpr std::array<std::string_view, 3> kGiveWay = {"route", "seconds", "max rel"};
  const auto left_out = Fit(table, static_cast<size_t>(console.width()), kGiveWay);
  console.Show(table);
  if (!left_out.empty()) console.Paragraph(fmt::format("(no room for {}: --json has it)", core::Join(left_out, ", ")));
  console.Out("\n");
  size_t there = 0;
  for (const convert::FormatOutcome& row : result.formats) {
    there += row.error ? 0 : 1;
    if (row.error) console.Paragraph(fmt::format("{}: {}: {}", row.format, row.status, row.error->text()));
    for (const std::string& note : row.notes) console.Paragraph(fmt::format("{}: {}", row.format, note));
  }
  for (const std::string& note : result.notes) console.Paragraph(note);
  console.Paragraph(
      fmt::format("{}: {} of {} formats, made from {}", result.folder, there, result.formats.size(), result.source));
  return convert::ExitCode(result);
}

}  // namespace bakeoff::cli
