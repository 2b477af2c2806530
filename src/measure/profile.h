// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Time by operator: what a runtime told in a pass of its own, as a record's field and as Chrome trace events.
#pragma once

#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "worker/host/handle.h"

namespace bakeoff::measure {

// How many inferences are profiled, and for how long at most.
inline constexpr int64_t kProfiledInferences = 20;
inline constexpr std::chrono::nanoseconds kProfiledTime = std::chrono::seconds(2);

// The field `profile`: {"operators": [{"name", "type", "time_ns", "calls", "share", "precision", "provider"}], largest
// first, "total_ns", "inferences", "outliers", "wall_ns", "source"}. Shares are of total_ns, the operators' sum; all
// times are sums over `inferences`, which inferences of unusual length (`outliers` of them) do not belong to.
Json ProfileJson(const worker::ProfileReply& reply);
// The same where there is no profile: {"reason"}.
Json NoProfileJson(const std::string& reason);

// Collects profiles as trace events (chrome://tracing, Perfetto): a process for each, a thread for each of its.
class Trace {
 public:
  // `title` names the process. Where the runtime tells no begin, operators are laid end to end, inference by inference,
  // and the process's name says so.
  void Add(const std::string& title, const worker::ProfileReply& reply);
  bool empty() const { return events_.empty(); }
  // {"traceEvents": [..], "displayTimeUnit": "ms"}.
  std::string Text() const;

 private:
  int64_t processes_ = 0;
  std::vector<Json> events_;
};

}  // namespace bakeoff::measure
