// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Work is repeated until it says so, and a long period does not delay the end.
#include "core/repeated.h"

#include <gtest/gtest.h>

#include <atomic>

namespace bakeoff::core {
namespace {

using namespace std::chrono_literals;

TEST(Repeated, GoesOnUntilItsWorkSaysNo) {
  std::atomic<int> calls{0};
  const Repeated repeated(1ms, [&] { return ++calls < 3; });
  for (int i = 0; i < 10'000 && calls < 3; ++i) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(calls, 3);
}

TEST(Repeated, EndsWithoutWaitingForItsPeriod) {
  int calls = 0;
  {
    const Repeated repeated(24h, [&] { return ++calls > 0; });
  }
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace bakeoff::core
