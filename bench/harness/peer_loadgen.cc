// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MLPerf LoadGen's SingleStream scenario around the same Run().
#include <stdexcept>

#include "no_op/mlperf_peer.h"
#include "peer.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::bench {
namespace {

// Looks at the clock itself for the wall time, once at each end.
class System final : public NullSystem {
 public:
  System(Request& request, int64_t count) : NullSystem(request), count_(count) {}
  void IssueQuery(const std::vector<mlperf::QuerySample>& samples) override {
    if (issued_++ == 0) first_ns_ = worker::NowNs();
    Answer(samples);
    if (issued_ == count_) last_ns_ = worker::NowNs();
  }

  int64_t issued() const { return issued_; }
  double wall_ns() const { return static_cast<double>(last_ns_ - first_ns_) / static_cast<double>(count_ - 1); }

 private:
  const int64_t count_;
  int64_t issued_ = 0, first_ns_ = 0, last_ns_ = 0;
};

}  // namespace

std::optional<HarnessCost> MeasurePeer(Request& request, int64_t count) {
  mlperf::TestSettings settings;
  settings.scenario = mlperf::TestScenario::SingleStream;
  System system(request, count);
  const LoadGenSummary summary = RunLoadGen(settings, count, system);
  if (system.issued() < count) throw std::runtime_error("LoadGen issued fewer queries than asked");
  return HarnessCost{system.wall_ns(), static_cast<int64_t>(summary.Number("50.00 percentile latency (ns)")), count};
}

}  // namespace bakeoff::bench
