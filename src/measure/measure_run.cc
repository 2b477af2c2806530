// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The steps of one measurement, in the order that makes a wrong or broken engine a record without a speed number.
#include "measure/measure_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/statistics.h"
#include "core/text.h"
#include "core/utc_time.h"
#include "measure/mlperf.h"
#include "measure/profile.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

using std::chrono::milliseconds;

RunStatus StatusFor(ErrorCode code) {
  if (code == ErrorCode::kUnsupported) return RunStatus::kUnsupported;
  if (code == ErrorCode::kMismatch) return RunStatus::kMismatch;
  return RunStatus::kFailed;
}

// The same arrivals for every engine, others in every repetition.
Json ArrivalsJson(const Configuration& configuration, int repetition, const Settings& settings) {
  if (configuration.arrivals == "trace") return {{"pattern", "trace"}, {"times_ns", settings.trace_ns}};
  return {{"pattern", configuration.arrivals},
          {"per_s", configuration.qps},
          {"seed", settings.inputs.seed * 1'000'003 + static_cast<uint64_t>(repetition)}};
}

// Each report is also a point of cpu.over_time: 50 of them, but never more than 10 per second.
int64_t ProgressPeriod(const Json& duration_ns) {
  constexpr int64_t kShortest = 100'000'000, kLongest = 200'000'000;
  return duration_ns.is_number() ? std::clamp(duration_ns.get<int64_t>() / 50, kShortest, kLongest) : kShortest;
}

Json PlanJson(const Configuration& configuration, int64_t batch, int repetition, const Settings& settings) {
  std::optional<int64_t> count = settings.count;
  Json duration_ns = settings.duration ? Json(settings.duration->count()) : Json();
  if (configuration.scenario == "dataset") {
    count = (configuration.test_size + batch - 1) / batch;
    duration_ns = nullptr;
  }
  // No more buffer than the run can fill: its pages count in the worker's memory.
  const int64_t samples = std::min(settings.max_samples, count.value_or(settings.max_samples));
  Json plan{{"scenario", configuration.scenario},
            {"duration_ns", duration_ns},
            {"count", count ? Json(*count) : Json()},
            {"warmup",
             {{"min_runs", settings.warmup.min_runs},
              {"max_runs", settings.warmup.max_runs},
              {"min_ns", settings.warmup.least.count()},
              {"max_ns", settings.warmup.longest.count()}}},
            {"max_samples", samples},
            {"progress_ns", ProgressPeriod(duration_ns)}};
  if (configuration.samples_per_query > 0) plan["samples_per_query"] = configuration.samples_per_query;
  if (configuration.scenario == "server") plan["arrivals"] = ArrivalsJson(configuration, repetition, settings);
  if (settings.energy_window.count() > 0)
    plan["energy"] = {{"window_ns", settings.energy_window.count()}, {"power_command", settings.power_command}};
  if (settings.mlperf && !count) plan["least"] = MlperfLeast(configuration.scenario, batch);
  return plan;
}

OpenLoop OpenLoopFrom(const Json& told, const std::vector<int64_t>& latency_ns, const Settings& settings) {
  OpenLoop open{.offered_per_s = RealAt(told, "offered_per_s"),
                .achieved_per_s = RealAt(told, "achieved_per_s"),
                .late_share = RealAt(told, "late_share"),
                .queued_share = RealAt(told, "queued_share"),
                .unanswered = WholeAt(told, "unanswered"),
                .delay_p99_ns = WholeAt(told, "delay_p99_ns"),
                .delay_max_ns = WholeAt(told, "delay_max_ns"),
                .issuer_delay_p99_ns = WholeAt(told, "issuer_delay_p99_ns"),
                .service_p50_ns = WholeAt(told, "service_p50_ns"),
                .issuer_cpu_ns = WholeAt(told, "issuer_cpu_ns")};
  if (settings.latency_bound) {
    open.bound_ns = settings.latency_bound->count();
    const auto beyond =
        std::count_if(latency_ns.begin(), latency_ns.end(), [&](int64_t latency) { return latency > *open.bound_ns; });
    open.bound_met = open.unanswered.value_or(0) == 0 &&
                     static_cast<int64_t>(latency_ns.size()) >= core::SamplesNeeded(core::kP99, beyond);
  }
  return open;
}

