// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A scene with the test engine, which behaves until a test says otherwise.
#pragma once

#include <atomic>
#include <string_view>
#include <vector>

#include "worker/runner/scenario.h"
#include "worker/runner/test_engine.h"

namespace bakeoff::worker {

class TestScene {
 protected:
  TestScene() {
    g_test_engine.runs = 0;
    g_test_engine.throw_at_run = g_test_engine.busy_ns = g_test_engine.stall_at_run = g_test_engine.stall_ns = 0;
    g_test_engine.consume_inputs = false;
    scene_.requests = [this](int count) {
      return pool_.Filled(MatchInputs(session_.Inputs(), tensors_, shared_), count);
    };
    scene_.cancelled = &cancelled_;
    scene_.progress = [](std::string_view, int64_t, int64_t) {};
  }

  TestSession session_;
  RequestPool pool_{session_};
  SharedMemory shared_;
  std::vector<NamedTensor> tensors_{{"b", DType::kI64, {1}, std::vector<std::byte>(8)},
                                    {"a", DType::kF32, {1, 2}, std::vector<std::byte>(8)}};
  std::atomic<bool> cancelled_{false};
  Scene scene_;
};

}  // namespace bakeoff::worker
