// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of EngineInfo's way through JSON.
#include "worker/info.h"

#include <gtest/gtest.h>

namespace bakeoff::worker {
namespace {

EngineInfo Sample() {
  EngineInfo info;
  info.name = "sample";
  info.version = "1.2";
  info.reads = {"onnx"};
  info.options = {{"plain", "1", "A help.", "1|2"}, {"early", "", "Read while loading.", "0|1", "SAMPLE_EARLY"}};
  return info;
}

TEST(Info, KeepsOptionsOnTheWayThroughJson) {
  const EngineInfo info = InfoFromJson(ToJson(Sample()));
  ASSERT_EQ(info.options.size(), 2u);
  EXPECT_EQ(info.options[0].choices, "1|2");
  EXPECT_EQ(info.options[0].environment, "");
  EXPECT_EQ(info.options[1].environment, "SAMPLE_EARLY");
}

TEST(Info, CensusIsEmptyWhereAWorkerDoesNotKnowIt) {
  EngineInfo sample = Sample();
  sample.census = {"torchscript"};
  Json json = ToJson(sample);
  EXPECT_EQ(InfoFromJson(json).census, sample.census);
  json.erase("census");
  EXPECT_TRUE(InfoFromJson(json).census.empty());
}

TEST(Info, KeepsWhatTellsTheTimeOfOperators) {
  EngineInfo sample = Sample();
  sample.profile = "a file";
  Json json = ToJson(sample);
  EXPECT_EQ(InfoFromJson(json).profile, "a file");
  json.erase("profile");
  EXPECT_EQ(InfoFromJson(json).profile, "");
}

TEST(Info, KeepsTheFrameworkThatModelsAreMadeIn) {
  EngineInfo sample = Sample();
  sample.framework = {.name = "Sample unhurried", .makes = {"onnx"}, .options = {{"plain", "2"}}};
  Json json = ToJson(sample);
  const Framework back = InfoFromJson(json).framework;
  EXPECT_EQ(back.name, "Sample unhurried");
  EXPECT_EQ(back.makes, sample.framework.makes);
  EXPECT_EQ(back.options, sample.framework.options);
  json["framework"] = "Sample";
  EXPECT_EQ(InfoFromJson(json).framework.name, "");
  json.erase("framework");
  EXPECT_TRUE(InfoFromJson(json).framework.makes.empty());
}

TEST(Info, GivesTheEnvironmentOfGivenOptionsOnly) {
  EXPECT_TRUE(EnvironmentFor(Sample(), {{"plain", "2"}}).empty());
  const std::map<std::string, std::string> wanted = {{"SAMPLE_EARLY", "0"}};
  EXPECT_EQ(EnvironmentFor(Sample(), {{"plain", "2"}, {"early", "0"}}), wanted);
}

}  // namespace
}  // namespace bakeoff::worker
