// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A against B, row by row: which rows are the same measurement, what became of them, and what a gate makes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "measure/metric.h"
#include "measure/run.h"
#include "measure/side.h"
#include "measure/verdict.h"

namespace bakeoff::measure {

struct ComparedRow {
  Configuration a, b;
  const Metric* metric = nullptr;
  RunStatus status_a = RunStatus::kOk, status_b = RunStatus::kOk;  // the worst of the repetitions
  std::string text_a, text_b;                                      // of that status
  std::vector<double> values_a, values_b;                          // one per repetition that is ok
  std::optional<double> middle_a, middle_b;                        // their geometric means
  bool paired = false;
  std::string changed;    // settings that B has otherwise, "threads 1 / 2"; "" where the rows are the same
  Comparison comparison;  // of the metric itself, B over A; the verdict is of B
};

// What a condition says of a row.
struct Judged {
  size_t row = 0;  // of Result::rows
  std::string condition;
  Held held = Held::kHeld;
};

// In the order in which they decide over the exit code.
struct Alarms {
  bool wrong_answers = false;   // a row of B is a mismatch: 4
  bool failed = false;          // or failed: 3
  bool engine_missing = false;  // or its engine is absent, or has no row, where it was there in A: 6
  bool regression = false;      // a condition is broken; without conditions, something is proved to be worse: 1
  bool unstable = false;        // a condition cannot be judged; without conditions, no row at all can: 5
};

struct CompareResult {
  std::string label_a, label_b;
  Json machine_a, machine_b, environment_a, environment_b;
  std::vector<ComparedRow> rows;  // by metric within a row
  std::vector<Configuration> only_a, only_b;
  size_t taken_over = 0;  // rows of B that are A's own runs, and so not compared
  std::vector<Judged> judged;
  std::vector<std::string> notes;
  Alarms alarms;
};

enum class Matching {
  // What all rows of A have otherwise than all rows of B is what is compared (one engine against another, 1 thread
  // against 2): that is left out where what remains still tells rows apart. Rows that are alone then are paired where
  // they differ in their options only.
  kRows,
  // A was measured again after a change, as B: nothing is left out, rows that are alone are paired where engine and
  // work
  // are the same, and where nothing can be compared that is no error.
  kChanges,
};

// In a note of CompareSides() on each setting that a row has otherwise than its pair.
inline constexpr std::string_view kAnotherSetting = ": another setting of the same row: ";

// Rows are the same where model, engine, scenario, device, threads, streams, batch, precision, options, format and what
// the scenario asks for are. Engines' versions are not looked at. Rows that are alone are paired with the nearest of
// the other side where each is the other's only nearest, by the number of settings that differ: `changed` and a note
// tell them. Without metrics and conditions each row is compared by what ranks its scenario: throughput for offline and
// dataset, p99 for server where there are enough samples, else p50. Repetitions of B that are A's own, taken over, are
// left out. `live`: both were measured in turns. With kRows throws Error{kUsage} where no row of A is in B, naming what
// differs.
CompareResult CompareSides(const Side& a, const Side& b, const std::vector<const Metric*>& metrics,
                           const std::vector<Condition>& conditions, bool live = false,
                           Matching matching = Matching::kRows);

// 0; 4, 3, 6, 1, 5 for the alarms.
int ExitCode(const CompareResult& result);

Json ToJson(const CompareResult& result);
// One line per row and metric.
std::string ToCsv(const CompareResult& result);

}  // namespace bakeoff::measure
