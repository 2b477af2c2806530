// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff compare --live`: two command lines of `bench`, measured in turns.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/convert_models.h"
#include "cli/parser.h"
#include "measure/fields.h"
#include "measure/recording.h"
#include "worker/host/startup.h"

namespace bakeoff::cli {
namespace {

// The settings of one side: its own words, and what is common to both where it does not say otherwise.
measure::Settings SettingsOf(const char* side, const std::string& text, const Options& options, Console& console) {
  std::vector<std::string> words{"bench"};
  const std::vector<std::string> own_words = CommandWords(side, text);
  for (const char* name : {"repeat", "duration", "count", "seed"}) {
    const std::string option = fmt::format("--{}", name), value = options.Text(name);
    const bool own = std::any_of(own_words.begin(), own_words.end(), [&](const std::string& word) {
      return word == option || word.starts_with(option + "=");
    });
    if (!value.empty() && !own) words.push_back(fmt::format("{}={}", option, value));
  }
  words.insert(words.end(), own_words.begin(), own_words.end());
  try {
    const Invocation invocation = Parse(words);
    if (invocation.help || !invocation.options) throw Error(ErrorCode::kUsage, "give models and options of `bench`");
    const Options& own = *invocation.options;
    for (const char* other : {"json", "csv", "markdown", "store", "no-store", "name", "resume", "budget"}) {
      if (own.Has(other)) throw Error(ErrorCode::kUsage, fmt::format("--{} is none of its options here", other));
    }
    measure::Settings settings = BenchSettings(own);
    ConvertModels(own, settings, console);
    return settings;
  } catch (const Error& error) {
    throw error.With(fmt::format("{} '{}'", side, text));
  }
}

}  // namespace

std::optional<std::pair<measure::Side, measure::Side>> MeasureLive(const Options& options, Console& console) {
  if (options.Switch("no-store") && (options.Has("store") || options.Has("name")))
    throw Error(ErrorCode::kUsage, "--no-store contradicts --store and --name");
  std::vector<measure::Settings> all;
  all.push_back(SettingsOf("A", options.Positional()[0], options, console));
  all.push_back(SettingsOf("B", options.Positional()[1], options, console));
  if (all[0].repetitions != all[1].repetitions)
    throw Error(ErrorCode::kUsage,
                fmt::format("A has --repeat {} and B {}: measured in turns they have the same number; "
                            "give it once, to compare",
                            all[0].repetitions, all[1].repetitions));
  std::vector<measure::Configuration> plan = measure::MakePlan(all[0]);
  const size_t rows_of_a = plan.size();
  for (measure::Configuration& row : measure::MakePlan(all[1])) plan.push_back(std::move(row));
  std::optional<store::Store> store;
  std::optional<measure::Recording> recording;
  if (!options.Switch("no-store")) {
    store.emplace(StorePath(options), store::Store::Mode::kWrite);
    recording.emplace(*store, all[0], plan,
                      measure::RecordingOptions{.name = options.Text("name"), .command = options.CommandLine()});
    console.Note(fmt::format("campaign {} in {}", recording->campaign(), store->path()));
  }
  const worker::KeepResults keep;
  const measure::Outcome outcome =
      measure::BenchTogether(all, verify::StartWorker,
                             {.progress = [&](const std::string& text, bool step) { console.Progress(text, step); },
                              .finished = [&](const measure::Run& run) { return !recording || recording->Add(run); },
                              .interrupted = [&] { return keep.interrupted(); }});
  console.Clear();
  if (recording) recording->Finish(outcome);
  if (outcome.usage) throw *outcome.usage;
  if (outcome.interrupted) return std::nullopt;
  const int64_t campaign = recording ? recording->campaign() : 0;
  std::pair<measure::Side, measure::Side> sides;
  for (auto [side, word] : {std::pair(&sides.first, 0), std::pair(&sides.second, 1)}) {
    *side = {.label = options.Positional()[static_cast<size_t>(word)],
             .campaign = campaign,
             .machine = measure::ToJson(outcome.machine),
             .environment = measure::ToJson(outcome.environment),
             .records = {}};
  }
  for (const measure::Run& run : outcome.runs)
    (run.row < rows_of_a ? sides.first : sides.second).records.push_back(measure::ToJson(run));
  return sides;
}

}  // namespace bakeoff::cli
