// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Broken ONNX files: each is refused with an error that names the file and the node or tensor, in bounded time and
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "bakeoff/error.h"
#include "graph/broken_models.h"
#include "graph/onnx.h"

namespace bakeoff::graph {
namespace {

using ::onnx::ModelProto;

struct Broken {
  const char* name;
  ErrorCode code;
  std::vector<const char*> says;
  std::function<void(ModelProto&)> damage;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.name;
}

::onnx::GraphProto& G(ModelProto& proto) {
  return *proto.mutable_graph();
}

// A list of functions of which each calls the next twice: 2^40 nodes when expanded.
void AddFunctionBomb(ModelProto& proto) {
  proto.set_ir_version(9);
  auto& import = *proto.add_opset_import();
  import.set_domain("mine");
  import.set_version(1);
  for (int i = 0; i < 40; ++i) {
    auto& function = *proto.add_functions();
    function.set_domain("mine");
    function.set_name("f" + std::to_string(i));
    function.add_input("a");
    function.add_output("c");
    for (const auto& [from, to] : {std::pair{"a", "b"}, {"b", "c"}}) {
      auto& node = *function.add_node();
      node.set_op_type(i + 1 < 40 ? "f" + std::to_string(i + 1) : "Relu");
      if (i + 1 < 40) node.set_domain("mine");
      node.add_input(from);
      node.add_output(to);
    }
    auto& own = *function.add_opset_import();
    own.set_version(17);
    *function.add_opset_import() = import;
  }
  AddNode(G(proto), "bomb", "f0", {"x"}, {"boom"}).set_domain("mine");
}

const Broken kBroken[] = {
    {"Cycle",
     ErrorCode::kInvalidModel,
     {"cycle", "'plus' (Add)", "'rectify' (Relu)"},
     [](ModelProto& p) { G(p).mutable_node(0)->set_input(0, "y"); }},
    {"SelfCycle",
     ErrorCode::kInvalidModel,
     {"cycle", "'plus'"},
     [](ModelProto& p) { G(p).mutable_node(0)->set_input(0, "s"); }},
    {"TwoNodesMakeOneTensor",
     ErrorCode::kInvalidModel,
     {"'s'", "rectify"},
     [](ModelProto& p) { G(p).mutable_node(1)->set_output(0, "s"); }},
    {"InputMadeByNode",
     ErrorCode::kInvalidModel,
     {"'x'"},
     [](ModelProto& p) { G(p).mutable_node(1)->set_output(0, "x"); }},
    {"TwoInputsOneName", ErrorCode::kInvalidModel, {"'x'"}, [](ModelProto& p) { *G(p).add_input() = G(p).input(0); }},
    {"TwoWeightsOneName",
     ErrorCode::kInvalidModel,
     {"'w'"},
     [](ModelProto& p) { *G(p).add_initializer() = G(p).initializer(0); }},
    {"NothingMakesInput",
     ErrorCode::kInvalidModel,
     {"node 'rectify' (Relu)", "'ghost'"},
     [](ModelProto& p) { G(p).mutable_node(1)->set_input(0, "ghost"); }},
    {"NothingMakesOutput",
     ErrorCode::kInvalidModel,
     {"output 'ghost'"},
     [](ModelProto& p) { G(p).mutable_output(0)->set_name("ghost"); }},
    {"TooFewBytes",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "16 bytes", "has 12"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->mutable_raw_data()->resize(12); }},
    {"TooManyBytes",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "has 20"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->mutable_raw_data()->resize(20); }},
    {"TooFewTyped",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "has 4"},
     [](ModelProto& p) {
       G(p).mutable_initializer(0)->clear_raw_data();
       G(p).mutable_initializer(0)->add_float_data(1);
     }},
    {"NegativeExtent",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "-4"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->set_dims(0, -4); }},
    {"ExtentsOverflow",
     ErrorCode::kInvalidModel,
     {"tensor 'w'"},
     [](ModelProto& p) {
       for (int i = 0; i < 3; ++i) G(p).mutable_initializer(0)->add_dims(int64_t{1} << 40);
     }},
    {"HugeTensor",
     ErrorCode::kInvalidModel,
     {"tensor 'w'"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->set_dims(0, int64_t{1} << 55); }},
    {"UnknownElementType",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "77"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->set_data_type(77); }},
    {"NamelessWeight",
     ErrorCode::kInvalidModel,
     {"no name"},
     [](ModelProto& p) { G(p).mutable_initializer(0)->clear_name(); }},
    {"NodeWithoutOperator",
     ErrorCode::kInvalidModel,
     {"'plus'", "no operator"},
     [](ModelProto& p) { G(p).mutable_node(0)->clear_op_type(); }},
    {"AttributeTwice",
     ErrorCode::kInvalidModel,
     {"'plus'", "'k'"},
     [](ModelProto& p) {
       for (int i = 0; i < 2; ++i) {
         auto& a = *G(p).mutable_node(0)->add_attribute();
         a.set_name("k");
         a.set_type(::onnx::AttributeProto::INT);
       }
     }},
    {"AttributeWithoutType",
     ErrorCode::kInvalidModel,
     {"'plus'", "'k'"},
     [](ModelProto& p) { G(p).mutable_node(0)->add_attribute()->set_name("k"); }},
    {"TwoOpsetsOneDomain",
     ErrorCode::kInvalidModel,
     {"two opsets"},
     [](ModelProto& p) { p.add_opset_import()->set_domain("ai.onnx"); }},
    {"SequenceInput",
     ErrorCode::kUnsupported,
     {"input 'x'", "sequence"},
     [](ModelProto& p) { G(p).mutable_input(0)->mutable_type()->mutable_sequence_type(); }},
    {"SparseWeight",
     ErrorCode::kUnsupported,
     {"'sparse'"},
     [](ModelProto& p) { G(p).add_sparse_initializer()->mutable_values()->set_name("sparse"); }},
    {"FunctionBomb", ErrorCode::kInvalidModel, {"functions", "more than"}, AddFunctionBomb},
    {"MissingExternalData",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "absent.bin"},
     [](ModelProto& p) { p = ExternalProto("absent.bin"); }},
    {"ExternalDataTooShort",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "short.bin", "8 bytes"},
     [](ModelProto& p) { p = ExternalProto("short.bin"); }},
    {"ExternalOffsetBeyondFile",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "short.bin"},
     [](ModelProto& p) { p = ExternalProto("short.bin", "9223372036854775807"); }},
    {"ExternalLengthDisagrees",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "12"},
     [](ModelProto& p) { p = ExternalProto("short.bin", "0", "12"); }},
    {"ExternalOffsetNegative",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "offset"},
     [](ModelProto& p) { p = ExternalProto("short.bin", "-8"); }},
    {"ExternalLeavesFolder",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "folder"},
     [](ModelProto& p) { p = ExternalProto("a/../../short.bin"); }},
    {"ExternalAbsolutePath",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "/etc/passwd"},
     [](ModelProto& p) { p = ExternalProto("/etc/passwd"); }},
    {"ExternalIsAFolder",
     ErrorCode::kInvalidModel,
     {"tensor 'w'", "regular file"},
     [](ModelProto& p) { p = ExternalProto("."); }},
};

