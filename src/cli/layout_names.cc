// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Asks an engine for the names that a TorchScript or Keras file hides from us.
#include "cli/layout_names.h"

#include <fmt/format.h>

#include <optional>

#include "bakeoff/error.h"
#include "core/formats.h"
#include "verify/layout.h"
#include "verify/network.h"
#include "verify/session.h"
#include "worker/host/catalog.h"
#include "worker/info.h"

namespace bakeoff::cli {
namespace {

using Names = std::optional<std::vector<std::string>>;

// Of one engine that reads the model; nullopt where it fails.
Names Told(const worker::EngineEntryStatus& engine, const Artifact& model, const std::vector<Artifact>& models,
           const LayoutQuestion& question) {
  worker::LoadRequest request{.artifact = verify::ArtifactFor(engine.info, model)};
  if (const auto own = question.options.find(engine.name); own != question.options.end())
    request.engine_options = own->second;
  try {
    const auto start = [&] {
      return verify::StartWorker({.executable = engine.executable,
                                  .environment = worker::EnvironmentFor(engine.info, request.engine_options)});
    };
    verify::Network network(models, question.shapes, question.inputs ? *question.inputs : verify::InputChoices());
    const verify::Opened opened = network.Open(engine.name, false, start, request, question.limit);
    opened.session->Bye();
    std::vector<std::string> names;
    for (const auto* specs : {&opened.reply.inputs, &opened.reply.outputs}) {
      for (const TensorSpec& spec : *specs) names.push_back(spec.name);
    }
    return names;
  } catch (const Error&) {
    return std::nullopt;
  }
}

Names Ask(const Artifact& model, const LayoutQuestion& question, Console& console) {
  for (const std::vector<Artifact>& models : question.networks) {
    for (const Artifact& each : models) {
      if (!verify::SameModel(each, model)) continue;
      for (const worker::EngineEntryStatus& engine : worker::Engines()) {
        if (engine.status != worker::EngineStatus::kPresent || engine.info.for_testing ||
            !verify::Reads(engine.info, model))
          continue;
        console.Progress(fmt::format("asking {} for the names in {}", engine.name, model.path));
        if (Names names = Told(engine, model, models, question)) return names;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void CheckLayoutNames(const Options& options, const LayoutQuestion& question, Console& console) {
  if (!options.Has("layout")) return;
  std::vector<Artifact> models;
  for (const auto& network : question.networks) models.insert(models.end(), network.begin(), network.end());
  std::map<std::string, Names> told;  // each model is asked once
  verify::CheckLayouts(options.Pairs("layout"), models, [&](const Artifact& model) {
    const auto [place, fresh] = told.try_emplace(model.path);
    if (fresh) place->second = Ask(model, question, console);
    return place->second;
  });
  console.Clear();
}

void CheckLayoutNames(const Options& options, const measure::Settings& settings, Console& console) {
  LayoutQuestion question{
      .networks = {}, .shapes = settings.shapes, .inputs = &settings.inputs, .options = {}, .limit = settings.limit};
  std::map<std::string, std::vector<Artifact>> networks;
  for (const Artifact& model : settings.models) networks[core::ModelName(model.path)].push_back(model);
  for (auto& [name, models] : networks) question.networks.push_back(std::move(models));
  // Names do not depend on which of several values an option has.
  for (const auto& [engine, each] : settings.options) {
    for (const auto& [name, values] : each) question.options[engine][name] = values.front();
  }
  CheckLayoutNames(options, question, console);
}

}  // namespace bakeoff::cli
