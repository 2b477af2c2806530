// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Training options: one list of fields behind JSON in both directions and the checks.
#include "train/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::train {
namespace {

constexpr int64_t kMostEpochs = 100'000;
constexpr int64_t kVitPatch = 16;

// The one place that names every field. `Visit(name, member)` is called for each.
template <typename Options, typename Visitor>
void VisitFields(Options& o, Visitor&& visit) {
  visit("arch", o.arch);
  visit("classes", o.classes);
  visit("image_size", o.image_size);
  visit("width", o.width);
  visit("small_stem", o.small_stem);
  visit("epochs", o.epochs);
  visit("batch", o.batch);
  visit("seed", o.seed);
  visit("threads", o.threads);
  visit("optimizer", o.optimizer);
  visit("learning_rate", o.learning_rate);
  visit("momentum", o.momentum);
  visit("beta2", o.beta2);
  visit("nesterov", o.nesterov);
  visit("weight_decay", o.weight_decay);
  visit("schedule", o.schedule);
  visit("warmup_epochs", o.warmup_epochs);
  visit("step_epochs", o.step_epochs);
  visit("step_factor", o.step_factor);
  visit("final_factor", o.final_factor);
  visit("label_smoothing", o.label_smoothing);
  visit("ema", o.ema);
  visit("clip_norm", o.clip_norm);
  visit("accumulate", o.accumulate);
  visit("class_weights", o.class_weights);
  visit("patience", o.patience);
  visit("precision", o.precision);
  visit("device", o.device);
  visit("channels_last", o.channels_last);
  visit("augment", o.augment);
  visit("erase", o.erase);
  visit("mode", o.mode);
  visit("init", o.init);
  visit("checkpoint_steps", o.checkpoint_steps);
}

void OneOf(const char* name, const std::string& value, std::initializer_list<const char*> known) {
  std::string list;
  for (const char* candidate : known) {
    if (value == candidate) return;
    list += (list.empty() ? "" : ", ") + std::string(candidate);
  }
  throw Error(ErrorCode::kUsage, fmt::format("{} '{}': not one of {}", name, value, list));
}

template <typename T>
void Between(const char* name, T value, T low, T high) {
  // Written so that NaN fails.
  if (!(value >= low && value <= high))
    throw Error(ErrorCode::kUsage, fmt::format("{} {}: outside {}..{}", name, value, low, high));
}

}  // namespace

void TrainOptions::Check() const {
  const std::vector<std::string> networks(kArchitectures.begin(), kArchitectures.end());
  if (std::find(networks.begin(), networks.end(), arch) == networks.end())
    throw Error(ErrorCode::kNotFound, fmt::format("--arch {}: no network of that name{}; there are: {}", arch,
                                                  core::DidYouMean(arch, networks), core::Join(networks, ", ")));
  OneOf("--optimizer", optimizer, {"sgd", "adam", "adamw"});
  OneOf("--schedule", schedule, {"constant", "step", "cosine", "one-cycle"});
  OneOf("--precision", precision, {"f32", "bf16", "f16"});
  OneOf("--device", device, {"cpu", "cuda"});
  OneOf("--augment", augment, {"none", "light", "full"});
  OneOf("--mode", mode, {"scratch", "finetune", "feature-extractor"});
  Between<int64_t>("--epochs", epochs, 0, kMostEpochs);
  Between<int64_t>("--batch", batch, 1, 65'536);
  Between<int64_t>("--image-size", image_size, 8, 4096);
  Between("--width", width, 0.01, 16.0);
  Between("--threads", threads, 1, 4096);
  Between<int64_t>("--accumulate", accumulate, 1, 65'536);
  Between("--lr", learning_rate, 1e-12, 1e3);
  Between("--momentum", momentum, 0.0, 0.99999);
  Between("--beta2", beta2, 0.0, 0.9999999);
  Between("--weight-decay", weight_decay, 0.0, 10.0);
  Between("--warmup-epochs", warmup_epochs, 0.0, std::max<double>(1, static_cast<double>(epochs)));
  Between("--step-epochs", step_epochs, 1e-3, 1e6);
  Between("--step-factor", step_factor, 0.0, 1.0);
  Between("--final-factor", final_factor, 0.0, 1.0);
  Between("--label-smoothing", label_smoothing, 0.0, 0.9);
  Between("--ema", ema, 0.0, 0.999999);
  Between("--clip-norm", clip_norm, 0.0, 1e6);
  Between<int64_t>("--patience", patience, 0, 100'000);
  Between("--erase", erase, 0.0, 1.0);
  Between<int64_t>("--checkpoint-steps", checkpoint_steps, 0, 1'000'000'000);
  if (width != 1.0 && !arch.starts_with("mobilenet"))
    throw Error(ErrorCode::kUsage,
                fmt::format("--width {}: {} has no width multiplier; only mobilenet_* has", width, arch));
  if (arch.starts_with("vit_") && image_size % kVitPatch != 0)
    throw Error(ErrorCode::kUsage,
                fmt::format("--image-size {}: {} wants a multiple of {}", image_size, arch, kVitPatch));
  if (nesterov && optimizer == "sgd" && momentum == 0)
    throw Error(ErrorCode::kUsage, "--momentum 0: sgd takes Nesterov's steps, which need one above 0");
  if (precision == "f16" && device == "cpu")
    throw Error(ErrorCode::kUsage, "--precision f16 needs a GPU (--device cuda); on the CPU use bf16");
  if (mode != "scratch" && init.empty())
    throw Error(ErrorCode::kUsage, fmt::format("--mode {} starts from weights: give --init FILE", mode));
}

void TrainOptions::CheckGiven(const Json& given) {
  TrainOptions options = FromJson(given);
  if (!given.contains("image_size")) options.image_size = 64;
  if (!given.contains("epochs")) options.epochs = kMostEpochs;
  options.Check();
  if (options.epochs == 0 && options.init.empty())
    throw Error(ErrorCode::kUsage, "--epochs 0 exports weights: give --init FILE, or 1 epoch at least");
}

Json TrainOptions::ToJson() const {
  Json json = Json::object();
  VisitFields(*this, [&](const char* name, const auto& member) { json[name] = member; });
  return json;
}

TrainOptions TrainOptions::FromJson(const Json& json) {
  TrainOptions options;
  VisitFields(options, [&](const char* name, auto& member) {
    if (!json.contains(name)) return;
    try {
      member = json.at(name).get<std::decay_t<decltype(member)>>();
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("training option '{}' has a value of the wrong type: {}", name, json.at(name).dump()));
    }
  });
  return options;
}

}  // namespace bakeoff::train
