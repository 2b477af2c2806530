// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of the ONNX skimmer, on bytes laid out here by hand.
#include "core/onnx_skim.h"

#include <gtest/gtest.h>

#include "core/test_folder.h"

namespace bakeoff::core {
namespace {

std::string Text(int number, const std::string& bytes) {  // a length-delimited field
  EXPECT_LT(bytes.size(), 128u) << "this helper writes one length byte";
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string Node(const std::string& op, const std::string& name, const std::string& output) {
  return Text(1, Text(2, output) + Text(3, name) + Text(4, op) + Text(7, "com.foo"));
}

std::string Model() {
  const std::string external = Text(5, Text(8, "w") + Text(13, Text(1, "location") + Text(2, "w.bin")));
  const std::string graph = Text(7, Node("Bar", "bar1", "y") + Node("Bar", "", "z") + external);
  const std::string opset = Text(8, Text(1, "") + std::string{2 << 3, 17});
  return Text(2, "maker") + Text(3, "1.5") + opset + graph;
}

class OnnxSkim : public ::testing::Test {
 protected:
  OnnxFacts Skim(const std::string& bytes) { return SkimOnnx(folder_.Write("model.onnx", bytes)); }

  const TestFolder folder_;
};

TEST_F(OnnxSkim, FindsNodesOpsetsProducerAndExternalFiles) {
  const OnnxFacts facts = Skim(Model());
  EXPECT_EQ(facts.producer, "maker 1.5");
  ASSERT_EQ(facts.opsets.size(), 1u);
  EXPECT_EQ(facts.opsets[0].second, 17);
  ASSERT_EQ(facts.nodes.size(), 2u);
  EXPECT_EQ(facts.nodes[0].name, "bar1");
  EXPECT_EQ(facts.nodes[0].domain, "com.foo");
  EXPECT_EQ(facts.nodes[1].name, "z") << "a node without a name goes by its output";
  EXPECT_EQ(facts.external_files, std::vector<std::string>{"w.bin"});
  EXPECT_EQ(MissingExternalFiles(folder_ / "model.onnx"), std::vector<std::string>{folder_ / "w.bin"});
  EXPECT_EQ(WhichNodes(facts, "Bar"), "nodes 'bar1', 'z'");
  EXPECT_EQ(WhichNodes(facts, "Conv"), "");
}

TEST_F(OnnxSkim, CountsTheNodesItDoesNotName) {
  OnnxFacts facts;
  for (int i = 0; i < 7; ++i) facts.nodes.push_back({"Bar", "", "n" + std::to_string(i)});
  EXPECT_EQ(WhichNodes(facts, "Bar"), "nodes 'n0', 'n1', 'n2' and 4 others");
}

TEST_F(OnnxSkim, SurvivesEveryTruncationAndRubbish) {
  const std::string whole = Model();
  for (size_t length = 0; length < whole.size(); ++length) EXPECT_LE(Skim(whole.substr(0, length)).nodes.size(), 2u);
  Skim(std::string(64, '\xff'));
  Skim(std::string("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10));  // a graph of 2^63 bytes
  EXPECT_TRUE(SkimOnnx("/nonexistent/model.onnx").nodes.empty());
  EXPECT_TRUE(SkimOnnx("/").nodes.empty());
}

}  // namespace
}  // namespace bakeoff::core
