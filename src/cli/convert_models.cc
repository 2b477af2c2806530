// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What `bench`, `verify` and `eval` share: models for engines that read none of the given ones.
#include "cli/convert_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "convert/advice.h"
#include "convert/for_engines.h"
#include "core/cgroup.h"
#include "core/formats.h"
#include "worker/host/catalog.h"

namespace bakeoff::cli {

std::vector<verify::Conversion> ConvertModels(const Options& options, const ToConvert& given, Console& console,
                                              std::vector<std::string>& notes) {
  std::vector<verify::Conversion> conversions;
  if (options.Switch("no-convert")) return conversions;
  std::map<std::string, std::vector<Artifact>> networks;
  for (const Artifact& model : given.models) networks[core::ModelName(model.path)].push_back(model);
  convert::EnginesRequest request{
      .models = {}, .engines = given.engines, .proof_engines = {}, .hops = {}, .shapes = {}, .ranges = {}};
  request.threads = core::DefaultThreads();
  request.limit = given.limit;
  for (auto& [name, models] : networks) {
    request.shapes = verify::SaidOf(given.shapes, models);
    request.ranges = verify::SaidOf(given.ranges, models);
    request.models = std::move(models);
    if (!convert::AnyWants(request)) continue;
    if (request.hops.empty()) request.hops = worker::Hops();
    if (request.proof_engines.empty()) request.proof_engines = worker::Engines();
    for (verify::Conversion& each :
         convert::ConvertForEngines(request, [&](const std::string& text) { console.Progress(text); }))
      conversions.push_back(std::move(each));
  }
  console.Clear();
  for (const verify::Conversion& each : conversions) {
    if (!each.error) notes.push_back(verify::Text(each));
  }
  return conversions;
}

void ConvertModels(const Options& options, measure::Settings& settings, Console& console) {
  settings.conversions = ConvertModels(options,
                                       {.models = settings.models,
                                        .engines = settings.engines,
                                        .shapes = settings.shapes,
                                        .ranges = settings.inputs.ranges,
                                        .limit = settings.limit},
                                       console, settings.notes);
}

verify::Advise AdviceOnConverting(std::map<std::string, Shape> shapes) {
  // Hops are asked for once, and only where an engine needs it.
  return [shapes = std::move(shapes), hops = std::optional<std::vector<worker::HopEntryStatus>>()](
             const EngineInfo& engine, const Artifact& artifact) mutable {
    if (!hops) hops = worker::Hops();
    return convert::AdviceFor(engine, artifact, *hops, verify::SaidOf(shapes, {artifact}));
  };
}

}  // namespace bakeoff::cli
