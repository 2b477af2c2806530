// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
#include "core/model_description.h"

#include <gtest/gtest.h>

namespace bakeoff::core {
namespace {

Json Fruit() {
  return {
      {"schema", 1},
      {"name", "fruit"},
      {"classes", {"apple", "sweet lime"}},
      {"preprocess",
       {{"scale", 0.5}, {"mean", {1.0, 2.0, 3.0}}, {"std", {4.0, 5.0, 6.0}}, {"layout", "NCHW"}, {"color", "RGB"}}},
      {"inputs", {{{"name", "images"}, {"shape", {-1, 3, 8, 6}}, {"layout", "NCHW"}, {"meaning", "pixels"}}}},
      {"outputs", {{{"name", "logits"}, {"shape", {-1, 2}}, {"layout", "NC"}, {"meaning", "one logit per class"}}}}};
}

Artifact Ported(const char* input, const Shape& shape, const char* layout) {
  return {.path = "m",
          .format = "x",
          .inputs = {{input, DType::kF32, shape}},
          .outputs = {{"out", DType::kF32, {-1, 2}}},
          .layouts = {{input, layout}}};
}

TEST(ModelDescription, TakesTheTargetsNamesShapesAndAxes) {
  const Json told =
      DescriptionFor(Fruit(), Ported("images", {-1, 3, 8, 6}, "NCHW"), Ported("in", {-1, 8, 6, 3}, "NHWC"));
  EXPECT_EQ(told["inputs"], Json::parse(R"([{"name": "in", "type": "f32", "shape": [-1, 8, 6, 3], "layout": "NHWC",
                                             "meaning": "pixels"}])"));
  EXPECT_EQ(told["outputs"][0]["meaning"], "one logit per class") << "by place: no output has its name";
  EXPECT_EQ(told["preprocess"]["layout"], "NHWC");
  EXPECT_EQ(told["classes"], Fruit()["classes"]);
  EXPECT_TRUE(DescriptionFor(nullptr, {}, {}).is_null());
}

TEST(ModelDescription, PortsAreFoundByNameBeforePlace) {
  Json two = Fruit();
  two["inputs"].push_back({{"name", "mask"}, {"meaning", "what counts"}});
  Artifact source = Ported("mask", {-1}, ""), target = Ported("m", {-1}, "");
  source.inputs.push_back({"images", DType::kF32, {-1, 3, 8, 6}});
  target.inputs.push_back({"i", DType::kF32, {-1, 3, 8, 6}});
  const Json told = DescriptionFor(two, source, target);
  EXPECT_EQ(told["inputs"][0]["meaning"], "what counts");
  EXPECT_EQ(told["inputs"][1]["meaning"], "pixels");
  EXPECT_EQ(told["preprocess"]["layout"], "NCHW") << "which of two inputs the pictures go to is not known";
}

TEST(ModelDescription, ParsesOnlyDescriptions) {
  EXPECT_EQ(ParseDescription(DescriptionText(Fruit())), Fruit());
  for (const char* text : {"", "[]", "null", "{}", R"({"schema": 2, "name": "x", "classes": [], "preprocess": null})",
                           R"({"schema": 1, "name": "x", "classes": [1], "preprocess": null})",
                           R"({"schema": 1, "name": "x", "classes": [], "preprocess": []})"})
    EXPECT_TRUE(ParseDescription(text).is_null()) << text;
}

TEST(ModelDescription, PixelRuleIsForWholeSamples) {
  const auto rule = PixelRuleOf(Fruit());
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->mean, (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(rule->divisor, (std::vector<double>{8, 10, 12}));
  EXPECT_FALSE(rule->bgr);
  for (const char* field : {"scale", "mean", "std"}) {
    Json less = Fruit();
    less["preprocess"].erase(field);
    EXPECT_FALSE(PixelRuleOf(less)) << field;
  }
  EXPECT_FALSE(PixelRuleOf(nullptr));
}

TEST(ModelDescription, ClassLinesHoldOneNameEach) {
  EXPECT_EQ(ClassLines(Fruit()), "apple\nsweet lime\n");
  Json odd = Fruit();
  odd["classes"].push_back("two\nlines");
  EXPECT_EQ(ClassLines(odd), "");
  EXPECT_EQ(ClassLines(nullptr), "");
}

}  // namespace
}  // namespace bakeoff::core
