// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs as records of the store, and back.
#include "measure/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "bakeoff/error.h"
#include "measure/fields.h"
#include "measure/identity.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

// Samples that wait for a store that cannot be written: 64 MiB.
constexpr size_t kMostWaiting = size_t{8} << 20;

store::RunLine LineOf(const Run& run) {
  const Configuration& row = run.configuration;
  return {.id = 0,
          .campaign = 0,
          .row = static_cast<int64_t>(run.row),
          .repetition = run.repetition,
          .started_at = run.started_at,
          .engine = row.engine,
          .model = row.model,
          .scenario = row.scenario,
          .precision = row.precision,
          .status = std::string(StatusName(run.status)),
          .threads = row.threads,
          .batch = run.batch,
          .samples = run.samples,
          .p50_ns = run.latency.p50,
          .throughput_per_s = run.throughput_per_s};
}

Json SettingsJson(const Settings& settings) {
  const auto seconds = [](const auto& time) {
    return time ? Json(std::chrono::duration<double>(*time).count()) : Json();
  };
  return {{"repetitions", settings.repetitions},
          {"duration_s", seconds(settings.duration)},
          {"budget_s", seconds(settings.budget)},
          {"count", settings.count ? Json(*settings.count) : Json()},
          {"ablate", settings.ablate}};
}

// Each value once, in the order of the plan.
Json Names(const std::vector<Configuration>& plan, std::string Configuration::* member) {
  std::vector<std::string> names;
  for (const Configuration& row : plan) {
    if (std::find(names.begin(), names.end(), row.*member) == names.end()) names.push_back(row.*member);
  }
  return names;
}

}  // namespace

Recording::Recording(store::Store& store, const Settings& settings, const std::vector<Configuration>& plan,
                     const RecordingOptions& options)
    : store_(store) {
  const Machine machine = ReadMachine();
  const std::string sha256 = PlanSha256(settings, plan, machine);
  const std::vector<std::string> rows = RowSha256s(settings, plan, machine);
  facts_ = {{"command", options.command},
            {"seed", settings.inputs.seed},
            {"settings", SettingsJson(settings)},
            {"models", Names(plan, &Configuration::model)},
            {"engines", Names(plan, &Configuration::engine)},
            {"machine", ToJson(machine)},
            {"row_sha256", rows}};
  if (options.resume) {
    if (const auto found = store_.Newest(sha256)) {
      store_.TakeOver(found->id);
      campaign_ = found->id;
      resumed_ = true;
      facts_ = found->facts;
      store_.EachRun({.campaign = campaign_}, [&](const store::RunLine& line) {
        earlier_.push_back(RunFrom(store_.Record(line.id), plan.at(static_cast<size_t>(line.row))));
        earlier_.back().row = static_cast<size_t>(line.row);
      });
      if (!options.name.empty() && !found->name.empty() && found->name != options.name) renamed_from_ = found->name;
      if (!options.name.empty()) store_.Rename(campaign_, options.name);
    }
  }
  if (!resumed_) {
    campaign_ = store_.Begin({.name = options.name,
                              .plan_sha256 = sha256,
                              .planned = static_cast<int64_t>(plan.size()) * settings.repetitions,
                              .facts = facts_});
  }
  if (options.reuse) TakeOver(plan, settings, rows);
}

