// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The model zoo: image classifiers whose parameter names and shapes equal torchvision's where it has the network,
// so that its state dicts load.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bakeoff::train::zoo {

struct ZooOptions {
  int64_t classes = 1000;
  // Side of the square training images. Networks that do not depend on it ignore it; vit_* sizes its position
  // embedding by it (a multiple of the patch size, 16).
  int64_t image_size = 224;
  double width = 1.0;  // channel multiplier of mobilenet_v1 and mobilenet_v2; others refuse anything but 1
  // 32x32 stem for resnets: a 3x3 convolution of stride 1 and no max pool, as used on CIFAR.
  bool small_stem = false;
};

// f32 images N x 3 x H x W -> logits N x classes. Written so that a trace keeps the batch free.
class Classifier : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& images) = 0;
  // Names of the last layer's parameters: replaced when the class count differs, trained alone by feature extraction.
  virtual std::string HeadPrefix() const = 0;
};

struct ZooRow {
  std::string_view name;
  std::string_view summary;
  int64_t image_size;  // what the network was designed for
  std::shared_ptr<Classifier> (*build)(const ZooOptions& options);
};

// Every network by name, in the order of the documentation.
std::span<const ZooRow> Networks();
// Throws Error{kNotFound} for an unknown name, with the nearest.
const ZooRow& Find(std::string_view name);
// Throws what Find() throws, and Error{kUsage} for options that the network does not take.
// Weights are freshly initialised from torch's global generator (torch::manual_seed).
std::shared_ptr<Classifier> Build(std::string_view name, const ZooOptions& options);

}  // namespace bakeoff::train::zoo
