// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Vision Transformers (Dosovitskiy et al. 2020): ViT-B/16 with torchvision's names, and ViT-Ti/16 (192 wide, 3 heads)
// in the same form. Attention is written out, with the parameter names of nn.MultiheadAttention: the fused
// evaluation-mode operator of the library cannot be converted by everybody, and a plain trace keeps the batch free.
#include <fmt/format.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <cmath>

#include "bakeoff/error.h"
#include "train/zoo/layers.h"

namespace bakeoff::train::zoo {
namespace {

constexpr int64_t kPatch = 16;
constexpr double kNormEps = 1e-6;

struct Sizes {
  int64_t width, heads, mlp, layers;
};

torch::nn::LayerNorm Norm(int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(kNormEps));
}

class Attention : public torch::nn::Module {
 public:
  Attention(int64_t width, int64_t heads) : heads_(heads), head_width_(width / heads) {
    in_proj_weight_ = register_parameter("in_proj_weight", torch::empty({3 * width, width}));
    in_proj_bias_ = register_parameter("in_proj_bias", torch::zeros(3 * width));
    out_proj_ = register_module("out_proj", torch::nn::Linear(width, width));
    torch::nn::init::xavier_uniform_(in_proj_weight_);
    torch::nn::init::zeros_(out_proj_->bias);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const int64_t tokens = x.size(1);
    // N x T x 3E -> three of N x heads x T x head width.
    const torch::Tensor qkv = torch::linear(x, in_proj_weight_, in_proj_bias_)
                                  .reshape({-1, tokens, 3, heads_, head_width_})
                                  .permute({2, 0, 3, 1, 4});
    const torch::Tensor mixed =
        torch::scaled_dot_product_attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2));
    return out_proj_->forward(mixed.transpose(1, 2).reshape({-1, tokens, heads_ * head_width_}));
  }

 private:
  int64_t heads_, head_width_;
  torch::Tensor in_proj_weight_, in_proj_bias_;
  torch::nn::Linear out_proj_{nullptr};
};

class Layer : public torch::nn::Module {
 public:
  explicit Layer(const Sizes& sizes) {
    ln_1_ = register_module("ln_1", Norm(sizes.width));
    attention_ = register_module("self_attention", std::make_shared<Attention>(sizes.width, sizes.heads));
    ln_2_ = register_module("ln_2", Norm(sizes.width));
    torch::nn::Linear first(sizes.width, sizes.mlp), second(sizes.mlp, sizes.width);
    for (const auto& linear : {first, second}) {
      torch::nn::init::xavier_uniform_(linear->weight);
      torch::nn::init::normal_(linear->bias, 0, 1e-6);
    }
    mlp_ = register_module("mlp", ChainOf(first));
    mlp_->AddFunction([](const torch::Tensor& x) { return torch::gelu(x); });
    mlp_->AddFunction([](const torch::Tensor& x) { return x; });  // dropout of probability 0
    mlp_->Add(second);
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = x + attention_->forward(ln_1_->forward(x));
    return y + mlp_->forward(ln_2_->forward(y));
  }

 private:
  torch::nn::LayerNorm ln_1_{nullptr}, ln_2_{nullptr};
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<Chain> mlp_;
};

// Position embedding, layers, final norm; "layers" holds children named encoder_layer_0 ...
class Encoder : public torch::nn::Module {
 public:
  Encoder(const Sizes& sizes, int64_t tokens) {
    position_ = register_parameter("pos_embedding", torch::empty({1, tokens, sizes.width}).normal_(0, 0.02));
    auto list = register_module("layers", std::make_shared<List>());
    for (int64_t i = 0; i < sizes.layers; ++i) {
      layers_.push_back(list->Add(fmt::format("encoder_layer_{}", i), std::make_shared<Layer>(sizes)));
    }
    ln_ = register_module("ln", Norm(sizes.width));
  }
  torch::Tensor forward(const torch::Tensor& tokens) {
    torch::Tensor x = tokens + position_;
    for (const auto& layer : layers_) x = layer->forward(x);
    return ln_->forward(x);
  }

 private:
  // A module that only names its children.
  struct List : torch::nn::Module {
    std::shared_ptr<Layer> Add(const std::string& name, std::shared_ptr<Layer> layer) {
      return register_module(name, std::move(layer));
    }
  };
  torch::Tensor position_;
  std::vector<std::shared_ptr<Layer>> layers_;
  torch::nn::LayerNorm ln_{nullptr};
};

struct Heads : torch::nn::Module {
  Heads(int64_t width, int64_t classes) : head(register_module("head", torch::nn::Linear(width, classes))) {}
  torch::nn::Linear head;
};

class Vit final : public Classifier {
 public:
  Vit(const Sizes& sizes, const ZooOptions& options) : side_(options.image_size) {
    if (side_ % kPatch != 0 || side_ < kPatch) {
      throw Error(ErrorCode::kUsage, fmt::format("image size {}: vit_* needs a multiple of {}, for example {}", side_,
                                                 kPatch, std::max(kPatch, (side_ + kPatch / 2) / kPatch * kPatch)));
    }
    const int64_t patches = (side_ / kPatch) * (side_ / kPatch);
    class_token_ = register_parameter("class_token", torch::zeros({1, 1, sizes.width}));
    conv_proj_ = register_module("conv_proj",
                                 torch::nn::Conv2d(torch::nn::Conv2dOptions(3, sizes.width, kPatch).stride(kPatch)));
    const double fan_in = 3.0 * kPatch * kPatch;
    torch::nn::init::normal_(conv_proj_->weight, 0, std::sqrt(1 / fan_in));
    torch::nn::init::zeros_(conv_proj_->bias);
    encoder_ = register_module("encoder", std::make_shared<Encoder>(sizes, patches + 1));
    heads_ = register_module("heads", std::make_shared<Heads>(sizes.width, options.classes));
    torch::nn::init::zeros_(heads_->head->weight);
    torch::nn::init::zeros_(heads_->head->bias);
  }

  torch::Tensor forward(const torch::Tensor& images) override {
    if (images.size(2) != side_ || images.size(3) != side_) {
      throw Error(ErrorCode::kUsage, fmt::format("this network was built for {0}x{0} images and got {1}x{2}", side_,
                                                 images.size(2), images.size(3)));
    }
    const torch::Tensor patches = conv_proj_->forward(images).flatten(2).transpose(1, 2);
    // expand_as instead of expand to a batch size: a trace must not remember the batch.
    const torch::Tensor token = class_token_.expand_as(patches.narrow(1, 0, 1));
    const torch::Tensor x = encoder_->forward(torch::cat({token, patches}, 1));
    return heads_->head->forward(x.select(1, 0));
  }
  std::string HeadPrefix() const override { return "heads.head."; }

 private:
  int64_t side_;
  torch::Tensor class_token_;
  torch::nn::Conv2d conv_proj_{nullptr};
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Heads> heads_;
};

}  // namespace

std::vector<ZooRow> VitRows() {
  return {{"vit_tiny", "ViT-Ti/16, 5.7 M parameters", 224,
           [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Vit>(Sizes{192, 3, 768, 12}, o);
           }},
          {"vit_b_16", "ViT-B/16, 86.6 M parameters", 224, [](const ZooOptions& o) -> std::shared_ptr<Classifier> {
             return std::make_shared<Vit>(Sizes{768, 12, 3072, 12}, o);
           }}};
}

}  // namespace bakeoff::train::zoo
