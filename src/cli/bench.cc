// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff bench`: which engine, set up how, runs this model fastest on this machine?
#include "cli/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/convert_models.h"
#include "cli/output.h"
#include "measure/fields.h"
#include "worker/host/startup.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"MODEL", "Model file or folder. Several with the same name but for the ending are one network in several formats.",
     1, 0}};

// Refused before anything runs: an hour of measuring must not end in an unwritable result.
void CheckOutputs(const Options& options) {
  namespace fs = std::filesystem;
  int on_stdout = 0;
  std::map<fs::path, std::string_view> files;
  for (const std::string_view option : {"json", "csv", "markdown"}) {
    on_stdout += TakesStdout(options, option) ? 1 : 0;
    CheckWritable(options, option);
    if (!options.Has(option) || TakesStdout(options, option)) continue;
    const fs::path file = fs::absolute(options.Text(option)).lexically_normal();
    const auto [other, fresh] = files.try_emplace(file, option);
    if (!fresh)
      throw Error(ErrorCode::kUsage, fmt::format("--{} and --{} name the same file, {}: one would overwrite the other",
                                                 other->second, option, options.Text(option)));
  }
  if (on_stdout > 1)
    throw Error(ErrorCode::kUsage, "only one of --json, --csv and --markdown can have stdout; give the others a FILE");
}

// Every output is tried: one that fails must not take the others with it.
void WriteResults(const Options& options, const measure::Outcome& outcome, Console& console) {
  std::optional<Error> failure;
  const auto attempt = [&](const auto& write) {
    try {
      write();
    } catch (const Error& error) {
      if (failure) console.Note(fmt::format("bakeoff: {}", error.text()));
      if (!failure) failure = error;
    }
  };
  attempt([&] { WriteJson(options, console, measure::ToJson(outcome)); });
  attempt([&] { WriteText(options, "csv", console, measure::ToCsv(outcome.runs)); });
  attempt([&] { WriteText(options, "markdown", console, OutcomeMarkdown(outcome)); });
  if (!JsonTakesStdout(options) && !TakesStdout(options, "csv") && !TakesStdout(options, "markdown"))
    attempt([&] { ShowOutcome(outcome, console); });
  if (failure) throw *failure;
}

std::string PlanText(const std::vector<measure::Configuration>& plan, const measure::Settings& settings, size_t steps) {
  const auto plural = [](size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  const auto rows = static_cast<size_t>(
      std::count_if(plan.begin(), plan.end(), [](const auto& row) { return row.status == measure::RunStatus::kOk; }));
  std::string text =
      fmt::format("{} x {} = {}", plural(rows, "row"), plural(static_cast<size_t>(settings.repetitions), "repetition"),
                  plural(steps, "measurement"));
  if (rows < plan.size()) text += fmt::format(" ({} cannot run)", plural(plan.size() - rows, "row"));
  if (settings.duration)
    text += fmt::format(", at most {:.0f} s of measuring",
                        std::chrono::duration<double>(*settings.duration).count() * static_cast<double>(steps));
  return fmt::format("{}, order by seed {}", text, settings.inputs.seed);
}

int Run(const Options& options, Console& console) {
  measure::Settings settings = BenchSettings(options);
  CheckOutputs(options);
  settings.conversions = ConvertModels(options,
                                       {.models = settings.models,
                                        .engines = settings.engines,
                                        .shapes = settings.shapes,
                                        .ranges = settings.inputs.ranges,
                                        .limit = settings.limit},
                                       console, settings.notes);
  const auto plan = measure::MakePlan(settings);
  const auto steps = measure::MakeOrder(plan, settings.repetitions, settings.inputs.seed).size();
  console.Note(PlanText(plan, settings, steps));
  const worker::KeepResults keep;
  const measure::Outcome outcome =
      measure::Bench(settings, verify::StartWorker,
                     {.progress = [&](const std::string& text, bool step) { console.Progress(text, step); },
                      .finished = {},
                      .interrupted = [&] { return keep.interrupted(); }});
  console.Clear();
  WriteResults(options, outcome, console);
  if (outcome.usage) console.Note(fmt::format("bakeoff: {}", outcome.usage->text()));
  if (outcome.interrupted)
    console.Note(fmt::format(
        "interrupted: {} of {} measurements were done",
        std::count_if(outcome.runs.begin(), outcome.runs.end(), [](const auto& run) { return run.order > 0; }), steps));
  return measure::ExitCode(outcome);
}

}  // namespace

const Command kBench{
    .name = "bench",
    .summary = "Measure a model on engines, threads, batch sizes, precisions and options",
    .text =
        "Every repetition is a fresh worker process. Before timing, answers are compared with those of the reference "
        "engine; wrong ones get no speed number. An engine that reads no given format gets a converted and verified "
        "model (marked *).\n"
        "Exit code: 0 if every row is ok, skipped or unsupported and at least one is ok; 1 at any mismatch; 3 at any "
        "failed row or none ok.",
    .example =
        "bakeoff bench resnet.onnx --threads 1,2 --batch 1,8\n"
        "bakeoff bench net.onnx net.tflite --duration 2 --json result.json\n"
        "bakeoff bench net.onnx --engines a,b -o a.some_option=x,y --count 500",
    .positionals = kWords,
    .options = BenchOptions(),
    .run = Run,
};

}  // namespace bakeoff::cli
