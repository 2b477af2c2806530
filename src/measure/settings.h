// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is to be measured and how: everything that `bakeoff bench` was told, checked and typed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bakeoff/artifact.h"
#include "verify/conversion.h"
#include "verify/inputs.h"
#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::measure {

struct WarmupSettings {
  int64_t min_runs = 10;
  int64_t max_runs = 100'000;
  std::chrono::nanoseconds least{std::chrono::milliseconds(20)};  // `longest`, where that is shorter
  std::chrono::nanoseconds longest{std::chrono::seconds(5)};
};

struct Settings {
  std::vector<Artifact> models;
  std::vector<worker::EngineEntryStatus> engines;  // in the order given; absent ones as well
  std::vector<verify::Conversion> conversions;     // of models, for engines that read none of them
  std::vector<int64_t> threads{1};
  std::vector<int64_t> batches{0};  // 0: the model's own
  std::vector<std::string> precisions{"f32"};
  std::vector<std::string> scenarios{"single-stream"};
  std::string device = "cpu";
  int streams = 0;                                        // 0: in offline one per thread, elsewhere 1
  std::vector<double> rates;                              // of server: queries per second
  std::string arrivals = "poisson";                       // of server: poisson, constant, trace
  std::vector<int64_t> trace_ns;                          // of trace: when queries come
  int64_t samples_per_query = 8;                          // of multi-stream
  std::vector<int64_t> test_sizes{1000};                  // of dataset
  std::optional<std::chrono::nanoseconds> latency_bound;  // of server
  bool mlperf = false;
  std::chrono::nanoseconds energy_window{std::chrono::seconds(2)};  // idle, and loaded; 0: no pass
  std::string power_command;                                        // of an external meter
  // engine -> option -> values to sweep
  std::map<std::string, std::map<std::string, std::vector<std::string>>> options;
  std::map<std::string, Shape> shapes;
  verify::InputChoices inputs;  // its seed is also that of the order

  int repetitions = 3;
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<int64_t> count;
  std::optional<std::chrono::nanoseconds> budget;  // of everything together, instead of a duration
  bool profile = false;                            // time by operator, of each row's first repetition
  bool ablate = false;                             // options one at a time and all together, instead of their product
  WarmupSettings warmup;
  int64_t max_samples = int64_t{1} << 22;
  std::chrono::milliseconds limit{std::chrono::minutes(5)};  // of each request to a worker, beyond the planned time
  std::vector<std::string> prefix;                           // --on
  bool affinity = true;
  std::vector<int> pin;   // CPUs that workers' masks are taken from; {}: those of this process
  std::string reference;  // engine; "" picks one
  std::string tolerance = "auto";
  bool force = false;              // speed numbers in spite of wrong answers
  verify::Advise advise;           // for rows whose engine does not read the model; none: no advice
  std::vector<std::string> notes;  // on what was asked, for the result
};

// The engines meant by --engines, absent ones included: they become skipped rows. "all" means those that are present
// and not for testing. Throws Error: kNotFound for an unknown name, with the nearest; kUnavailable where "all" means
// none.
std::vector<worker::EngineEntryStatus> ChooseEngines(const std::vector<worker::EngineEntryStatus>& known,
                                                     const std::vector<std::string>& names);

// Adds -o ENGINE.OPTION=VALUE[,VALUE] to the settings, whose engines must be set. Throws Error{kUsage} for an engine
// that is not among them, an option that the engine does not have (naming the nearest, listing all), a value outside
// its choices, an option given twice.
void AddOptions(const std::vector<std::pair<std::string, std::string>>& given, Settings& settings);

// What contradicts itself before anything runs: more streams than threads, a batch beside a shape with another first
// extent, a reference that is not among the engines, and what models that the host reads itself say against shapes and
// inputs. Throws Error{kUsage}.
void CheckSettings(const Settings& settings);

}  // namespace bakeoff::measure
