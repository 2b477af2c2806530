// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The fields, one row each.
#include "measure/fields.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "measure/field_text.h"
#include "verify/answers.h"

namespace bakeoff::measure {
namespace {

template <typename T>
Json Maybe(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json Maybe(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}
Json TextOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json Share(const std::optional<int64_t>& part, const std::optional<int64_t>& whole) {
  if (!part || !whole || *whole <= 0) return {};
  return static_cast<double>(*part) / static_cast<double>(*whole);
}

Json Peak(const Run& run) {
  std::optional<int64_t> peak;
  for (const auto& bytes : {run.load_peak_rss_bytes, run.first_peak_rss_bytes, run.steady_peak_rss_bytes}) {
    if (bytes && (!peak || *bytes > *peak)) peak = bytes;
  }
  return Maybe(peak);
}

// A fact of the output that says most about the check.
template <typename Get>
Json OfWorst(const Run& run, Get get) {
  const verify::OutputRow* worst = run.check ? verify::WorstOutput(*run.check) : nullptr;
  return worst ? get(*worst) : Json();
}

// A fact of the conversion that made the measured model.
template <typename Get>
Json OfConversion(const Run& run, Get get) {
  return run.configuration.conversion ? get(*run.configuration.conversion) : Json();
}

// A fact of the open loop.
template <typename Get>
Json OfOpenLoop(const Run& run, Get get) {
  return run.open_loop ? get(*run.open_loop) : Json();
}

#define OPEN_LOOP(member) \
  [](const Run& run) { return OfOpenLoop(run, [](const OpenLoop& open) { return Maybe(open.member); }); }

#define METERED(member) [](const Run& run) { return Maybe(run.metered.member); }

#define LATENCY(member) [](const Run& run) { return Maybe(run.latency.member); }

constexpr std::array kFields = {
    Field{"engine", "", "text", "Name of the engine.", [](const Run& run) { return Json(run.configuration.engine); }},
    Field{"version", "", "text", "Version of its runtime, as the runtime tells it.",
          [](const Run& run) { return TextOrNull(run.configuration.version); }},
    Field{"model", "", "text", "Name of the network: the file's name without its ending.",
          [](const Run& run) { return Json(run.configuration.model); }},
    Field{"path", "", "text", "The file or folder that was measured, in the cache where it was converted.",
          [](const Run& run) { return Json(run.configuration.artifact.path); }},
    Field{"format", "", "text", "Its format.", [](const Run& run) { return Json(run.configuration.artifact.format); }},
    Field{"conversion.source", "", "text", "The given model that it was made from; no `conversion` where it was given.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return Json(c.source.path); }); }},
    Field{"conversion.source_format", "", "text", "The given model's format.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return Json(c.source.format); }); }},
    Field{"conversion.route", "", "text",
          "Formats on the way, from the given one to the measured one; null: it failed.",
          [](const Run& run) {
            return OfConversion(run, [](const auto& c) { return TextOrNull(verify::RouteText(c)); });
          }},
    Field{"conversion.status", "", "text",
          "verified, or weak (verified, by outputs that hardly vary); null: it failed.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return TextOrNull(c.status); }); }},
    Field{"conversion.reused", "", "bool", "Whether an earlier call had made and verified it.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return Json(c.reused); }); }},
    Field{"conversion.max_abs", "", "number", "Largest difference to the given model's answers when it was verified.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return Maybe(c.difference.max_abs); }); }},
    Field{"conversion.max_rel", "", "number", "The same over the largest value.",
          [](const Run& run) { return OfConversion(run, [](const auto& c) { return Maybe(c.difference.max_rel); }); }},
    Field{"conversion.centred_sqnr_db", "dB", "number", "Signal without its mean over error, then; 999: identical.",
          [](const Run& run) {
            return OfConversion(run, [](const auto& c) { return Maybe(c.difference.centred_sqnr_db); });
          }},
    Field{"scenario", "", "text",
          "How inferences follow each other: single-stream, multi-stream, offline, server, dataset.",
          [](const Run& run) { return Json(run.configuration.scenario); }},
    Field{"device", "", "text", "Device that was asked for.",
          [](const Run& run) { return Json(run.configuration.device); }},
    Field{"threads", "", "integer", "CPU budget: limit of the engine's own pools and width of the CPU mask.",
          [](const Run& run) { return Json(run.configuration.threads); }},
    Field{"streams", "", "integer", "Requests in flight that the engine was loaded for; they share the threads.",
          [](const Run& run) { return Json(run.configuration.streams); }},
    Field{"batch", "", "integer",
          "Samples per inference: what was asked for, the model's free first extent, that of the layout's N, or, where "
          "none of these is known, the first extent that all inputs and outputs share (inputs of two axes, or given by "
          "--shape); else 1.",
          [](const Run& run) { return Json(run.batch); }},
    Field{"precision", "", "text", "Lowest precision that was allowed.",
          [](const Run& run) { return Json(run.configuration.precision); }},
    Field{"qps", "1/s", "number", "server: queries per second that were asked for; null for a trace.",
          [](const Run& run) { return run.configuration.qps > 0 ? Json(run.configuration.qps) : Json(); }},
    Field{"arrivals", "", "text", "server: poisson, constant or trace.",
          [](const Run& run) { return TextOrNull(run.configuration.arrivals); }},
    Field{"samples_per_query", "", "integer",
          "multi-stream: inferences that make one query; its latency is that of all.",
          [](const Run& run) {
            return run.configuration.samples_per_query > 0 ? Json(run.configuration.samples_per_query) : Json();
          }},
    Field{"test_size", "", "integer", "dataset: samples of the data set.",
          [](const Run& run) { return run.configuration.test_size > 0 ? Json(run.configuration.test_size) : Json(); }},
    Field{"options", "", "object", "Engine options that were given.",
          [](const Run& run) {
            Json options = Json::object();
            for (const auto& [name, value] : run.configuration.options) options[name] = value;
            return options;
          }},
    Field{"repetition", "", "integer", "Which repetition, from 1; each is a process of its own.",
          [](const Run& run) { return Json(run.repetition); }},
    Field{"order", "", "integer", "Place in the order of execution, from 1; null if it did not run.",
          [](const Run& run) { return run.order > 0 ? Json(run.order) : Json(); }},
    Field{"reused_from", "", "integer",
          "Run of an earlier campaign of the store that this one was taken over from (--reuse); null: measured here.",
          [](const Run& run) { return Maybe(run.reused_from); }},
    Field{"reused_campaign", "", "integer",
          "Campaign of the store in whose rounds that run was measured: rows of one campaign are compared repetition by "
          "repetition. Null where reused_from is, or where nobody knows.",
          [](const Run& run) { return Maybe(run.reused_campaign); }},
    Field{"started_at", "", "text", "When it began, UTC.", [](const Run& run) { return TextOrNull(run.started_at); }},
    Field{"status", "", "text",
          "ok, failed, skipped (engine absent), unsupported, mismatch (wrong answers), saturated.",
          [](const Run& run) { return Json(StatusName(run.status)); }},
    Field{"error.code", "", "text",
          "What kind of trouble: usage, not_found, unsupported, invalid_model, conversion, engine_failed, timeout, "
          "mismatch, unavailable, internal.",
          [](const Run& run) { return run.error ? Json(CodeName(run.error->code())) : Json(); }},
    Field{"error.text", "", "text", "The trouble in words, with the last lines of the worker's stderr where it died.",
          [](const Run& run) { return run.error ? Json(run.error->text()) : Json(); }},
    Field{"load_ns", "ns", "integer", "Wall time of loading and compiling the model.",
          [](const Run& run) { return Maybe(run.load_ns); }},
    Field{"first_inference_ns", "ns", "integer", "Wall time of the first inference after loading.",
          [](const Run& run) { return Maybe(run.first_inference_ns); }},
    Field{"samples", "", "integer", "Number of timed inferences.", [](const Run& run) { return Json(run.samples); }},
    Field{"stop_reason", "", "text",
          "What ended the timed part: count, duration, max_samples, cancelled, overload (given up).",
          [](const Run& run) { return TextOrNull(run.stop_reason); }},
    Field{"warmup_runs", "", "integer", "Inferences before the timed part.",
          [](const Run& run) { return Maybe(run.warmup_runs); }},
    Field{"warmup_ns", "ns", "integer", "Wall time of the warm-up.",
          [](const Run& run) { return Maybe(run.warmup_ns); }},
    Field{"warmup_steady", "", "bool", "Whether run times had become steady; false: a limit ended the warm-up.",
          [](const Run& run) { return Maybe(run.warmup_steady); }},
    Field{"wall_ns", "ns", "integer", "Wall time of the timed part.",
          [](const Run& run) { return Maybe(run.wall_ns); }},
    Field{"requests", "", "integer", "Requests that were in flight at the same time.",
          [](const Run& run) { return Maybe(run.requests); }},
    Field{"latency_ns.min", "ns", "number", "Shortest inference of a batch.", LATENCY(min)},
    Field{"latency_ns.mean", "ns", "number", "Arithmetic mean.", LATENCY(mean)},
    Field{"latency_ns.p50", "ns", "number", "Median, nearest rank; null below 7 samples.", LATENCY(p50)},
    Field{"latency_ns.p90", "ns", "number", "Null below 44 samples.", LATENCY(p90)},
    Field{"latency_ns.p95", "ns", "number", "Null below 90 samples.", LATENCY(p95)},
    Field{"latency_ns.p99", "ns", "number", "Null below 459 samples.", LATENCY(p99)},
    Field{"latency_ns.max", "ns", "number", "Longest.", LATENCY(max)},
    Field{"latency_ns.stddev", "ns", "number", "Standard deviation (n - 1).", LATENCY(stddev)},
    Field{"latency_ns.mad", "ns", "number", "Median absolute deviation from the median, not scaled.", LATENCY(mad)},
    Field{"latency_ns.p90_early", "ns", "number", "MLPerf's early-stopping estimate of p90; null below 64 samples.",
          LATENCY(p90_early)},
    Field{"latency_ns.p99_early", "ns", "number", "The same of p99; null below 662 samples.", LATENCY(p99_early)},
    Field{"latency_ns.p50_low", "ns", "number", "99 % interval of the median by order statistics, lower end.",
          LATENCY(p50_low)},
    Field{"latency_ns.p50_high", "ns", "number", "Upper end.", LATENCY(p50_high)},
    Field{"latency_ns.p90_low", "ns", "number", "The same for p90.", LATENCY(p90_low)},
    Field{"latency_ns.p90_high", "ns", "number", "Upper end.", LATENCY(p90_high)},
    Field{"latency_ns.p95_low", "ns", "number", "The same for p95.", LATENCY(p95_low)},
    Field{"latency_ns.p95_high", "ns", "number", "Upper end.", LATENCY(p95_high)},
    Field{"latency_ns.p99_low", "ns", "number", "The same for p99.", LATENCY(p99_low)},
    Field{"latency_ns.p99_high", "ns", "number", "Upper end.", LATENCY(p99_high)},
    Field{"latency_ns.mean_low", "ns", "number",
          "99 % interval of the mean from the means of 20 parts of the run, lower end; null below 100 samples.",
          LATENCY(mean_low)},
    Field{"latency_ns.mean_high", "ns", "number", "Upper end.", LATENCY(mean_high)},
    Field{"stability.outliers", "", "integer",
          "Samples more than 10 scaled MADs above the median; null below 10 samples.",
          [](const Run& run) { return run.stability.outliers ? Json(run.stability.outliers->count) : Json(); }},
    Field{"stability.outlier_time_share", "", "number", "Share of the time that they took beyond the median.",
          [](const Run& run) { return run.stability.outliers ? Json(run.stability.outliers->time_share) : Json(); }},
    Field{"stability.drift", "", "number",
          "Change of the run times from the first tenth of the run to the last, of the median; null below 100 samples.",
          [](const Run& run) { return run.stability.drift ? Json(run.stability.drift->change) : Json(); }},
    Field{"stability.drifting", "", "bool", "Whether that is at least 1 % and no accident (Mann-Kendall, 0.01).",
          [](const Run& run) { return run.stability.drift ? Json(run.stability.drift->significant) : Json(); }},
    Field{"stability.low_mode_ns", "ns", "number",
          "Where run times are of two kinds: mean of the shorter ones; else null.",
          [](const Run& run) { return run.stability.modes ? Json(run.stability.modes->low_ns) : Json(); }},
    Field{"stability.high_mode_ns", "ns", "number", "Mean of the longer ones.",
          [](const Run& run) { return run.stability.modes ? Json(run.stability.modes->high_ns) : Json(); }},
    Field{"stability.high_mode_share", "", "number", "Share of the longer ones.",
          [](const Run& run) { return run.stability.modes ? Json(run.stability.modes->high_share) : Json(); }},
    Field{"throughput_per_s", "1/s", "number", "Samples per second of the timed part: inferences x batch / wall time.",
          [](const Run& run) { return Maybe(run.throughput_per_s); }},
    Field{"open_loop.offered_per_s", "1/s", "number",
          "server: rate at which queries came, from the first to the last; no `open_loop` elsewhere.",
          OPEN_LOOP(offered_per_s)},
    Field{
        "open_loop.achieved_per_s", "1/s", "number",
        "Rate at which they were answered, from the first answer to the last; below 99 % of the offered one the row is "
        "saturated and has no latencies.",
        OPEN_LOOP(achieved_per_s)},
    Field{"open_loop.unanswered", "", "integer", "Queries that had not begun when the run was given up.",
          OPEN_LOOP(unanswered)},
    Field{"open_loop.late_share", "", "number", "Share of queries that began more than 50 us after they were due.",
          OPEN_LOOP(late_share)},
    Field{"open_loop.queued_share", "", "number", "Share for which no request was free when they were due.",
          OPEN_LOOP(queued_share)},
    Field{"open_loop.delay_p99_ns", "ns", "integer", "From due to begun, p99; null below 459 queries.",
          OPEN_LOOP(delay_p99_ns)},
    Field{"open_loop.delay_max_ns", "ns", "integer", "The longest.", OPEN_LOOP(delay_max_ns)},
    Field{"open_loop.issuer_delay_p99_ns", "ns", "integer",
          "What of it is ours: from due, or from when a request was free, to begun.", OPEN_LOOP(issuer_delay_p99_ns)},
    Field{"open_loop.service_p50_ns", "ns", "integer", "From begun to ended, median.", OPEN_LOOP(service_p50_ns)},
    Field{"open_loop.issuer_cpu_ns", "ns", "integer",
          "CPU time that waiting for queries took: it is part of cpu.time_ns.", OPEN_LOOP(issuer_cpu_ns)},
    Field{"open_loop.bound_ns", "ns", "integer", "--latency-bound.", OPEN_LOOP(bound_ns)},
    Field{"open_loop.bound_met", "", "bool",
          "Whether, with 99 % confidence, 99 % of the queries are within it (MLPerf's early stopping).",
          OPEN_LOOP(bound_met)},
    Field{"dataset.preprocess_ns", "ns", "integer",
          "dataset: reading and pre-processing as many pictures, in one thread of the host; null where inputs are no "
          "pictures, no `dataset` elsewhere.",
          [](const Run& run) { return Maybe(run.preprocess_ns); }},
    Field{"dataset.total_ns", "ns", "integer", "dataset: wall_ns, with pre-processing where there was some.",
          [](const Run& run) {
            if (!run.wall_ns || run.configuration.test_size == 0) return Json();
            return Json(*run.wall_ns + run.preprocess_ns.value_or(0));
          }},
    Field{"memory.peak_rss_bytes", "bytes", "integer", "Largest of the three phases below.", Peak},
    Field{"memory.load_peak_rss_bytes", "bytes", "integer", "Peak resident memory (VmHWM) of the worker while loading.",
          [](const Run& run) { return Maybe(run.load_peak_rss_bytes); }},
    Field{"memory.first_peak_rss_bytes", "bytes", "integer", "The same during the first inference.",
          [](const Run& run) { return Maybe(run.first_peak_rss_bytes); }},
    Field{"memory.steady_peak_rss_bytes", "bytes", "integer",
          "The same during warm-up and timed part, without the buffer for samples.",
          [](const Run& run) { return Maybe(run.steady_peak_rss_bytes); }},
    Field{"memory.load_pss_bytes", "bytes", "integer",
          "Proportional set size after loading: shared pages count by the number of their users.",
          METERED(load_pss_bytes)},
    Field{"memory.load_uss_bytes", "bytes", "integer", "Pages of this process alone after loading.",
          METERED(load_uss_bytes)},
    Field{"memory.load_pss_file_bytes", "bytes", "integer", "Of load_pss_bytes, pages of files.",
          METERED(load_pss_file_bytes)},
    Field{"memory.first_pss_bytes", "bytes", "integer", "Proportional set size after the first inference.",
          METERED(first_pss_bytes)},
    Field{"memory.first_uss_bytes", "bytes", "integer", "Pages of this process alone after it.",
          METERED(first_uss_bytes)},
    Field{"memory.first_pss_file_bytes", "bytes", "integer", "Of first_pss_bytes, pages of files.",
          METERED(first_pss_file_bytes)},
    Field{"memory.steady_pss_bytes", "bytes", "integer",
          "Proportional set size at the end of the timed part, without the buffer for samples.",
          METERED(steady_pss_bytes)},
    Field{"memory.steady_uss_bytes", "bytes", "integer", "Of it, pages of this process alone.", METERED(steady_uss_bytes)},
    Field{"memory.steady_pss_file_bytes", "bytes", "integer",
          "Of it, pages of files: code, and weights where the runtime maps them.", METERED(steady_pss_file_bytes)},
    Field{"memory.growth_per_inference_bytes", "bytes", "number",
          "Slope of anonymous memory in a pass after the timed part (Theil-Sen), its largest step left out.",
          METERED(growth_bytes)},
    Field{"memory.growth_low_bytes", "bytes", "number", "Its 99 % interval, lower end.",
          METERED(growth_low_bytes)},
    Field{"memory.growth_high_bytes", "bytes", "number", "Upper end.", METERED(growth_high_bytes)},
    Field{"memory.growth_inferences", "", "integer", "Inferences of that pass.", METERED(growth_runs)},
    Field{"memory.growth_reason", "", "text", 
          "Why there is no slope: the pass was cancelled, memory cannot be read, or it did not rise (fall) throughout.",
          
          [](const Run& run) { return TextOrNull(run.metered.growth_reason); }},
    Field{"memory.sample_buffer_bytes", "bytes", "integer",
          "The buffer for samples, which is ours and was taken off above.",
          [](const Run& run) { return Maybe(run.sample_buffer_bytes); }},
    Field{"cpu.time_ns", "ns", "integer", "CPU time of the worker in the timed part, all threads.",
          [](const Run& run) { return Maybe(run.cpu_ns); }},
    Field{"cpu.utilisation", "CPUs", "number", "CPU time / wall time.",
          [](const Run& run) { return Share(run.cpu_ns, run.wall_ns); }},
    Field{"cpu.threads_busy", "", "integer", "Threads with at least a tenth of the CPU time; not those by which the worker speaks with the host.",
          [](const Run& run) { return Maybe(run.threads_busy); }},
    Field{"cpu.threads", "", "object",
          "CPU time of the timed part by thread, largest first: name, as the kernel has it, and time_ns; the last may "
          "be threads that ended meanwhile.",
          [](const Run& run) { return run.metered.threads; }, ThreadsText},
    Field{"cpu.over_time", "", "object",
          "How many CPUs were busy in each stretch of the timed part: at_ns, its end, and utilisation; at most 60.",
          [](const Run& run) { return run.metered.over_time; }, OverTimeText},
    Field{"cpu.steal_ns", "ns", "integer",
          "Time of the timed part that the hypervisor gave to other guests, on the CPUs that the worker may use; in "
          "ticks of 10 ms.",
          METERED(steal_ns)},
    Field{"cpu.steal_share", "", "number", "Share of those CPUs' time; from 1 % on the row has a note.",
          METERED(steal_share)},
    Field{"cpu.throttled_periods", "", "integer",
          "Periods of the timed part in which a CPU quota stopped the worker's control group, or one above it; from 1 "
          "on the row has a note.",
          METERED(throttled_periods)},
    Field{"cpu.throttled_ns", "ns", "integer", "For how long, as the kernel counts it.", METERED(throttled_ns)},
    Field{"cpu.voluntary_switches", "", "integer", "Context switches of the timed part that its threads asked for.",
          METERED(voluntary_switches)},
    Field{"cpu.involuntary_switches", "", "integer", "Those that something else forced.", METERED(involuntary_switches)},
    Field{"cpu.minor_faults", "", "integer", "Page faults of the timed part without the disk.", METERED(minor_faults)},
    Field{"cpu.major_faults", "", "integer", "Page faults that waited for the disk.", METERED(major_faults)},
    Field{"cpu.instructions", "", "integer", "Instructions of the timed part, user mode, all threads.",
          METERED(instructions)},
    Field{"cpu.cycles", "", "integer", "Cycles, likewise.", METERED(cycles)},
    Field{"cpu.counters_reason", "", "text", "Why there are no instructions and cycles.",
          [](const Run& run) { return TextOrNull(run.metered.counters_reason); }},
    Field{"energy.joules_per_inference", "J", "number",
          "Energy of one inference (of a batch) above idle, from a pass of its own; null, with a reason, where it cannot be "
          "read or is not above idle.",
          METERED(joules_per_inference)},
    Field{"energy.inferences_per_joule", "1/J", "number", "Its inverse.",
          [](const Run& run) {
            const auto& joules = run.metered.joules_per_inference;
            return joules && *joules > 0 ? Json(1 / *joules) : Json();
          }},
    Field{"energy.idle_w", "W", "number", "Power while idle, just before.", METERED(idle_w)},
    Field{"energy.load_w", "W", "number", "Power under load, idle included.", METERED(load_w)},
    Field{"energy.source", "", "text", "Where it was read and what that covers.",
          [](const Run& run) { return TextOrNull(run.metered.energy_source); }},
    Field{"energy.reason", "", "text", "Why there are no joules per inference.",
          [](const Run& run) { return TextOrNull(run.metered.energy_reason); }},
    Field{"energy.readings", "", "object", "Every source with every reading: idle watts, joules, or why there are none.",
          [](const Run& run) { return run.metered.energy_readings; }},
    Field{"profile", "", "object",
          "--profile, of the first repetition: time by operator from a pass of its own, or the reason why there is "
          "none; null: not asked for.",
          [](const Run& run) { return run.profile; }, ProfileText},
    Field{"runner_overhead_ns", "ns", "integer",
          "What the timed loop itself adds to each inference, measured in the worker.",
          [](const Run& run) { return Maybe(run.runner_overhead_ns); }},
    Field{"check.verdict", "", "text",
          "Answers against the reference before timing: agree, weak, mismatch; null: not compared.",
          [](const Run& run) {
            // Without a reference, answers can only be found unusable or suspect.
            const bool compared =
                run.check && (!run.reference.empty() || run.check->verdict != verify::Verdict::kAgree);
            return compared ? Json(verify::VerdictName(run.check->verdict)) : Json();
          }},
    Field{"check.reason", "", "text", "Why the verdict is not agree, or why nothing was compared.",
          [](const Run& run) { return run.check ? TextOrNull(run.check->reason) : Json(); }},
    Field{"check.reference", "", "text",
          "Engine that gave the reference; null: only NaN, infinite and constant values were looked for.",
          [](const Run& run) { return TextOrNull(run.reference); }},
    Field{"check.tolerance", "", "text", "Tolerance that was applied.",
          [](const Run& run) { return TextOrNull(run.tolerance); }},
    Field{"check.max_abs", "", "number", "Largest absolute difference, of the worst output.",
          [](const Run& run) { return OfWorst(run, [](const auto& row) { return Maybe(row.difference.max_abs); }); }},
    Field{"check.max_rel", "", "number", "The same over the largest value of the reference.",
          [](const Run& run) { return OfWorst(run, [](const auto& row) { return Maybe(row.difference.max_rel); }); }},
    Field{"check.centred_sqnr_db", "dB", "number", "Signal without its mean over error; 999: identical.",
          [](const Run& run) {
            return OfWorst(run, [](const auto& row) { return Maybe(row.difference.centred_sqnr_db); });
          }},
    Field{"check.top1_agreement", "", "number", "Share of rows with the same largest element.",
          [](const Run&
                 run) { return OfWorst(run, [](const auto& row) { return Maybe(row.difference.top1_agreement); }); }},
    Field{"inputs.canonical_sha256", "", "text",
          "Hash of the inputs in canonical order of axes: equal for every engine.",
          [](const Run& run) { return TextOrNull(run.canonical_sha256); }},
    Field{"inputs.delivered_sha256", "", "text", "Hash of the inputs as this model takes them.",
          [](const Run& run) { return TextOrNull(run.delivered_sha256); }},
    Field{"inputs.shapes_from", "", "text", "Model whose shapes were taken, as this one tells none; null: its own.",
          [](const Run& run) { return TextOrNull(run.shapes_from); }},
    Field{"inputs.layouts", "", "object", "Axes of each input, and whether they are assumed from the format.",
          [](const Run& run) { return run.layouts; }},
    Field{"inputs.notes", "", "object", "What somebody should know of how the inputs were made; null: nothing.",
          [](const Run& run) { return run.notes.empty() ? Json() : Json(run.notes); }},
    Field{"prefix", "", "text", "Command that the worker was started through (--on); null: none.",
          [](const Run& run) { return TextOrNull(run.prefix); }},
    Field{"effective", "", "object", "What really ran, read back from the runtime.",
          [](const Run& run) { return run.effective; }},
};

#undef LATENCY
#undef METERED
#undef OPEN_LOOP

}  // namespace

std::span<const Field> Fields() {
  return kFields;
}

Json ToJson(const Run& run) {
  Json json = Json::object();
  for (const Field& field : kFields) {
    const size_t dot = field.name.find('.');
    if (dot == std::string_view::npos) {
      json[std::string(field.name)] = field.get(run);
    } else {
      json[std::string(field.name.substr(0, dot))][std::string(field.name.substr(dot + 1))] = field.get(run);
    }
  }
  if (!run.error) json["error"] = nullptr;
  if (!run.configuration.conversion) json["conversion"] = nullptr;
  if (!run.open_loop) json["open_loop"] = nullptr;
  if (run.configuration.test_size == 0) json["dataset"] = nullptr;
  return json;
}

std::string CsvCell(const Json& value) {
  if (value.is_null()) return "";
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string CsvHeader() {
  std::string text;
  for (const Field& field : kFields) text += fmt::format("{},", field.name);
  return text + "environment_grade\r\n";
}

std::string CsvLines(std::span<const Run> runs, char grade) {
  std::string text;
  for (const Run& run : runs) {
    for (const Field& field : kFields) text += CsvCell(field.get(run)) + ',';
    text += (grade == '?' ? "" : std::string(1, grade)) + "\r\n";
  }
  return text;
}

std::string FieldsMarkdown() {
  std::string text = "| field | unit | type | meaning |\n|---|---|---|---|\n";
  for (const Field& field : kFields)
    text += fmt::format("| `{}` | {} | {} | {} |\n", field.name, field.unit, field.type, field.help);
  return text;
}

}  // namespace bakeoff::measure
