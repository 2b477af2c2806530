// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The readers of model files on the committed fixtures, whole and damaged.
#include "graph/files/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/shapes.h"
#include "core/test_error.h"
#include "core/test_folder.h"
#include "graph/files/xml.h"
#include "graph/onnx.h"
#include "graph/shapes.h"

namespace bakeoff::graph {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path Fixture(const std::string& name) {
  const char* source = std::getenv("BAKEOFF_SOURCE");
  return fs::path(source ? source : ".") / "tests/fixtures" / name;
}

ChooseShapes Batch(int64_t batch) {
  return [batch](const std::vector<FilePort>& inputs) {
    std::vector<TensorSpec> specs;
    for (const FilePort& input : inputs) specs.push_back({input.name, DType::kF32, input.shape.value_or(Shape{})});
    return core::CompleteShapes(specs, {}, batch);
  };
}

std::string Refusal(const std::function<void()>& act) {
  return core::TextOf(act, ErrorCode::kInvalidModel);
}

Census CensusFor(Model model, int64_t batch) {
  BindShapes(model, {{"image", {batch, 3, 12, 20}}});
  InferShapes(model, Inference::kLenient);
  return CountGraph(model.graph);
}

// The ONNX figures of the same network are the yardstick.
Census OnnxCensus(int64_t batch) {
  return CensusFor(ReadOnnx(Fixture("net.onnx")), batch);
}

TEST(FileFacts, MultiplyAddsAgreeWithOnnx) {
  for (const int64_t batch : {1, 4}) {
    const auto wanted = OnnxCensus(batch).multiply_adds;
    ASSERT_TRUE(wanted && *wanted > 0);
    for (const char* name : {"net.tflite", "net_plain.tflite", "net_int8.tflite"})
      EXPECT_EQ(ReadTfliteFacts(Fixture(name), Batch(batch)).census.multiply_adds, wanted) << name;
    EXPECT_EQ(ReadNetXmlFacts(Fixture("net.xml"), Batch(batch)).census.multiply_adds, wanted);
    EXPECT_EQ(ReadFrozenFacts(Fixture("net.pb"), Batch(batch)).census.multiply_adds, wanted);
    EXPECT_EQ(ReadSavedModelFacts(Fixture("net.savedmodel"), Batch(batch)).census.multiply_adds, wanted);
  }
}

TEST(FileFacts, ParametersAgreeWithOnnx) {
  const int64_t wanted = OnnxCensus(1).parameters;
  for (const char* name : {"net.tflite", "net_plain.tflite", "net_int8.tflite"})
    EXPECT_EQ(ReadTfliteFacts(Fixture(name), Batch(1)).census.parameters, wanted) << name;
  EXPECT_EQ(ReadFrozenFacts(Fixture("net.pb"), Batch(1)).census.parameters, wanted);
  EXPECT_EQ(ReadSavedModelFacts(Fixture("net.savedmodel"), Batch(1)).census.parameters, wanted);
  // Its converter wrote Gemm's alpha and beta as constants of one number, which share their four bytes.
  EXPECT_EQ(ReadNetXmlFacts(Fixture("net.xml"), Batch(1)).census.parameters, wanted + 1);
}

TEST(FileFacts, TellsPortsAndWhetherItIsQuantised) {
  const FileFacts plain = ReadTfliteFacts(Fixture("net.tflite"), Batch(1));
  ASSERT_EQ(plain.inputs.size(), 1U);
  EXPECT_EQ(plain.inputs[0].name, "image");
  EXPECT_EQ(plain.inputs[0].type, "f32");
  EXPECT_EQ(plain.inputs[0].shape, (Shape{kFree, 12, 20, 3}));
  EXPECT_FALSE(plain.census.quantised);
  EXPECT_EQ(plain.census.operators.at("CONV_2D"), 2);
  const FileFacts narrow = ReadTfliteFacts(Fixture("net_int8.tflite"), Batch(1));
  EXPECT_EQ(narrow.inputs.at(0).type, "i8");
  EXPECT_TRUE(narrow.census.quantised);
  const FileFacts net = ReadNetXmlFacts(Fixture("net.xml"), Batch(1));
  EXPECT_EQ(net.inputs.at(0).name, "image");
  EXPECT_EQ(net.inputs.at(0).shape, (Shape{kFree, 3, 12, 20}));
  EXPECT_EQ(net.outputs.at(0).name, "logits");
  EXPECT_EQ(net.opsets.at("opset"), 8);
  EXPECT_EQ(net.file_version, 11);
  EXPECT_FALSE(net.census.quantised);
  EXPECT_EQ(net.census.operators.at("Convolution"), 2);
  const FileFacts pair = ReadTfliteFacts(Fixture("pair.tflite"), Batch(1));
  EXPECT_EQ(pair.inputs.size(), 2U);
  EXPECT_EQ(pair.outputs.size(), 2U);
}

TEST(FileFacts, NamesOfTensorsAndOfSignaturesAreKnown) {
  // One file has a signature over tensors of other names, the other has tensors alone.
  EXPECT_THAT(TflitePortNames(Fixture("net.tflite")), testing::IsSupersetOf({"image", "logits"}));
  EXPECT_GT(TflitePortNames(Fixture("net.tflite")).size(), 2U) << "the premise: its tensors have other names";
  const FileFacts plain = ReadTfliteFacts(Fixture("net_plain.tflite"), Batch(1));
  EXPECT_THAT(TflitePortNames(Fixture("net_plain.tflite")),
              testing::UnorderedElementsAre(plain.inputs[0].name, plain.outputs[0].name));
  const core::TestFolder folder;
  EXPECT_THAT(Refusal([&] { TflitePortNames(folder.Write("cut.tflite", "0000TFL3")); }), HasSubstr("cut.tflite"));
}

TEST(FileFacts, NamesOfEndsAreKnownForIrAndSavedModel) {
  EXPECT_THAT(NetXmlPortNames(Fixture("net.xml")), testing::IsSupersetOf({"image", "logits"}));
  EXPECT_THAT(NetXmlPortNames(Fixture("net.xml")), testing::Not(testing::Contains("conv1")));
  EXPECT_THAT(SavedModelPortNames(Fixture("net.savedmodel")), testing::IsSupersetOf({"image", "logits"}));
  const core::TestFolder folder;
  EXPECT_THAT(Refusal([&] { NetXmlPortNames(folder.Write("cut.xml", "<net>")); }), HasSubstr("cut.xml"));
  folder.Write("cut/saved_model.pb", "\x0a\xff");
  EXPECT_THAT(Refusal([&] { SavedModelPortNames(folder / "cut"); }), HasSubstr("saved_model.pb"));
}

TEST(FileFacts, SavedModelTellsWhatItsServingSignatureNeeds) {
  const FileFacts facts = ReadSavedModelFacts(Fixture("net.savedmodel"), Batch(1));
  ASSERT_EQ(facts.inputs.size(), 1U);
  EXPECT_EQ(facts.inputs[0].name, "image");
  EXPECT_EQ(facts.inputs[0].shape, (Shape{kFree, 12, 20, 3}));
  ASSERT_EQ(facts.outputs.size(), 1U);
  EXPECT_EQ(facts.outputs[0].name, "logits");
  EXPECT_THAT(facts.producer, HasSubstr(" 2."));
  EXPECT_EQ(facts.census.operators.at("Conv2D"), 2);
  // The other signature's, and the handles and calls that stand for no work.
  for (const char* absent : {"ArgMax", "StatefulPartitionedCall", "VarHandleOp", "ReadVariableOp", "Const"})
    EXPECT_FALSE(facts.census.operators.contains(absent)) << absent;
  EXPECT_THAT(facts.notes, testing::Contains(HasSubstr("explain")));
}

TEST(FileFacts, FrozenGraphTellsItsEdges) {
  const FileFacts facts = ReadFrozenFacts(Fixture("pair.pb"), Batch(2));
  ASSERT_EQ(facts.inputs.size(), 2U);
  EXPECT_EQ(facts.inputs[1].type, "i32");
  ASSERT_EQ(facts.outputs.size(), 2U);
  for (const FilePort& output : facts.outputs) EXPECT_EQ(output.shape, (Shape{kFree, 4})) << output.name;
}

TEST(FileFacts, OrtFileIsTheOnnxModelItWasMadeFrom) {
  const Census census = CensusFor(ReadOrt(Fixture("net.ort")), 3), wanted = OnnxCensus(3);
  EXPECT_EQ(census.multiply_adds, wanted.multiply_adds);
  EXPECT_EQ(census.parameters, wanted.parameters);
  EXPECT_EQ(census.operators, wanted.operators);
  EXPECT_EQ(ReadOrt(Fixture("net.ort")).opsets, (std::map<std::string, int64_t>{{"", 17}}));
  EXPECT_EQ(ReadOrt(Fixture("pair.ort")).graph.outputs().size(), 2U);
}

TEST(FileFacts, FusedOperatorsOfAnOrtFileCountAsWhatTheyWereFusedFrom) {
  const Census plain = CensusFor(ReadOnnx(Fixture("fused.onnx")), 2),
               fused = CensusFor(ReadOrt(Fixture("fused.ort")), 2);
  for (const char* op : {"FusedConv", "FusedGemm", "FusedMatMul"})
    EXPECT_EQ(fused.operators.count(std::string("com.microsoft.") + op), 1U) << "the premise: " << op;
  // conv1 8 x 27 on 2 x 240 places, wide 6 x 8 on 2 rows, gram 6 x 6 over 2 rows.
  EXPECT_EQ(plain.multiply_adds, 2 * 240 * 8 * 27 + 2 * 6 * 8 + 6 * 6 * 2);
  EXPECT_EQ(fused.multiply_adds, plain.multiply_adds);
  EXPECT_EQ(fused.parameters, plain.parameters);
  EXPECT_THAT(fused.not_counted, testing::IsEmpty());
}

TEST(FileFacts, CustomOperatorsAreNamedAsNotCounted) {
  const FileFacts facts = ReadTfliteFacts(Fixture("custom.tflite"), Batch(1));
  EXPECT_THAT(facts.census.not_counted, testing::Contains(HasSubstr("BesselI0e")));
}

TEST(FileFacts, WithoutShapesNothingIsCounted) {
  const ChooseShapes none = [](const auto&) { return std::map<std::string, Shape>(); };
  EXPECT_EQ(ReadTfliteFacts(Fixture("net.tflite"), none).census.multiply_adds, std::nullopt);
  EXPECT_EQ(ReadNetXmlFacts(Fixture("net.xml"), none).census.multiply_adds, std::nullopt);
}

TEST(FileFacts, CutShortFails) {
  const core::TestFolder folder;
  const std::string flat = core::ReadFile(Fixture("net.tflite")), text = core::ReadFile(Fixture("net.xml"));
  const fs::path cut = folder.Write("cut.tflite", flat.substr(0, flat.size() / 2));
  EXPECT_THAT(Refusal([&] { ReadTfliteFacts(cut, Batch(1)); }), HasSubstr("cut.tflite"));
  const fs::path net = folder.Write("cut.xml", text.substr(0, text.size() / 2));
  EXPECT_THAT(Refusal([&] { ReadNetXmlFacts(net, Batch(1)); }), HasSubstr("cut.xml"));
  const fs::path whole = folder.Write("net.xml", text);
  EXPECT_THAT(Refusal([&] { ReadNetXmlFacts(whole, Batch(1)); }), HasSubstr("net.bin"));
  const auto cut_half = [&](const char* name) {
    const std::string content = core::ReadFile(Fixture(name));
    return content.substr(0, content.size() / 2);
  };
  const fs::path ort = folder.Write("cut.ort", cut_half("net.ort")),
                 frozen = folder.Write("cut.pb", cut_half("net.pb"));
  EXPECT_THAT(Refusal([&] { ReadOrt(ort); }), HasSubstr("cut.ort"));
  EXPECT_THAT(Refusal([&] { ReadFrozenFacts(frozen, Batch(1)); }), HasSubstr("cut.pb"));
  folder.Write("saved_model.pb", cut_half("net.savedmodel/saved_model.pb"));
  EXPECT_THAT(Refusal([&] { ReadSavedModelFacts(frozen.parent_path(), Batch(1)); }), HasSubstr("saved_model.pb"));
  folder.Write("net.bin", "short");
  EXPECT_THAT(Refusal([&] { ReadNetXmlFacts(whole, Batch(1)); }), HasSubstr("5 bytes"));
}

// Bytes changed at random: an answer or an Error, nothing else, and soon.
TEST(FileFacts, DamagedFilesAreReadOrRefused) {
  const core::TestFolder folder;
  folder.Write("net.bin", core::ReadFile(Fixture("net.bin")));
  constexpr auto kReadOrt = [](const fs::path& path, const ChooseShapes& choose) {
    Model model = ReadOrt(path);
    FileFacts facts;
    for (const Value* input : model.graph.inputs()) {
      facts.inputs.push_back({input->name(), "f32", {}});
      if (const auto& shape = input->shape) {
        facts.inputs.back().shape.emplace();
        for (const Dim& dim : *shape) facts.inputs.back().shape->push_back(dim.Value().value_or(kFree));
      }
    }
    BindShapes(model, choose(facts.inputs));
    InferShapes(model, Inference::kLenient);
    facts.census = CountGraph(model.graph);
    return facts;
  };
  constexpr auto kReadSaved = [](const fs::path& path, const ChooseShapes& choose) {
    return ReadSavedModelFacts(path.parent_path(), choose);
  };
  const std::pair<const char*, FileFacts (*)(const fs::path&, const ChooseShapes&)> kFiles[] = {
      {"net.pb", ReadFrozenFacts},
      {"pair.pb", ReadFrozenFacts},
      {"net.savedmodel/saved_model.pb", kReadSaved},
      {"net.ort", kReadOrt},
      {"pair.ort", kReadOrt},
      {"net.tflite", ReadTfliteFacts},
      {"net_int8.tflite", ReadTfliteFacts},
      {"pair.tflite", ReadTfliteFacts},
      {"custom.tflite", ReadTfliteFacts},
      {"net.xml", ReadNetXmlFacts}};
  const auto start = std::chrono::steady_clock::now();
  for (const auto& [name, read] : kFiles) {
    const std::string whole = core::ReadFile(Fixture(name));
    int refused = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
      std::mt19937 random(seed);
      std::string damaged = whole;
      for (int i = 0; i < 8; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
      const fs::path path = folder.Write(fs::path(name).filename(), damaged);
      try {
        read(path, Batch(1));
      } catch (const Error& error) {
        ++refused;
        EXPECT_FALSE(error.text().empty());
      }
    }
    EXPECT_GT(refused, 0) << name;  // the damage reached what is read
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(Xml, ReadsWhatItShould) {
  const XmlElement root = ParseXml("<?xml version=\"1.0\"?><!-- c --><a b='1 &lt; 2'>\n <c/> text <d e=\"\"/></a>\n");
  EXPECT_EQ(root.Get("b"), "1 < 2");
  EXPECT_EQ(root.text, "text");
  ASSERT_EQ(root.children.size(), 2U);
  EXPECT_EQ(root.Child("d")->line, 2U);
  EXPECT_EQ(root.Child("x"), nullptr);
}

TEST(Xml, WhatIsNotXmlFails) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (const std::string& text : {std::string(), std::string("a"), std::string("<a"), std::string("<a b></a>"),
                                  std::string("<a b=1/>"), std::string("<a><b></a>"), std::string("<a/><b/>"),
                                  std::string("<a b='1' b='2'/>"), std::string("<!DOCTYPE a><a/>"), deep})
    EXPECT_THAT(Refusal([&] { ParseXml(text); }), HasSubstr("line 1")) << text.substr(0, 30);
}

}  // namespace
}  // namespace bakeoff::graph
