// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs the plan. Whatever happens to a row is in its record; only a wrong request ends the whole.
#include "measure/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>

#include "core/error_json.h"
#include "measure/budget.h"
#include "measure/fields.h"
#include "measure/measure_run.h"
#include "measure/mlperf.h"
#include "measure/reference.h"

namespace bakeoff::measure {
namespace {

using Clock = std::chrono::steady_clock;

std::string TimeText(double s) {
  if (s < 90) return fmt::format("{:.0f} s", s);
  if (s < 5400) return fmt::format("{:.0f} min", s / 60);
  return fmt::format("{:.1f} h", s / 3600);
}

// Place in the order, and time left as far as finished rows tell.
class Eta {
 public:
  explicit Eta(size_t steps) : steps_(steps) {}
  void Done() { ++done_; }
  std::string Place() const { return fmt::format("{}/{}", std::min(done_ + 1, steps_), steps_); }
  std::string Left() const {
    if (done_ == 0) return "";
    const double took = std::chrono::duration<double>(Clock::now() - start_).count();
    return fmt::format(", about {} left",
                       TimeText(took / static_cast<double>(done_) * static_cast<double>(steps_ - done_)));
  }

 private:
  size_t steps_, done_ = 0;
  Clock::time_point start_ = Clock::now();
};

Run NotRun(const Configuration& configuration, size_t row, int repetition) {
  Run run;
  run.configuration = configuration;
  run.row = row;
  run.repetition = repetition;
  run.batch = std::max<int64_t>(configuration.batch, 1);
  run.status = configuration.status;
  run.error = Error(configuration.code, configuration.reason);
  return run;
}

std::string PhaseText(std::string_view phase, int64_t runs, int64_t elapsed_ns) {
  if (runs <= 0) return std::string(phase);
  const double mean = elapsed_ns > 0 ? static_cast<double>(elapsed_ns) / static_cast<double>(runs) / 1e6 : 0;
  return fmt::format("{} {} runs, {} ms each", phase, runs,
                     mean < 999.5 ? fmt::format("{:.3g}", mean) : fmt::format("{:.0f}", mean));
}

// Settings with their references, and where their rows begin in the whole plan.
struct Part {
  const Settings& settings;
  References references;
  size_t end = 0;
};

// What the records do not say themselves.
void AddNotes(const Part& part, const std::vector<Run>& runs, std::vector<std::string>& notes) {
  const auto add = [&](std::string note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
  };
  for (const std::string& note : part.settings.notes) add(note);
  for (const References::Failure& failure : part.references.failures()) {
    const bool told = std::any_of(runs.begin(), runs.end(), [&](const Run& run) {
      return run.configuration.engine == failure.engine && run.configuration.artifact.path == failure.path &&
             run.error && run.error->text() == failure.error.text();
    });
    if (!told)
      add(fmt::format("{} cannot be the reference for {}: {}", failure.engine, failure.path, failure.error.text()));
  }
  for (const Run& run : runs) {
    // Of a converted one it is no news: it was made of the other.
    if (!run.shapes_from.empty() && !run.configuration.conversion)
      add(fmt::format("{} does not tell its input shapes: they are those of {}", run.configuration.artifact.path,
                      run.shapes_from));
    for (const std::string& note : run.notes) add(note);
  }
}

Outcome BenchParts(const std::vector<const Settings*>& all, const verify::StartSession& start, const Listener& listener,
                   const std::vector<Run>& earlier) {
  const Settings& settings = *all.front();
  const auto say = [&](const std::string& text, bool step) {
    if (listener.progress) listener.progress(text, step);
  };
  const auto stop = [&] { return listener.interrupted && listener.interrupted(); };
  Outcome outcome;
  outcome.seed = settings.inputs.seed;
  outcome.ablate = settings.ablate;
  std::deque<Part> parts;
  int most_threads = 1;
  for (const Settings* each : all) {
    const auto rows = MakePlan(*each);
    outcome.plan.insert(outcome.plan.end(), rows.begin(), rows.end());
    parts.push_back({*each, References(*each, start), outcome.plan.size()});
    for (const int64_t threads : each->threads) most_threads = std::max(most_threads, static_cast<int>(threads));
  }
  outcome.machine = ReadMachine();
  std::vector<std::vector<Run>> by_row(outcome.plan.size());
  bool any_ok = false;
  int executed = 0;
  for (const Run& run : earlier) {
    by_row.at(run.row).push_back(run);
    any_ok = any_ok || run.status == RunStatus::kOk;
    if (!run.reused_from) executed = std::max(executed, run.order);
  }
  const auto has = [&](size_t row, int repetition) {
    return std::any_of(by_row[row].begin(), by_row[row].end(),
                       [&](const Run& run) { return run.repetition == repetition; });
  };
  // Hands a run on; false: no more.
  const auto finish = [&](const Run& run) { return !listener.finished || listener.finished(run); };
  for (size_t i = 0; i < outcome.plan.size(); ++i) {
    if (outcome.plan[i].status == RunStatus::kOk) continue;
    for (int repetition = 1; repetition <= settings.repetitions; ++repetition) {
      if (has(i, repetition)) continue;
      by_row[i].push_back(NotRun(outcome.plan[i], i, repetition));
      outcome.stopped = !finish(by_row[i].back()) || outcome.stopped;
    }
  }

  std::vector<Step> order = MakeOrder(outcome.plan, settings.repetitions, outcome.seed);
  std::erase_if(order, [&](const Step& step) { return has(step.configuration, step.repetition); });
  Eta eta(order.size());
  std::optional<Budget> budget;
  if (settings.budget) budget.emplace(*settings.budget, order.size());
  try {
    for (const Step& step : order) {
      if (stop() || outcome.stopped) break;
      Part& part =
          *std::find_if(parts.begin(), parts.end(), [&](const Part& each) { return step.configuration < each.end; });
      std::optional<Settings> shared;  // with this measurement's part of the budget
      if (budget) {
        shared = settings;
        if (!budget->Next(*shared)) {
          outcome.stopped = true;
          break;
        }
      }
      const Configuration& row = outcome.plan[step.configuration];
      say(fmt::format("[{}] {}: asking the reference first", eta.Place(), Title(row)), false);
      const Reference* reference = part.references.For(row);
      if (stop()) break;
      const std::string title =
          fmt::format("[{}] {}, repetition {}{}", eta.Place(), Title(row), step.repetition, eta.Left());
      say(title, executed == 0);
      Run run = MeasureRun(row, step.repetition, shared ? *shared : part.settings, reference,
                           part.references.NetworkOf(row.model), start,
                           [&](std::string_view phase, int64_t runs, int64_t elapsed_ns) {
                             say(fmt::format("{}: {}", title, PhaseText(phase, runs, elapsed_ns)), false);
                           });
      // The signal that interrupts also kills the worker: that is no failure of the engine.
      if (stop()) break;
      run.order = ++executed;
      run.row = step.configuration;
      eta.Done();
      if (budget) budget->Done(run);
      outcome.stopped = !finish(run);
      run.latency_ns = {};
      run.profiled.reset();
      any_ok = any_ok || run.status == RunStatus::kOk;
      // With a reference that answered, the request is sound and the engine alone objects.
      const bool wrong_request = run.error && run.error->code() == ErrorCode::kUsage && !reference && !any_ok;
      by_row[step.configuration].push_back(std::move(run));
      if (wrong_request) {
        outcome.usage = by_row[step.configuration].back().error;
        break;
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUsage) throw;
    outcome.usage = error;
  }
  outcome.interrupted = stop();
  for (auto& runs : by_row) {
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.repetition < b.repetition; });
    for (Run& run : runs) outcome.runs.push_back(std::move(run));
  }
  outcome.summary = Summarise(outcome.plan, outcome.runs);
  for (const Part& part : parts) AddNotes(part, outcome.runs, outcome.notes);
  const auto reused = std::count_if(outcome.runs.begin(), outcome.runs.end(),
                                    [](const Run& run) { return run.reused_from.has_value(); });
  if (reused > 0)
    outcome.notes.push_back(
        fmt::format("{} of {} runs are from earlier campaigns (reused_from): they were measured at another time than "
                    "the others, not in turns with them",
                    reused, outcome.runs.size()));
  for (const std::string& note : MlperfNotes(settings, outcome.runs)) outcome.notes.push_back(note);
  outcome.environment = Grade(outcome.machine, ReadMachine(), most_threads);
  return outcome;
}

}  // namespace

