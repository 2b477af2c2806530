// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff compare`: is B faster or slower than A, and is that proved?
#include "cli/compare.h"

#include <fmt/format.h>

#include <filesystem>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/runs.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"A",
     "What to compare with: a campaign (number or name), rRUN (the row of that run, all its repetitions), a file of "
     "`bench --json` or `runs export`; with --live, words of `bench` in quotes."},
    {"B", "What is judged, likewise."}};

constexpr OptionRow kOptions[] = {
    {"metric", "M,..", "",
     "What to compare: p50, p90, p95, p99, mean, min, throughput, memory, load, first (inference), cpu (time per "
     "inference), energy. Default: throughput for offline and dataset, p99 for server where there are enough samples, "
     "else p50."},
    {"fail-if", "CONDITION", "",
     "What counts as a regression: \"p50 > +5%\", \"throughput < -3%\". Default: whatever is proved to be worse.", 0,
     true},
    {"changes", "", "",
     "B is A measured again after a change: rows of the same engine that do the same work (scenario, batch, rate, test "
     "size) are held against each other though threads, precision or options were set otherwise. That none is the same "
     "is no error."},
    {"live", "", "", "Measure A and B now, in turns, each repetition in a fresh process."},
    {"repeat", "N", "5", "With --live: repetitions of each."},
    {"duration", "TIME", "", "With --live: time of each timed part, as in `bench`."},
    {"count", "N", "", "With --live: inferences of each timed part, as in `bench`."},
    {"seed", "N", "1", "With --live: seed of random inputs and of the order."},
    {"name", "NAME", "", "With --live: name of the campaign in the store."},
    {"no-store", "", "", "With --live: keep nothing in the store."},
    kStoreOption,
    kJsonOption,
    {"csv", "[FILE]", "", "Write one line per row and metric as CSV to FILE, or to stdout instead of the table."},
    {"markdown", "[FILE]", "", "Write the table as Markdown to FILE, or to stdout instead of the table."},
};

// A name of the store comes first: a file that happens to be called 12 is ./12.
measure::Side ReadSide(const std::string& word, const Options& options) {
  std::error_code error;
  const bool file = std::filesystem::is_regular_file(word, error);
  const bool there = std::filesystem::exists(StorePath(options), error);
  if (!there && file) return measure::SideOfFile(word);
  if (!there && word.find('.') != std::string::npos && !options.Has("store"))
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file, and there is no store yet", word));
  const store::Store store = ReadStore(options);
  try {
    if (const auto run = RunNumber(word)) return measure::SideOfRun(store, *run);
    return measure::SideOfCampaign(store, word);
  } catch (const Error& missing) {
    if (missing.code() != ErrorCode::kNotFound) throw;
    if (file) return measure::SideOfFile(word);
    throw Error(missing.code(), fmt::format("{}; nor is there a file of that name", missing.text()));
  }
}

void CheckOptions(const Options& options) {
  int on_stdout = 0;
  for (const char* option : {"json", "csv", "markdown"}) {
    on_stdout += TakesStdout(options, option) ? 1 : 0;
    CheckWritable(options, option);
  }
  if (on_stdout > 1)
    throw Error(ErrorCode::kUsage, "only one of --json, --csv and --markdown can have stdout; give the others a FILE");
  for (const char* option : {"repeat", "duration", "count", "seed", "name", "no-store"}) {
    if (options.Has(option) && !options.Switch("live"))
      throw Error(ErrorCode::kUsage, fmt::format("--{} speaks of measuring: add --live, or leave it out", option));
  }
  if (options.Switch("live") && options.Switch("changes"))
    throw Error(ErrorCode::kUsage, "--changes speaks of what was measured before: leave out --live");
  if (!options.Switch("live") && options.Positional()[0] == options.Positional()[1])
    throw Error(ErrorCode::kUsage,
                fmt::format("A and B are the same, {}: there is nothing to compare", options.Positional()[0]));
}

int Run(const Options& options, Console& console) {
  CheckOptions(options);
  std::vector<const measure::Metric*> metrics;
  if (options.Has("metric")) {
    for (const std::string& name : options.List("metric")) metrics.push_back(&measure::MetricNamed("--metric", name));
  }
  std::vector<measure::Condition> conditions;
  for (const std::string& text : options.All("fail-if")) conditions.push_back(measure::ParseCondition(text));
  const bool live = options.Switch("live");
  std::optional<std::pair<measure::Side, measure::Side>> sides;
  if (live) {
    std::vector<const measure::Metric*> all = metrics;
    for (const measure::Condition& condition : conditions) all.push_back(condition.metric);
    if (all.empty()) all.push_back(&measure::MetricNamed("--metric", "p50"));
    sides = MeasureLive(options, all, console);
    if (!sides) return 130;
  } else {
    sides.emplace(ReadSide(options.Positional()[0], options), ReadSide(options.Positional()[1], options));
  }
  const auto result =
      measure::CompareSides(sides->first, sides->second, metrics, conditions, live,
                            options.Switch("changes") ? measure::Matching::kChanges : measure::Matching::kRows);
  WriteJson(options, console, measure::ToJson(result));
  WriteText(options, "csv", console, measure::ToCsv(result));
  WriteText(options, "markdown", console, ComparisonMarkdown(result));
  if (!JsonTakesStdout(options) && !TakesStdout(options, "csv") && !TakesStdout(options, "markdown"))
    ShowComparison(result, console);
  return measure::ExitCode(result);
}

}  // namespace

const Command kCompare{
    .name = "compare",
    .summary = "Tell whether B is faster or slower than A, with an interval on the ratio",
    .text =
        "Rows of the same model, engine and settings are compared, one number per repetition, at a confidence of 99 %: "
        "faster, slower, tie, or unclear with what would help. docs/measuring.md has the reasons.\n"
        "Exit code: 0 no regression; 1 a regression; 3 a row of B failed; 4 its answers are wrong; 5 the numbers are "
        "too "
        "few or too unsteady to tell; 6 an engine of A is missing or has no row in B; 2 a wrong request.",
    .example =
        "bakeoff compare before after\n"
        "bakeoff compare baseline.json 12 --metric p50,memory --fail-if \"p50 > +5%\"\n"
        "bakeoff compare --live \"net.onnx --engines a\" \"net.onnx --engines a -o a.x=y\"",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
