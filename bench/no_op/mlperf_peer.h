// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MLPerf LoadGen around the same Run(): the peer of the benchmarks that have work of nothing.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bakeoff/engine.h"
#include "loadgen.h"
#include "system_under_test.h"
#include "test_settings.h"

namespace bakeoff::bench {

// Answers in the issuing thread, which is the cheapest way for LoadGen.
class NullSystem : public mlperf::SystemUnderTest {
 public:
  explicit NullSystem(Request& request) : request_(request) {}
  const std::string& Name() override { return name_; }
  void IssueQuery(const std::vector<mlperf::QuerySample>& samples) override { Answer(samples); }
  void FlushQueries() override {}

 protected:
  void Answer(const std::vector<mlperf::QuerySample>& samples) {
    request_.Run();
    mlperf::QuerySampleResponse response{samples[0].id, 0, 0};
    mlperf::QuerySamplesComplete(&response, 1);
  }

 private:
  Request& request_;
  std::string name_ = "null";
};

// What LoadGen tells in its text file.
class LoadGenSummary {
 public:
  explicit LoadGenSummary(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  // The number behind the colon of the first line with that text. Throws std::runtime_error where there is none.
  double Number(const std::string& text) const;

 private:
  std::vector<std::string> lines_;
};

// Runs the scenario of `settings` for `count` queries.
LoadGenSummary RunLoadGen(mlperf::TestSettings settings, int64_t count, mlperf::SystemUnderTest& system);

}  // namespace bakeoff::bench
