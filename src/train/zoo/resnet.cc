// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ResNet-18/34/50 (He et al. 2015, stride in the 3x3 convolution of a bottleneck as torchvision has it), with an
// optional 32x32 stem.
#include <torch/nn/init.h>
#include <torch/nn/modules/linear.h>

#include <array>

#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {
namespace {

torch::nn::Conv2d Conv(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

// A residual block of two (basic) or three (bottleneck) convolutions.
class Block : public torch::nn::Module {
 public:
  Block(int64_t in, int64_t width, int64_t stride, bool bottleneck) : bottleneck_(bottleneck) {
    const int64_t out = bottleneck ? 4 * width : width;
    conv1_ = register_module("conv1", bottleneck ? Conv(in, width, 1, 1) : Conv(in, width, 3, stride));
    bn1_ = register_module("bn1", torch::nn::BatchNorm2d(width));
    conv2_ = register_module("conv2", Conv(width, width, 3, bottleneck ? stride : 1));
    bn2_ = register_module("bn2", torch::nn::BatchNorm2d(width));
    if (bottleneck) {
      conv3_ = register_module("conv3", Conv(width, out, 1, 1));
      bn3_ = register_module("bn3", torch::nn::BatchNorm2d(out));
    }
    if (stride != 1 || in != out) {
      downsample_ = register_module("downsample", ChainOf(Conv(in, out, 1, stride), torch::nn::BatchNorm2d(out)));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor skip = downsample_ == nullptr ? x : downsample_->forward(x);
    const torch::Tensor y = NormAct(bn1_, conv1_->forward(x), Activation::kRelu);
    if (!bottleneck_) return NormAct(bn2_, conv2_->forward(y), Activation::kRelu, skip);
    const torch::Tensor z = NormAct(bn2_, conv2_->forward(y), Activation::kRelu);
    return NormAct(bn3_, conv3_->forward(z), Activation::kRelu, skip);
  }

 private:
  bool bottleneck_;
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr}, bn2_{nullptr}, bn3_{nullptr};
  std::shared_ptr<Chain> downsample_;
};

class Resnet final : public Classifier {
 public:
  Resnet(const std::array<int, 4>& depths, bool bottleneck, const ZooOptions& options)
      : small_stem_(options.small_stem) {
    const int64_t stem_kernel = small_stem_ ? 3 : 7;
    conv1_ = register_module("conv1", Conv(3, 64, stem_kernel, small_stem_ ? 1 : 2));
    bn1_ = register_module("bn1", torch::nn::BatchNorm2d(64));
    int64_t in = 64;
    for (size_t stage = 0; stage < depths.size(); ++stage) {
      const int64_t width = 64 << stage;
      const auto blocks = std::make_shared<Chain>();
      for (int i = 0; i < depths[stage]; ++i) {
        blocks->Add(std::make_shared<Block>(in, width, i == 0 && stage > 0 ? 2 : 1, bottleneck));
        in = bottleneck ? 4 * width : width;
      }
      layers_.push_back(register_module("layer" + std::to_string(stage + 1), blocks));
    }
    fc_ = register_module("fc", torch::nn::Linear(in, options.classes));
    for (const auto& child : modules(false)) {
      if (auto* conv = child->as<torch::nn::Conv2d>()) {
        torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
      }
    }
  }

  torch::Tensor forward(const torch::Tensor& images) override {
    torch::Tensor x = NormAct(bn1_, conv1_->forward(images), Activation::kRelu);
    if (!small_stem_) x = torch::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
    for (auto& layer : layers_) x = layer->forward(x);
    return fc_->forward(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
  }
  std::string HeadPrefix() const override { return "fc."; }

 private:
  bool small_stem_;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr};
  std::vector<std::shared_ptr<Chain>> layers_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace

std::vector<ZooRow> ResnetRows() {
  return {{"resnet18", "ResNet-18, 11.7 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Resnet>(std::array{2, 2, 2, 2}, false, o);
           }},
          {"resnet34", "ResNet-34, 21.8 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Resnet>(std::array{3, 4, 6, 3}, false, o);
           }},
          {"resnet50", "ResNet-50, 25.6 M parameters", 224, [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Resnet>(std::array{3, 4, 6, 3}, true, o);
           }}};
}

}  // namespace bakeoff::train::zoo
