// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Training options: every field through JSON and back, and what is refused, by name.
#include "train/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "train/job.h"

namespace bakeoff::train {
namespace {

template <typename Call>
std::string FailureOf(Call call) {
  return core::Catch(call).text();
}

using testing::HasSubstr;

TrainOptions Good() {
  return TrainOptions::FromJson(
      {{"arch", "resnet18"}, {"classes", 3}, {"image_size", 32}, {"epochs", 4}, {"learning_rate", 0.1}});
}

TEST(TrainOptions, EveryFieldGoesThroughJsonAndBack) {
  Json changed = TrainOptions().ToJson();
  for (auto& [name, value] : changed.items()) {
    if (value.is_string()) value = value.get<std::string>() + "x";
    if (value.is_boolean()) value = !value.get<bool>();
    if (value.is_number_float()) value = value.get<double>() + 0.25;
    if (value.is_number_integer()) value = value.get<int64_t>() + 1;
  }
  EXPECT_EQ(TrainOptions::FromJson(changed).ToJson(), changed);
  // What is not given keeps its default.
  EXPECT_EQ(TrainOptions::FromJson(Json::object()).ToJson(), TrainOptions().ToJson());
}

TEST(TrainOptions, AValueOfAnotherTypeFailsWithTheFieldsName) {
  EXPECT_THAT(FailureOf([] { TrainOptions::FromJson({{"batch", "many"}}); }), HasSubstr("'batch'"));
}

TEST(TrainOptions, WhatMakesNoSenseFailsByName) {
  Good().Check();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<Json, const char*>> cases = {
      {{{"optimizer", "lion"}}, "--optimizer 'lion': not one of sgd, adam, adamw"},
      {{{"schedule", "x"}}, "--schedule 'x'"},
      {{{"precision", "f8"}}, "--precision 'f8'"},
      {{{"device", "tpu"}}, "--device 'tpu'"},
      {{{"augment", "much"}}, "--augment 'much'"},
      {{{"mode", "x"}}, "--mode 'x'"},
      {{{"epochs", -1}}, "--epochs -1"},
      {{{"batch", 0}}, "--batch 0"},
      {{{"image_size", 7}}, "--image-size 7"},
      {{{"accumulate", 0}}, "--accumulate 0"},
      {{{"learning_rate", 0.0}}, "--lr 0"},
      {{{"momentum", 1.0}}, "--momentum 1"},
      {{{"beta2", 1.0}}, "--beta2 1"},
      {{{"weight_decay", -1.0}}, "--weight-decay -1"},
      {{{"warmup_epochs", 5.0}}, "--warmup-epochs 5: outside 0..4"},
      {{{"step_epochs", 0.0}}, "--step-epochs 0"},
      {{{"step_factor", 2.0}}, "--step-factor 2"},
      {{{"final_factor", 2.0}}, "--final-factor 2"},
      {{{"label_smoothing", 1.0}}, "--label-smoothing 1"},
      {{{"ema", 1.0}}, "--ema 1"},
      {{{"clip_norm", -1.0}}, "--clip-norm -1"},
      {{{"patience", -1}}, "--patience -1"},
      {{{"erase", 1.5}}, "--erase 1.5: outside 0..1"},
      {{{"arch", "resnet19"}}, "--arch resnet19: no network of that name (did you mean 'resnet18'?)"},
      {{{"width", 0.5}}, "--width 0.5: resnet18 has no width multiplier"},
      {{{"arch", "vit_tiny"}, {"image_size", 100}}, "--image-size 100: vit_tiny wants a multiple of 16"},
      {{{"threads", 0}}, "--threads 0"},
      {{{"nesterov", true}, {"momentum", 0.0}}, "--momentum 0: sgd takes Nesterov's steps"},
      {{{"precision", "f16"}}, "on the CPU use bf16"},
      {{{"mode", "finetune"}}, "give --init"},
  };
  for (const auto& [fields, says] : cases) {
    Json json = Good().ToJson();
    json.update(fields);
    EXPECT_THAT(FailureOf([&] { TrainOptions::FromJson(json).Check(); }), HasSubstr(says)) << fields;
  }
  TrainOptions options = Good();
  options.learning_rate = nan;
  EXPECT_THAT(FailureOf([&] { options.Check(); }), HasSubstr("--lr nan"));
}

// What is not given follows from the data and from what is given.
TEST(Recipe, SuitsTheDataAndKeepsWhatIsGiven) {
  const TrainOptions small = Recipe(Json::object(), 2700, false), tiny = Recipe(Json::object(), 40'000, true),
                     large = Recipe(Json::object(), 40'000, false);
  EXPECT_EQ(small.image_size, 64);
  EXPECT_EQ(tiny.image_size, 32);
  EXPECT_EQ(large.image_size, 224);
  EXPECT_EQ(small.epochs, 24);
  EXPECT_EQ(tiny.augment, "light");
  EXPECT_EQ(Recipe(Json::object(), 100, false).epochs, 60);
  EXPECT_EQ(Recipe(Json::object(), 1'000'000, false).epochs, 5);
  const TrainOptions tuned = Recipe({{"init", "w.pth"}}, 2700, false);
  EXPECT_EQ(tuned.mode, "finetune");
  EXPECT_DOUBLE_EQ(tuned.learning_rate, small.learning_rate / 3);
  const TrainOptions given = Recipe({{"epochs", 2}, {"learning_rate", 0.5}, {"optimizer", "sgd"}}, 2700, false);
  EXPECT_EQ(given.epochs, 2);
  EXPECT_EQ(given.learning_rate, 0.5);
  EXPECT_EQ(given.weight_decay, 5e-4);
  EXPECT_TRUE(Recipe({{"arch", "resnet18"}}, 2700, false).small_stem);
  EXPECT_FALSE(Recipe({{"arch", "resnet18"}, {"image_size", 96}}, 2700, false).small_stem);
}

}  // namespace
}  // namespace bakeoff::train
