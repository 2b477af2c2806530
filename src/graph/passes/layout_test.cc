// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Layout choice: few transposes, and each where it must be.
#include "graph/passes/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/onnx.h"
#include "graph/passes/axis_groups.h"

namespace bakeoff::graph {
namespace {

using testing::ElementsAre;

LayoutRule RuleOf(const Node& node) {
  if (node.Is("Conv") || node.Is("GlobalAveragePool")) return LayoutRule::kChannelsLast;
  if (node.Is("Transpose")) return LayoutRule::kTranspose;
  if (node.Is("Reshape") || node.Is("Flatten")) return LayoutRule::kReshape;
  if (node.Is("Softmax")) return LayoutRule::kLastAxis;
  if (node.Is("MatMul")) return LayoutRule::kMatMul;
  if (node.Is("Relu") || node.Is("Add") || node.Is("Concat")) return LayoutRule::kAny;
  return LayoutRule::kLogical;
}

struct Net {
  Model model;
  Builder build{model.graph};
  Value* Input(const char* name, SymbolicShape shape) { return build.Input(name, ElementType::kF32, std::move(shape)); }
  Value* Conv(Value* x, int64_t from, int64_t to) {
    const auto count = static_cast<size_t>(from * to);
    return build.Op("Conv", {x, build.Constant("", Tensor::F32({to, from, 1, 1}, std::vector<float>(count, 1)))});
  }
  Value* Ints(std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return build.Constant("", Tensor::I64({count}, std::move(values)));
  }
  Value* Transpose(Value* x, std::vector<int64_t> order) {
    Attributes attributes;
    attributes["perm"] = std::move(order);
    return build.Op("Transpose", {x}, std::move(attributes));
  }
  size_t Choose() {
    InferShapes(model);
    const size_t transposes = ChooseLayouts(model, RuleOf);
    model.graph.Validate();
    return transposes;
  }
};

const Dim kBatch = Dim::Symbol("batch");

TEST(Layout, ANetworkOfConvolutionsNeedsNoTranspose) {
  Net net;
  Value* x = net.Input("x", {kBatch, 4, 8, 8});
  Value* a = net.build.Op("Relu", {net.Conv(x, 4, 4)});
  Value* y = net.Conv(net.build.Op("Add", {a, x}), 4, 2);
  net.build.Output(y, "y");
  EXPECT_EQ(net.Choose(), 0u);
  EXPECT_THAT(net.model.graph.Find("x")->permutation, ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(net.model.graph.Find("y")->permutation, ElementsAre(0, 2, 3, 1));
}

TEST(Layout, FlatteningAPictureNeedsOne) {
  Net net;
  net.build.Output(net.build.Op("Flatten", {net.Conv(net.Input("x", {kBatch, 4, 8, 8}), 4, 4)}), "y");
  EXPECT_EQ(net.Choose(), 1u);
}

TEST(Layout, FlatteningOneByOneNeedsNone) {
  Net net;
  Value* pooled = net.build.Op("GlobalAveragePool", {net.Conv(net.Input("x", {kBatch, 4, 8, 8}), 4, 4)});
  net.build.Output(net.build.Op("Flatten", {pooled}), "y");
  EXPECT_EQ(net.Choose(), 0u);
}

// Patches of a vision transformer: N C H W -> N C HW -> N HW C is how they lie already.
TEST(Layout, PatchesBecomeTokensWithoutATranspose) {
  Net net;
  Value* x = net.Conv(net.Input("x", {kBatch, 4, 8, 8}), 4, 6);
  Value* flat = net.build.Op("Reshape", {x, net.Ints({0, 6, 64})});
  net.build.Output(net.build.Op("Relu", {net.Transpose(flat, {0, 2, 1})}), "y");
  EXPECT_EQ(net.Choose(), 0u);
  EXPECT_THAT(FullPermutation(net.model.graph.Find("y")->permutation, 3), ElementsAre(0, 1, 2));
}

// Channel shuffle exchanges two halves of the channels: that does move elements, once.
TEST(Layout, ShufflingChannelsNeedsOne) {
  Net net;
  Value* x = net.Conv(net.Input("x", {kBatch, 4, 8, 8}), 4, 6);
  Value* parts = net.build.Op("Reshape", {x, net.Ints({0, 2, 3, 8, 8})});
  Value* mixed = net.build.Op("Reshape", {net.Transpose(parts, {0, 2, 1, 3, 4}), net.Ints({0, 6, 8, 8})});
  net.build.Output(net.Conv(mixed, 6, 2), "y");
  EXPECT_EQ(net.Choose(), 1u);
}

TEST(Layout, TwoUsersOfOneRelayoutShareIt) {
  Net net;
  Value* x = net.Conv(net.Input("x", {kBatch, 4, 8, 8}), 4, 4);
  net.build.Output(net.build.Op("Softmax", {x}), "y");  // the last axis is the width
  net.build.Output(net.build.Op("Softmax", {x}), "z");
  // One into the order with the width last, one for each output back: pictures leave with channels last.
  EXPECT_LE(net.Choose(), 3u);
  size_t relaid = 0;
  for (const Node& node : net.model.graph.nodes())
    relaid += node.Is("Identity") && node.output(0)->name().find("relaid") != std::string::npos ? 1 : 0;
  EXPECT_EQ(relaid, 1u);
}

TEST(Layout, TransposesAreNamesOfAxesUntilSomebodyNeedsAnOrder) {
  Net net;
  Value* x = net.Input("x", {2, 3, 5});
  net.build.Output(net.Transpose(net.build.Op("Relu", {net.Transpose(x, {1, 2, 0})}), {2, 0, 1}), "y");
  EXPECT_EQ(net.Choose(), 0u);
}

TEST(AxisGroups, AreAsFineAsTheyCanBe) {
  const auto groups = GroupAxes({kBatch, 6, 8, 8}, {kBatch, 2, 3, 64});
  ASSERT_TRUE(groups.has_value());
  ASSERT_EQ(groups->size(), 3u);
  EXPECT_THAT((*groups)[1].before, ElementsAre(1));
  EXPECT_THAT((*groups)[1].after, ElementsAre(1, 2));
  EXPECT_THAT((*groups)[2].before, ElementsAre(2, 3));
}

TEST(AxisGroups, KnowFreeExtentsByTheirExpressions) {
  const auto groups = GroupAxes({kBatch, 4, 6}, {kBatch * Dim(4), 6});
  ASSERT_TRUE(groups.has_value());
  EXPECT_THAT((*groups)[0].before, ElementsAre(0, 1));
  EXPECT_FALSE(GroupAxes({kBatch, 4}, {Dim(), 4}).has_value());
  EXPECT_FALSE(GroupAxes({kBatch, 4}, {Dim::Symbol("other"), 4}).has_value());
}

TEST(SameInMemory, AxesOfExtentOneMayStandAnywhere) {
  EXPECT_TRUE(SameInMemory({kBatch, 4, 1, 1}, {0, 2, 3, 1}, {}));
  EXPECT_FALSE(SameInMemory({kBatch, 4, 2, 1}, {0, 2, 3, 1}, {}));
}

}  // namespace
}  // namespace bakeoff::graph
