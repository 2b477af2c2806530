// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Census replies, whole and wrong.
#include "worker/host/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

Json Whole() {
  return Json::parse(
      R"({"inputs": [{"name": "x", "type": "f32", "shape": [-1, 3]}, {"name": "y", "type": "i64", "shape": null}],
    "outputs": [], "shapes": {"x": [2, 3]}, "producer": "somebody", "notes": ["a note"],
    "census": {"operators": {"Dense": 2, "Relu": 1}, "parameters": 12, "bytes_by_type": {"f32": 48}, "quantised": false,
               "multiply_adds": 24, "not_counted": ["lstm"]}})");
}

TEST(CensusReply, IsReadWhole) {
  const graph::FileFacts facts = FactsFromJson(Whole());
  ASSERT_EQ(facts.inputs.size(), 2U);
  EXPECT_EQ(facts.inputs[0].shape, (Shape{-1, 3}));
  EXPECT_FALSE(facts.inputs[1].shape.has_value());
  EXPECT_EQ(facts.producer, "somebody");
  EXPECT_EQ(facts.counted_for.at("x"), (Shape{2, 3}));
  EXPECT_EQ(facts.census.nodes, 3);
  EXPECT_EQ(facts.census.parameters, 12);
  EXPECT_EQ(facts.census.weight_bytes, 48U);
  EXPECT_EQ(facts.census.multiply_adds, 24);
  EXPECT_EQ(facts.census.not_counted.size(), 1U);
  EXPECT_EQ(facts.notes.size(), 1U);
}

TEST(CensusReply, WhatIsNotKnownMayBeMissing) {
  Json reply = Whole();
  for (const char* field : {"shapes", "producer", "notes"}) reply.erase(field);
  reply["census"]["multiply_adds"] = nullptr;
  const graph::FileFacts facts = FactsFromJson(reply);
  EXPECT_TRUE(facts.counted_for.empty());
  EXPECT_FALSE(facts.census.multiply_adds.has_value());
}

TEST(CensusReply, WrongFieldsFail) {
  const auto error = [](const Json& change) {
    Json reply = Whole();
    reply.merge_patch(change);
    try {
      FactsFromJson(reply);
    } catch (const Error& caught) {
      EXPECT_EQ(caught.code(), ErrorCode::kEngineFailed);
      return caught.text();
    }
    return std::string("nothing was thrown");
  };
  EXPECT_THAT(error({{"inputs", nullptr}}), testing::HasSubstr("'inputs'"));
  EXPECT_THAT(error({{"inputs", {1}}}), testing::HasSubstr("'inputs'"));
  EXPECT_THAT(error({{"census", nullptr}}), testing::HasSubstr("'census'"));
  EXPECT_THAT(error({{"census", "many"}}), testing::HasSubstr("'census'"));
  EXPECT_THAT(error({{"census", {{"operators", "many"}}}}), testing::HasSubstr("'operators'"));
  EXPECT_THAT(error({{"census", {{"parameters", nullptr}}}}), testing::HasSubstr("'parameters'"));
  EXPECT_THAT(error({{"census", {{"multiply_adds", "many"}}}}), testing::HasSubstr("'multiply_adds'"));
}

}  // namespace
}  // namespace bakeoff::worker
