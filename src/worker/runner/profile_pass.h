// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A pass with the runtime's own profiler on, in a session of its own that is never timed.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "bakeoff/engine.h"
#include "worker/runner/request_loop.h"
#include "worker/runner/request_pool.h"

namespace bakeoff::worker {

struct ProfilePlan {
  int64_t warmup = 3;
  int64_t count = 20;  // and at most duration_ns, whichever comes first; at least one
  int64_t duration_ns = 2'000'000'000;
};
// `plan` of the request. Throws Error{kUsage} naming the field.
ProfilePlan ProfilePlanFromJson(const Json& head);

struct ProfiledRuns {
  std::vector<int64_t> wall_ns;  // of each Run() call, the profiler's own work included
};
// Numbers the runs in `profile` as its contract says. A cancel ends it after the run at work.
ProfiledRuns RunProfiled(const ProfilePlan& plan, FilledRequest& filled, bool inputs_consumed,
                         const std::atomic<bool>& cancelled, Profile& profile);

// The reply of docs/architecture.md, after the session was destroyed. Throws Error{kEngineFailed} where the runtime
// told of no operator.
Reply ProfileReplyOf(const Profile& profile, const ProfiledRuns& runs, const std::string& source);

}  // namespace bakeoff::worker