// The newest first. A failure is tried again, and what cannot run costs nothing.
void Recording::TakeOver(const std::vector<Configuration>& plan, const Settings& settings,
                         const std::vector<std::string>& rows) {
  std::set<std::pair<size_t, int64_t>> wanted;
  for (size_t row = 0; row < plan.size(); ++row) {
    for (int64_t repetition = 1; repetition <= settings.repetitions && plan[row].status == RunStatus::kOk; ++repetition)
      wanted.insert({row, repetition});
  }
  for (const Run& run : earlier_) wanted.erase({run.row, run.repetition});
  for (const store::Campaign& other : store_.Campaigns(0)) {
    if (wanted.empty()) break;
    const auto hashes = other.facts.find("row_sha256");
    if (other.id == campaign_ || hashes == other.facts.end() || !hashes->is_array()) continue;
    std::map<int64_t, size_t> same;  // its row -> ours
    for (size_t theirs = 0; theirs < hashes->size(); ++theirs) {
      const auto ours = std::find(rows.begin(), rows.end(), (*hashes)[theirs]);
      if (ours != rows.end()) same[static_cast<int64_t>(theirs)] = static_cast<size_t>(ours - rows.begin());
    }
    if (same.empty()) continue;
    std::vector<store::RunLine> lines;
    store_.EachRun({.campaign = other.id}, [&](const store::RunLine& line) {
      const bool answered = line.status == StatusName(RunStatus::kOk) ||
                            line.status == StatusName(RunStatus::kMismatch) ||
                            line.status == StatusName(RunStatus::kSaturated);
      const auto row = same.find(line.row);
      if (answered && row != same.end() && wanted.erase({row->second, line.repetition}) > 0) lines.push_back(line);
    });
    for (const store::RunLine& line : lines) {
      const size_t row = same.at(line.row);
      Run run = RunFrom(store_.Record(line.id), plan[row]);
      run.row = row;
      // A run that was not profiled cannot be the one that is asked for its operators.
      if (settings.profile && run.repetition == 1 && run.profile.is_null()) {
        wanted.insert({row, run.repetition});
        continue;
      }
      if (!run.reused_from) {
        run.reused_from = line.id;
        run.reused_campaign = other.id;
      }
      run.latency_ns = store_.Samples(line.id);
      Put(run);
      run.latency_ns = {};
      earlier_.push_back(std::move(run));
      ++reused_;
    }
  }
}

void Recording::Put(const Run& run) {
  store_.Add(campaign_, LineOf(run), ToJson(run), run.latency_ns);
}

void Recording::Flush() {
  while (!waiting_.empty()) {
    Put(waiting_.front());
    waiting_samples_ -= waiting_.front().latency_ns.size();
    waiting_.pop_front();
  }
  failure_.reset();
}

bool Recording::Add(const Run& run) {
  try {
    Flush();
    Put(run);
  } catch (const Error& error) {
    failure_ = error;
    waiting_.push_back(run);
    waiting_samples_ += run.latency_ns.size();
  }
  return waiting_samples_ <= kMostWaiting;
}

void Recording::Finish(const Outcome& outcome) {
  try {
    Flush();
    facts_["environment"] = ToJson(outcome.environment);
    facts_["notes"] = outcome.notes;
    store_.SetFacts(campaign_, facts_);
    const bool whole = !outcome.interrupted && !outcome.stopped && !outcome.usage;
    store_.SetState(campaign_, whole ? store::CampaignState::kDone : store::CampaignState::kStopped);
  } catch (const Error& error) {
    throw error.With(
        fmt::format("{} measurement{} of campaign {} could not be stored (free what is missing and use "
                    "--resume to measure them again)",
                    waiting_.size(), waiting_.size() == 1 ? "" : "s", campaign_));
  }
}

Outcome StoredOutcome(const store::Store& store, const store::Campaign& campaign) {
  Outcome outcome;
  std::map<size_t, Configuration> plan;
  store.EachRun({.campaign = campaign.id}, [&](const store::RunLine& line) {
    const Json record = store.Record(line.id);
    const auto row = static_cast<size_t>(line.row);
    const auto [known, fresh] = plan.try_emplace(row);
    if (fresh) known->second = ConfigurationFrom(record);
    outcome.runs.push_back(RunFrom(record, known->second));
    outcome.runs.back().row = row;
  });
  std::map<size_t, size_t> places;  // of rows of which there are runs
  for (auto& [row, configuration] : plan) {
    places[row] = outcome.plan.size();
    outcome.plan.push_back(std::move(configuration));
  }
  for (Run& run : outcome.runs) run.row = places.at(run.row);
  outcome.summary = Summarise(outcome.plan, outcome.runs);
  outcome.stopped = campaign.state != store::CampaignState::kDone;
  const Json& facts = campaign.facts;
  if (const auto seed = facts.find("seed"); seed != facts.end() && seed->is_number_integer())
    outcome.seed = seed->get<uint64_t>();
  if (const auto notes = facts.find("notes"); notes != facts.end() && notes->is_array())
    outcome.notes = notes->get<std::vector<std::string>>();
  outcome.ablate = At(facts, "settings.ablate") == Json(true);
  outcome.environment = EnvironmentFrom(facts.value("environment", Json()));
  return outcome;
}

}  // namespace bakeoff::measure
