// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX in and out: what is written is what protobuf reads, what was read is written again, weights are not copied, and
// the checker and shape inference see through to the graph. The written bytes were also compared once with the onnx
// Python package (1.23.2): onnx.checker.check_model(full_check=True) accepts every file that make-model writes.
#include "graph/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bakeoff/error.h"
#include "graph/broken_models.h"
#include "graph/builder.h"

namespace bakeoff::graph {
namespace {

using testing::HasSubstr;

std::string Content(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

::onnx::ModelProto Parsed(const std::filesystem::path& path) {
  ::onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromString(Content(path)));
  return proto;
}

// One of each: attribute kinds, a left-out input, a subgraph that uses an outer value, a large weight, strings.
Model Rich() {
  Model model;
  model.producer = "test";
  model.metadata["key"] = "value";
  Builder build(model.graph);
  Value* x = build.Input("x", ElementType::kF32, {Dim::Symbol("batch"), 4});
  Value* weight = build.Constant("weight", Tensor::F32({4, 512}, std::vector<float>(2048, 0.5F)));
  Value* y = build.Op("MatMul", {x, weight}, {}, "product");
  Value* high = build.Constant("high", Tensor::Scalar(6));
  y = build.Op("Clip", {y, nullptr, high}, {}, "clip");
  Attributes custom;
  custom["i"] = int64_t{-3};
  custom["f"] = 0.25F;
  custom["s"] = std::string("text");
  custom["t"] = Tensor::I64({2}, {1, 2});
  custom["is"] = std::vector<int64_t>{1, -1};
  custom["fs"] = std::vector<float>{1, 2.5F};
  custom["ss"] = std::vector<std::string>{"a", "b"};
  custom["ts"] = std::vector<Tensor>{Tensor::Scalar(1),
                                     {.type = ElementType::kString, .dims = {1}, .bytes = {}, .strings = {"word"}}};
  y = build.Op("Odd", {y}, std::move(custom), "odd");
  y->producer()->domain = "vendor";
  model.opsets["vendor"] = 1;
  Value* condition = build.Constant(
      "condition", {.type = ElementType::kBool, .dims = {}, .bytes = Bytes::Own(std::string(1, 1)), .strings = {}});
  Attributes branches;
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto body = std::make_unique<Graph>();
    Value& inner = body->AddValue(std::string(branch) + ".out");
    body->AddNode(branch[0] == 't' ? "Exp" : "Neg", {y}, {&inner}, "inner");
    body->AddOutput(inner);
    branches[branch] = std::move(body);
  }
  y = build.Op("If", {condition}, std::move(branches), "choice");
  y->type = ElementType::kF32;
  y->shape = SymbolicShape{Dim::Symbol("batch"), 512};
  build.Output(y, "y");
  return model;
}

TEST(OnnxWrite, IsWhatProtobufReads) {
  const TestFolder folder;
  WriteOnnx(Rich(), folder / "m.onnx");
  const auto proto = Parsed(folder / "m.onnx");
  EXPECT_EQ(proto.ir_version(), 8);
  EXPECT_EQ(proto.producer_name(), "test");
  ASSERT_EQ(proto.graph().node_size(), 4);
  EXPECT_EQ(proto.graph().node(1).input(1), "");
  ASSERT_EQ(proto.graph().initializer_size(), 3);
  EXPECT_EQ(proto.graph().initializer(0).name(), "weight");
  EXPECT_EQ(proto.graph().initializer(0).raw_data().size(), 8192U);
  EXPECT_EQ(proto.graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "batch");
  EXPECT_EQ(proto.graph().node(2).attribute_size(), 8);
}

TEST(OnnxWrite, ReadAndWrittenAgainIsTheSame) {
  const TestFolder folder;
  WriteOnnx(Rich(), folder / "a.onnx");
  WriteOnnx(ReadOnnx(folder / "a.onnx"), folder / "b.onnx");
  WriteOnnx(ReadOnnx(folder / "b.onnx"), folder / "c.onnx");
  EXPECT_EQ(Content(folder / "b.onnx"), Content(folder / "c.onnx"));
  const auto a = Parsed(folder / "a.onnx"), b = Parsed(folder / "b.onnx");
  EXPECT_EQ(a.graph().node_size(), b.graph().node_size());
  for (int i = 0; i < a.graph().node_size(); ++i)
    EXPECT_EQ(a.graph().node(i).SerializeAsString(), b.graph().node(i).SerializeAsString());
}

TEST(OnnxWrite, ExternalDataIsReadBackAndAligned) {
  const TestFolder folder;
  WriteOnnx(Rich(), folder / "m.onnx", {.external_data = ExternalData::kAlways});
  EXPECT_EQ(std::filesystem::file_size(folder / "m.onnx.data"), 8192U);
  EXPECT_LT(std::filesystem::file_size(folder / "m.onnx"), 2000U);
  const Model model = ReadOnnx(folder / "m.onnx");
  EXPECT_EQ(model.graph.Find("weight")->constant()->Floats()[2047], 0.5F);
  EXPECT_EQ(model.graph.Find("high")->constant()->Floats()[0], 6.0F);
}

TEST(OnnxWrite, OverTheModelThatIsMappedWorks) {
  const TestFolder folder;
  WriteOnnx(Rich(), folder / "m.onnx", {.external_data = ExternalData::kAlways});
  const Model model = ReadOnnx(folder / "m.onnx");
  WriteOnnx(model, folder / "m.onnx", {.external_data = ExternalData::kAlways});
  EXPECT_EQ(ReadOnnx(folder / "m.onnx").graph.Find("weight")->constant()->Floats()[0], 0.5F);
  EXPECT_EQ(model.graph.Find("weight")->constant()->Floats()[0], 0.5F);
}

TEST(OnnxWrite, AFullDiskLeavesNothingFails) {
  const TestFolder folder;
  EXPECT_THROW(WriteOnnx(Rich(), folder / "no" / "m.onnx"), Error);
  // A folder of the target's name: the rename is what fails.
  std::filesystem::create_directory(folder / "m.onnx");
  EXPECT_THROW(WriteOnnx(Rich(), folder / "m.onnx"), Error);
  EXPECT_EQ(folder.Entries(), 1U);
}

// Offsets of 32 bits, signed or not, would end before the weights. The file is a hole but for them, and is only mapped.
TEST(OnnxRead, ExternalDataBeyondFourGigabytes) {
  const TestFolder folder;
  for (const uint64_t offset : {(uint64_t{1} << 31) + 64, (uint64_t{1} << 32) + 4096}) {
    const auto weights = Put(folder / "big.bin", std::string());
    std::filesystem::resize_file(weights, offset);
    const float values[] = {5, 6, 7, 8};
    std::ofstream(weights, std::ios::binary | std::ios::app)
        .write(reinterpret_cast<const char*>(values), sizeof(values));
    const Model model = ReadOnnx(Put(folder / "m.onnx", ExternalProto("big.bin", std::to_string(offset))));
    EXPECT_EQ(model.graph.Find("w")->constant()->Floats()[3], 8.0F) << offset;
    std::filesystem::resize_file(weights, offset + sizeof(values) - 1);
    EXPECT_THROW(ReadOnnx(folder / "m.onnx"), Error) << offset;
  }
}

TEST(OnnxRead, SubgraphsUseOuterValues) {
  const TestFolder folder;
  WriteOnnx(Rich(), folder / "m.onnx");
  const Model model = ReadOnnx(folder / "m.onnx");
  const Value* odd = nullptr;
  for (const Node& node : model.graph.nodes()) {
    if (node.op == "Odd") odd = node.output(0);
  }
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->uses().size(), 2U);
  EXPECT_EQ(odd->uses()[0].node->op, "Neg");  // attributes are sorted: else_branch first
}

