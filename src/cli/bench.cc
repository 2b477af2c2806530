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
#include "cli/layout_names.h"
#include "cli/output.h"
#include "cli/runs.h"
#include "core/amounts.h"
#include "core/cgroup.h"
#include "measure/budget.h"
#include "measure/estimate.h"
#include "measure/fields.h"
#include "measure/profile.h"
#include "measure/recording.h"
#include "store/store.h"
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
  for (const std::string_view option : {"json", "csv", "markdown", "trace"}) {
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
    throw Error(ErrorCode::kUsage,
                "only one of --json, --csv, --markdown and --trace can have stdout; give the others a FILE");
}

// Every output is tried: one that fails must not take the others with it.
void WriteResults(const Options& options, const measure::Outcome& outcome, const measure::Trace& trace,
                  measure::Recording* recording, Console& console) {
  std::optional<Error> failure;
  const auto attempt = [&](const auto& write) {
    try {
      write();
    } catch (const Error& error) {
      if (failure) console.Note(fmt::format("bakeoff: {}", error.text()));
      if (!failure) failure = error;
    }
  };
  attempt([&] {
    if (recording) recording->Finish(outcome);
  });
  attempt([&] {
    Json json = measure::ToJson(outcome);
    json["campaign"] = recording ? Json(recording->campaign()) : Json();
    WriteJson(options, console, json);
  });
  attempt([&] {
    WriteText(options, "csv", console,
              measure::CsvHeader() + measure::CsvLines(outcome.runs, outcome.environment.grade));
  });
  attempt([&] { WriteText(options, "markdown", console, OutcomeMarkdown(outcome)); });
  attempt([&] {
    if (options.Has("trace")) WriteText(options, "trace", console, trace.Text());
  });
  if (!JsonTakesStdout(options) && !TakesStdout(options, "csv") && !TakesStdout(options, "markdown") &&
      !TakesStdout(options, "trace"))
    attempt([&] { ShowOutcome(outcome, console); });
  if (failure) throw *failure;
}

void Check(const Options& options, bool models) {
  BenchSettings(options, models);
}

// Of a whole plan, as far as the store's earlier runs tell. Progress tells more as soon as one measurement is done.
std::string EstimateText(const measure::Estimate& estimate) {
  if (estimate.rows == 0) return "";
  if (estimate.known == 0) return ", in a time that is not known before the first of them is done";
  const double s = estimate.seconds;
  const std::string time = s < 90     ? fmt::format("{:.0f} s", s)
                           : s < 5400 ? fmt::format("{:.0f} min", s / 60)
                                      : fmt::format("{:.1f} h", s / 3600);
  return fmt::format(", about {} by earlier runs{}", time,
                     estimate.known < estimate.rows ? fmt::format(" of {} of the rows", estimate.known) : "");
}

std::string PlanText(const std::vector<measure::Configuration>& plan, const measure::Settings& settings, size_t steps,
                     const measure::Estimate& estimate) {
  const auto rows = static_cast<size_t>(
      std::count_if(plan.begin(), plan.end(), [](const auto& row) { return row.status == measure::RunStatus::kOk; }));
  if (rows == 0) return fmt::format("nothing can be measured: {} cannot run", core::Count(plan.size(), "row"));
  std::string text = fmt::format("{} x {} = {}", core::Count(rows, "row"),
                                 core::Count(settings.repetitions, "repetition"), core::Count(steps, "measurement"));
  if (rows < plan.size()) text += fmt::format(" ({} cannot run)", core::Count(plan.size() - rows, "row"));
  // A dataset takes what its samples take.
  const auto by_size = static_cast<size_t>(std::count_if(plan.begin(), plan.end(), [](const auto& row) {
    return row.status == measure::RunStatus::kOk && row.test_size > 0;
  }));
  const bool timed = settings.duration && by_size < rows;
  if (timed)
    text += fmt::format(", {}{:.0f} s timed{} beside loading and warm-up (at most {:.3g} s each)",
                        settings.count ? "at most " : "",
                        std::chrono::duration<double>(*settings.duration).count() *
                            static_cast<double>((rows - by_size) * static_cast<size_t>(settings.repetitions)),
                        by_size > 0 ? ", those of --test-size not counted," : "",
                        std::chrono::duration<double>(settings.warmup.longest).count());
  if (settings.budget)
    text += fmt::format(", {:.0f} s in all", std::chrono::duration<double>(*settings.budget).count());
  // A duration tells most of it.
  if (!settings.budget && (estimate.known > 0 || !timed)) text += EstimateText(estimate);
  return fmt::format("{}, order by seed {}", text, settings.inputs.seed);
}

