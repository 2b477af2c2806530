// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A library of one sample, and LoadGen's summary read from where it writes it.
#include "no_op/mlperf_peer.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/scratch.h"
#include "query_sample_library.h"

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

}  // namespace

double LoadGenSummary::Number(const std::string& text) const {
  for (const std::string& line : lines_) {
    if (line.find(text) != line.npos) return std::strtod(line.c_str() + line.find(':') + 1, nullptr);
  }
  throw std::runtime_error("no '" + text + "' in LoadGen's summary");
}

LoadGenSummary RunLoadGen(mlperf::TestSettings settings, int64_t count, mlperf::SystemUnderTest& system) {
  const core::ScratchFolder folder(std::filesystem::temp_directory_path(), "bakeoff-loadgen");
  settings.mode = mlperf::TestMode::PerformanceOnly;
  settings.min_query_count = settings.max_query_count = static_cast<uint64_t>(count);
  settings.min_duration_ms = 0;
  mlperf::LogSettings log;
  log.log_output.outdir = folder.path().string();
  log.enable_trace = false;
  Library library;
  mlperf::StartTest(&system, &library, settings, log);
  std::ifstream file(folder.path() / "mlperf_log_summary.txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return LoadGenSummary(std::move(lines));
}

}  // namespace bakeoff::bench
