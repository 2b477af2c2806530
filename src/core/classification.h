// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counting a classifier's answers: top-1 and top-5, precision, recall and F1 per class, confusion matrix.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bakeoff/json.h"

namespace bakeoff::core {

// One class. A quotient with nothing below it (no example, no prediction) is not a number and so absent.
struct ClassMetrics {
  std::string name;
  int64_t examples = 0;   // of this class
  int64_t predicted = 0;  // as this class
  int64_t correct = 0;
  std::optional<double> precision, recall, f1;
};

// Feed one answer after the other; not thread-safe.
class ClassificationCounter {
 public:
  // `unknown`: further labels, for which the model has no score: their examples are always wrong. They are the last
  // rows of everything.
  explicit ClassificationCounter(std::vector<std::string> classes, std::vector<std::string> unknown = {});

  // `scores`: one per class (but the unknown), higher is likelier (logits or probabilities). The first of equal scores
  // wins, so that a constant answer does not look right. NaN scores make the answer wrong and are counted. Throws
  // Error{kMismatch} when sizes differ, {kUsage} for a label outside the classes.
  void Add(std::span<const float> scores, int64_t label);

  int64_t examples() const { return examples_; }
  int64_t with_nan() const { return with_nan_; }
  int64_t of_unknown() const;          // examples whose label is one of the unknown
  double Top1OfKnown() const;          // without them
  double Top1() const;                 // share of examples; 0 without examples
  std::optional<double> Top5() const;  // absent below six classes, where it says nothing
  std::vector<ClassMetrics> PerClass() const;
  // Unweighted means over the classes that have examples; an absent value counts as 0 there.
  double MacroPrecision() const;
  double MacroRecall() const;
  double MacroF1() const;
  // row = label, column = prediction
  const std::vector<std::vector<int64_t>>& confusion() const { return confusion_; }
  // {"examples","top1","top5","macro_precision","macro_recall","macro_f1","with_nan","classes":[{"name","examples","precision","recall","f1"}],"confusion":[[..]]}
  Json ToJson() const;

 private:
  double Macro(std::optional<double> ClassMetrics::* value) const;

  std::vector<std::string> classes_;
  size_t known_;  // of them the first ones, which have scores
  std::vector<std::vector<int64_t>> confusion_;
  int64_t examples_ = 0, top5_ = 0, with_nan_ = 0;
};

}  // namespace bakeoff::core
