// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The table of metrics, and bounds on their change.
#include "measure/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "bakeoff/error.h"
#include "core/text.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

constexpr std::array kMetrics = {
    Metric{.name = "p50", .field = "latency_ns.p50", .unit = "ns", .percentile = core::kP50},
    Metric{.name = "p90", .field = "latency_ns.p90", .unit = "ns", .percentile = core::kP90},
    Metric{.name = "p95", .field = "latency_ns.p95", .unit = "ns", .percentile = core::kP95},
    Metric{.name = "p99", .field = "latency_ns.p99", .unit = "ns", .percentile = core::kP99},
    Metric{.name = "mean", .field = "latency_ns.mean", .unit = "ns"},
    Metric{.name = "min", .field = "latency_ns.min", .unit = "ns"},
    Metric{.name = "throughput", .field = "throughput_per_s", .unit = "1/s", .more_is_better = true},
    Metric{.name = "memory", .field = "memory.peak_rss_bytes", .unit = "bytes", .better = "less", .worse = "more"},
    Metric{.name = "load", .field = "load_ns", .unit = "ns"},
    Metric{.name = "first", .field = "first_inference_ns", .unit = "ns"},
    Metric{.name = "cpu", .field = "cpu.time_ns", .unit = "ns", .better = "less", .worse = "more", .per = "samples"},
    Metric{.name = "energy", .field = "energy.joules_per_inference", .unit = "J", .better = "less", .worse = "more"},
};

Error NoCondition(const std::string& text) {
  return {ErrorCode::kUsage,
          fmt::format("--fail-if '{}': give METRIC > +N% or METRIC < -N%, for example \"p50 > +5%\"", text)};
}

}  // namespace

std::span<const Metric> Metrics() {
  return kMetrics;
}

const Metric& MetricNamed(std::string_view what, const std::string& name) {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return metric;
    names.emplace_back(metric.name);
  }
  throw Error(ErrorCode::kUsage, fmt::format("{} '{}': no such metric{}; there are: {}", what, name,
                                             core::DidYouMean(name, names), core::Join(names, ", ")));
}

std::optional<double> ValueOf(const Metric& metric, const Json& record) {
  const Json& found = At(record, metric.field);
  if (!found.is_number()) return std::nullopt;
  double value = found.get<double>();
  if (!metric.per.empty()) {
    const Json& by = At(record, metric.per);
    value = by.is_number() ? value / by.get<double>() : 0;
  }
  return std::isfinite(value) && value > 0 ? std::optional(value) : std::nullopt;
}

std::string_view Word(const Metric& metric, Verdict verdict) {
  if (verdict == Verdict::kFaster) return metric.better;
  return verdict == Verdict::kSlower ? metric.worse : VerdictName(verdict);
}

Condition ParseCondition(const std::string& text) {
  const size_t sign = text.find_first_of("<>");
  if (sign == std::string::npos) throw NoCondition(text);
  Condition condition{.above = text[sign] == '>', .text = text};
  std::string_view bound = core::Trim(std::string_view(text).substr(sign + 1));
  if (!bound.ends_with('%')) throw NoCondition(text);
  bound.remove_suffix(1);
  if (bound.starts_with('+')) bound.remove_prefix(1);
  const auto value = core::ParseReal(core::Trim(bound));
  if (!value || !std::isfinite(*value)) throw NoCondition(text);
  condition.metric = &MetricNamed(fmt::format("--fail-if '{}':", text), std::string(core::Trim(text.substr(0, sign))));
  condition.change = *value / 100;
  // "p50 > -5%" would be broken by no change at all.
  if (condition.above ? condition.change < 0 : condition.change > 0 || condition.change <= -1)
    throw Error(
        ErrorCode::kUsage,
        fmt::format("--fail-if '{}': a bound for '>' is not negative, one for '<' lies between -100% and 0", text));
  return condition;
}

Held Judge(const Condition& condition, const Comparison& comparison) {
  if (!comparison.ratio || !comparison.low || !comparison.high) return Held::kUnsure;
  const double change = *comparison.ratio - 1;
  const bool beyond = condition.above ? change > condition.change : change < condition.change;
  const bool proved = condition.above ? *comparison.low > 1 : *comparison.high < 1;
  if (beyond) return proved ? Held::kBroken : Held::kUnsure;
  return comparison.verdict == Verdict::kUnclear ? Held::kUnsure : Held::kHeld;
}

}  // namespace bakeoff::measure
