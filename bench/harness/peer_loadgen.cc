// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MLPerf LoadGen's SingleStream scenario around the same Run().
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "loadgen.h"
#include "peer.h"
#include "query_sample_library.h"
#include "system_under_test.h"
#include "test_settings.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::bench {
namespace {

class Library final : public mlperf::QuerySampleLibrary {
 public:
  const std::string& Name() override { return name_; }
  size_t TotalSampleCount() override { return 1; }
  size_t PerformanceSampleCount() override { return 1; }
  void LoadSamplesToRam(const std::vector<mlperf::QuerySampleIndex>&) override {}
  void UnloadSamplesFromRam(const std::vector<mlperf::QuerySampleIndex>&) override {}

 private:
  std::string name_ = "none";
};

// Answers in the issuing thread, which is the cheapest way for LoadGen; and looks at the clock itself for the wall
// time, once at each end.
class System final : public mlperf::SystemUnderTest {
 public:
  System(Request& request, int64_t count) : request_(request), count_(count) {}
  const std::string& Name() override { return name_; }
  void IssueQuery(const std::vector<mlperf::QuerySample>& samples) override {
    if (issued_++ == 0) first_ns_ = worker::NowNs();
    request_.Run();
    mlperf::QuerySampleResponse response{samples[0].id, 0, 0};
    mlperf::QuerySamplesComplete(&response, 1);
    if (issued_ == count_) last_ns_ = worker::NowNs();
  }
  void FlushQueries() override {}

  int64_t issued() const { return issued_; }
  double wall_ns() const { return static_cast<double>(last_ns_ - first_ns_) / static_cast<double>(count_ - 1); }

 private:
  Request& request_;
  const int64_t count_;
  std::string name_ = "null";
  int64_t issued_ = 0, first_ns_ = 0, last_ns_ = 0;
};

// LoadGen tells its percentiles in a text file.
int64_t MedianFromSummary(const std::filesystem::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find("50.00 percentile latency (ns)") == line.npos) continue;
    return std::strtoll(line.c_str() + line.find(':') + 1, nullptr, 10);
  }
  throw std::runtime_error("no median in " + path.string());
}

}  // namespace

std::optional<HarnessCost> MeasurePeer(Request& request, int64_t count) {
  std::string folder = (std::filesystem::temp_directory_path() / "bakeoff-loadgen-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("cannot make " + folder);
  mlperf::TestSettings settings;
  settings.scenario = mlperf::TestScenario::SingleStream;
  settings.mode = mlperf::TestMode::PerformanceOnly;
  settings.min_query_count = settings.max_query_count = static_cast<uint64_t>(count);
  settings.min_duration_ms = 0;
  mlperf::LogSettings log;
  log.log_output.outdir = folder;
  log.enable_trace = false;
  Library library;
  System system(request, count);
  mlperf::StartTest(&system, &library, settings, log);
  if (system.issued() < count) throw std::runtime_error("LoadGen issued fewer queries than asked");
  const HarnessCost cost{system.wall_ns(), MedianFromSummary(std::filesystem::path(folder) / "mlperf_log_summary.txt"),
                         count};
  std::filesystem::remove_all(folder);
  return cost;
}

}  // namespace bakeoff::bench
