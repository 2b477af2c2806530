// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Asks the reference engine, in a process of its own.
#include "measure/reference.h"

#include <fmt/format.h>

#include "core/shapes.h"
#include "measure/plan.h"

namespace bakeoff::measure {

std::optional<Reference> References::Ask(const Artifact& artifact, const worker::EngineEntryStatus& engine,
                                         int64_t batch) {
  const int threads = static_cast<int>(settings_.threads.back());
  const auto session =
      start_({.executable = engine.executable, .prefix = settings_.prefix, .cpus = settings_.affinity ? threads : 0});
  worker::LoadRequest request{.artifact = artifact, .device = settings_.device, .threads = threads};
  request.shapes = ShapesFor(settings_, batch);
  request.batch = batch;
  const worker::LoadReply loaded = session->Load(request, settings_.limit);
  Reference reference{.engine = engine.name,
                      .path = artifact.path,
                      .inputs = {},
                      .specs = loaded.inputs,
                      .canonical_sha256 = {},
                      .answers = {}};
  reference.inputs =
      verify::PortsOf(artifact, loaded.inputs, core::CompleteShapes(loaded.inputs, request.shapes, batch));
  const verify::InputSet inputs = verify::MakeInputs(reference.inputs, reference.inputs, settings_.inputs);
  reference.canonical_sha256 = inputs.canonical_sha256;
  reference.answers = verify::AnswersOf(artifact, session->Infer(inputs.delivered, settings_.limit).outputs);
  session->Bye();
  return reference;
}

const Reference* References::For(const std::string& model, int64_t batch) {
  const auto [place, fresh] = found_.try_emplace({model, batch});
  auto& found = place->second;
  if (!fresh) return found ? &*found : nullptr;
  for (const worker::EngineEntryStatus& engine : settings_.engines) {
    if (engine.status != worker::EngineStatus::kPresent || engine.info.for_testing) continue;
    if (!settings_.reference.empty() && engine.name != settings_.reference) continue;
    for (const Artifact& artifact : settings_.models) {
      if (ModelName(artifact.path) != model || !verify::Reads(engine.info, artifact)) continue;
      try {
        found = Ask(artifact, engine, batch);
        return &*found;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kUsage) throw error.With(artifact.path);
        notes_.push_back(
            fmt::format("{} cannot be the reference for {}: {}", engine.name, artifact.path, error.text()));
      }
    }
  }
  return nullptr;
}

}  // namespace bakeoff::measure
