// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads the fields that fields.cc writes.
#include "measure/record.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "bakeoff/error.h"

namespace bakeoff::measure {
namespace {

void Read(const Json& record, std::string_view path, std::optional<int64_t>& value) {
  if (const Json& found = At(record, path); found.is_number_integer()) value = found.get<int64_t>();
}
void Read(const Json& record, std::string_view path, std::optional<double>& value) {
  if (const Json& found = At(record, path); found.is_number()) value = found.get<double>();
}
void Read(const Json& record, std::string_view path, std::optional<bool>& value) {
  if (const Json& found = At(record, path); found.is_boolean()) value = found.get<bool>();
}
void Read(const Json& record, std::string_view path, std::string& value) {
  if (const Json& found = At(record, path); found.is_string()) value = found.get<std::string>();
}
template <typename Number>
void ReadNumber(const Json& record, std::string_view path, Number& value) {
  if (const Json& found = At(record, path); found.is_number_integer()) value = found.get<Number>();
}

RunStatus StatusFrom(std::string_view name) {
  for (const RunStatus status : kRunStatuses) {
    if (StatusName(status) == name) return status;
  }
  throw Error(ErrorCode::kUnavailable, fmt::format("a stored record has the status '{}', which this version does not "
                                                   "know",
                                                   name));
}

void ReadLatency(const Json& record, Latency& latency) {
  using Member = std::optional<double> Latency::*;
  constexpr std::array<std::pair<std::string_view, Member>, 21> kMembers = {{{"min", &Latency::min},
                                                                             {"mean", &Latency::mean},
                                                                             {"p50", &Latency::p50},
                                                                             {"p90", &Latency::p90},
                                                                             {"p95", &Latency::p95},
                                                                             {"p99", &Latency::p99},
                                                                             {"max", &Latency::max},
                                                                             {"stddev", &Latency::stddev},
                                                                             {"mad", &Latency::mad},
                                                                             {"p90_early", &Latency::p90_early},
                                                                             {"p99_early", &Latency::p99_early},
                                                                             {"p50_low", &Latency::p50_low},
                                                                             {"p50_high", &Latency::p50_high},
                                                                             {"p90_low", &Latency::p90_low},
                                                                             {"p90_high", &Latency::p90_high},
                                                                             {"p95_low", &Latency::p95_low},
                                                                             {"p95_high", &Latency::p95_high},
                                                                             {"mean_low", &Latency::mean_low},
                                                                             {"mean_high", &Latency::mean_high},
                                                                             {"p99_low", &Latency::p99_low},
                                                                             {"p99_high", &Latency::p99_high}}};
  for (const auto& [name, member] : kMembers) Read(record, fmt::format("latency_ns.{}", name), latency.*member);
}

core::Stability StabilityFrom(const Json& record, const Latency& latency) {
  core::Stability stability;
  const Json& found = At(record, "stability");
  std::optional<int64_t> outliers;
  std::optional<double> share, change, low, high, high_share;
  std::optional<bool> drifting;
  Read(found, "outliers", outliers);
  Read(found, "outlier_time_share", share);
  Read(found, "drift", change);
  Read(found, "drifting", drifting);
  Read(found, "low_mode_ns", low);
  Read(found, "high_mode_ns", high);
  Read(found, "high_mode_share", high_share);
  if (outliers) stability.outliers = core::Outliers{*outliers, share.value_or(0)};
  if (change) stability.drift = core::Drift{*change, drifting.value_or(false)};
  if (low && high) stability.modes = core::Modes{*low, *high, high_share.value_or(0)};
  if (latency.mean_low && latency.mean_high) stability.mean = core::Interval{*latency.mean_low, *latency.mean_high};
  return stability;
}

std::optional<OpenLoop> OpenLoopFrom(const Json& record) {
  const Json& found = At(record, "open_loop");
  if (!found.is_object()) return std::nullopt;
  OpenLoop open;
  Read(found, "offered_per_s", open.offered_per_s);
  Read(found, "achieved_per_s", open.achieved_per_s);
  Read(found, "unanswered", open.unanswered);
  Read(found, "late_share", open.late_share);
  Read(found, "queued_share", open.queued_share);
  Read(found, "delay_p99_ns", open.delay_p99_ns);
  Read(found, "delay_max_ns", open.delay_max_ns);
  Read(found, "issuer_delay_p99_ns", open.issuer_delay_p99_ns);
  Read(found, "service_p50_ns", open.service_p50_ns);
  Read(found, "issuer_cpu_ns", open.issuer_cpu_ns);
  Read(found, "bound_ns", open.bound_ns);
  Read(found, "bound_met", open.bound_met);
  return open;
}

// One output stands for the check: the worst, of which the record tells.
std::optional<verify::Check> CheckFrom(const Json& record) {
  std::string verdict;
  Read(record, "check.verdict", verdict);
  verify::Check check;
  Read(record, "check.reason", check.reason);
  if (verdict.empty() && check.reason.empty()) return std::nullopt;
  for (const verify::Verdict each : {verify::Verdict::kAgree, verify::Verdict::kWeak, verify::Verdict::kMismatch}) {
    if (verify::VerdictName(each) == verdict) check.verdict = each;
  }
  verify::OutputRow worst;
  worst.judged = {check.verdict, check.reason};
  verify::Difference& difference = worst.difference;
  Read(record, "check.max_abs", difference.max_abs);
  Read(record, "check.max_rel", difference.max_rel);
  Read(record, "check.centred_sqnr_db", difference.centred_sqnr_db);
  Read(record, "check.top1_agreement", difference.top1_agreement);
  check.outputs.push_back(std::move(worst));
  return check;
}

}  // namespace

const Json& At(const Json& record, std::string_view path) {
  static const Json kNone;
  const Json* at = &record;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string name(path.substr(0, dot));
    if (!at->is_object() || !at->contains(name)) return kNone;
    at = &at->at(name);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return *at;
}

std::optional<int64_t> WholeAt(const Json& record, std::string_view field) {
  const Json& found = At(record, field);
  return found.is_number_integer() ? std::optional(found.get<int64_t>()) : std::nullopt;
}

std::optional<double> RealAt(const Json& record, std::string_view field) {
  const Json& found = At(record, field);
  return found.is_number() ? std::optional(found.get<double>()) : std::nullopt;
}

std::string TextAt(const Json& record, std::string_view field) {
  const Json& found = At(record, field);
  return found.is_string() ? found.get<std::string>() : "";
}

Round RoundOf(const Json& record) {
  const auto run = WholeAt(record, "reused_from"), campaign = WholeAt(record, "reused_campaign");
  return {campaign.value_or(run ? -*run : 0), WholeAt(record, "repetition").value_or(0)};
}

Round RoundOf(const Run& run) {
  return {run.reused_campaign.value_or(run.reused_from ? -*run.reused_from : 0), run.repetition};
}

Run RunFrom(const Json& record, const Configuration& configuration) {
  if (!record.is_object()) throw Error(ErrorCode::kUnavailable, "a stored record is no JSON object");
  Run run;
  run.configuration = configuration;
  ReadNumber(record, "repetition", run.repetition);
  ReadNumber(record, "order", run.order);
  Read(record, "reused_from", run.reused_from);
  Read(record, "reused_campaign", run.reused_campaign);
  Read(record, "started_at", run.started_at);
  run.status = StatusFrom(record.value("status", ""));
  if (const Json& error = At(record, "error"); error.is_object())
    run.error = Error(CodeFromName(error.value("code", "")), error.value("text", ""));
  ReadNumber(record, "batch", run.batch);
  Read(record, "load_ns", run.load_ns);
  Read(record, "first_inference_ns", run.first_inference_ns);
  Read(record, "memory.load_peak_rss_bytes", run.load_peak_rss_bytes);
  Read(record, "memory.first_peak_rss_bytes", run.first_peak_rss_bytes);
  Read(record, "memory.steady_peak_rss_bytes", run.steady_peak_rss_bytes);
  Read(record, "memory.sample_buffer_bytes", run.sample_buffer_bytes);
  ReadNumber(record, "samples", run.samples);
  ReadLatency(record, run.latency);
  run.stability = StabilityFrom(record, run.latency);
  Read(record, "throughput_per_s", run.throughput_per_s);
  Read(record, "stop_reason", run.stop_reason);
  Read(record, "warmup_runs", run.warmup_runs);
  Read(record, "warmup_ns", run.warmup_ns);
  Read(record, "warmup_steady", run.warmup_steady);
  Read(record, "wall_ns", run.wall_ns);
  Read(record, "requests", run.requests);
  Read(record, "cpu.time_ns", run.cpu_ns);
  Read(record, "cpu.threads_busy", run.threads_busy);
  Read(record, "runner_overhead_ns", run.runner_overhead_ns);
  run.metered = MeteredOfRecord(record);
  run.open_loop = OpenLoopFrom(record);
  Read(record, "dataset.preprocess_ns", run.preprocess_ns);
  run.profile = At(record, "profile");
  run.check = CheckFrom(record);
  Read(record, "check.reference", run.reference);
  Read(record, "check.tolerance", run.tolerance);
  Read(record, "prefix", run.prefix);
  Read(record, "inputs.shapes_from", run.shapes_from);
  if (const Json& notes = At(record, "inputs.notes"); notes.is_array()) {
    for (const Json& note : notes) {
      if (note.is_string()) run.notes.push_back(note.get<std::string>());
    }
  }
  Read(record, "inputs.canonical_sha256", run.canonical_sha256);
  Read(record, "inputs.delivered_sha256", run.delivered_sha256);
  if (const Json& layouts = At(record, "inputs.layouts"); layouts.is_object()) run.layouts = layouts;
  if (const Json& effective = At(record, "effective"); effective.is_object()) run.effective = effective;
  return run;
}

Configuration ConfigurationFrom(const Json& record) {
  if (!record.is_object()) throw Error(ErrorCode::kUnavailable, "a stored record is no JSON object");
  Configuration row;
  Read(record, "model", row.model);
  Read(record, "path", row.artifact.path);
  Read(record, "format", row.artifact.format);
  Read(record, "engine", row.engine);
  Read(record, "version", row.version);
  Read(record, "scenario", row.scenario);
  Read(record, "device", row.device);
  ReadNumber(record, "threads", row.threads);
  ReadNumber(record, "streams", row.streams);
  ReadNumber(record, "batch", row.batch);
  Read(record, "precision", row.precision);
  std::optional<double> qps;
  Read(record, "qps", qps);
  row.qps = qps.value_or(0);
  Read(record, "arrivals", row.arrivals);
  ReadNumber(record, "samples_per_query", row.samples_per_query);
  ReadNumber(record, "test_size", row.test_size);
  if (const Json& options = At(record, "options"); options.is_object()) {
    for (const auto& [name, value] : options.items())
      row.options[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  if (const Json& made = At(record, "conversion"); made.is_object()) {
    verify::Conversion conversion;
    Read(made, "source", conversion.source.path);
    Read(made, "source_format", conversion.source.format);
    Read(made, "status", conversion.status);
    std::string route;
    Read(made, "route", route);
    for (size_t at = 0; !route.empty() && at != std::string::npos;) {
      const size_t arrow = route.find(" -> ", at);
      conversion.route.push_back(route.substr(at, arrow == std::string::npos ? arrow : arrow - at));
      at = arrow == std::string::npos ? arrow : arrow + 4;
    }
    std::optional<bool> reused;
    Read(made, "reused", reused);
    conversion.reused = reused.value_or(false);
    Read(made, "max_abs", conversion.difference.max_abs);
    Read(made, "max_rel", conversion.difference.max_rel);
    Read(made, "centred_sqnr_db", conversion.difference.centred_sqnr_db);
    row.conversion = std::move(conversion);
  }
  return row;
}

}  // namespace bakeoff::measure