// "12 of 30 measurements were done before" and the like; steps are those that can run.
void TellCampaign(const measure::Recording& recording, const store::Store& store, bool resume, Console& console) {
  const size_t reused = recording.reused();
  if (reused > 0)
    console.Note(fmt::format("{} run{} taken over from earlier campaigns", reused, reused == 1 ? " is" : "s are"));
  if (!recording.resumed()) {
    console.Note(fmt::format("{}campaign {} in {}", resume ? "nothing to go on with: a new " : "", recording.campaign(),
                             store.path()));
    return;
  }
  if (const auto& before = recording.renamed_from())
    console.Note(fmt::format("campaign {} was called '{}' before; --name calls it '{}' now", recording.campaign(),
                             *before, store.Find(recording.campaign()).name));
  const size_t done = recording.earlier().size() - reused;
  console.Note(fmt::format("going on with campaign {} in {}: {} of {} runs were there", recording.campaign(),
                           store.path(), done, store.Find(recording.campaign()).planned));
}

int Run(const Options& options, Console& console) {
  measure::Settings settings = BenchSettings(options);
  CheckOutputs(options);
  if (options.Has("name")) NeedCampaignName(options.Text("name"));
  CheckLayoutNames(options, settings, console);
  std::optional<store::Store> store;
  if (!options.Switch("no-store")) store.emplace(StorePath(options), store::Store::Mode::kWrite);
  ConvertModels(options, settings, console);
  const auto plan = measure::MakePlan(settings);
  const auto steps = measure::MakeOrder(plan, settings.repetitions, settings.inputs.seed).size();
  if (settings.budget) measure::CheckBudget(*settings.budget, steps);
  const bool resume = options.Switch("resume");
  std::optional<measure::Recording> recording;
  if (store) {
    recording.emplace(*store, settings, plan,
                      measure::RecordingOptions{.name = options.Text("name"),
                                                .resume = resume,
                                                .reuse = options.Switch("reuse"),
                                                .command = options.CommandLine()});
  }
  console.Note(PlanText(plan, settings, steps,
                        store ? measure::EstimateOf(*store, plan, settings) : measure::Estimate{.rows = plan.size()}));
  if (const auto most = *std::max_element(settings.threads.begin(), settings.threads.end());
      settings.prefix.empty() && most > core::DefaultThreads())
    console.Note(fmt::format("warning: {} threads on {} CPUs: they will wait for each other, and may take very long",
                             most, core::DefaultThreads()));
  if (recording && store) TellCampaign(*recording, *store, resume, console);
  bool told = false;
  measure::Trace trace;
  const worker::KeepResults keep;
  const measure::Outcome outcome =
      measure::Bench(settings, verify::StartWorker,
                     {.progress = [&](const std::string& text, bool step) { console.Progress(text, step); },
                      .finished =
                          [&](const measure::Run& run) {
                            if (run.profiled) trace.Add(measure::Title(run.configuration), *run.profiled);
                            if (!recording) return true;
                            const bool room = recording->Add(run);
                            // Said when it happens: there may be hours in which to make room.
                            if (recording->failure() && !told)
                              console.Note(fmt::format("bakeoff: {}", recording->failure()->text()));
                            told = recording->failure().has_value();
                            return room;
                          },
                      .interrupted = [&] { return keep.interrupted(); }},
                     recording ? recording->earlier() : std::vector<measure::Run>());
  console.Clear();
  WriteResults(options, outcome, trace, recording ? &*recording : nullptr, console);
  if (outcome.usage) console.Note(fmt::format("bakeoff: {}", outcome.usage->text()));
  if (outcome.interrupted)
    console.Note(fmt::format(
        "interrupted: {} of {} measurements were done",
        std::count_if(outcome.runs.begin(), outcome.runs.end(), [](const auto& run) { return run.order > 0; }), steps));
  if (outcome.stopped && settings.budget) console.Note("the budget was used up before everything was measured");
  if (recording && settings.ablate && !outcome.interrupted)
    console.Note(fmt::format("`bakeoff report {}` shows what each option bought as a chart", recording->campaign()));
  if (recording && (outcome.interrupted || outcome.stopped))
    console.Note("the same command with --resume goes on from here");
  return measure::ExitCode(outcome);
}

}  // namespace

std::filesystem::path StorePath(const Options& options) {
  return options.Has("store") ? std::filesystem::path(options.Text("store")) : store::Store::UsualPath();
}

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
        "bakeoff bench net.onnx --engines a,b -o a.some_option=x,y --count 500\n"
        "bakeoff bench net.onnx --budget 10m --name before-upgrade",
    .positionals = kWords,
    .options = BenchOptions(),
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
