// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MLPerf LoadGen's Server scenario around the same Run(). The answer comes at once from the issuing thread, so that the
// latency which LoadGen counts from the scheduled time is how late it issued.
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

class System final : public mlperf::SystemUnderTest {
 public:
  explicit System(Request& request) : request_(request) {}
  const std::string& Name() override { return name_; }
  void IssueQuery(const std::vector<mlperf::QuerySample>& samples) override {
    request_.Run();
    mlperf::QuerySampleResponse response{samples[0].id, 0, 0};
    mlperf::QuerySamplesComplete(&response, 1);
  }
  void FlushQueries() override {}

 private:
  Request& request_;
  std::string name_ = "null";
};

// The number behind the colon of the first line with that text.
double FromSummary(const std::filesystem::path& path, const std::string& text) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(text) != line.npos) return std::strtod(line.c_str() + line.find(':') + 1, nullptr);
  }
  throw std::runtime_error("no '" + text + "' in " + path.string());
}

}  // namespace

std::optional<Lateness> MeasurePeer(Request& request, double per_s, int64_t count) {
  std::string folder = (std::filesystem::temp_directory_path() / "bakeoff-loadgen-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error("cannot make " + folder);
  mlperf::TestSettings settings;
  settings.scenario = mlperf::TestScenario::Server;
  settings.mode = mlperf::TestMode::PerformanceOnly;
  settings.server_target_qps = per_s;
  settings.min_query_count = settings.max_query_count = static_cast<uint64_t>(count);
  settings.min_duration_ms = 0;
  mlperf::LogSettings log;
  log.log_output.outdir = folder;
  log.enable_trace = false;
  Library library;
  System system(request);
  mlperf::StartTest(&system, &library, settings, log);
  const auto summary = std::filesystem::path(folder) / "mlperf_log_summary.txt";
  const Lateness lateness{
      FromSummary(summary, "Completed samples per second") / FromSummary(summary, "Scheduled samples per second"),
      FromSummary(summary, "50.00 percentile latency (ns)"), FromSummary(summary, "99.00 percentile latency (ns)"),
      FromSummary(summary, "Max latency (ns)")};
  std::filesystem::remove_all(folder);
  return lateness;
}

}  // namespace bakeoff::bench
