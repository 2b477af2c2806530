// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Campaign files as they should be read; what is refused is in tests/cli/run_test.py, on the real tables of options.
#include "campaign/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::campaign {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<CommandOption>* Commands(std::string_view name) {
  static const std::map<std::string, std::vector<CommandOption>, std::less<>> all = {
      {"bench",
       {{"engines", "A,B", true},
        {"threads", "N,.."},
        {"batch", "N,.."},
        {"duration", "TIME"},
        {"count", "N"},
        {"repeat", "N"},
        {"input", "NAME=FILE", true},
        {"force", ""},
        {"qps", "Q,.."},
        {"test-size", "N,.."},
        {"json", "[FILE]"},
        {"reuse", ""},
        {"option", "E.O=V", true}}},
      {"train", {{"arch", "NAME"}, {"image-size", "N"}, {"lr", "RATE"}, {"json", "[FILE]"}}},
      {"verify", {{"engines", "A,B", true}, {"seeds", "N"}, {"json", "[FILE]"}}},
      {"eval", {{"split", "PART"}, {"batch", "N"}, {"json", "[FILE]"}, {"answers", "FILE"}, {"against", "FILE"}}},
      {"convert", {{"to", "FORMAT"}, {"json", "[FILE]"}}},
      {"data make", {}},
      {"data import", {}},
      {"data info", {{"json", "[FILE]"}}},
      {"data split", {{"train", "SHARE"}, {"json", "[FILE]"}}},
      {"compare", {{"json", "[FILE]"}}},
      {"report", {{"out", "FILE"}}},
  };
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

Spec Read(const std::string& text) {
  return ParseSpec(text, "c.yaml", "", Commands);
}

TEST(Spec, TrainsOnDrawnData) {
  const Spec spec = Read("data: {make: fruits, seed: 11}\ntrain:\n  arch: resnet18\n  image_size: 32\n");
  EXPECT_EQ(spec.name, "c");
  EXPECT_EQ(spec.data, DataKind::kMake);
  EXPECT_EQ(spec.data_source, "fruits");
  EXPECT_TRUE(spec.train && spec.evaluate && spec.verify && spec.report && spec.convert_all);
  ASSERT_EQ(spec.train_given.size(), 2U);
  EXPECT_EQ(spec.train_given[1].option, "image-size");
  EXPECT_EQ(spec.train_given[1].line, 4);
  ASSERT_EQ(spec.measurements.size(), 1U);
  EXPECT_EQ(spec.measurements[0].role, "latency");
}

TEST(Spec, EmptySectionIsOneWithoutKeys) {
  EXPECT_TRUE(Read("data: {make: fruits}\ntrain:\n").train);
}

TEST(Spec, SectionsOfMeasureTakeWhatMeasureSays) {
  const Spec spec = Read(
      "data: {make: fruits}\ntrain:\nmeasure:\n  threads: [1, 2]\n  duration: 1s\n  force: true\n  options: {a.x: "
      "[1, 2]}\n  dataset: {threads: 4, test_size: 1..3}\n  server: {qps: [10, 20], options: {a.y: 1}}\n  offline: "
      "false\n");
  ASSERT_EQ(spec.measurements.size(), 3U);
  const Measurement& dataset = spec.measurements[1];
  EXPECT_EQ(dataset.role, "dataset");
  EXPECT_THAT(Find(dataset.given, "threads")->values, ElementsAre("4"));
  EXPECT_TRUE(Find(dataset.given, "force"));
  EXPECT_FALSE(Find(dataset.given, "duration")) << "a data set ends with its size";
  ASSERT_EQ(dataset.options.size(), 1U);
  EXPECT_THAT(dataset.options[0].values, ElementsAre("1", "2"));
  const Measurement& server = spec.measurements[2];
  EXPECT_THAT(Find(server.given, "threads")->values, ElementsAre("1", "2"));
  EXPECT_EQ(server.options[0].option, "y");
}

TEST(Spec, SwitchThatIsOffIsNotGiven) {
  const Spec spec = Read("data: {make: fruits}\ntrain:\nmeasure: {force: false}\n");
  EXPECT_FALSE(Find(spec.measurements[0].given, "force"));
}

TEST(Spec, PathsAreRelativeToTheFile) {
  const core::TestFolder folder;
  std::filesystem::create_directories(folder.path() / "pictures");
  const Spec spec = ParseSpec("data: {path: pictures/}\ntrain:\n", "c.yaml", folder.path(), Commands);
  EXPECT_EQ(spec.data_source, (folder.path() / "pictures").string());
}

TEST(Spec, FilesThatOptionsNameAreRelativeToTheFileToo) {
  const core::TestFolder folder;
  const std::string values = folder.Write("x.npy", "").string(), pictures = folder.Write("p/a.png", "").parent_path();
  const auto read = [&](const std::string& measure) {
    return ParseSpec("data: {make: fruits}\ntrain:\nmeasure: {" + measure + "}\n", "c.yaml", folder.path(), Commands);
  };
  const Spec spec = read("input: [a=x.npy, p], server: {qps: 1}");
  for (const Measurement& each : spec.measurements) {
    const Given& input = *Find(each.given, "input");
    EXPECT_THAT(input.values, ElementsAre("a=" + values, pictures)) << each.role;
    EXPECT_THAT(input.files, ElementsAre(values, pictures)) << each.role;
  }
  EXPECT_THAT(core::TextOf([&] { read("input: a=y.npy"); }, ErrorCode::kNotFound),
              HasSubstr("c.yaml, line 3: measure.input: " + (folder / "y.npy").string() + " is not there"));
}

TEST(Spec, DocumentKnowsItsLinesFails) {
  for (const auto& [text, says] : std::map<std::string, std::string>{
           {"data:\n  make: fruits\n  make: shapes\ntrain:\n", "c.yaml, line 3: 'make' is given twice"},
           {"data: {make: fruits}\ntrain: {image_size: big}\n", "c.yaml, line 2: train.image_size: an integer"},
           {"data: {make: fruits}\ntrain: {image-size: 32}\n", "unknown key 'image-size' in train (did you mean"},
           {"data: {make: fruits}\ntrain:\n---\nname: x\n", "several documents"},
           {"a: b: c\n", "c.yaml, line 1"}})
    EXPECT_THAT(core::TextOf([&, bad = text] { Read(bad); }, ErrorCode::kUsage), HasSubstr(says)) << text;
}

TEST(Keys, TableNamesEveryOptionOnce) {
  const std::string text = KeysMarkdown(Commands);
  EXPECT_THAT(text, HasSubstr("| `data.make` | fruits or shapes |"));
  EXPECT_THAT(text, HasSubstr("| `train` | `bakeoff train`: `arch`, `image_size`, `lr` |"));
  EXPECT_THAT(text, Not(HasSubstr("`json`")));
}

}  // namespace
}  // namespace bakeoff::campaign
