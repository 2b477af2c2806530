// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Asks the reference engine, in a process of its own.
#include "measure/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "measure/plan.h"

namespace bakeoff::measure {

References::References(const Settings& settings, verify::StartSession start)
    : settings_(settings), start_(std::move(start)) {
  std::map<std::string, std::vector<Artifact>> models;
  for (const Artifact& artifact : settings.models) models[core::ModelName(artifact.path)].push_back(artifact);
  for (const verify::Conversion& each : settings.conversions) {
    auto& artifacts = models[core::ModelName(each.source.path)];
    artifacts = verify::WithResults(std::move(artifacts), {each});
  }
  for (auto& [name, artifacts] : models)
    networks_.try_emplace(name, verify::Network(std::move(artifacts), settings.shapes, settings.inputs));
}

verify::Opened References::Open(verify::Network& network, const Artifact& artifact,
                                const worker::EngineEntryStatus& engine, int64_t batch, const Selection& selection) {
  const int threads = static_cast<int>(settings_.threads.back());
  worker::LoadRequest request{
      .artifact = verify::ArtifactFor(engine.info, artifact), .device = settings_.device, .threads = threads};
  request.batch = batch;
  request.engine_options = selection;
  const auto start = [&] {
    return start_(
        {.executable = engine.executable, .prefix = settings_.prefix, .cpus = settings_.affinity ? threads : 0});
  };
  return network.Open(engine.name, false, start, request, settings_.limit);
}

// The user speaks of inputs as the first model calls and orders them: it is asked although another may be the
// reference.
void References::LearnNames(verify::Network& network, int64_t batch) {
  if (network.choices().SaysNothing() || network.models().size() == 1 || network.KnowsFirst()) return;
  for (const worker::EngineEntryStatus& engine : settings_.engines) {
    if (engine.status != worker::EngineStatus::kPresent || engine.info.for_testing) continue;
    if (!verify::Reads(engine.info, network.models().front())) continue;
    try {
      Open(network, network.models().front(), engine, batch, {}).session->Bye();
      return;
    } catch (const Error&) {
      continue;  // its own row says why
    }
  }
}

Reference References::Ask(const std::string& model, const Artifact& artifact, const worker::EngineEntryStatus& engine,
                          int64_t batch, const Selection& selection) {
  verify::Network& network = NetworkOf(model);
  const verify::Opened opened = Open(network, artifact, engine, batch, selection);
  Reference reference{.engine = engine.name,
                      .path = verify::ArtifactFor(engine.info, artifact).path,
                      .inputs = opened.inputs,
                      .specs = opened.reply.inputs,
                      .canonical_sha256 = {},
                      .answers = {}};
  if (const auto lead = network.Lead(batch); lead && verify::Pair(*lead, opened.inputs)) reference.inputs = *lead;
  const verify::InputSet inputs = verify::MakeInputs(opened.inputs, reference.inputs, network.choices());
  reference.canonical_sha256 = inputs.canonical_sha256;
  reference.answers = verify::AnswersOf(artifact, opened.session->Infer(inputs.delivered, settings_.limit).outputs);
  opened.session->Bye();
  return reference;
}

const Reference* References::For(const Configuration& row) {
  const std::string& model = row.model;
  const int64_t batch = row.batch;
  const std::string alone = row.selection.empty() ? settings_.reference : row.engine;
  const auto [place, fresh] =
      found_.try_emplace({model, batch, row.selection.empty() ? "" : row.engine, row.selection});
  auto& found = place->second;
  if (!fresh) return found ? &*found : nullptr;
  LearnNames(NetworkOf(model), batch);
  std::optional<Error> objection;
  const auto made = [&](const Artifact& artifact) {
    return std::any_of(settings_.conversions.begin(), settings_.conversions.end(),
                       [&](const verify::Conversion& each) { return each.artifact.path == artifact.path; });
  };
  // What was given counts before what was made of it.
  for (const bool converted : {false, true}) {
    for (const worker::EngineEntryStatus& engine : settings_.engines) {
      if (engine.status != worker::EngineStatus::kPresent || engine.info.for_testing) continue;
      if (!alone.empty() && engine.name != alone) continue;
      for (const Artifact& artifact : NetworkOf(model).models()) {
        if (made(artifact) != converted || !verify::Reads(engine.info, artifact)) continue;
        try {
          return &found.emplace(Ask(model, artifact, engine, batch, row.selection));
        } catch (const Error& error) {
          if (error.code() == ErrorCode::kUsage) {
            const Error told = error.text().starts_with(artifact.path) ? error : error.With(artifact.path);
            // Another model of the network may tell what this one does not.
            if (NetworkOf(model).models().size() == 1) throw Error(told);
            if (!objection) objection = told;
            continue;
          }
          failures_.push_back({engine.name, verify::ArtifactFor(engine.info, artifact).path, error});
        }
      }
    }
  }
  if (objection) throw Error(*objection);
  return nullptr;
}

}  // namespace bakeoff::measure
