// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Sessions in worker processes.
#include "verify/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace bakeoff::verify {
namespace {

class WorkerSession final : public Session {
 public:
  explicit WorkerSession(std::unique_ptr<worker::Worker> worker) : worker_(std::move(worker)) {}

  worker::LoadReply Load(const worker::LoadRequest& request, std::chrono::milliseconds limit) override {
    return worker_->Load(request, limit);
  }
  worker::InferReply Infer(const std::vector<worker::NamedTensor>& inputs, std::chrono::milliseconds limit) override {
    return worker_->Infer(inputs, limit);
  }
  worker::MeasureReply Measure(const Json& plan, const std::vector<worker::NamedTensor>& inputs,
                               std::chrono::milliseconds limit, const worker::Worker::Progress& progress) override {
    return worker_->Measure(plan, inputs, limit, progress);
  }
  worker::ProfileReply Profile(int64_t count, std::chrono::nanoseconds duration,
                               const std::vector<worker::NamedTensor>& inputs,
                               std::chrono::milliseconds limit) override {
    return worker_->Profile(count, duration, inputs, limit);
  }
  void Bye() override { worker_->Bye(); }

 private:
  std::unique_ptr<worker::Worker> worker_;
};

}  // namespace

std::unique_ptr<Session> StartWorker(const worker::SpawnOptions& options) {
  return std::make_unique<WorkerSession>(worker::Worker::Start(options));
}

Artifact ArtifactFor(const EngineInfo& engine, const Artifact& artifact) {
  const auto reads = [&](const FormatId& format) {
    return std::find(engine.reads.begin(), engine.reads.end(), format) != engine.reads.end();
  };
  if (artifact.folder.empty() || reads("any") || reads(artifact.format) || !reads("folder")) return artifact;
  Artifact whole = artifact;
  whole.path = artifact.folder;
  whole.format = "folder";
  return whole;
}

bool SameModel(const Artifact& one, const Artifact& other) {
  return one.path == other.path || (!one.folder.empty() && one.folder == other.folder);
}

bool Reads(const EngineInfo& engine, const Artifact& artifact) {
  const FormatId wanted = ArtifactFor(engine, artifact).format;
  return std::any_of(engine.reads.begin(), engine.reads.end(),
                     [&](const FormatId& format) { return format == "any" || format == wanted; });
}

std::string WhyNotRead(const EngineInfo& engine, const Artifact& artifact, const Advice& advice) {
  std::string text =
      fmt::format("{} does not read {}; it reads {}", engine.name, artifact.format, core::Join(engine.reads, ", "));
  if (!advice.command.empty()) text += fmt::format("; {} makes one that it reads", advice.command);
  if (!advice.obstacle.empty()) text += fmt::format("; {}", advice.obstacle);
  return text;
}

}  // namespace bakeoff::verify
