// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// For tests: how often the calling thread has asked for memory. timed_loop_test.cc counts.
#pragma once

#include <cstdint>

// Sanitizers bring their own allocator and would report a mismatch; they also make system calls in our code's name.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BAKEOFF_WITHOUT_SANITIZERS 1
#endif

namespace bakeoff::worker {

int64_t Allocations();

}  // namespace bakeoff::worker
