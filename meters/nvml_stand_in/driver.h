// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the stand-in for NVML answers; a test reaches it through bakeoff_stand_in_driver().
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace bakeoff::meters {

// Codes as NVML has them: 0 success, 3 not supported, 9 driver not loaded, 15 GPU is lost.
struct StandInGpu {
  unsigned long long energy_mj = 0;
  unsigned power_mw = 0;
  int handle_code = 0, energy_code = 0, power_code = 0;
};

struct Driver {
  std::vector<StandInGpu> gpus;
  int init_code = 0, count_code = 0;
  std::atomic<int> open{0};  // starts less shutdowns
};

}  // namespace bakeoff::meters
