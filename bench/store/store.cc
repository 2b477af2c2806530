// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// bench/store: 10,000 runs of 10,000 samples each go into a store as bench stores them; then bakeoff lists it. Time and
// peak memory of both.
#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/scratch.h"
#include "measure/fields.h"
#include "side/side.h"

namespace bakeoff::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kRuns = 10'000;
constexpr size_t kSamples = 10'000;
constexpr double kMostMib = 200;
constexpr double kMostListMs = 200;

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double PeakMib() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return -1;
}

void Fill(const fs::path& path) {
  store::Store store(path, store::Store::Mode::kWrite);
  const int64_t campaign =
      store.Begin({.name = "large", .plan_sha256 = "x", .planned = kRuns, .facts = Json::object()});
  std::mt19937_64 random(1);
  for (int i = 0; i < kRuns; ++i) {
    measure::Run run;
    run.configuration.engine = "e" + std::to_string(i % 10);
    run.configuration.model = "net";
    for (size_t k = 0; k < kSamples; ++k)
      run.latency_ns.push_back(1'000'000 + static_cast<int64_t>(random() % 100'000));
    run.samples = kSamples;
    run.latency = measure::Summarise(run.latency_ns);
    store.Add(campaign,
              {.row = i,
               .repetition = 1,
               .engine = run.configuration.engine,
               .model = "net",
               .scenario = "single-stream",
               .precision = "f32",
               .status = "ok",
               .threads = 1,
               .batch = 1,
               .samples = run.samples,
               .p50_ns = run.latency.p50},
              measure::ToJson(run), run.latency_ns);
  }
  store.SetState(campaign, store::CampaignState::kDone);
}

int Main() {
  const core::ScratchFolder folder(fs::temp_directory_path(), "bakeoff-store");
  const fs::path path = folder.path() / "runs.db";
  auto begin = Clock::now();
  Fill(path);
  const double fill_ms = MsSince(begin);
  const double fill_mib = PeakMib();
  std::error_code error;
  const double bytes = static_cast<double>(fs::file_size(path, error));
  fmt::print("{} runs of {} samples, load average {:.1f}\n\n", kRuns, kSamples, LoadAverage());
  fmt::print("filled in {:.1f} s ({:.2f} ms per run), store {:.0f} MiB, peak memory {:.0f} MiB\n", fill_ms / 1e3,
             fill_ms / kRuns, bytes / (1 << 20), fill_mib);
  const std::string program = (fs::read_symlink("/proc/self/exe").parent_path() / "bakeoff").string();
  bool good = fill_mib < kMostMib;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"runs", "list"}, {"runs", "list", "large"}, {"runs", "export", "large"}}) {
    std::vector<std::string> all{program};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--store", path.string()});
    double best = 1e18, mib = 0;
    for (int round = 0; round < 3; ++round) {
      const auto [ms, peak] = Timed(all);
      best = std::min(best, ms);
      mib = std::max(mib, peak);
    }
    fmt::print("{:<20} {:8.0f} ms in the best of 3, peak memory {:.0f} MiB\n",
               words[0] + " " + words[1] + (words.size() > 2 ? " " + words[2] : ""), best, mib);
    good = good && mib < kMostMib && (words.size() > 2 || best < kMostListMs);
  }
  fmt::print("\nlimits (host below {:g} MiB, runs list below {:g} ms): {}\n", kMostMib, kMostListMs,
             good ? "met" : "NOT met");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bakeoff::bench

int main() {
  return bakeoff::bench::Main();
}
