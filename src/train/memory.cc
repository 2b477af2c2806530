// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How the process keeps memory between steps.
#include "train/memory.h"

#include <malloc.h>

#include <climits>

namespace bakeoff::train {

void KeepMemory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace bakeoff::train