void TakeInputs(const verify::Ports& inputs, const verify::InputSet& set, Run& run) {
  run.canonical_sha256 = set.canonical_sha256;
  run.delivered_sha256 = set.delivered_sha256;
  run.layouts = verify::LayoutsJson(inputs);
  run.notes = set.notes;
}

// A prefix such as taskset, or a container, may leave the worker fewer CPUs than threads were asked for.
void NoteCpus(const Settings& settings, Run& run) {
  const auto process = run.effective.find("process");
  if (!settings.affinity || process == run.effective.end() || !process->is_object()) return;
  const Json cpus = process->value("cpus", Json());
  if (!cpus.is_array() || cpus.size() >= static_cast<size_t>(run.configuration.threads)) return;
  run.notes.push_back(fmt::format("with {} threads, {} had only {} CPU{} to run on", run.configuration.threads,
                                  run.configuration.engine, cpus.size(), cpus.size() == 1 ? "" : "s"));
}

void TakeResult(worker::MeasureReply reply, const Json& load_use, const Settings& settings, Run& run) {
  run.latency_ns = std::move(reply.latency_ns);
  run.samples = static_cast<int64_t>(run.latency_ns.size());
  run.latency = Summarise(run.latency_ns);
  run.stability = core::StabilityOf(run.latency_ns);
  if (run.stability.mean) {
    run.latency.mean_low = run.stability.mean->low;
    run.latency.mean_high = run.stability.mean->high;
  }
  const Json& result = reply.result;
  run.stop_reason = TextAt(result, "stop_reason");
  run.warmup_runs = WholeAt(result, "warmup_runs");
  run.warmup_ns = WholeAt(result, "warmup_ns");
  if (const auto steady = result.find("warmup_steady"); steady != result.end() && steady->is_boolean())
    run.warmup_steady = steady->get<bool>();
  run.wall_ns = WholeAt(result, "wall_ns");
  run.requests = WholeAt(result, "requests");
  run.cpu_ns = WholeAt(result, "cpu_ns");
  run.threads_busy = WholeAt(result, "threads_busy");
  run.runner_overhead_ns = WholeAt(result, "runner_overhead_ns");
  run.sample_buffer_bytes = WholeAt(result, "sample_buffer_bytes");
  run.metered = MeteredFrom(result, load_use, run.configuration.device);
  run.steady_peak_rss_bytes = reply.peak_rss_bytes;
  if (run.steady_peak_rss_bytes && run.sample_buffer_bytes) *run.steady_peak_rss_bytes -= *run.sample_buffer_bytes;
  if (run.wall_ns && *run.wall_ns > 0 && run.samples > 0) {
    run.throughput_per_s = static_cast<double>(run.samples) * static_cast<double>(run.batch) *
                           static_cast<double>(std::max<int64_t>(run.configuration.samples_per_query, 1)) /
                           (static_cast<double>(*run.wall_ns) / 1e9);
  }
  if (const auto open = result.find("open_loop"); open != result.end() && open->is_object()) {
    run.open_loop = OpenLoopFrom(*open, run.latency_ns, settings);
    if (Saturated(*run.open_loop)) {
      run.status = RunStatus::kSaturated;
      // They grow for as long as it is run: no number of them means anything.
      run.latency = {};
      run.stability = {};
    }
  }
}

