// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MobileNetV1 (Howard et al. 2017; names of our own, torchvision has none) and MobileNetV2 (Sandler et al. 2018,
// torchvision's names).
#include <torch/nn/init.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>

#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {
namespace {

std::shared_ptr<ConvNorm> Conv(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups,
                               Activation activation) {
  return std::make_shared<ConvNorm>(ConvNormOptions{
      .in = in, .out = out, .kernel = kernel, .stride = stride, .groups = groups, .activation = activation});
}

// features -> mean over the image -> classifier, common to both versions.
class Mobilenet : public Classifier {
 public:
  torch::Tensor forward(const torch::Tensor& images) override {
    const torch::Tensor x = features_->forward(images);
    return classifier_->forward(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
  }
  std::string HeadPrefix() const override { return "classifier.1."; }

 protected:
  void Finish(std::shared_ptr<Chain> features, int64_t channels, int64_t classes) {
    features_ = register_module("features", std::move(features));
    classifier_ = register_module("classifier", ChainOf(torch::nn::Dropout(0.2), torch::nn::Linear(channels, classes)));
    InitConvNet(*this);
  }

 private:
  std::shared_ptr<Chain> features_, classifier_;
};

class InvertedResidual : public torch::nn::Module {
 public:
  InvertedResidual(int64_t in, int64_t out, int64_t stride, int64_t expand) : residual_(stride == 1 && in == out) {
    const int64_t hidden = in * expand;
    const auto conv = std::make_shared<Chain>();
    if (expand != 1) conv->Add(Conv(in, hidden, 1, 1, 1, Activation::kRelu6));
    conv->Add(Conv(hidden, hidden, 3, stride, hidden, Activation::kRelu6));
    conv->Add(torch::nn::Conv2d(torch::nn::Conv2dOptions(hidden, out, 1).bias(false)));
    norm_ = torch::nn::BatchNorm2d(out);
    conv->Hold(norm_);
    conv_ = register_module("conv", conv);
  }
  // A block with a skip connection begins as the identity (Goyal et al. 2017): gradients reach the first layers at
  // once, which a run of a few epochs gains most from. For fresh weights only.
  void BeginAsIdentity() {
    const torch::NoGradGuard no_grad;
    if (residual_) torch::nn::init::zeros_(norm_->weight);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    return NormAct(norm_, conv_->forward(x), Activation::kNone, residual_ ? x : torch::Tensor());
  }

 private:
  bool residual_;
  std::shared_ptr<Chain> conv_;
  torch::nn::BatchNorm2d norm_{nullptr};  // the last child of conv_
};

class MobilenetV2 final : public Mobilenet {
 public:
  explicit MobilenetV2(const ZooOptions& options) {
    struct Stage {
      int64_t expand, channels, repeats, stride;
    };
    constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    int64_t in = MakeDivisible(32 * options.width);
    const int64_t last = MakeDivisible(1280 * std::max(1.0, options.width));
    const auto features = std::make_shared<Chain>();
    features->Add(Conv(3, in, 3, 2, 1, Activation::kRelu6));
    for (const Stage& stage : kStages) {
      const int64_t out = MakeDivisible(static_cast<double>(stage.channels) * options.width);
      for (int64_t i = 0; i < stage.repeats; ++i) {
        features->Add(std::make_shared<InvertedResidual>(in, out, i == 0 ? stage.stride : 1, stage.expand));
        in = out;
      }
    }
    features->Add(Conv(in, last, 1, 1, 1, Activation::kRelu6));
    Finish(features, last, options.classes);
    for (const auto& child : modules(false)) {
      if (auto* block = child->as<InvertedResidual>()) block->BeginAsIdentity();
    }
  }
};

class MobilenetV1 final : public Mobilenet {
 public:
  explicit MobilenetV1(const ZooOptions& options) {
    struct Stage {
      int64_t channels, stride;
    };
    constexpr Stage kStages[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                                 {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
    int64_t in = MakeDivisible(32 * options.width);
    const auto features = std::make_shared<Chain>();
    features->Add(Conv(3, in, 3, 2, 1, Activation::kRelu));
    for (const Stage& stage : kStages) {
      const int64_t out = MakeDivisible(static_cast<double>(stage.channels) * options.width);
      features->Add(
          ChainOf(Conv(in, in, 3, stage.stride, in, Activation::kRelu), Conv(in, out, 1, 1, 1, Activation::kRelu)));
      in = out;
    }
    Finish(features, in, options.classes);
  }
};

}  // namespace

std::vector<ZooRow> MobilenetRows() {
  return {{"mobilenet_v1", "MobileNetV1, 4.2 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> { return std::make_shared<MobilenetV1>(o); }},
          {"mobilenet_v2", "MobileNetV2, 3.5 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> { return std::make_shared<MobilenetV2>(o); }}};
}

}  // namespace bakeoff::train::zoo
