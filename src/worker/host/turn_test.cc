// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
#include "worker/host/turn.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace bakeoff::worker {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Turn, IsNotHadTwice) {
  Turn turn;
  const Turn::Hold first(turn, Clock::now() + 1s);
  ASSERT_TRUE(first.owns());
  const Turn::Hold second(turn, Clock::now() + 20ms);
  EXPECT_FALSE(second.owns());
}

TEST(Turn, PassesToWhoWaits) {
  Turn turn;
  std::optional<Turn::Hold> first;
  first.emplace(turn, Clock::now() + 1s);
  bool had = false;
  std::thread waiting([&] { had = Turn::Hold(turn, Clock::now() + 60s).owns(); });
  std::this_thread::sleep_for(20ms);
  first.reset();
  waiting.join();
  EXPECT_TRUE(had);
}

// Whoever waited in vain must not give back what another holds.
TEST(Turn, StaysWithItsHolderWhenAnotherGivesUp) {
  Turn turn;
  const Turn::Hold first(turn, Clock::now() + 1s);
  {
    const Turn::Hold second(turn, Clock::now() + 5ms);
  }
  const Turn::Hold third(turn, Clock::now() + 5ms);
  EXPECT_FALSE(third.owns());
}

TEST(Turn, LetsOneInAtATime) {
  Turn turn;
  int inside = 0;  // not atomic: the thread sanitizer sees it if two are inside
  std::thread others[2];
  for (std::thread& other : others) {
    other = std::thread([&] {
      for (int i = 0; i < 1000; ++i) {
        const Turn::Hold hold(turn, Clock::now() + 60s);
        ++inside;
      }
    });
  }
  for (std::thread& other : others) other.join();
  EXPECT_EQ(inside, 2000);
}

}  // namespace
}  // namespace bakeoff::worker
