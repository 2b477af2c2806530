// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ConvNeXt-Tiny (Liu et al. 2022), with torchvision's names.
#include <torch/nn/init.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {
namespace {

constexpr double kNormEps = 1e-6;
constexpr double kDropRows = 0.1;  // of the last block; earlier blocks proportionally less
constexpr double kLayerScale = 1e-6;

// Layer norm over the channels of N x C x H x W.
class ChannelNorm : public torch::nn::Module {
 public:
  explicit ChannelNorm(int64_t channels) : channels_(channels) {
    weight_ = register_parameter("weight", torch::ones(channels));
    bias_ = register_parameter("bias", torch::zeros(channels));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor last = torch::layer_norm(x.permute({0, 2, 3, 1}), {channels_}, weight_, bias_, kNormEps);
    return last.permute({0, 3, 1, 2});
  }

 private:
  int64_t channels_;
  torch::Tensor weight_, bias_;
};

class Block : public torch::nn::Module {
 public:
  Block(int64_t channels, double drop) : drop_(drop) {
    layer_scale_ = register_parameter("layer_scale", torch::full({channels, 1, 1}, kLayerScale));
    // Permutations and the activation are numbered steps without parameters, as in torchvision.
    block_ = register_module("block", std::make_shared<Chain>());
    block_->Add(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, channels, 7).padding(3).groups(channels)));
    block_->AddFunction([](const torch::Tensor& x) { return x.permute({0, 2, 3, 1}); });
    block_->Add(torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(kNormEps)));
    block_->Add(torch::nn::Linear(channels, 4 * channels));
    block_->AddFunction([](const torch::Tensor& x) { return torch::gelu(x); });
    block_->Add(torch::nn::Linear(4 * channels, channels));
    block_->AddFunction([](const torch::Tensor& x) { return x.permute({0, 3, 1, 2}); });
  }
  torch::Tensor forward(const torch::Tensor& x) {
    return DropRows(layer_scale_ * block_->forward(x), drop_, is_training()) + x;
  }

 private:
  double drop_;
  torch::Tensor layer_scale_;
  std::shared_ptr<Chain> block_;
};

class Convnext final : public Classifier {
 public:
  explicit Convnext(const ZooOptions& options) {
    constexpr int64_t kChannels[] = {96, 192, 384, 768};
    constexpr int kDepths[] = {3, 3, 9, 3};
    constexpr int kTotal = 18;
    const auto features = ChainOf(ChainOf(torch::nn::Conv2d(torch::nn::Conv2dOptions(3, kChannels[0], 4).stride(4)),
                                          std::make_shared<ChannelNorm>(kChannels[0])));
    int done = 0;
    for (size_t stage = 0; stage < std::size(kDepths); ++stage) {
      if (stage > 0) {
        features->Add(
            ChainOf(std::make_shared<ChannelNorm>(kChannels[stage - 1]),
                    torch::nn::Conv2d(torch::nn::Conv2dOptions(kChannels[stage - 1], kChannels[stage], 2).stride(2))));
      }
      const auto blocks = std::make_shared<Chain>();
      for (int i = 0; i < kDepths[stage]; ++i, ++done) {
        blocks->Add(std::make_shared<Block>(kChannels[stage], kDropRows * done / (kTotal - 1.0)));
      }
      features->Add(blocks);
    }
    features_ = register_module("features", features);
    classifier_ = register_module("classifier", ChainOf(std::make_shared<ChannelNorm>(kChannels[3])));
    classifier_->AddFunction([](const torch::Tensor& x) { return x.flatten(1); });
    classifier_->Add(torch::nn::Linear(kChannels[3], options.classes));
    const torch::NoGradGuard no_grad;
    // The paper truncates at 2, a hundred standard deviations: the plain normal is the same.
    for (const auto& child : modules(false)) {
      if (auto* conv = child->as<torch::nn::Conv2d>()) {
        torch::nn::init::normal_(conv->weight, 0, 0.02);
        torch::nn::init::zeros_(conv->bias);
      } else if (auto* linear = child->as<torch::nn::Linear>()) {
        torch::nn::init::normal_(linear->weight, 0, 0.02);
        torch::nn::init::zeros_(linear->bias);
      }
    }
  }

  torch::Tensor forward(const torch::Tensor& images) override {
    return classifier_->forward(torch::adaptive_avg_pool2d(features_->forward(images), {1, 1}));
  }
  std::string HeadPrefix() const override { return "classifier.2."; }

 private:
  std::shared_ptr<Chain> features_, classifier_;
};

}  // namespace

std::vector<ZooRow> ConvnextRows() {
  return {{"convnext_tiny", "ConvNeXt-Tiny, 28.6 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> { return std::make_shared<Convnext>(o); }}};
}

}  // namespace bakeoff::train::zoo
