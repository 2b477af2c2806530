// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
#include "verify/answers_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/files.h"
#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::verify {
namespace {

using testing::HasSubstr;

class KeptAnswers : public testing::Test {
 protected:
  static AnswersFile Of(const std::string& answers) {
    AnswersFile file{.model = "net.onnx", .engine = "fake", .data = "fruits", .split = "test", .answers = {}};
    for (size_t i = 0; i < answers.size(); ++i)
      file.answers.push_back({.path = "a/" + std::to_string(i) + ".png",
                              .label = "a",
                              .answer = answers[i] == '?' ? "" : std::string(1, answers[i]),
                              .confidence = answers[i] == '?' ? std::nan("") : 0.75});
    return file;
  }

  core::TestFolder folder_;
};

TEST_F(KeptAnswers, ReadsWhatItWrote) {
  AnswersFile file = Of("ab?");
  file.answers[0].path = "\"odd\n name\"";
  WriteAnswers(folder_ / "answers.jsonl", file);
  const AnswersFile read = ReadAnswers(folder_ / "answers.jsonl");
  EXPECT_EQ(read.model, "net.onnx");
  EXPECT_EQ(read.engine, "fake");
  EXPECT_EQ(read.data, "fruits");
  EXPECT_EQ(read.split, "test");
  ASSERT_EQ(read.answers.size(), 3U);
  EXPECT_EQ(read.answers[0].path, "\"odd\n name\"");
  EXPECT_TRUE(read.answers[0].right());
  EXPECT_EQ(read.answers[1].answer, "b");
  EXPECT_EQ(read.answers[1].confidence, 0.75);
  EXPECT_FALSE(read.answers[2].right());
  EXPECT_TRUE(std::isnan(read.answers[2].confidence));
}

TEST_F(KeptAnswers, CountsPairs) {
  // this: a a b b ? a, other: a b a b ? -
  const AnswersFile other = Of("abab?");
  const AnswersCompared compared = CompareAnswers(Of("aabb?a").answers, other);
  EXPECT_EQ(compared.counts.both_right, 1);
  EXPECT_EQ(compared.counts.only_first, 1);
  EXPECT_EQ(compared.counts.only_second, 1);
  EXPECT_EQ(compared.counts.both_wrong, 2);
  EXPECT_EQ(compared.same_answer, 3);
  EXPECT_EQ(compared.unpaired, 1);
  const Json json = ToJson(compared);
  EXPECT_EQ(json["pictures"], 5);
  EXPECT_EQ(json["difference"], 0);
  EXPECT_EQ(json["p_value"], 1);
  EXPECT_EQ(json["verdict"], "tie");
  EXPECT_LT(json["low"], 0);
}

TEST_F(KeptAnswers, OtherDataIsRefused) {
  AnswersFile other = Of("aa");
  other.answers[1].label = "b";
  EXPECT_THAT(core::TextOf([&] { CompareAnswers(Of("aa").answers, other); }, ErrorCode::kUsage),
              HasSubstr("a/1.png: its label is 'a'"));
  for (PictureAnswer& row : other.answers) row.path += "x";
  EXPECT_THAT(core::TextOf([&] { CompareAnswers(Of("aa").answers, other); }, ErrorCode::kUsage),
              HasSubstr("none of these 2 pictures is among the other's 2"));
}

TEST_F(KeptAnswers, WhatIsNoSuchFileIsRefused) {
  const auto read = [&](std::string_view content) {
    const auto path = folder_.Write("x.jsonl", content);
    return core::TextOf([&] { ReadAnswers(path); }, ErrorCode::kUsage);
  };
  EXPECT_THAT(read(""), HasSubstr("x.jsonl:1: an empty file"));
  EXPECT_THAT(read("rubbish"), HasSubstr("x.jsonl:1: no JSON object"));
  EXPECT_THAT(read("{}"), HasSubstr("no file of answers"));
  EXPECT_THAT(read("{\"schema\":2,\"pictures\":0}"), HasSubstr("newer version"));
  EXPECT_THAT(read("{\"schema\":1,\"pictures\":1}\n{\"path\":\"x\"}"), HasSubstr("x.jsonl:2: no \"path\" or no"));
  WriteAnswers(folder_ / "whole.jsonl", Of("abc"));
  const std::string whole = core::ReadFile(folder_ / "whole.jsonl");
  EXPECT_THAT(read(whole.substr(0, whole.rfind('{'))), HasSubstr("2 pictures instead of 3: the file is cut short"));
  EXPECT_THAT(core::TextOf([&] { ReadAnswers(folder_ / "none.jsonl"); }, ErrorCode::kNotFound),
              HasSubstr("none.jsonl"));
}

}  // namespace
}  // namespace bakeoff::verify
