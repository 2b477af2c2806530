// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the host process needs once, and the list of process groups that must not outlive it.
#pragma once

#include <sys/types.h>

namespace bakeoff::worker {

// For main(), before any thread: descriptors 0 to 2 are open afterwards (a closed stdout stays one that cannot be
// written), SIGPIPE is ignored, and SIGINT, SIGTERM and SIGHUP kill every registered process group, remove the
// scratch folders, restore the terminal and end the process at once with 128 + the signal's number.
void PrepareHostProcess();

// While it lives, the first such signal kills the workers, or hands them the signal, and sets the flag instead of
// ending the process, so that results so far can be written; a second one ends it as always. One at a time.
class KeepResults {
 public:
  enum class Workers { kAreKilled, kAreTold };
  explicit KeepResults(Workers workers = Workers::kAreKilled);
  ~KeepResults();
  KeepResults(const KeepResults&) = delete;
  KeepResults& operator=(const KeepResults&) = delete;
  bool interrupted() const;
};

// A process group that the handlers kill. Thread-safe and lock-free.
void RegisterGroup(pid_t group);
void ForgetGroup(pid_t group);

}  // namespace bakeoff::worker
