// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// LibTorch: a TorchScript program, frozen and optimised for inference, forward() in inference mode.
#include <ATen/Parallel.h>
#include <torch/script.h>

#include "bare.h"

namespace bakeoff::bench {
namespace {

struct Loaded {
  torch::jit::Module module;
  at::Tensor input, result;
};

}  // namespace

BareModel LoadBare(const BareJob& job) {
  at::set_num_threads(job.threads);
  at::set_num_interop_threads(1);
  at::globalContext().setFloat32MatmulPrecision("highest");
  const c10::InferenceMode inference;
  auto loaded = std::make_shared<Loaded>();
  loaded->module = torch::jit::load(job.model, at::kCPU);
  loaded->module.eval();
  loaded->module = torch::jit::freeze(loaded->module);
  loaded->module = torch::jit::optimize_for_inference(loaded->module);
  loaded->input = at::zeros(job.shape, at::kFloat);
  BareModel model;
  model.inputs.emplace_back(loaded->input.data_ptr<float>(), static_cast<size_t>(loaded->input.numel()));
  model.run = [loaded] {
    const c10::InferenceMode mode;
    loaded->result = loaded->module.forward({loaded->input}).toTensor().contiguous();
  };
  model.owner = loaded;
  return model;
}

}  // namespace bakeoff::bench
