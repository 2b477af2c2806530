// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Every network of the zoo can be traced, saved and loaded, with a batch that it never saw.
#include "train/trace.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cstdio>
#include <string>

#include "core/test_folder.h"
#include "train/zoo/formula.h"

namespace bakeoff::train {
namespace {

class Trace : public testing::TestWithParam<std::string> {};

TEST_P(Trace, SurvivesSavingAndKeepsTheBatchFree) {
  const auto network = zoo::Build(GetParam(), {.classes = 5, .image_size = 64});
  zoo::FillByFormula(*network);
  const core::TestFolder folder;
  const std::string path = folder / "model.pt";
  TraceCheck check;
  TraceClassifier(*network, 64, &check).save(path);
  EXPECT_GT(check.largest_output, 0.01);
  EXPECT_TRUE(network->is_training());

  torch::jit::Module loaded = torch::jit::load(path);
  loaded.eval();
  const torch::jit::Module frozen = torch::jit::freeze_module(loaded);
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor images = torch::randn({5, 3, 64, 64});
  const torch::Tensor want = network->forward(images);
  torch::jit::Module runnable = frozen;
  const torch::Tensor got = runnable.forward({images}).toTensor();
  ASSERT_EQ(got.sizes(), want.sizes());
  EXPECT_LE((got - want).abs().max().item<double>(), 1e-4 * want.abs().max().item<double>());
}

INSTANTIATE_TEST_SUITE_P(Networks, Trace,
                         testing::Values("resnet18", "mobilenet_v1", "mobilenet_v2", "efficientnet_b0", "convnext_tiny",
                                         "vit_tiny"));

TEST(TraceCheck, DifferenceIsFound) {
  // A network that answers differently each time must not pass.
  struct Restless final : zoo::Classifier {
    torch::Tensor forward(const torch::Tensor& images) override {
      return images.flatten(1).narrow(1, 0, 4) * static_cast<double>(++calls);
    }
    std::string HeadPrefix() const override { return ""; }
    int calls = 0;
  } network;
  EXPECT_ANY_THROW(TraceClassifier(network, 8));
}

}  // namespace
}  // namespace bakeoff::train
