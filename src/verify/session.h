// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One engine with one model, as verify and measure see it: a worker process in the product, a stand-in in unit tests.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "worker/host/handle.h"

namespace bakeoff::verify {

// Functions throw Error as worker::Worker does.
class Session {
 public:
  virtual ~Session() = default;
  virtual worker::LoadReply Load(const worker::LoadRequest& request, std::chrono::milliseconds limit) = 0;
  virtual worker::InferReply Infer(const std::vector<worker::NamedTensor>& inputs, std::chrono::milliseconds limit) = 0;
  virtual worker::MeasureReply Measure(const Json& plan, const std::vector<worker::NamedTensor>& inputs,
                                       std::chrono::milliseconds limit, const worker::Worker::Progress& progress) = 0;
  // Of a model loaded with LoadRequest::profile; it is gone afterwards.
  virtual worker::ProfileReply Profile(int64_t count, std::chrono::nanoseconds duration,
                                       const std::vector<worker::NamedTensor>& inputs,
                                       std::chrono::milliseconds limit) = 0;
  // An orderly end; never throws. Without it the process is killed.
  virtual void Bye() = 0;
};

using StartSession = std::function<std::unique_ptr<Session>(const worker::SpawnOptions& options)>;

// The real thing: a fresh worker process.
std::unique_ptr<Session> StartWorker(const worker::SpawnOptions& options);

// What the engine is to be given: the artifact itself, or the model folder that it came from where the engine reads
// only that.
Artifact ArtifactFor(const EngineInfo& engine, const Artifact& artifact);

// Whether both are the same model: the same file, or the same model folder in either form.
bool SameModel(const Artifact& one, const Artifact& other);

// Whether the engine reads the format of what ArtifactFor() gives.
bool Reads(const EngineInfo& engine, const Artifact& artifact);

// What a user can do about a model that an engine does not read.
struct Advice {
  std::string command;   // "`bakeoff convert net.onnx net.tflite`", "" where no conversion leads there
  std::string obstacle;  // why none does: the hop that is missing

  bool operator==(const Advice&) const = default;
};
using Advise = std::function<Advice(const EngineInfo& engine, const Artifact& artifact)>;

// The reason where it does not, with the advice.
std::string WhyNotRead(const EngineInfo& engine, const Artifact& artifact, const Advice& advice = {});

}  // namespace bakeoff::verify