// What a mismatch with the reference is, in words. NaN and constants are no difference, and the reference itself may
// have them.
std::string Difference(const Reference& reference, const Configuration& row, const verify::Check& check) {
  const verify::OutputRow* worst = verify::WorstOutput(check);
  if (worst && (worst->difference.not_finite > 0 || worst->difference.constant))
    return fmt::format("its answers are unusable: {}", check.reason);
  const bool itself = reference.engine == row.engine && reference.path == row.artifact.path;
  return itself ? fmt::format("its answers change from one process to the next: {}", check.reason)
                : fmt::format("its answers differ from {}'s: {}", reference.engine, check.reason);
}

void CheckAnswers(const Settings& settings, const Reference* reference, const verify::Answers& answers, Run& run) {
  // Answers of engines for testing prove nothing, unless somebody asked for the comparison.
  const bool testing = run.configuration.for_testing && settings.reference.empty();
  const bool comparable = reference && !testing && reference->canonical_sha256 == run.canonical_sha256;
  if (comparable) {
    run.tolerance = verify::ToleranceName(settings.tolerance, run.configuration.precision, reference->answers, answers);
    run.reference = reference->engine;
    run.check = verify::CompareAnswers(reference->answers, answers, verify::ToleranceFor(run.tolerance));
    verify::RefuseConstant(*run.check);
  } else {
    run.check = verify::InspectAnswers(answers, !run.configuration.for_testing);
    if (run.check->reason.empty()) {
      run.check->reason = testing
                              ? "not compared: an engine for testing, whose answers prove nothing (--reference asks "
                                "for the comparison)"
                          : reference ? "not compared: its inputs are of other types than the reference's"
                                      : "not compared: no reference answered";
    }
  }
  if (run.check->verdict == verify::Verdict::kMismatch) {
    run.status = RunStatus::kMismatch;
    run.error =
        Error(ErrorCode::kMismatch, comparable ? Difference(*reference, run.configuration, *run.check)
                                               : fmt::format("its answers are unusable: {}", run.check->reason));
  }
}

// In a worker of its own, whose runs are not timed. Nothing that happens here changes what was measured.
void ProfileRun(const std::function<verify::Opened(bool profile)>& open, const verify::InputSet& set,
                const Settings& settings, Run& run) {
  try {
    const verify::Opened opened = open(true);
    worker::ProfileReply reply =
        opened.session->Profile(kProfiledInferences, kProfiledTime, set.delivered, settings.limit);
    opened.session->Bye();
    run.profile = ProfileJson(reply);
    run.profiled = std::move(reply);
  } catch (const Error& error) {
    run.profile = NoProfileJson(error.text());
  }
}

}  // namespace

milliseconds MeasureLimit(const Settings& settings, const Configuration& row, int64_t first_inference_ns) {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  double planned_ns = static_cast<double>(settings.warmup.longest.count());
  // The first inference is slower than the later ones; ten times it is far from any honest run.
  const double longest = 10.0 * static_cast<double>(first_inference_ns);
  const auto samples = static_cast<double>(std::max<int64_t>(row.samples_per_query, 1));
  if (row.scenario == "dataset") {
    planned_ns += longest * static_cast<double>(row.test_size);
  } else if (settings.duration) {
    planned_ns += static_cast<double>(settings.duration->count());
    if (settings.mlperf) planned_ns += longest * samples * static_cast<double>(MlperfLeast(row.scenario, 1));
  } else if (settings.count) {
    planned_ns += longest * samples * static_cast<double>(*settings.count);
  }
  if (row.scenario == "server") {
    // Twice the schedule and a second: then the worker gives up.
    double schedule_ns = settings.duration ? static_cast<double>(settings.duration->count()) : 1e17;
    if (settings.count && row.qps > 0)
      schedule_ns = std::min(schedule_ns, 10e9 + 2e9 * static_cast<double>(*settings.count) / row.qps);
    if (!settings.trace_ns.empty()) schedule_ns = std::min(schedule_ns, static_cast<double>(settings.trace_ns.back()));
    planned_ns += 2 * schedule_ns + 1e9;
  }
  // Idle and loaded, and what a server's schedule runs over.
  planned_ns += 4.0 * static_cast<double>(settings.energy_window.count());
  const nanoseconds planned(static_cast<int64_t>(std::min(planned_ns, 1e17)));
  return duration_cast<milliseconds>(planned) + settings.limit;
}

