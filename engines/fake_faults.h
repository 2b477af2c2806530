// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What can go wrong with an engine, done on purpose, for engines/fake.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bakeoff/options.h"

namespace bakeoff::fake {

int64_t NowNs();
// Returns at `when` (CLOCK_MONOTONIC). Spinning keeps the CPU, sleeping does not.
void WaitUntil(int64_t when, bool spin);

// Before the handshake no option is known, so this one goes by the environment variable BAKEOFF_FAKE_HANDSHAKE:
// `version` (another protocol version), `rubbish` (text that is no handshake, without end), `silent` (says nothing for
// ever), `exit`, `banner` (1000 bytes of text before a good handshake).
void AtHandshake();

class Faults {
 public:
  explicit Faults(const OptionValues& options);
  void AtLoad();
  void AtRun(int64_t run);             // from 1
  int64_t ExtraNs(int64_t run) const;  // the stall

 private:
  [[noreturn]] void Crash() const;
  void BreakProtocol() const;
  void Keep(int64_t bytes);

  std::string fail_at_load_, signal_, hang_at_, break_at_, break_how_;
  bool crash_at_load_;
  int64_t fail_at_run_, crash_at_run_, exit_at_run_, exit_code_, hang_at_run_, break_at_run_, stall_at_run_, stall_ns_;
  int64_t growth_, steady_bytes_, alloc_at_run_, stdout_bytes_, stderr_bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> kept_;
};

}  // namespace bakeoff::fake
