// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The fused norm against the library's operations in f64: results, all gradients, and the running statistics.
#include "train/zoo/norm_act.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <tuple>

namespace bakeoff::train::zoo {
namespace {

struct Outcome {
  torch::Tensor y, grad_x, grad_skip, grad_weight, grad_bias, mean, var;
};

Outcome Compute(torch::ScalarType type, Activation activation, bool with_skip, int64_t channels) {
  torch::manual_seed(7);
  const std::vector<int64_t> sizes = {3, channels, 5, 7};
  // Far from zero, where a careless variance cancels.
  const torch::Tensor x0 = 2 * torch::randn(sizes) + 40 * torch::randn({1, channels, 1, 1});
  const torch::Tensor skip0 = torch::randn(sizes), grad0 = torch::randn(sizes);
  const torch::Tensor weight = torch::rand({channels}) + 0.5, bias = 2 * torch::randn({channels});
  const auto leaf = [&](const torch::Tensor& from) {
    return from.to(type).contiguous(at::MemoryFormat::ChannelsLast).clone().set_requires_grad(true);
  };
  torch::nn::BatchNorm2d norm(channels);
  {
    const torch::NoGradGuard no_grad;
    norm->weight.copy_(weight);
    norm->bias.copy_(bias);
  }
  norm->to(type);
  const torch::Tensor x = leaf(x0), skip = with_skip ? leaf(skip0) : torch::Tensor();
  const torch::Tensor y = NormAct(norm, x, activation, skip);
  y.backward(grad0.to(type));
  return {y.detach(),          x.grad(),          with_skip ? skip.grad() : torch::zeros({1}),
          norm->weight.grad(), norm->bias.grad(), norm->running_mean,
          norm->running_var};
}

class NormActs : public testing::TestWithParam<std::tuple<Activation, bool, int64_t>> {};

TEST_P(NormActs, AgreesWithTheLibrary) {
  const auto [activation, with_skip, channels] = GetParam();
  // f64 takes the library's path.
  const Outcome want = Compute(torch::kFloat64, activation, with_skip, channels);
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    const Outcome got = Compute(torch::kFloat32, activation, with_skip, channels);
    const auto near = [&](const char* what, const torch::Tensor& a, const torch::Tensor& b) {
      ASSERT_EQ(a.sizes(), b.sizes()) << what;
      // At a kink the gradient may fall on either side: not more than one in a thousand, and here none.
      EXPECT_TRUE(torch::allclose(a.to(torch::kFloat64), b, 1e-3, 1e-4))
          << what << ": " << (a.to(torch::kFloat64) - b).abs().max().item<double>();
    };
    near("y", got.y, want.y);
    near("gradient of x", got.grad_x, want.grad_x);
    if (with_skip) near("gradient of skip", got.grad_skip, want.grad_skip);
    near("gradient of weight", got.grad_weight, want.grad_weight);
    near("gradient of bias", got.grad_bias, want.grad_bias);
    near("running mean", got.mean, want.mean);
    near("running variance", got.var, want.var);
    EXPECT_GT(want.grad_x.abs().max().item<double>(), 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(All, NormActs,
                         testing::Combine(testing::Values(Activation::kNone, Activation::kRelu, Activation::kRelu6,
                                                          Activation::kSilu),
                                          testing::Bool(), testing::Values(1, 3, 24, 100)));

TEST(NormAct, RepeatsBitForBit) {
  at::set_num_threads(2);
  const Outcome a = Compute(torch::kFloat32, Activation::kRelu, true, 24);
  const Outcome b = Compute(torch::kFloat32, Activation::kRelu, true, 24);
  EXPECT_TRUE(torch::equal(a.y, b.y));
  EXPECT_TRUE(torch::equal(a.grad_x, b.grad_x));
  EXPECT_TRUE(torch::equal(a.grad_weight, b.grad_weight));
}

TEST(NormAct, NoNumberStaysNoNumber) {
  torch::nn::BatchNorm2d norm(8);
  torch::Tensor x = torch::randn({2, 8, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  x[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(torch::isnan(NormAct(norm, x, Activation::kRelu6)).any().item<bool>());
}

}  // namespace
}  // namespace bakeoff::train::zoo
