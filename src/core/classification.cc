// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counting a classifier's answers.
#include "core/classification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

constexpr size_t kTop = 5;

std::optional<double> Ratio(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Json OrNull(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

ClassificationCounter::ClassificationCounter(std::vector<std::string> classes, std::vector<std::string> unknown)
    : classes_(std::move(classes)), known_(classes_.size()) {
  for (std::string& name : unknown) classes_.push_back(std::move(name));
  confusion_.assign(classes_.size(), std::vector<int64_t>(classes_.size()));
}

void ClassificationCounter::Add(std::span<const float> scores, int64_t label) {
  if (scores.size() != known_) {
    throw Error(ErrorCode::kMismatch,
                fmt::format("the model answers with {} scores, the labels have {} classes", scores.size(), known_));
  }
  if (label < 0 || label >= static_cast<int64_t>(classes_.size())) {
    throw Error(ErrorCode::kUsage, fmt::format("label {} is outside the {} classes", label, classes_.size()));
  }
  const auto own = static_cast<size_t>(label);
  const bool has_nan = std::any_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); });
  ++examples_;
  if (has_nan) {
    // Some prediction must stand in the matrix; any but the right one.
    ++with_nan_;
    if (classes_.size() > 1) ++confusion_[own][own == 0 ? 1 : 0];
    return;
  }
  const auto predicted = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  ++confusion_[own][predicted];
  if (own >= known_) return;
  size_t ahead = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > scores[own] || (scores[i] == scores[own] && i < own)) ++ahead;
  }
  if (ahead < kTop) ++top5_;
}

double ClassificationCounter::Top1() const {
  int64_t correct = 0;
  for (size_t i = 0; i < classes_.size(); ++i) correct += confusion_[i][i];
  return Ratio(correct, examples_).value_or(0);
}

int64_t ClassificationCounter::of_unknown() const {
  int64_t sum = 0;
  for (size_t i = known_; i < classes_.size(); ++i) {
    for (const int64_t count : confusion_[i]) sum += count;
  }
  return sum;
}

double ClassificationCounter::Top1OfKnown() const {
  int64_t correct = 0;
  for (size_t i = 0; i < known_; ++i) correct += confusion_[i][i];
  return Ratio(correct, examples_ - of_unknown()).value_or(0);
}

std::optional<double> ClassificationCounter::Top5() const {
  return known_ > kTop ? Ratio(top5_, examples_) : std::nullopt;
}

std::vector<ClassMetrics> ClassificationCounter::PerClass() const {
  std::vector<ClassMetrics> all;
  for (size_t i = 0; i < classes_.size(); ++i) {
    ClassMetrics row{.name = classes_[i], .correct = confusion_[i][i]};
    for (size_t j = 0; j < classes_.size(); ++j) {
      row.examples += confusion_[i][j];
      row.predicted += confusion_[j][i];
    }
    row.precision = Ratio(row.correct, row.predicted);
    row.recall = Ratio(row.correct, row.examples);
    // 2PR / (P + R) in counts, which is defined also where P or R alone is not.
    row.f1 = Ratio(2 * row.correct, row.examples + row.predicted);
    all.push_back(std::move(row));
  }
  return all;
}

double ClassificationCounter::MacroPrecision() const {
  return Macro(&ClassMetrics::precision);
}
double ClassificationCounter::MacroRecall() const {
  return Macro(&ClassMetrics::recall);
}
double ClassificationCounter::MacroF1() const {
  return Macro(&ClassMetrics::f1);
}

double ClassificationCounter::Macro(std::optional<double> ClassMetrics::* value) const {
  double sum = 0;
  int64_t classes = 0;
  for (const ClassMetrics& row : PerClass()) {
    if (row.examples == 0) continue;
    sum += (row.*value).value_or(0);
    ++classes;
  }
  return classes == 0 ? 0 : sum / static_cast<double>(classes);
}

Json ClassificationCounter::ToJson() const {
  Json classes = Json::array();
  for (const ClassMetrics& row : PerClass()) {
    classes.push_back({{"name", row.name},
                       {"examples", row.examples},
                       {"precision", OrNull(row.precision)},
                       {"recall", OrNull(row.recall)},
                       {"f1", OrNull(row.f1)}});
  }
  return {{"examples", examples_},         {"top1", Top1()},
          {"top5", OrNull(Top5())},        {"macro_precision", MacroPrecision()},
          {"macro_recall", MacroRecall()}, {"macro_f1", MacroF1()},
          {"with_nan", with_nan_},         {"classes", classes},
          {"confusion", confusion_}};
}

}  // namespace bakeoff::core
