// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The zoo against torchvision: golden outputs made by bench/train/zoo_golden.py with torchvision itself, on weights
// that both sides compute from parameter names (so the test fails on a wrong name, shape, order, stride, eps or
// activation).
#include "train/zoo/zoo.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cstdlib>
#include <fstream>

#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "train/zoo/formula.h"

namespace bakeoff::train::zoo {
namespace {

Json Golden() {
  const char* source = std::getenv("BAKEOFF_SOURCE");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/tests/golden/zoo.json");
  return Json::parse(file);
}

class ZooGolden : public testing::TestWithParam<std::string> {};

TEST_P(ZooGolden, AgreesWithTorchvision) {
  const Json want = Golden().at("networks").at(GetParam());
  const c10::InferenceMode guard;
  const auto network = Build(GetParam(), {.classes = 10});
  network->eval();
  FillByFormula(*network);
  int64_t parameters = 0;
  for (const auto& parameter : network->parameters()) parameters += parameter.numel();
  EXPECT_EQ(parameters, want.at("parameters").get<int64_t>());
  const torch::Tensor images = (4 * (FormulaUniform("images", {2, 3, 224, 224}) - 0.5)).to(torch::kFloat32);
  const torch::Tensor logits = network->forward(images);
  ASSERT_EQ(logits.sizes(), (std::vector<int64_t>{2, 10}));
  double largest = 0, difference = 0;
  for (int64_t row = 0; row < 2; ++row) {
    for (int64_t column = 0; column < 10; ++column) {
      const double expected = want["logits"][row][column].get<double>();
      largest = std::max(largest, std::abs(expected));
      difference = std::max(difference, std::abs(expected - logits[row][column].item<double>()));
    }
  }
  EXPECT_GT(largest, 0.01) << "the golden outputs are too small to prove anything";
  EXPECT_LE(difference, 1e-4 * std::max(1.0, largest));
}

INSTANTIATE_TEST_SUITE_P(Networks, ZooGolden,
                         testing::Values("resnet18", "resnet34", "resnet50", "mobilenet_v2", "efficientnet_b0",
                                         "efficientnet_v2_s", "convnext_tiny", "vit_b_16"));

TEST(Zoo, EveryNetworkRunsAtItsSizeInTrainingAndEvaluation) {
  for (const ZooRow& row : Networks()) {
    if (row.name == "vit_b_16" || row.name == "efficientnet_v2_s") continue;  // slow; the golden test runs them
    const auto network = Build(row.name, {.classes = 7, .image_size = 64});
    const torch::Tensor images = torch::randn({2, 3, 64, 64});
    for (const bool training : {true, false}) {
      network->train(training);
      const c10::InferenceMode guard(!training);
      EXPECT_EQ(network->forward(images).sizes(), (std::vector<int64_t>{2, 7})) << row.name;
    }
    bool has_head = false;
    for (const auto& item : network->named_parameters()) has_head |= item.key().starts_with(network->HeadPrefix());
    EXPECT_TRUE(has_head) << row.name;
  }
}

TEST(Zoo, FreshMobilenetV2BlocksWithASkipBeginAsTheIdentity) {
  const auto network = Build("mobilenet_v2", {.classes = 10});
  const auto parameters = network->named_parameters();
  EXPECT_EQ(parameters["features.3.conv.3.weight"].abs().max().item<float>(), 0);
  // The second block halves the picture, so it has no skip.
  EXPECT_EQ(parameters["features.2.conv.3.weight"].min().item<float>(), 1);
}

TEST(Zoo, UnknownNetworkFails) {
  try {
    Build("mobilenetv2", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(error.text().find("did you mean 'mobilenet_v2'"), std::string::npos) << error.text();
  }
}

TEST(Zoo, OptionsThatANetworkDoesNotTakeFail) {
  EXPECT_THROW(Build("resnet18", {.width = 0.5}), Error);
  EXPECT_THROW(Build("mobilenet_v2", {.small_stem = true}), Error);
  EXPECT_THROW(Build("vit_tiny", {.image_size = 100}), Error);
  EXPECT_THROW(Build("resnet18", {.classes = 0}), Error);
}

}  // namespace
}  // namespace bakeoff::train::zoo
