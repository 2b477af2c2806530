// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Engines and their options, as the file names them, against those that there are.
#include <fmt/format.h>

#include <algorithm>

#include "campaign/plan.h"
#include "core/text.h"
#include "measure/settings.h"
#include "verify/session.h"

namespace bakeoff::campaign {

using worker::EngineEntryStatus;
using worker::EngineStatus;

std::vector<worker::EngineEntryStatus> EnginesOf(const Spec& spec, const std::vector<std::string>& names, int line,
                                                 const Surroundings& around, std::vector<std::string>& warnings) {
  std::vector<worker::EngineEntryStatus> engines;
  try {
    engines = measure::ChooseEngines(around.engines, names);
  } catch (const Error& error) {
    throw At(spec.file, line, error.text(), error.code());
  }
  for (const worker::EngineEntryStatus& engine : engines) {
    if (engine.status == worker::EngineStatus::kPresent) continue;
    std::string text = fmt::format("{} is {}: {}; its rows are left out", engine.name,
                                   worker::StatusName(engine.status), engine.reason);
    if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warnings.push_back(std::move(text));
  }
  return engines;
}

void CheckEngineOptions(const Spec& spec, const std::vector<EngineOption>& options, const Surroundings& around) {
  for (const EngineOption& option : options) {
    try {
      measure::Settings settings;
      settings.engines = measure::ChooseEngines(around.engines, {option.engine});
      measure::AddOptions({{option.engine + "." + option.option, core::Join(option.values, ",")}}, settings);
    } catch (const Error& error) {
      throw At(spec.file, option.line, error.text(), error.code());
    }
  }
}

bool HasPrecision(const EngineEntryStatus& engine, const std::string& precision) {
  const auto& has = engine.info.precisions;
  return std::find(has.begin(), has.end(), precision) != has.end();
}

void NeedPrecisions(const Spec& spec, const std::vector<EngineEntryStatus>& engines) {
  std::vector<std::string> there;
  for (const EngineEntryStatus& engine : engines) {
    if (engine.status != EngineStatus::kPresent) continue;
    for (const std::string& each : engine.info.precisions) {
      if (std::find(there.begin(), there.end(), each) == there.end()) there.push_back(each);
    }
  }
  for (const std::string& precision : spec.precisions) {
    if (there.empty() || std::find(there.begin(), there.end(), precision) != there.end()) continue;
    throw At(spec.file, std::max(1, spec.precision_given.line),
             fmt::format("{} {}: none of the engines that are asked has it{}; they have {}", spec.precision_given.key,
                         precision, core::DidYouMean(precision, there), core::Join(there, ", ")));
  }
}

bool IsPython(const EngineInfo& engine) {
  return engine.note.starts_with("a baseline");
}

std::optional<Baseline> FrameworkOf(const Artifact& original, const std::vector<EngineEntryStatus>& engines,
                                    bool trained) {
  const EngineEntryStatus* found = nullptr;
  for (const EngineEntryStatus& engine : engines) {
    const auto& makes = engine.info.framework.makes;
    const bool made =
        engine.status == EngineStatus::kPresent && verify::Reads(engine.info, original) &&
        std::find(makes.begin(), makes.end(), verify::ArtifactFor(engine.info, original).format) != makes.end();
    if (made && (!found || (IsPython(engine.info) && !IsPython(found->info)))) found = &engine;
  }
  if (!found) return std::nullopt;
  const Framework& framework = found->info.framework;
  // The one that reads the very file that training writes is the one that trained.
  const bool trained_in = trained && verify::ArtifactFor(found->info, original).format == original.format;
  return Baseline{.engine = found->name,
                  .label = framework.name + (trained_in ? ", in which it was trained" : ""),
                  .options = framework.options};
}

void AddBaselines(const Spec& spec, const std::vector<Baseline>& baselines,
                  const std::vector<EngineEntryStatus>& engines, std::vector<EngineOption>& options) {
  for (const Baseline& baseline : baselines) {
    const auto engine = std::find_if(engines.begin(), engines.end(),
                                     [&](const EngineEntryStatus& each) { return each.name == baseline.engine; });
    if (engine == engines.end() || engine->status != EngineStatus::kPresent) continue;
    for (const auto& [name, value] : baseline.options) {
      auto there = std::find_if(options.begin(), options.end(), [&, option = name](const EngineOption& each) {
        return each.engine == baseline.engine && each.option == option;
      });
      if (there == options.end()) {
        const auto known = std::find_if(engine->info.options.begin(), engine->info.options.end(),
                                        [&, option = name](const OptionSpec& each) { return each.name == option; });
        if (known == engine->info.options.end()) continue;
        if (known->default_value.empty() && known->default_value != value)
          throw At(spec.file, baseline.line,
                   fmt::format("baseline: the default of {0}.{1} has no name; say under measure.options which values "
                               "of {0}.{1} to measure",
                               baseline.engine, name));
        options.push_back({baseline.engine, name, {known->default_value}, baseline.line});
        there = std::prev(options.end());
      }
      if (std::find(there->values.begin(), there->values.end(), value) == there->values.end())
        there->values.push_back(value);
    }
  }
}

void NeedMeasured(const Spec& spec, const Measurement& measurement, const std::vector<EngineEntryStatus>& engines,
                  const Surroundings& around) {
  const auto need = [&](const std::string& name, int line, const std::string& what) {
    const auto is = [&](const EngineEntryStatus& engine) { return engine.name == name; };
    const auto known = std::find_if(around.engines.begin(), around.engines.end(), is);
    if (known == around.engines.end() || known->status != EngineStatus::kPresent) return;
    if (std::none_of(engines.begin(), engines.end(), is))
      throw At(spec.file, line,
               fmt::format("{}: '{}' is not among the engines that are measured; add it to measure.engines, or leave "
                           "this out",
                           what, name));
  };
  for (const EngineOption& option : measurement.options)
    need(option.engine, option.line, fmt::format("{}.{}", option.engine, option.option));
  if (measurement.role != "latency") return;
  for (const Baseline& baseline : spec.baselines) need(baseline.engine, baseline.line, "baseline");
}

}  // namespace bakeoff::campaign
