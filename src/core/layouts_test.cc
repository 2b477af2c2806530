// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
#include "core/layouts.h"

#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

TEST(Layouts, WhatIsSaidOfTheTensorGoesBeforeTheModelAndTheFormat) {
  Artifact net{"net.onnx", "onnx", {}, {}, {}};
  EXPECT_EQ(LayoutOf(net, "image", 4), (Layout{"NCHW", true}));
  EXPECT_EQ(LayoutOf(net, "scores", 2), Layout());
  net.layouts[kAllTensors] = "NHWC";
  EXPECT_EQ(LayoutOf(net, "image", 4), (Layout{"NHWC", false}));
  EXPECT_EQ(LayoutOf(net, "scores", 2), Layout());
  net.layouts["image"] = "NWHC";
  EXPECT_EQ(LayoutOf(net, "image", 4), (Layout{"NWHC", false}));
  EXPECT_THROW(LayoutOf(net, "image", 3), Error);
}

TEST(Layouts, AHopKeepsThemUnderAFormatOfOtherHabits) {
  Artifact source{"net.tflite", "tflite", {}, {}, {}};
  Artifact target{"net.onnx", "onnx", {{"image", DType::kF32, {1, 8, 6, 3}}}, {{"map", DType::kF32, {1, 2, 2, 5}}}, {}};
  KeepLayouts(source, target);
  EXPECT_EQ(LayoutOf(target, "image", 4), (Layout{"NHWC", false}));
  EXPECT_EQ(LayoutOf(target, "map", 4), (Layout{"NHWC", false}));
  source.layouts[kAllTensors] = "NCHW";
  KeepLayouts(source, target);
  EXPECT_EQ(LayoutOf(target, "image", 4), (Layout{"NCHW", false}));
}

}  // namespace
}  // namespace bakeoff::core
