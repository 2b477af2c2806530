// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One network in several formats: how each of its models is loaded so that all of them take the same inputs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bakeoff/artifact.h"
#include "core/shapes.h"
#include "verify/inputs.h"
#include "verify/session.h"
#include "verify/signature.h"

namespace bakeoff::verify {

// A loaded model with the inputs that it takes now.
struct Opened {
  std::unique_ptr<Session> session;
  worker::LoadReply reply;
  Ports inputs;
  int64_t batch = 1;        // samples of one inference
  std::string shapes_from;  // path of the model whose shapes were taken because this one tells none; else ""
};

// --shape is in the axes of the first model; every other model gets it in its own. A model that does not tell its
// shapes (TorchScript) or leaves extents free takes them from one that tells them, by the meaning of axes. Not
// thread-safe.
class Network {
 public:
  // `models` are one network; `said` is --shape, `choices` the rest of what was said of inputs; names are INPUT or
  // MODEL:INPUT, and those of other networks are passed over. A file of --input sets what the model leaves free and
  // --shape does not set, but for the batch. Reads what the host itself can read (ONNX, model.json); never throws.
  Network(std::vector<Artifact> models, const std::map<std::string, Shape>& said, const InputChoices& choices = {});

  using Start = std::function<std::unique_ptr<Session>()>;
  // Loads request.artifact, one of the models, on a fresh session of `engine`, for request.batch; request.shapes is
  // filled in. Where the engine refuses what it was told as a usage error, further ways are tried, each on a session of
  // its own; the one that works is remembered for the next call. Throws the first refusal if none works, and what Start
  // and Load throw. `plain`: the engine reads no model, so it gets what the user said as it is, and the model's inputs
  // where the host reads them.
  Opened Open(const std::string& engine, bool plain, const Start& start, worker::LoadRequest request,
              std::chrono::milliseconds limit);

  // Inputs of the first model that told them so far, as they are with that batch: the names and the order of axes in
  // which the user speaks. nullopt where none did.
  std::optional<Ports> Lead(int64_t batch) const;

  // Whether the first model's inputs are known without asking an engine.
  bool KnowsFirst() const { return told_.contains(0); }

  // Checks --shape against the models that the host can read. Throws Error{kUsage} naming the model.
  void Check(int64_t batch) const;

  const std::vector<Artifact>& models() const { return models_; }
  // Under the inputs' own names.
  const InputChoices& choices() const { return choices_; }

  // Whether the host reads every model itself, and whether one of these has an input of that name.
  bool ReadsAll() const { return std::find(readable_.begin(), readable_.end(), false) == readable_.end(); }
  bool HasInput(const std::string& name) const;

 private:
  struct Way {
    Artifact artifact;
    std::map<std::string, Shape> shapes;
    std::string from;
  };
  // What a model told: specs, and the shapes that completed them by batch.
  struct Told {
    std::vector<TensorSpec> specs;
    core::AxisNames axes;
    std::map<int64_t, std::map<std::string, Shape>> shapes;
  };

  size_t IndexOf(const Artifact& artifact) const;
  std::map<std::string, Shape> Said(int64_t batch) const;
  void TakeSaid(const std::map<std::string, Shape>& said);
  void TakeShapesOfFiles();
  Shape InAxesOf(size_t index, const std::string& name, const Shape& shape, size_t from,
                 const std::string& from_name) const;
  std::map<std::string, Shape> NamedSaid(size_t index, int64_t batch) const;
  std::optional<std::pair<size_t, std::vector<TensorSpec>>> Sibling(size_t index, int64_t batch) const;
  Way OfReadable(size_t index, int64_t batch) const;
  std::vector<Way> Ways(size_t index, int64_t batch) const;

  std::vector<Artifact> models_;
  std::map<std::string, Shape> said_;  // in the axes of the first model
  InputChoices choices_;
  std::map<size_t, Told> told_;
  std::vector<bool> readable_;  // by the host
  std::map<std::tuple<size_t, std::string, int64_t>, Way> working_;
};

// What can be found wrong with --shape, --input and --range before any worker starts: models that the host reads
// itself. `models` are one network. Throws Error{kUsage}.
void CheckRequest(const std::vector<Artifact>& models, const std::map<std::string, Shape>& said,
                  const InputChoices& choices, int64_t batch);

}  // namespace bakeoff::verify