Run MeasureRun(const Configuration& configuration, int repetition, const Settings& settings, const Reference* reference,
               verify::Network& network, const verify::StartSession& start, const RunProgress& progress) {
  Run run;
  run.configuration = configuration;
  run.repetition = repetition;
  run.batch = std::max<int64_t>(configuration.batch, 1);
  run.started_at = core::UtcNow();
  run.prefix = core::Join(settings.prefix, " ");
  try {
    progress("load", 0, 0);
    const auto fresh = [&] {
      return start({.executable = configuration.executable,
                    .prefix = settings.prefix,
                    .cpus = settings.affinity ? configuration.threads : 0,
                    .pin = settings.pin,
                    .environment = configuration.environment});
    };
    worker::LoadRequest request{.artifact = configuration.artifact,
                                .device = configuration.device,
                                .threads = configuration.threads,
                                .precision = configuration.precision};
    request.streams = configuration.streams;
    request.batch = configuration.batch;
    request.engine_options = configuration.options;
    // Engines for testing read no model: they take the inputs that the model was found to have.
    if (configuration.for_testing && reference && reference->path == configuration.artifact.path)
      request.artifact.inputs = reference->specs;
    const auto open = [&](bool profile) {
      request.profile = profile;
      return network.Open(configuration.engine, configuration.for_testing, fresh, request, settings.limit);
    };
    const verify::Opened opened = open(false);
    const auto& session = opened.session;
    const worker::LoadReply& loaded = opened.reply;
    run.shapes_from = opened.shapes_from;
    run.load_ns = loaded.load_ns;
    run.load_peak_rss_bytes = loaded.peak_rss_bytes;
    run.effective = loaded.effective;

    progress("check", 0, 0);
    const verify::Ports& inputs = opened.inputs;
    run.batch = opened.batch;
    // Forced rows and engines for testing may have inputs of their own.
    const bool own =
        !reference || ((settings.force || configuration.for_testing) && !verify::Pair(reference->inputs, inputs));
    const verify::InputSet set = verify::MakeInputs(inputs, own ? inputs : reference->inputs, network.choices());
    TakeInputs(inputs, set, run);
    NoteCpus(settings, run);
    const worker::InferReply first = session->Infer(set.delivered, settings.limit);
    run.first_inference_ns = first.run_ns;
    run.first_peak_rss_bytes = first.peak_rss_bytes;
    CheckAnswers(settings, reference, verify::AnswersOf(configuration.artifact, first.outputs), run);
    if (run.status == RunStatus::kMismatch && !settings.force) {
      session->Bye();
      return run;
    }
    if (configuration.test_size > 0)
      run.preprocess_ns =
          verify::PictureTime(inputs, own ? inputs : reference->inputs, network.choices(), configuration.test_size);
    const Json plan = PlanJson(configuration, run.batch, repetition, settings);
    TakeResult(session->Measure(plan, set.delivered, MeasureLimit(settings, configuration, first.run_ns),
                                [&](const Json& event) {
                                  progress(event.value("phase", "timed"), event.value("runs", int64_t{0}),
                                           event.value("elapsed_ns", int64_t{0}));
                                }),
               loaded.memory_use, settings, run);
    session->Bye();
    if (settings.profile && repetition == 1) {
      progress("profile", 0, 0);
      ProfileRun(open, set, settings, run);
    }
  } catch (const Error& error) {
    run.status = StatusFor(error.code());
    run.error = error;
  }
  return run;
}

}  // namespace bakeoff::measure
