// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX Runtime: a session, its inputs and outputs bound once, Run().
#include <onnxruntime_cxx_api.h>

#include "bare.h"

namespace bakeoff::bench {
namespace {

struct Loaded {
  Ort::Env env{ORT_LOGGING_LEVEL_WARNING, "bare"};
  Ort::Session session{nullptr};
  Ort::IoBinding binding{nullptr};
  std::vector<Ort::Value> values;
};

std::vector<int64_t> ForBatchOfOne(const Ort::TypeInfo& type) {
  std::vector<int64_t> shape = type.GetTensorTypeAndShapeInfo().GetShape();
  for (int64_t& extent : shape) extent = extent < 0 ? 1 : extent;
  return shape;
}

}  // namespace

BareModel LoadBare(const BareJob& job) {
  auto loaded = std::make_shared<Loaded>();
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(job.threads);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  loaded->session = Ort::Session(loaded->env, job.model.c_str(), options);
  loaded->binding = Ort::IoBinding(loaded->session);
  Ort::AllocatorWithDefaultOptions allocator;
  BareModel model{{}, [loaded] { loaded->session.Run(Ort::RunOptions{nullptr}, loaded->binding); }, loaded};
  for (size_t i = 0; i < loaded->session.GetInputCount(); ++i) {
    const auto shape = ForBatchOfOne(loaded->session.GetInputTypeInfo(i));
    auto& value = loaded->values.emplace_back(Ort::Value::CreateTensor<float>(allocator, shape.data(), shape.size()));
    loaded->binding.BindInput(loaded->session.GetInputNameAllocated(i, allocator).get(), value);
    model.inputs.emplace_back(value.GetTensorMutableData<float>(), value.GetTensorTypeAndShapeInfo().GetElementCount());
  }
  for (size_t i = 0; i < loaded->session.GetOutputCount(); ++i) {
    const auto shape = ForBatchOfOne(loaded->session.GetOutputTypeInfo(i));
    auto& value = loaded->values.emplace_back(Ort::Value::CreateTensor<float>(allocator, shape.data(), shape.size()));
    loaded->binding.BindOutput(loaded->session.GetOutputNameAllocated(i, allocator).get(), value);
  }
  return model;
}

}  // namespace bakeoff::bench
