// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a model answered, picture by picture, kept in a file, so that another model or engine can be judged against it
// on the same pictures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "core/paired.h"

namespace bakeoff::verify {

struct PictureAnswer {
  std::string path;   // as the data set names it
  std::string label;  // of the data set
  std::string answer;
  double confidence = 0;  // of the answer; NaN where the scores were NaN, then it is wrong

  bool right() const { return answer == label; }
};

struct AnswersFile {
  std::string model, engine, data, split;
  std::vector<PictureAnswer> answers;
};

// JSON lines: {"schema": 1, "model", "engine", "data", "split", "pictures"}, then {"path", "label", "answer"|null,
// "confidence"|null} for each picture. Throws as core::WriteFileAtomically().
void WriteAnswers(const std::filesystem::path& path, const AnswersFile& file);

// Throws Error: kNotFound, kUsage naming file and line for what is no such file or is cut short.
AnswersFile ReadAnswers(const std::filesystem::path& path);

struct AnswersCompared {
  core::PairedCounts counts;  // first: the new ones; second: the earlier ones
  int64_t same_answer = 0;    // also where both are wrong
  int64_t unpaired = 0;       // pictures that stand in one of them only
};

// Throws Error{kUsage} where no picture stands in both or a picture's labels contradict each other.
AnswersCompared CompareAnswers(const std::vector<PictureAnswer>& answers, const AnswersFile& earlier);

// {"pictures", "both_right", "only_this", "only_other", "both_wrong", "same_answer", "unpaired", "difference", "low",
// "high", "p_value", "verdict"}: differences are of accuracies, this less the other.
Json ToJson(const AnswersCompared& compared);

}  // namespace bakeoff::verify
