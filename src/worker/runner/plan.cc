// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads a plan; refuses what cannot be measured.
#include "worker/runner/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

// nullopt for a field that is absent or null.
std::optional<int64_t> Int(const Json& json, const char* name, int64_t low, int64_t high) {
  const auto field = json.find(name);
  if (field == json.end() || field->is_null()) return std::nullopt;
  if (!field->is_number_integer())
    throw Error(ErrorCode::kUsage, fmt::format("plan: '{}' must be a whole number or null", name));
  const auto value = field->get<int64_t>();
  const bool wrapped = field->is_number_unsigned() && value < 0;
  if (wrapped || value < low || value > high) {
    throw Error(ErrorCode::kUsage,
                fmt::format("plan: '{}' is {}; it must be from {} to {}", name, field->dump(), low, high));
  }
  return value;
}

}  // namespace

Plan PlanFromJson(const Json& json) {
  if (!json.is_object()) throw Error(ErrorCode::kUsage, "measure needs a 'plan' object");
  Plan plan;
  plan.whole = json;
  const auto scenario = json.find("scenario");
  if (scenario == json.end() || !scenario->is_string())
    throw Error(ErrorCode::kUsage, "plan: 'scenario' must be a name");
  plan.scenario = scenario->get<std::string>();
  constexpr int64_t kMost = int64_t{1} << 53;
  plan.limits.count = Int(json, "count", 1, kMost).value_or(kNoLimit);
  plan.limits.duration_ns = Int(json, "duration_ns", 1, kMost).value_or(kNoLimit);
  if (plan.limits.count == kNoLimit && plan.limits.duration_ns == kNoLimit) {
    throw Error(ErrorCode::kUsage, "plan: give 'count' or 'duration_ns' or both, or the run would never end");
  }
  plan.limits.least = Int(json, "least", 0, kMost).value_or(0);
  plan.samples_per_query = Int(json, "samples_per_query", 1, 1 << 20).value_or(1);
  // 2^30 samples are 8 GiB, the limit of a frame's payload.
  plan.max_samples = Int(json, "max_samples", 1, int64_t{1} << 30).value_or(plan.max_samples);
  plan.progress_ns = Int(json, "progress_ns", 0, kMost).value_or(plan.progress_ns);
  if (const auto warmup = json.find("warmup"); warmup != json.end() && !warmup->is_null()) {
    if (!warmup->is_object()) throw Error(ErrorCode::kUsage, "plan: 'warmup' must be an object");
    plan.warmup.min_runs = Int(*warmup, "min_runs", 0, kMost).value_or(plan.warmup.min_runs);
    plan.warmup.max_runs =
        Int(*warmup, "max_runs", 0, kMost).value_or(std::max(plan.warmup.max_runs, plan.warmup.min_runs));
    plan.warmup.min_ns = Int(*warmup, "min_ns", 0, kMost).value_or(plan.warmup.min_ns);
    plan.warmup.max_ns = Int(*warmup, "max_ns", 0, kMost).value_or(plan.warmup.max_ns);
    if (plan.warmup.max_runs < plan.warmup.min_runs) {
      throw Error(ErrorCode::kUsage, fmt::format("plan: warmup.max_runs ({}) is below warmup.min_runs ({})",
                                                 plan.warmup.max_runs, plan.warmup.min_runs));
    }
  }
  return plan;
}

}  // namespace bakeoff::worker
