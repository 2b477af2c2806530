// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// contract_test WORKER [gtest flags]: the contract suite over one worker executable. Exit code 77: nothing failed, but
// the machine was too busy for a test to decide anything.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "engine_under_test.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc != 2 || std::getenv("BAKEOFF_SOURCE") == nullptr) {
    std::fprintf(stderr, "usage: BAKEOFF_SOURCE=<source tree> contract_test WORKER [gtest flags]\n");
    return 2;
  }
  bakeoff::contract::SetEngine(argv[1]);
  const int failed = RUN_ALL_TESTS();
  return failed == 0 && bakeoff::contract::AnyUndecided() ? bakeoff::contract::kUndecided : failed;
}
