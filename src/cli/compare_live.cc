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
#include "cli/layout_names.h"
#include "cli/parser.h"
#include "measure/fields.h"
#include "measure/prospects.h"
#include "measure/recording.h"
#include "worker/host/startup.h"

namespace bakeoff::cli {
namespace {

// One side as it was asked for.
struct Wish {
  const char* side;
  std::string text;
  Options options;  // of `bench`
  measure::Settings settings;
};

// What is found wrong names the side.
template <typename Function>
auto Naming(const char* side, const std::string& text, const Function& function) {
  try {
    return function();
  } catch (const Error& error) {
    throw error.With(fmt::format("{} '{}'", side, text));
  }
}

// Its own words, and what is common to both where it does not say otherwise.
Wish WishOf(const char* side, const std::string& text, const Options& options) {
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
  return Naming(side, text, [&]() -> Wish {
    const Invocation invocation = Parse(words);
    if (invocation.help || !invocation.options) throw Error(ErrorCode::kUsage, "give models and options of `bench`");
    const Options& own = *invocation.options;
    for (const char* other : {"json", "csv", "markdown", "store", "no-store", "name", "resume", "budget"}) {
      if (own.Has(other)) throw Error(ErrorCode::kUsage, fmt::format("--{} is none of its options here", other));
    }
    return {side, text, own, BenchSettings(own)};
  });
}

}  // namespace

std::optional<std::pair<measure::Side, measure::Side>> MeasureLive(const Options& options,
                                                                   const std::vector<const measure::Metric*>& metrics,
                                                                   Console& console) {
  if (options.Switch("no-store") && (options.Has("store") || options.Has("name")))
    throw Error(ErrorCode::kUsage, "--no-store contradicts --store and --name");
  std::vector<Wish> wishes;
  wishes.push_back(WishOf("A", options.Positional()[0], options));
  wishes.push_back(WishOf("B", options.Positional()[1], options));
  for (const Wish& wish : wishes) Naming(wish.side, wish.text, [&] { measure::CheckVerdicts(wish.settings, metrics); });
  if (wishes[0].settings.repetitions != wishes[1].settings.repetitions)
    throw Error(ErrorCode::kUsage,
                fmt::format("A has --repeat {} and B {}: measured in turns they have the same number; "
                            "give it once, to compare",
                            wishes[0].settings.repetitions, wishes[1].settings.repetitions));
  measure::CheckRows(measure::MakePlan(wishes[0].settings), measure::MakePlan(wishes[1].settings));
  std::vector<measure::Settings> all;
  for (Wish& wish : wishes) {
    Naming(wish.side, wish.text, [&] { CheckLayoutNames(wish.options, wish.settings, console); });
    Naming(wish.side, wish.text, [&] { ConvertModels(wish.options, wish.settings, console); });
    all.push_back(std::move(wish.settings));
  }
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
             .records = {},
             .notes = {}};
  }
  for (const measure::Run& run : outcome.runs)
    (run.row < rows_of_a ? sides.first : sides.second).records.push_back(measure::ToJson(run));
  return sides;
}

}  // namespace bakeoff::cli
