// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Engines and their options, as the file names them, against those that there are.
#include <fmt/format.h>

#include <algorithm>

#include "campaign/plan.h"
#include "core/text.h"
#include "measure/settings.h"

namespace bakeoff::campaign {

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

}  // namespace bakeoff::campaign
