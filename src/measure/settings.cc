// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Checks what was asked for against what engines say they have, before any of it runs.
#include "measure/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/formats.h"
#include "core/text.h"
#include "measure/plan.h"
#include "verify/network.h"

namespace bakeoff::measure {
namespace {

using worker::EngineEntryStatus;
using worker::EngineStatus;

std::vector<std::string> NamesOf(const std::vector<EngineEntryStatus>& engines) {
  std::vector<std::string> names;
  for (const EngineEntryStatus& engine : engines) names.push_back(engine.name);
  return names;
}

const EngineEntryStatus* Find(const std::vector<EngineEntryStatus>& engines, std::string_view name) {
  const auto found =
      std::find_if(engines.begin(), engines.end(), [&](const auto& engine) { return engine.name == name; });
  return found == engines.end() ? nullptr : &*found;
}

// Each request in flight runs in a thread of its own, in every scenario that has several: more of them than threads
// would use more than was asked for.
void CheckStreams(const Settings& settings) {
  const auto scenario = std::find_if(settings.scenarios.begin(), settings.scenarios.end(),
                                     [](const std::string& name) { return name != "single-stream"; });
  if (scenario == settings.scenarios.end()) return;
  for (const int64_t threads : settings.threads) {
    if (settings.streams <= threads) continue;
    throw Error(ErrorCode::kUsage,
                fmt::format("--streams {0} with {1} thread{2}: each of them needs a thread ({3}); give --streams {1} "
                            "or --threads {0}",
                            settings.streams, threads, threads == 1 ? "" : "s", *scenario));
  }
}

// What no engine of the run has can only give rows without numbers.
void CheckAbilities(const Settings& settings) {
  const auto check = [&](const char* option, const std::string& wanted, std::vector<std::string> EngineInfo::* list) {
    std::vector<std::string> there;
    for (const EngineEntryStatus& engine : settings.engines) {
      if (engine.status != EngineStatus::kPresent) continue;
      for (const std::string& each : engine.info.*list) {
        if (std::find(there.begin(), there.end(), each) == there.end()) there.push_back(each);
      }
    }
    if (there.empty() || std::find(there.begin(), there.end(), wanted) != there.end()) return;
    throw Error(ErrorCode::kUsage, fmt::format("--{} {}: none of the engines of this run has it; they have {}", option,
                                               wanted, core::Join(there, ", ")));
  };
  check("device", settings.device, &EngineInfo::devices);
  for (const std::string& precision : settings.precisions) check("precision", precision, &EngineInfo::precisions);
}

}  // namespace

std::vector<EngineEntryStatus> ChooseEngines(const std::vector<EngineEntryStatus>& known,
                                             const std::vector<std::string>& names) {
  std::vector<EngineEntryStatus> chosen;
  const auto add = [&](const EngineEntryStatus& engine) {
    if (!Find(chosen, engine.name)) chosen.push_back(engine);
  };
  for (const std::string& name : names) {
    if (name == "all") {
      for (const EngineEntryStatus& engine : known) {
        if (engine.status == EngineStatus::kPresent && !engine.info.for_testing) add(engine);
      }
      if (chosen.empty())
        throw Error(ErrorCode::kUnavailable, "no engine is present; `bakeoff engines` tells why and what to do");
      continue;
    }
    const EngineEntryStatus* engine = Find(known, name);
    if (!engine) {
      const auto there = NamesOf(known);
      throw Error(ErrorCode::kNotFound, fmt::format("unknown engine '{}'{} (there are: {})", name,
                                                    core::DidYouMean(name, there), core::Join(there, ", ")));
    }
    add(*engine);
  }
  if (chosen.empty()) throw Error(ErrorCode::kUsage, "--engines: no engine was named; give names or `all`");
  return chosen;
}

void AddOptions(const std::vector<std::pair<std::string, std::string>>& given, Settings& settings) {
  for (const auto& [name, text] : given) {
    const size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == name.size())
      throw Error(ErrorCode::kUsage, fmt::format("-o {}={}: give ENGINE.OPTION=VALUE", name, text));
    const std::string engine_name = name.substr(0, dot);
    const std::string option = name.substr(dot + 1);
    const EngineEntryStatus* engine = Find(settings.engines, engine_name);
    if (!engine) {
      const auto there = NamesOf(settings.engines);
      throw Error(ErrorCode::kUsage,
                  fmt::format("-o {}={}: '{}' is not among the engines of this run ({}){}", name, text, engine_name,
                              core::Join(there, ", "), core::DidYouMean(engine_name, there)));
    }
    auto& options = settings.options[engine_name];
    if (options.contains(option))
      throw Error(ErrorCode::kUsage,
                  fmt::format("-o {}: given twice; several values are one list, {}=a,b", name, name));
    std::vector<std::string> values = core::Split(text, ',');
    if (values.empty()) values.emplace_back();  // the empty text is a value
    // An absent engine has no list of options; its rows are skipped anyway.
    for (const std::string& value : values) {
      if (engine->status == EngineStatus::kPresent) OptionValues(engine_name, engine->info.options, {{option, value}});
    }
    std::vector<std::string>& kept = options[option];
    for (std::string& value : values) {
      if (std::find(kept.begin(), kept.end(), value) == kept.end()) {
        kept.push_back(std::move(value));
      } else {
        settings.notes.push_back(fmt::format("-o {}: '{}' is there more than once; it is measured once", name, value));
      }
    }
  }
}

void CheckSettings(const Settings& settings) {
  CheckStreams(settings);
  CheckAbilities(settings);
  for (const int64_t batch : settings.batches) {
    for (const auto& [name, shape] : settings.shapes) {
      // 1 is how people write the shape of one sample; anything else beside another batch is a contradiction.
      if (batch == 0 || shape.empty() || shape[0] == kFree || shape[0] == 1 || shape[0] == batch) continue;
      throw Error(
          ErrorCode::kUsage,
          fmt::format(
              "--batch {} contradicts --shape {}{}{}: its first extent is {}; leave out one of them or write ? for it",
              batch, name, name.empty() ? "" : "=", ShapeText(shape), shape[0]));
    }
  }
  std::map<std::string, std::vector<Artifact>> networks;
  for (const Artifact& artifact : settings.models) networks[core::ModelName(artifact.path)].push_back(artifact);
  // Engines for testing that were given inputs of their own have nothing to do with the model's.
  const bool own = !settings.options.empty() && std::all_of(settings.engines.begin(), settings.engines.end(),
                                                            [](const auto& engine) { return engine.info.for_testing; });
  for (const auto& [name, models] : networks) {
    if (own) break;
    for (const int64_t batch : settings.batches) verify::CheckRequest(models, settings.shapes, settings.inputs, batch);
  }
  if (settings.reference.empty()) return;
  const EngineEntryStatus* reference = Find(settings.engines, settings.reference);
  if (!reference) {
    const auto there = NamesOf(settings.engines);
    throw Error(ErrorCode::kUsage,
                fmt::format("--reference {}: not among the engines of this run ({}){}", settings.reference,
                            core::Join(there, ", "), core::DidYouMean(settings.reference, there)));
  }
  if (reference->info.for_testing)
    throw Error(ErrorCode::kUsage, fmt::format("--reference {}: that engine is for testing, its answers prove nothing",
                                               settings.reference));
  if (reference->status != EngineStatus::kPresent) {
    throw Error(ErrorCode::kUnavailable, fmt::format("--reference {}: it is {}: {}", settings.reference,
                                                     worker::StatusName(reference->status), reference->reason));
  }
}

}  // namespace bakeoff::measure