TEST(OnnxRead, TypedFieldsBecomeBytes) {
  const TestFolder folder;
  auto proto = SmallProto();
  const auto add = [&](const char* name, int type) -> ::onnx::TensorProto& {
    auto& tensor = *proto.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    tensor.add_dims(2);
    return tensor;
  };
  auto& i8 = add("i8", 3);
  auto& f16 = add("f16", 10);
  auto& u64 = add("u64", 13);
  auto& f64 = add("f64", 11);
  auto& i4 = add("i4", 22);
  for (auto* tensor : {&i8, &f16}) {
    tensor->add_int32_data(-2);
    tensor->add_int32_data(0x3c00);
  }
  for (auto value : {uint64_t{1}, ~uint64_t{0}}) u64.add_uint64_data(value);
  for (auto value : {0.5, -1.0}) f64.add_double_data(value);
  i4.add_int32_data(0x71);  // two elements in one byte
  const Model model = ReadOnnx(Put(folder / "m.onnx", proto));
  const auto bytes = [&](const char* name) {
    const auto span = model.graph.Find(name)->constant()->bytes.span();
    return std::string(reinterpret_cast<const char*>(span.data()), span.size());
  };
  using namespace std::string_literals;
  EXPECT_EQ(bytes("i8"), "\xfe\x00"s);
  EXPECT_EQ(bytes("f16"), "\xfe\xff\x00\x3c"s);
  EXPECT_EQ(bytes("u64"), "\x01\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(bytes("f64"), "\0\0\0\0\0\0\xe0\x3f\0\0\0\0\0\0\xf0\xbf"s);
  EXPECT_EQ(bytes("i4"), "\x71"s);
}

TEST(OnnxRead, FunctionsAreInlined) {
  const TestFolder folder;
  auto proto = SmallProto();
  proto.set_ir_version(8);
  auto& import = *proto.add_opset_import();
  import.set_domain("mine");
  import.set_version(1);
  auto& function = *proto.add_functions();
  function.set_domain("mine");
  function.set_name("Twice");
  function.add_input("a");
  function.add_output("b");
  function.add_opset_import()->set_version(17);
  auto& body = *function.add_node();
  body.set_op_type("Add");
  body.add_input("a");
  body.add_input("a");
  body.add_output("b");
  proto.mutable_graph()->mutable_node(1)->set_op_type("Twice");
  proto.mutable_graph()->mutable_node(1)->set_domain("mine");
  const Model model = ReadOnnx(Put(folder / "m.onnx", proto));
  ASSERT_EQ(model.graph.nodes().size(), 2U);
  EXPECT_EQ(model.graph.nodes().back().op, "Add");
  CheckOnnx(model);
}

TEST(OnnxCheck, AcceptsTheSmallModelAndLeavesVendorsAlone) {
  const TestFolder folder;
  CheckOnnx(ReadOnnx(Put(folder / "m.onnx", SmallProto())));
  CheckOnnx(Rich());
}

std::string CheckText(const ::onnx::ModelProto& proto, ErrorCode code) {
  const TestFolder folder;
  try {
    CheckOnnx(ReadOnnx(Put(folder / "m.onnx", proto)));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.text();
    return error.text();
  }
  return "accepted";
}

TEST(OnnxCheck, WhatTheStandardDoesNotHaveFails) {
  auto proto = SmallProto();
  proto.mutable_graph()->mutable_node(1)->set_op_type("Rectify");
  EXPECT_THAT(CheckText(proto, ErrorCode::kInvalidModel),
              testing::AllOf(HasSubstr("node 'rectify' (Rectify)"), HasSubstr("opset 17 has no operator")));
  proto = SmallProto();
  proto.mutable_opset_import(0)->set_version(999);
  EXPECT_THAT(CheckText(proto, ErrorCode::kUnsupported), HasSubstr("opset 999"));
  proto = SmallProto();
  auto& attribute = *proto.mutable_graph()->mutable_node(1)->add_attribute();
  attribute.set_name("slope");
  attribute.set_type(::onnx::AttributeProto::FLOAT);
  EXPECT_THAT(CheckText(proto, ErrorCode::kInvalidModel), HasSubstr("slope"));
  proto = SmallProto();
  proto.mutable_graph()->mutable_node(0)->clear_input();
  EXPECT_THAT(CheckText(proto, ErrorCode::kInvalidModel), HasSubstr("Add"));
}

TEST(OnnxInference, PropagatesDataAndKeepsNames) {
  // y = Reshape(x, Concat(Shape(x)[0:1], [-1])): its rank and first extent are known only by data propagation.
  Model model;
  Builder build(model.graph);
  Value* x = build.Input("x", ElementType::kF32, {Dim::Symbol("batch"), 2, 3});
  Value* shape = build.Op("Shape", {x});
  Value* first = build.Op(
      "Slice", {shape, build.Constant("zero", Tensor::I64({1}, {0})), build.Constant("one", Tensor::I64({1}, {1}))});
  Attributes axis;
  axis["axis"] = int64_t{0};
  Value* target = build.Op("Concat", {first, build.Constant("rest", Tensor::I64({1}, {6}))}, std::move(axis));
  build.Output(build.Op("Reshape", {x, target}), "y");
  InferShapes(model);
  ASSERT_TRUE(model.graph.Find("y")->shape);
  EXPECT_EQ(ShapeText(*model.graph.Find("y")->shape), "[batch, 6]");
  EXPECT_EQ(model.graph.Find("y")->type, ElementType::kF32);
}

TEST(OnnxInference, ContradictionsFailOnlyWhenStrict) {
  Model model;
  Builder build(model.graph);
  Value* x = build.Input("x", ElementType::kF32, {2, 3});
  build.Output(build.Op("MatMul", {x, build.Constant("w", Tensor::F32({4, 2}, std::vector<float>(8)))}, {}, "product"),
               "y");
  EXPECT_THROW(InferShapes(model), Error);
  InferShapes(model, Inference::kLenient);
  EXPECT_EQ(model.graph.Find("x")->shape->size(), 2U);
}

// x -> Clip(min, max as attributes) -> Add(w, 2048 bytes) -> Squeeze(axes as attribute) -> y, and Resize as r:
// opset 10.
::onnx::ModelProto OldProto() {
  ::onnx::ModelProto proto;
  proto.set_ir_version(3);
  auto& import = *proto.add_opset_import();
  import.set_domain("");
  import.set_version(10);
  auto& graph = *proto.mutable_graph();
  graph.set_name("old");
  SetTensorType(*graph.add_input(), "x", 1, {1, 1, 1, 512});
  // As files of IR 3 have it: constants are inputs too.
  SetTensorType(*graph.add_input(), "w", 1, {512});
  SetTensorType(*graph.add_input(), "scales", 1, {4});
  SetTensorType(*graph.add_output(), "y", 1, {1, 512});
  SetTensorType(*graph.add_output(), "r", 1, {1, 1, 2, 1024});
  const auto constant = [&](const char* name, const std::vector<float>& values) {
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(1);
    tensor.add_dims(static_cast<int64_t>(values.size()));
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  };
  constant("w", std::vector<float>(512, 2.5F));
  constant("scales", {1, 1, 2, 2});
  auto& clip = AddNode(graph, "clip", "Clip", {"x"}, {"c"});
  for (const auto& [name, value] : {std::pair{"min", -1.0F}, {"max", 6.0F}}) {
    auto& attribute = *clip.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
  }
  AddNode(graph, "plus", "Add", {"c", "w"}, {"s"});
  auto& axes = *AddNode(graph, "squeeze", "Squeeze", {"s"}, {"y"}).add_attribute();
  axes.set_name("axes");
  axes.set_type(::onnx::AttributeProto::INTS);
  axes.add_ints(1);
  axes.add_ints(2);
  AddNode(graph, "resize", "Resize", {"c", "scales"}, {"r"});
  return proto;
}

const Node& NodeOf(const Model& model, std::string_view op) {
  const auto& nodes = model.graph.nodes();
  const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) { return node.op == op; });
  if (found == nodes.end()) throw std::runtime_error("no " + std::string(op));
  return *found;
}

