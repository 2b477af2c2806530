// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The product of everything that was asked for, and its interleaving.
#include "measure/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "core/text.h"
#include "data/rng.h"
#include "verify/session.h"
#include "worker/info.h"

namespace bakeoff::measure {
namespace {

using OptionSet = std::map<std::string, std::string>;

// The product of the values of all options of one engine.
std::vector<OptionSet> OptionSets(const std::map<std::string, std::vector<std::string>>& sweeps) {
  std::vector<OptionSet> sets{{}};
  for (const auto& [name, values] : sweeps) {
    std::vector<OptionSet> wider;
    for (const OptionSet& set : sets) {
      for (const std::string& value : values) {
        wider.push_back(set);
        wider.back()[name] = value;
      }
    }
    sets = std::move(wider);
  }
  return sets;
}

// Every option at its first value (or, where it has only one, at the engine's default), then each option alone at each
// of its other values, then all at their last values: what each buys alone, and what they buy together.
std::vector<OptionSet> AblationSets(const std::map<std::string, std::vector<std::string>>& sweeps) {
  OptionSet base, all;
  for (const auto& [name, values] : sweeps) {
    if (values.size() > 1) base[name] = values.front();
    all[name] = values.back();
  }
  std::vector<OptionSet> sets{base};
  for (const auto& [name, values] : sweeps) {
    for (size_t i = values.size() > 1 ? 1 : 0; i < values.size(); ++i) {
      sets.push_back(base);
      sets.back()[name] = values[i];
    }
  }
  if (sweeps.size() > 1) sets.push_back(all);
  return sets;
}

// The rows of one scenario: rates of an open loop, sizes of a data set.
std::vector<Configuration> Variants(const Settings& settings, const std::string& scenario, Configuration row) {
  row.scenario = scenario;
  std::vector<Configuration> rows;
  if (scenario == "multi-stream") row.samples_per_query = settings.samples_per_query;
  if (scenario == "server") {
    row.arrivals = settings.arrivals;
    for (const double rate : settings.rates) {
      row.qps = rate;
      rows.push_back(row);
    }
  }
  if (scenario == "dataset") {
    for (const int64_t size : settings.test_sizes) {
      row.test_size = size;
      rows.push_back(row);
    }
  }
  if (rows.empty()) rows.push_back(std::move(row));
  return rows;
}

int StreamsOf(const Settings& settings, const EngineInfo& engine, const Configuration& row) {
  if (row.scenario == "single-stream") return 1;
  int streams = settings.streams > 0 ? settings.streams : row.scenario == "offline" ? row.threads : 1;
  if (engine.max_requests > 0) streams = std::min(streams, engine.max_requests);
  return streams;
}

void Refuse(Configuration& row, RunStatus status, ErrorCode code, std::string reason) {
  row.status = status;
  row.code = code;
  row.reason = std::move(reason);
}

// Why there is no converted model is why the row cannot be measured.
RunStatus StatusFor(const Error& no_conversion) {
  if (no_conversion.code() == ErrorCode::kMismatch) return RunStatus::kMismatch;
  return verify::IsRefusal(no_conversion) ? RunStatus::kUnsupported : RunStatus::kFailed;
}

void CheckRow(const worker::EngineEntryStatus& engine, const verify::Advise& advise, Configuration& row) {
  if (engine.status != worker::EngineStatus::kPresent) {
    return Refuse(row, RunStatus::kSkipped, ErrorCode::kUnavailable,
                  fmt::format("{} is {}: {}", engine.name, worker::StatusName(engine.status), engine.reason));
  }
  if (row.conversion && row.conversion->error) {
    const Error& error = *row.conversion->error;
    return Refuse(row, StatusFor(error), error.code(), error.text());
  }
  if (!verify::Reads(engine.info, row.artifact)) {
    row.reads = engine.info.reads;
    if (advise) row.advice = advise(engine.info, row.artifact);
    return Refuse(row, RunStatus::kUnsupported, ErrorCode::kUnsupported,
                  verify::WhyNotRead(engine.info, row.artifact, row.advice));
  }
  const auto lacks = [&](const char* what, const std::vector<std::string>& has, const std::string& wanted) {
    if (std::find(has.begin(), has.end(), wanted) != has.end()) return;
    Refuse(row, RunStatus::kUnsupported, ErrorCode::kUnsupported,
           fmt::format("{} has no {} {}; it has {}", engine.name, what, wanted, core::Join(has, ", ")));
  };
  lacks("precision", engine.info.precisions, row.precision);
  lacks("device", engine.info.devices, row.device);
}

}  // namespace

std::vector<Configuration> MakePlan(const Settings& settings) {
  std::vector<Configuration> plan;
  for (const Artifact& artifact : settings.models) {
    for (const worker::EngineEntryStatus& engine : settings.engines) {
      const auto sweeps = settings.options.find(engine.name);
      const auto values =
          sweeps == settings.options.end() ? std::map<std::string, std::vector<std::string>>{} : sweeps->second;
      const auto sets = settings.ablate ? AblationSets(values) : OptionSets(values);
      Configuration row{.model = core::ModelName(artifact.path),
                        .artifact = verify::ArtifactFor(engine.info, artifact),
                        .engine = engine.name,
                        .version = engine.info.version,
                        .executable = engine.executable};
      row.for_testing = engine.info.for_testing;
      if (const auto* conversion = verify::FindConversion(settings.conversions, artifact, engine.name)) {
        row.conversion = *conversion;
        if (!conversion->error) row.artifact = conversion->artifact;
      }
      row.device = settings.device;
      CheckRow(engine, settings.advise, row);
      for (const std::string& scenario : settings.scenarios) {
        for (const std::string& precision : settings.precisions) {
          for (const int64_t threads : settings.threads) {
            for (const int64_t batch : settings.batches) {
              for (const OptionSet& options : sets) {
                for (Configuration& each : Variants(settings, scenario, row)) {
                  each.precision = precision;
                  each.threads = static_cast<int>(threads);
                  each.batch = batch;
                  each.options = options;
                  each.environment = worker::EnvironmentFor(engine.info, options);
                  for (const OptionSpec& spec : engine.info.options) {
                    const auto given = options.find(spec.name);
                    if (spec.selects && given != options.end()) each.selection.insert(*given);
                  }
                  each.streams = StreamsOf(settings, engine.info, each);
                  if (each.status == RunStatus::kOk) CheckRow(engine, settings.advise, each);
                  plan.push_back(std::move(each));
                }
              }
            }
          }
        }
      }
    }
  }
  return plan;
}

std::vector<Step> MakeOrder(const std::vector<Configuration>& plan, int repetitions, uint64_t seed) {
  std::vector<Step> order;
  for (int repetition = 1; repetition <= repetitions; ++repetition) {
    std::vector<Step> round;
    for (size_t i = 0; i < plan.size(); ++i) {
      if (plan[i].status == RunStatus::kOk) round.push_back({i, repetition});
    }
    data::Rng rng({seed, static_cast<uint64_t>(repetition)});
    data::Shuffle(round, rng);
    order.insert(order.end(), round.begin(), round.end());
  }
  return order;
}

}  // namespace bakeoff::measure
