// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// bench/harness: wall time and p50 that a harness adds to work of nothing, ours and MLPerf LoadGen's alternating in one
// run.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "no_op/no_op.h"
#include "peer.h"
#include "side/side.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::bench {
namespace {

constexpr int kRounds = 7;
constexpr int64_t kOurCount = 1'000'000;
constexpr int64_t kPeerCount = 100'000;
// The limits of the issue; a benchmark reports them, CI does not assert absolute times.
constexpr double kWallLimitNs = 150;
constexpr int64_t kP50LimitNs = 60;

HarnessCost MeasureOurs(NoOp& work) {
  worker::Measured measured = work.Run({{"scenario", "single-stream"}, {"count", kOurCount}});
  std::vector<int64_t>& times = measured.latency_ns;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return {static_cast<double>(measured.result["wall_ns"].get<int64_t>()) / static_cast<double>(times.size()), *middle,
          kOurCount};
}

// What one read of the clock costs here: the floor of any harness that takes a time per inference.
double ClockReadNs() {
  constexpr int kReads = 10'000;
  int64_t best = worker::kNoLimit;
  for (int round = 0; round < 50; ++round) {
    const int64_t begin = worker::NowNs();
    for (int i = 0; i < kReads; ++i) (void)worker::NowNs();
    best = std::min(best, worker::NowNs() - begin);
  }
  return static_cast<double>(best) / kReads;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Column {
  std::vector<double> wall, p50;
  void Add(const HarnessCost& cost) {
    wall.push_back(cost.wall_ns);
    p50.push_back(static_cast<double>(cost.p50_ns));
  }
  void Print(const char* name) const {
    fmt::print("{:<22}{:>12.1f}{:>12.1f}{:>10.0f}{:>10.0f}\n", name, Median(wall),
               *std::min_element(wall.begin(), wall.end()), Median(p50), *std::min_element(p50.begin(), p50.end()));
  }
};

int Main() {
  NoOp work;
  Column ours, peer;
  bool have_peer = true;
  for (int round = 0; round < kRounds; ++round) {
    ours.Add(MeasureOurs(work));
    if (!have_peer) continue;
    const auto cost = MeasurePeer(work.request(), kPeerCount);
    have_peer = cost.has_value();
    if (cost) peer.Add(*cost);
  }
  fmt::print(
      "work of 0 ns, one inference after the other, {} rounds; load average {:.1f}, one clock read {:.1f} ns\n\n",
      kRounds, LoadAverage(), ClockReadNs());
  fmt::print("{:<22}{:>12}{:>12}{:>10}{:>10}\n", "ns per inference", "wall median", "wall best", "p50", "p50 best");
  ours.Print("bakeoff");
  if (have_peer) {
    peer.Print("MLPerf LoadGen");
    fmt::print("\nLoadGen / bakeoff: wall {:.0f} x, p50 {:.1f} x\n", Median(peer.wall) / Median(ours.wall),
               Median(peer.p50) / Median(ours.p50));
  } else {
    fmt::print("\nMLPerf LoadGen was not set up when this was built: no ratio (deps/setup.sh --with bench)\n");
  }
  const bool good = *std::min_element(ours.wall.begin(), ours.wall.end()) < kWallLimitNs &&
                    Median(ours.p50) < static_cast<double>(kP50LimitNs);
  fmt::print("limits (wall {} ns in the best round, p50 {} ns): {}\n", kWallLimitNs, kP50LimitNs,
             good ? "met" : "NOT met");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bakeoff::bench

int main() {
  return bakeoff::bench::Main();
}
