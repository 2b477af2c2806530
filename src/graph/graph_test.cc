// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Editing graphs: names, uses, order and refusals.
#include "graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "graph/builder.h"

namespace bakeoff::graph {
namespace {

using core::TextOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Ops(const Graph& graph) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes()) ops.push_back(node.op);
  return ops;
}

// in -> Relu -> a -> Neg -> b -> Abs -> out
struct Chain {
  Graph graph;
  Value *in, *a, *b, *out;
  Chain() {
    Builder build(graph);
    in = build.Input("in", ElementType::kF32, {Dim::Symbol("n"), 3});
    a = build.Op("Relu", {in}, {}, "a");
    b = build.Op("Neg", {a}, {}, "b");
    out = build.Op("Abs", {b}, {}, "c");
    build.Output(out, "out");
  }
};

TEST(Graph, KeepsUsesRight) {
  Chain chain;
  EXPECT_EQ(chain.a->uses().size(), 1U);
  EXPECT_EQ(chain.a->uses()[0].node, chain.b->producer());
  chain.graph.RedirectUses(*chain.a, *chain.in);
  EXPECT_TRUE(chain.a->uses().empty());
  EXPECT_EQ(chain.in->uses().size(), 2U);
  chain.graph.RemoveNode(*chain.a->producer());
  EXPECT_EQ(chain.graph.Find("a"), nullptr);
  EXPECT_EQ(chain.in->uses().size(), 1U);
  EXPECT_THAT(Ops(chain.graph), ElementsAre("Neg", "Abs"));
  chain.graph.Validate();
}

TEST(Graph, ReplacementTakesTheOutputsName) {
  Chain chain;
  ASSERT_TRUE(chain.graph.Replace(*chain.out, *chain.b));
  EXPECT_EQ(chain.graph.outputs().front(), chain.b);
  EXPECT_EQ(chain.b->name(), "out");
  EXPECT_EQ(chain.graph.Find("out"), chain.b);
  chain.graph.RemoveNode(*chain.out->producer());
  chain.graph.Validate();
}

TEST(Graph, ReplacingAnOutputByAnInputFails) {
  Chain chain;
  EXPECT_FALSE(chain.graph.Replace(*chain.out, *chain.in));
  EXPECT_EQ(chain.graph.outputs().front()->name(), "out");
  EXPECT_TRUE(chain.out->IsOutput());
}

TEST(Graph, RepeatedNamesFail) {
  Chain chain;
  EXPECT_THAT(TextOf([&] { chain.graph.AddValue("a"); }, ErrorCode::kInvalidModel), HasSubstr("'a'"));
  EXPECT_THAT(TextOf([&] { chain.graph.AddNode("Relu", {chain.in}, {chain.a}); }, ErrorCode::kInvalidModel),
              HasSubstr("two sources"));
  EXPECT_THAT(TextOf([&] { chain.graph.Rename(*chain.a, "b"); }, ErrorCode::kInvalidModel), HasSubstr("'b'"));
}

TEST(Graph, RemovingWhatIsUsedFails) {
  Chain chain;
  EXPECT_THAT(TextOf([&] { chain.graph.RemoveNode(*chain.a->producer()); }, ErrorCode::kInternal),
              HasSubstr("still used"));
  EXPECT_THAT(TextOf([&] { chain.graph.RemoveNode(*chain.out->producer()); }, ErrorCode::kInternal),
              HasSubstr("still used"));
}

TEST(Graph, SortsAndKeepsTheOrderWherePossible) {
  Chain chain;
  Node& late = chain.graph.AddNode("Exp", {chain.in}, {&chain.graph.AddValue("e")}, "late");
  chain.graph.SetInput(*chain.b->producer(), 0, late.output(0));
  chain.graph.Sort();
  EXPECT_THAT(Ops(chain.graph), ElementsAre("Relu", "Exp", "Neg", "Abs"));
  chain.graph.Validate();
}

