// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Null engine: answers at once, whatever the model. What remains is the cost of measuring.
#include <cstddef>
#include <vector>

#include "bakeoff/engine.h"
#include "own_input.h"

namespace bakeoff {
namespace {

class NullRequest final : public Request {
 public:
  NullRequest(const std::vector<TensorSpec>& inputs, const std::map<std::string, Shape>& shapes)
      : buffers_(inputs.size()) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Shape& shape = shapes.at(inputs[i].name);
      buffers_[i].resize(static_cast<size_t>(ElementCount(shape)) * DTypeSize(inputs[i].type));
      views_.push_back(View(inputs[i].type, shape, buffers_[i].data()));
    }
  }
  Tensors Inputs() override { return views_; }
  void Run() override {}
  // The first input's buffer again: the answer is the question.
  Tensors Outputs() override { return {views_[0]}; }

 private:
  std::vector<std::vector<std::byte>> buffers_;
  Tensors views_;
};

class NullSession final : public Session {
 public:
  explicit NullSession(std::vector<TensorSpec> inputs) : inputs_(std::move(inputs)) {}
  std::vector<TensorSpec> Inputs() const override { return inputs_; }
  std::vector<TensorSpec> Outputs() const override { return {{"output", inputs_[0].type, inputs_[0].shape}}; }
  Json Effective() const override { return {{"provider", "none"}, {"threads", 0}}; }
  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<NullRequest>(inputs_, shapes);
  }

 private:
  std::vector<TensorSpec> inputs_;
};

EngineInfo Describe() {
  return {.name = "null",
          .version = "1",
          .reads = {"any"},
          .precisions = {"f32", "bf16", "f16"},
          .options = {{"shapes", "?x1", "Shape of its one input `input` and of its output; ? is free."}},
          .note = "answers at once: shows what measuring costs",
          .for_testing = true};
}

std::unique_ptr<Session> Load(const Artifact& artifact, const SessionOptions& options) {
  // Where the host knows the model's inputs, null takes the same and can stand beside the real engines.
  if (!artifact.inputs.empty() && !options.engine.IsGiven("shapes"))
    return std::make_unique<NullSession>(artifact.inputs);
  return std::make_unique<NullSession>(std::vector<TensorSpec>{OwnInput(options)});
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_ENGINE(bakeoff::Describe, bakeoff::Load);
