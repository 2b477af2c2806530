// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a training run is told, after defaults; stored whole in checkpoints and in model.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bakeoff/json.h"

namespace bakeoff::train {

// Names of the networks of zoo/, for who does not link LibTorch.
inline constexpr std::array<std::string_view, 10> kArchitectures = {
    "resnet18",        "resnet34",          "resnet50",      "mobilenet_v1", "mobilenet_v2",
    "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "vit_tiny",     "vit_b_16"};

struct TrainOptions {
  std::string arch = "mobilenet_v2";
  int64_t classes = 0;  // from the data, or from the weights with epochs 0
  int64_t image_size = 0;
  double width = 1.0;
  bool small_stem = false;

  int64_t epochs = 0;
  int64_t batch = 32;
  uint64_t seed = 0;
  int threads = 1;

  std::string optimizer = "sgd";  // sgd | adam | adamw
  double learning_rate = 0.1;     // the highest of the schedule
  double momentum = 0.9;          // sgd; beta1 of the others
  double beta2 = 0.999;
  bool nesterov = true;
  double weight_decay = 1e-4;       // not on norms and biases
  std::string schedule = "cosine";  // constant | step | cosine | one-cycle
  double warmup_epochs = 0;
  double step_epochs = 30, step_factor = 0.1;
  double final_factor = 0.01;  // of the learning rate, at the end of cosine and one-cycle

  double label_smoothing = 0;
  double ema = 0;                 // decay per step; 0 = off. When on, the averaged weights are validated and exported
  double clip_norm = 0;           // of all gradients together; 0 = off
  int64_t accumulate = 1;         // batches per optimiser step
  bool class_weights = false;     // inverse frequency, mean 1
  int64_t patience = 0;           // epochs without a better validation accuracy before stopping; 0 = off
  std::string precision = "f32";  // f32 | bf16 (autocast) | f16 (autocast and loss scaling, on a GPU)
  std::string device = "cpu";     // cpu | cuda
  bool channels_last = true;
  std::string augment = "full";  // none | light | full
  double erase = 0;              // chance that a rectangle of a training picture is blanked

  std::string mode = "scratch";  // scratch | finetune | feature-extractor
  std::string init;              // weights file, "" = fresh
  int64_t checkpoint_steps = 0;  // besides the end of each epoch; 0 = only there

  // Throws Error{kUsage}, or {kNotFound} for an unknown network, naming the first option that makes no sense as the
  // command line spells it.
  void Check() const;
  // The same for what was given alone, before a recipe chose the rest.
  static void CheckGiven(const Json& given);
  Json ToJson() const;
  // Throws Error{kInvalidModel} naming the field.
  static TrainOptions FromJson(const Json& json);
};

}  // namespace bakeoff::train