class BrokenModel : public testing::TestWithParam<Broken> {};

TEST_P(BrokenModel, IsRefusedByNameFails) {
  const TestFolder folder;
  Put(folder / "short.bin", std::string(8, '\0'));
  ModelProto proto = SmallProto();
  GetParam().damage(proto);
  const auto path = Put(folder / "model.onnx", proto);
  try {
    ReadOnnx(path);
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), GetParam().code) << error.text();
    EXPECT_THAT(error.text(), testing::StartsWith(path.string()));
    for (const char* part : GetParam().says) EXPECT_THAT(error.text(), testing::HasSubstr(part));
  }
}

INSTANTIATE_TEST_SUITE_P(Onnx, BrokenModel, testing::ValuesIn(kBroken),
                         [](const auto& broken) { return std::string(broken.param.name); });

TEST(BrokenModelPremise, TheUnbrokenModelIsRead) {
  const TestFolder folder;
  EXPECT_EQ(ReadOnnx(Put(folder / "model.onnx", SmallProto())).graph.nodes().size(), 2U);
  Put(folder / "long.bin", std::string(16, '\0'));
  EXPECT_EQ(
      ReadOnnx(Put(folder / "external.onnx", ExternalProto("long.bin"))).graph.Find("w")->constant()->bytes.size(),
      16U);
}

TEST(BrokenFile, EveryTruncationFails) {
  const TestFolder folder;
  const std::string whole = SmallProto().SerializeAsString();
  // A cut between two fields leaves a shorter model, which then lacks its graph: also refused.
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto path = Put(folder / "cut.onnx", whole.substr(0, length));
    EXPECT_THROW(ReadOnnx(path), Error) << length;
  }
}

TEST(BrokenFile, FlippedBytesNeverCrash) {
  const TestFolder folder;
  const std::string whole = SmallProto().SerializeAsString();
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\x7f'}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        Model model = ReadOnnx(Put(folder / "flipped.onnx", damaged));
        InferShapes(model, Inference::kLenient);
        CheckOnnx(model);
      } catch (const Error&) {
      }
    }
  }
}

TEST(BrokenFile, WhatIsNoModelFails) {
  const TestFolder folder;
  const auto code = [](const std::filesystem::path& path) {
    try {
      ReadOnnx(path);
    } catch (const Error& error) {
      EXPECT_THAT(error.text(), testing::StartsWith(path.string()));
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code(folder / "absent.onnx"), ErrorCode::kNotFound);
  EXPECT_EQ(code(folder.path()), ErrorCode::kUnavailable);
  EXPECT_EQ(code(Put(folder / "empty.onnx", std::string())), ErrorCode::kInvalidModel);
  EXPECT_EQ(code(Put(folder / "text.onnx", std::string("this is no model\n"))), ErrorCode::kInvalidModel);
}

}  // namespace
}  // namespace bakeoff::graph
