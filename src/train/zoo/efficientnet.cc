// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// EfficientNet-B0 (Tan and Le 2019) and EfficientNetV2-S (2021), with torchvision's names.
#include <torch/nn/init.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <cmath>
#include <span>

#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {
namespace {

// One stage of the published tables.
struct Stage {
  bool fused;
  int64_t expand, kernel, stride, in, out, layers;
};

struct Plan {
  std::span<const Stage> stages;
  double norm_eps;
};

constexpr Stage kB0[] = {{false, 1, 3, 1, 32, 16, 1},  {false, 6, 3, 2, 16, 24, 2},  {false, 6, 5, 2, 24, 40, 2},
                         {false, 6, 3, 2, 40, 80, 3},  {false, 6, 5, 1, 80, 112, 3}, {false, 6, 5, 2, 112, 192, 4},
                         {false, 6, 3, 1, 192, 320, 1}};
constexpr Stage kV2S[] = {{true, 1, 3, 1, 24, 24, 2},   {true, 4, 3, 2, 24, 48, 4},    {true, 4, 3, 2, 48, 64, 4},
                          {false, 4, 3, 2, 64, 128, 6}, {false, 6, 3, 1, 128, 160, 9}, {false, 6, 3, 2, 160, 256, 15}};
constexpr int64_t kLastChannels = 1280;
constexpr double kDropRows = 0.2;  // of the last block; earlier blocks proportionally less

class SqueezeExcitation : public torch::nn::Module {
 public:
  SqueezeExcitation(int64_t channels, int64_t squeezed) {
    fc1_ = register_module("fc1", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, squeezed, 1)));
    fc2_ = register_module("fc2", torch::nn::Conv2d(torch::nn::Conv2dOptions(squeezed, channels, 1)));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor pooled = torch::adaptive_avg_pool2d(x, {1, 1});
    return x * torch::sigmoid(fc2_->forward(torch::silu(fc1_->forward(pooled))));
  }

 private:
  torch::nn::Conv2d fc1_{nullptr}, fc2_{nullptr};
};

// MBConv or, for fused stages, FusedMBConv.
class Block : public torch::nn::Module {
 public:
  Block(const Stage& stage, int64_t in, int64_t stride, double norm_eps, double drop)
      : residual_(stride == 1 && in == stage.out), drop_(drop) {
    const int64_t hidden = MakeDivisible(static_cast<double>(in * stage.expand));
    const auto conv = [&](int64_t from, int64_t to, int64_t kernel, int64_t step, int64_t groups,
                          Activation activation) {
      return std::make_shared<ConvNorm>(ConvNormOptions{.in = from,
                                                        .out = to,
                                                        .kernel = kernel,
                                                        .stride = step,
                                                        .groups = groups,
                                                        .activation = activation,
                                                        .norm_eps = norm_eps});
    };
    const auto block = std::make_shared<Chain>();
    if (stage.fused) {
      if (hidden == in) {
        block->Add(conv(in, stage.out, stage.kernel, stride, 1, Activation::kSilu));
      } else {
        block->Add(conv(in, hidden, stage.kernel, stride, 1, Activation::kSilu));
        block->Add(conv(hidden, stage.out, 1, 1, 1, Activation::kNone));
      }
    } else {
      if (hidden != in) block->Add(conv(in, hidden, 1, 1, 1, Activation::kSilu));
      block->Add(conv(hidden, hidden, stage.kernel, stride, hidden, Activation::kSilu));
      // Squeezed to a quarter of the block's input, not of the expanded width.
      block->Add(std::make_shared<SqueezeExcitation>(hidden, std::max<int64_t>(1, in / 4)));
      block->Add(conv(hidden, stage.out, 1, 1, 1, Activation::kNone));
    }
    block_ = register_module("block", block);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = block_->forward(x);
    return residual_ ? DropRows(y, drop_, is_training()) + x : y;
  }

 private:
  bool residual_;
  double drop_;
  std::shared_ptr<Chain> block_;
};

class Efficientnet final : public Classifier {
 public:
  Efficientnet(const Plan& plan, const ZooOptions& options) {
    int64_t total = 0;
    for (const Stage& stage : plan.stages) total += stage.layers;
    int64_t in = plan.stages.front().in;
    const auto features = std::make_shared<Chain>();
    const auto conv = [&](int64_t from, int64_t to, int64_t kernel, int64_t stride) {
      return std::make_shared<ConvNorm>(ConvNormOptions{.in = from,
                                                        .out = to,
                                                        .kernel = kernel,
                                                        .stride = stride,
                                                        .activation = Activation::kSilu,
                                                        .norm_eps = plan.norm_eps});
    };
    features->Add(conv(3, in, 3, 2));
    int64_t done = 0;
    for (const Stage& stage : plan.stages) {
      const auto blocks = std::make_shared<Chain>();
      for (int64_t i = 0; i < stage.layers; ++i, ++done) {
        const double drop = kDropRows * static_cast<double>(done) / static_cast<double>(total);
        blocks->Add(std::make_shared<Block>(stage, in, i == 0 ? stage.stride : 1, plan.norm_eps, drop));
        in = stage.out;
      }
      features->Add(blocks);
    }
    features->Add(conv(in, kLastChannels, 1, 1));
    features_ = register_module("features", features);
    const torch::nn::Linear head(kLastChannels, options.classes);
    classifier_ = register_module("classifier", ChainOf(torch::nn::Dropout(0.2), head));
    InitConvNet(*this);
    const torch::NoGradGuard no_grad;
    const double range = 1.0 / std::sqrt(static_cast<double>(options.classes));
    torch::nn::init::uniform_(head->weight, -range, range);
  }

  torch::Tensor forward(const torch::Tensor& images) override {
    const torch::Tensor x = features_->forward(images);
    return classifier_->forward(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
  }
  std::string HeadPrefix() const override { return "classifier.1."; }

 private:
  std::shared_ptr<Chain> features_, classifier_;
};

}  // namespace

std::vector<ZooRow> EfficientnetRows() {
  return {{"efficientnet_b0", "EfficientNet-B0, 5.3 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Efficientnet>(Plan{kB0, 1e-5}, o);
           }},
          {"efficientnet_v2_s", "EfficientNetV2-S, 21.5 M parameters", 300,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Efficientnet>(Plan{kV2S, 1e-3}, o);
           }}};
}

}  // namespace bakeoff::train::zoo
