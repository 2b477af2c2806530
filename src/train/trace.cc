// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Turns a live network into TorchScript by tracing it from C++.
#include "train/trace.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include <algorithm>

#include "bakeoff/error.h"

namespace bakeoff::train {
namespace {

constexpr double kTolerance = 1e-5;

// Back to the mode it was in, whatever happens.
class EvaluationMode {
 public:
  explicit EvaluationMode(zoo::Classifier& network) : network_(network), was_training_(network.is_training()) {
    network_.eval();
  }
  ~EvaluationMode() { network_.train(was_training_); }

 private:
  zoo::Classifier& network_;
  bool was_training_;
};

TraceCheck Check(zoo::Classifier& network, torch::jit::Module& traced, int64_t image_size) {
  TraceCheck check;
  auto generator = at::detail::createCPUGenerator(20261121);
  for (const int64_t batch : {1, 3}) {
    const torch::Tensor images = torch::randn({batch, 3, image_size, image_size}, generator);
    const torch::Tensor want = network.forward(images);
    const torch::Tensor got = traced.forward({images}).toTensor();
    if (got.sizes() != want.sizes()) {
      throw Error(
          ErrorCode::kConversion,
          fmt::format("the traced module answers a batch of {} with another shape: the trace fixed the batch", batch));
    }
    check.largest_difference = std::max(check.largest_difference, (got - want).abs().max().item<double>());
    check.largest_output = std::max(check.largest_output, want.abs().max().item<double>());
  }
  return check;
}

}  // namespace

std::string FlatName(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

torch::jit::Module TraceClassifier(zoo::Classifier& network, int64_t image_size, TraceCheck* result) {
  const EvaluationMode mode(network);
  const torch::NoGradGuard no_grad;
  torch::jit::Module module(c10::QualifiedName("__torch__.Classifier"),
                            std::make_shared<torch::jit::CompilationUnit>());
  // torch::jit::freeze() insists on it.
  module.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& item : network.named_parameters())
    module.register_parameter(FlatName(item.key()), item.value(), false);
  for (const auto& item : network.named_buffers()) module.register_buffer(FlatName(item.key()), item.value());

  const torch::Tensor images = torch::rand({2, 3, image_size, image_size});
  const auto traced = torch::jit::tracer::trace(
      {images},
      [&network](torch::jit::Stack inputs) -> torch::jit::Stack { return {network.forward(inputs.at(0).toTensor())}; },
      [](const torch::Tensor&) { return std::string("images"); }, /*strict=*/true, /*force_outplace=*/false, &module);
  const auto name = module.type()->name();
  if (!name) throw Error(ErrorCode::kInternal, "the traced module's type has no name");
  auto function =
      module._ivalue()->compilation_unit()->create_function(c10::QualifiedName(*name, "forward"), traced.first->graph);
  module.type()->addMethod(function);

  const TraceCheck check = Check(network, module, image_size);
  if (!(check.largest_difference <= kTolerance * std::max(check.largest_output, 1e-3))) {
    throw Error(ErrorCode::kConversion,
                fmt::format("the traced module's answers differ from the network's by {:.3g} (largest output {:.3g})",
                            check.largest_difference, check.largest_output));
  }
  if (result) *result = check;
  return module;
}

}  // namespace bakeoff::train