Outcome Bench(const Settings& settings, const verify::StartSession& start, const Listener& listener,
              const std::vector<Run>& earlier) {
  return BenchParts({&settings}, start, listener, earlier);
}

Outcome BenchTogether(const std::vector<Settings>& all, const verify::StartSession& start, const Listener& listener) {
  std::vector<const Settings*> parts;
  for (const Settings& settings : all) parts.push_back(&settings);
  return BenchParts(parts, start, listener, {});
}

int ExitCode(const Outcome& outcome) {
  if (outcome.usage) return ExitCodeFor(ErrorCode::kUsage);
  if (outcome.interrupted) return 130;
  const auto any = [&](RunStatus status) {
    return std::any_of(outcome.runs.begin(), outcome.runs.end(), [&](const Run& run) { return run.status == status; });
  };
  if (any(RunStatus::kMismatch)) return ExitCodeFor(ErrorCode::kMismatch);
  if (any(RunStatus::kFailed) || !any(RunStatus::kOk)) return ExitCodeFor(ErrorCode::kEngineFailed);
  return 0;
}

Json ToJson(const Outcome& outcome) {
  Json runs = Json::array(), summary = Json::array();
  for (const Run& run : outcome.runs) runs.push_back(ToJson(run));
  for (const Summary& row : outcome.summary) summary.push_back(ToJson(row));
  return {{"schema", 1},
          {"machine", ToJson(outcome.machine)},
          {"environment", ToJson(outcome.environment)},
          {"seed", outcome.seed},
          {"interrupted", outcome.interrupted},
          {"stopped", outcome.stopped},
          {"error", core::ErrorJson(outcome.usage)},
          {"runs", runs},
          {"summary", summary},
          {"notes", outcome.notes}};
}

}  // namespace bakeoff::measure
