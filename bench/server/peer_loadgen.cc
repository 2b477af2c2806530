// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// MLPerf LoadGen's Server scenario around the same Run(). The answer comes at once from the issuing thread, so that the
// latency which LoadGen counts from the scheduled time is how late it issued.
#include "no_op/mlperf_peer.h"
#include "peer.h"

namespace bakeoff::bench {

std::optional<Lateness> MeasurePeer(Request& request, double per_s, int64_t count) {
  mlperf::TestSettings settings;
  settings.scenario = mlperf::TestScenario::Server;
  settings.server_target_qps = per_s;
  NullSystem system(request);
  const LoadGenSummary summary = RunLoadGen(settings, count, system);
  return Lateness{summary.Number("Completed samples per second") / summary.Number("Scheduled samples per second"),
                  summary.Number("50.00 percentile latency (ns)"), summary.Number("99.00 percentile latency (ns)"),
                  summary.Number("Max latency (ns)")};
}

}  // namespace bakeoff::bench
