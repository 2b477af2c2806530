// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Optimisers over LibTorch's fused kernels.
#include "train/optimizer.h"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <fmt/format.h>

#include "bakeoff/error.h"

namespace bakeoff::train {
namespace {

constexpr double kEpsilon = 1e-8;

}  // namespace

Optimizer::Optimizer(const torch::nn::Module& module, const TrainOptions& options) : options_(options), groups_(2) {
  groups_[1].weight_decay = options.weight_decay;
  for (const auto& item : module.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    Group& group = groups_[item.value().dim() >= 2 ? 1 : 0];
    group.names.push_back(item.key());
    group.parameters.push_back(item.value());
    group.first.push_back(torch::zeros_like(item.value()).detach());
    if (options.optimizer != "sgd") {
      group.second.push_back(torch::zeros_like(item.value()).detach());
      group.steps.push_back(torch::zeros({}, torch::kFloat32));
    }
  }
}

void Optimizer::Step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  for (Group& group : groups_) {
    std::vector<torch::Tensor> parameters, gradients, first, second, steps;
    for (size_t i = 0; i < group.parameters.size(); ++i) {
      const torch::Tensor& gradient = group.parameters[i].grad();
      if (!gradient.defined()) continue;
      parameters.push_back(group.parameters[i]);
      gradients.push_back(gradient);
      first.push_back(group.first[i]);
      if (group.second.empty()) continue;
      second.push_back(group.second[i]);
      steps.push_back(group.steps[i].add_(1));
    }
    if (parameters.empty()) continue;
    if (options_.optimizer == "sgd") {
      at::_fused_sgd_(parameters, gradients, first, group.weight_decay, options_.momentum, learning_rate,
                      /*dampening=*/0.0, options_.nesterov, /*maximize=*/false, /*is_first_step=*/step_ == 0);
    } else if (options_.optimizer == "adamw") {
      at::_fused_adamw_(parameters, gradients, first, second, {}, steps, learning_rate, options_.momentum,
                        options_.beta2, group.weight_decay, kEpsilon, /*amsgrad=*/false, /*maximize=*/false);
    } else {
      at::_fused_adam_(parameters, gradients, first, second, {}, steps, learning_rate, options_.momentum,
                       options_.beta2, group.weight_decay, kEpsilon, /*amsgrad=*/false, /*maximize=*/false);
    }
  }
  ++step_;
}

void Optimizer::ZeroGrad() {
  for (Group& group : groups_) {
    for (torch::Tensor& parameter : group.parameters) parameter.mutable_grad() = torch::Tensor();
  }
}

double Optimizer::ClipNorm(double most) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> norms;
  for (const Group& group : groups_) {
    for (const torch::Tensor& parameter : group.parameters) {
      if (parameter.grad().defined()) norms.push_back(parameter.grad().norm());
    }
  }
  if (norms.empty()) return 0;
  const double norm = torch::stack(norms).norm().item<double>();
  if (norm > most) {
    for (Group& group : groups_) {
      for (torch::Tensor& parameter : group.parameters) {
        if (parameter.grad().defined()) parameter.mutable_grad().mul_(most / norm);
      }
    }
  }
  return norm;
}

bool Optimizer::ScaleGradients(double factor) {
  const torch::NoGradGuard no_grad;
  bool finite = true;
  for (Group& group : groups_) {
    for (torch::Tensor& parameter : group.parameters) {
      if (!parameter.grad().defined()) continue;
      parameter.mutable_grad().mul_(factor);
      finite = finite && torch::isfinite(parameter.grad()).all().item<bool>();
    }
  }
  return finite;
}

StateDict Optimizer::State() const {
  StateDict state;
  state["step"] = torch::full({}, step_, torch::kInt64);
  for (const Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      state["first/" + group.names[i]] = group.first[i];
      if (group.second.empty()) continue;
      state["second/" + group.names[i]] = group.second[i];
      state["steps/" + group.names[i]] = group.steps[i];
    }
  }
  return state;
}

void Optimizer::LoadState(const StateDict& state) {
  const torch::NoGradGuard no_grad;
  const auto find = [&](const std::string& name) -> const torch::Tensor& {
    const auto found = state.find(name);
    if (found == state.end())
      throw Error(ErrorCode::kInvalidModel, fmt::format("the checkpoint has no optimiser state '{}'", name));
    return found->second;
  };
  const auto copy = [&](torch::Tensor& target, const std::string& name) {
    const torch::Tensor& source = find(name);
    if (source.sizes() != target.sizes())
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("the checkpoint's optimiser state '{}' has another shape", name));
    target.copy_(source);
  };
  for (Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      copy(group.first[i], "first/" + group.names[i]);
      if (group.second.empty()) continue;
      copy(group.second[i], "second/" + group.names[i]);
      copy(group.steps[i], "steps/" + group.names[i]);
    }
  }
  step_ = find("step").item<int64_t>();
}

}  // namespace bakeoff::train
