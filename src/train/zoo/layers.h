// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Building blocks that several families share. Child names follow torchvision's, because they become parameter names.
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "train/zoo/norm_act.h"
#include "train/zoo/zoo.h"

namespace bakeoff::train::zoo {

struct ConvNormOptions {
  int64_t in = 0, out = 0;
  int64_t kernel = 3, stride = 1, groups = 1;
  Activation activation = Activation::kRelu;
  double norm_eps = 1e-5;
  double norm_momentum = 0.1;
};

// Children "0", "1", ... run one after the other: nn.Sequential's names, and chains may hold chains.
class Chain : public torch::nn::Module {
 public:
  template <typename M>
  void Add(const std::shared_ptr<M>& child) {
    register_module(std::to_string(next_++), child);
    steps_.push_back([child](const torch::Tensor& x) { return child->forward(x); });
  }
  template <typename M>
  void Add(const torch::nn::ModuleHolder<M>& child) {
    Add(child.ptr());
  }
  void Add(torch::nn::BatchNorm2d norm) {
    Hold(norm);
    steps_.push_back([norm](const torch::Tensor& x) mutable { return NormAct(norm, x, Activation::kNone); });
  }
  // A child that takes its number but is run by the owner.
  void Hold(const torch::nn::BatchNorm2d& norm) { register_module(std::to_string(next_++), norm); }
  // A step without parameters still takes a number.
  void AddFunction(std::function<torch::Tensor(const torch::Tensor&)> function) {
    ++next_;
    steps_.push_back(std::move(function));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = x;
    for (const auto& step : steps_) y = step(y);
    return y;
  }

 private:
  std::vector<std::function<torch::Tensor(const torch::Tensor&)>> steps_;
  int next_ = 0;
};

// A chain of the given children.
template <typename... Children>
std::shared_ptr<Chain> ChainOf(Children&&... children) {
  auto chain = std::make_shared<Chain>();
  (chain->Add(std::forward<Children>(children)), ...);
  return chain;
}

// Convolution without bias (child "0"), batch norm (child "1"), activation; padding keeps the size at stride 1.
class ConvNorm : public torch::nn::Module {
 public:
  explicit ConvNorm(const ConvNormOptions& options);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  Activation activation_;
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
};

// Drops whole rows of a batch in training with probability p and rescales the others ("stochastic depth", Huang et al.
// 2016).
torch::Tensor DropRows(const torch::Tensor& x, double p, bool training);

// Rounds to a multiple of 8, never more than 10 % down: the rule of the MobileNet papers' code.
int64_t MakeDivisible(double channels);

// Initialisation shared by the convolutional families: He-normal (fan out) convolutions, unit norms, normal(0, 0.01)
// linears.
void InitConvNet(torch::nn::Module& module);

// What Networks() collects; one per family file.
std::vector<ZooRow> ResnetRows();
std::vector<ZooRow> MobilenetRows();
std::vector<ZooRow> EfficientnetRows();
std::vector<ZooRow> ConvnextRows();
std::vector<ZooRow> VitRows();

}  // namespace bakeoff::train::zoo