TEST(OnnxUpgrade, OldOperatorsSayTheSameInTheNewWords) {
  const TestFolder folder;
  Model model = ReadOnnx(Put(folder / "old.onnx", OldProto()));
  const std::byte* weights = model.graph.Find("w")->constant()->bytes.data();
  InferShapes(model);
  UpgradeOpset(model, 13);
  EXPECT_EQ(model.Opset(), 13);
  CheckOnnx(model);
  ASSERT_EQ(model.graph.inputs().size(), 3U);
  EXPECT_EQ(model.graph.inputs()[0]->name(), "x");
  ASSERT_TRUE(model.graph.Find("w")->constant());
  EXPECT_EQ(model.graph.Find("w")->constant()->bytes.data(), weights) << "they were copied";
  EXPECT_EQ(NodeOf(model, "Clip").inputs().size(), 3U);
  EXPECT_EQ(NodeOf(model, "Squeeze").inputs().size(), 2U);
  EXPECT_EQ(NodeOf(model, "Squeeze").name, "squeeze");
  // What opset 10 means by Resize is not what opset 11 means where nothing is said.
  const auto& attributes = NodeOf(model, "Resize").attributes;
  EXPECT_EQ(std::get<std::string>(attributes.at("coordinate_transformation_mode")), "asymmetric");
  EXPECT_EQ(std::get<std::string>(attributes.at("nearest_mode")), "floor");
  EXPECT_EQ(ShapeText(*model.graph.Find("y")->shape), "[1, 512]");
}

TEST(OnnxUpgrade, AModelThatIsAsNewStays) {
  const TestFolder folder;
  Model model = ReadOnnx(Put(folder / "m.onnx", SmallProto()));
  UpgradeOpset(model, 13);
  EXPECT_EQ(model.Opset(), 17);
}

TEST(OnnxUpgrade, AnOperatorThatNobodyKnowsFails) {
  const TestFolder folder;
  auto proto = OldProto();
  proto.mutable_graph()->mutable_node(1)->set_op_type("Wibble");
  Model model = ReadOnnx(Put(folder / "old.onnx", proto));
  try {
    UpgradeOpset(model, 13);
    FAIL() << "it was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_THAT(error.text(), testing::AllOf(HasSubstr("opset 10"), HasSubstr("Wibble"), HasSubstr("or newer")));
  }
}

}  // namespace
}  // namespace bakeoff::graph
