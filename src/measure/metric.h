// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What can be compared: one number of a record, and what may be said of its change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/json.h"
#include "core/statistics.h"
#include "measure/verdict.h"

namespace bakeoff::measure {

struct Metric {
  std::string_view name;   // of the option: "p50"
  std::string_view field;  // of the record: "latency_ns.p50"
  std::string_view unit;   // "ns", "1/s", "bytes"
  bool more_is_better = false;
  std::string_view better = "faster", worse = "slower";
  core::Percentile percentile = 0;  // where it is one
  std::string_view per;             // field that the value is divided by; "" for none
};

std::span<const Metric> Metrics();
// Throws Error{kUsage} with the nearest name; `what` begins the message.
const Metric& MetricNamed(std::string_view what, const std::string& name);

// Of a record; nullopt where it has none, or none above zero.
std::optional<double> ValueOf(const Metric& metric, const Json& record);

// "faster" and "slower", or "less" and "more", "tie", "unclear".
std::string_view Word(const Metric& metric, Verdict verdict);

// "p50 > +5%": too much of a change.
struct Condition {
  const Metric* metric = nullptr;
  bool above = true;
  double change = 0;  // 0.05; of the metric itself
  std::string text;
};

// Throws Error{kUsage} showing the form.
Condition ParseCondition(const std::string& text);

// kBroken: the change is proved (its interval leaves 1 out) and the estimate lies beyond the bound. kUnsure: the
// repetitions decide nothing, or the estimate lies beyond the bound and nothing proves a change.
enum class Held { kHeld, kBroken, kUnsure };
// `comparison` is of the metric itself, B over A.
Held Judge(const Condition& condition, const Comparison& comparison);

}  // namespace bakeoff::measure