TEST(Graph, CyclesFailWithTheirNodes) {
  Chain chain;
  chain.graph.SetInput(*chain.a->producer(), 0, chain.b);
  const std::string text = TextOf([&] { chain.graph.Sort(); }, ErrorCode::kInvalidModel);
  EXPECT_THAT(text, HasSubstr("cycle"));
  EXPECT_THAT(text, HasSubstr("'a' (Relu)"));
  EXPECT_THAT(text, HasSubstr("'b' (Neg)"));
  EXPECT_THAT(text, testing::Not(HasSubstr("'c' (Abs)")));
}

TEST(Graph, AValueThatNothingMakesFails) {
  Chain chain;
  chain.graph.SetInput(*chain.b->producer(), 0, &chain.graph.AddValue("ghost"));
  EXPECT_THAT(TextOf([&] { chain.graph.Validate(); }, ErrorCode::kInvalidModel),
              HasSubstr("'ghost', which nothing makes"));
}

TEST(Graph, SubgraphsUseOuterValuesAndLetThemGo) {
  Chain chain;
  auto body = std::make_unique<Graph>();
  Value& inner = body->AddValue("inner");
  body->AddNode("Exp", {chain.a}, {&inner}, "inside");
  body->AddOutput(inner);
  Value& condition = chain.graph.AddConstant(
      "condition", {.type = ElementType::kBool, .dims = {}, .bytes = Bytes::Own(std::string(1, 1)), .strings = {}});
  // Inserted in front of everything, although its body needs the result of Relu.
  Node& choice = chain.graph.AddNode("If", {&condition}, {&chain.graph.AddValue("chosen")}, "choice",
                                     &chain.graph.nodes().front());
  choice.attributes["then_branch"] = std::move(body);
  EXPECT_EQ(chain.a->uses().size(), 2U);
  chain.graph.Sort();
  EXPECT_THAT(Ops(chain.graph), ElementsAre("Relu", "If", "Neg", "Abs"));
  chain.graph.RemoveNode(choice);
  EXPECT_EQ(chain.a->uses().size(), 1U);
}

TEST(Graph, ConstantsMustFitTheirShape) {
  Graph graph;
  Tensor tensor = Tensor::F32({2, 3}, std::vector<float>(6));
  tensor.dims = {2, 4};
  EXPECT_THAT(TextOf([&] { graph.AddConstant("w", tensor); }, ErrorCode::kInvalidModel),
              testing::AllOf(HasSubstr("'w'"), HasSubstr("32 bytes"), HasSubstr("24")));
  tensor.dims = {int64_t{1} << 40, int64_t{1} << 40};
  EXPECT_THAT(TextOf([&] { graph.AddConstant("v", tensor); }, ErrorCode::kInvalidModel), HasSubstr("impossible shape"));
  tensor.dims = {-1};
  EXPECT_THAT(TextOf([&] { graph.AddConstant("u", tensor); }, ErrorCode::kInvalidModel), HasSubstr("impossible shape"));
}

TEST(Graph, CopiesOfTensorsShareTheirBytes) {
  const Tensor tensor = Tensor::F32({4}, {1, 2, 3, 4});
  Graph graph;
  EXPECT_EQ(graph.AddConstant("w", tensor).constant()->bytes.data(), tensor.bytes.data());
}

TEST(Node, AnAttributeOfAnotherTypeFails) {
  Chain chain;
  Node& node = *chain.a->producer();
  node.attributes["axis"] = 1.5F;
  EXPECT_THAT(TextOf([&] { node.Int("axis", 0); }, ErrorCode::kInvalidModel),
              testing::AllOf(HasSubstr("node 'a' (Relu)"), HasSubstr("'axis'"), HasSubstr("float"), HasSubstr("int")));
  EXPECT_EQ(node.Int("absent", 7), 7);
}

}  // namespace
}  // namespace bakeoff::graph
