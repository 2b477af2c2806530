// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// An engine for the runner's own unit tests: two inputs, sum and count of runs as outputs, with switches to misbehave.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bakeoff/engine.h"
#include "worker/runner/timed_loop.h"

namespace bakeoff::worker {

struct TestEngineState {
  std::atomic<int64_t> runs{0};
  std::atomic<int> sessions{0};
  std::atomic<int> requests{0};
  int64_t throw_at_run = 0;
  int64_t busy_ns = 0;
  int64_t stall_at_run = 0;
  int64_t stall_ns = 0;
  bool consume_inputs = false;
};
inline TestEngineState g_test_engine;

// out = a + b, for b of one element; `a` has a free batch.
class TestRequest final : public Request {
 public:
  explicit TestRequest(const Shape& shape)
      : shape_(shape), a_(static_cast<size_t>(ElementCount(shape))), out_(a_.size()), b_(1) {
    ++g_test_engine.requests;
  }
  ~TestRequest() override { --g_test_engine.requests; }
  Tensors Inputs() override { return {View(DType::kF32, shape_, a_.data()), View(DType::kI64, {1}, b_.data())}; }
  Tensors Outputs() override { return {View(DType::kF32, shape_, out_.data())}; }
  void Run() override {
    const int64_t run = ++g_test_engine.runs;
    if (run == g_test_engine.throw_at_run) throw std::runtime_error("the runtime is unhappy");
    for (size_t i = 0; i < a_.size(); ++i) out_[i] = a_[i] + static_cast<float>(b_[0]);
    if (g_test_engine.consume_inputs) b_[0] = -1000;
    const int64_t wait_ns = g_test_engine.busy_ns + (run == g_test_engine.stall_at_run ? g_test_engine.stall_ns : 0);
    for (const int64_t end = NowNs() + wait_ns; wait_ns > 0 && NowNs() < end;) {
    }
  }

 private:
  Shape shape_;
  std::vector<float> a_, out_;
  std::vector<int64_t> b_;
};

class TestSession final : public Session {
 public:
  TestSession() { ++g_test_engine.sessions; }
  ~TestSession() override { --g_test_engine.sessions; }
  std::vector<TensorSpec> Inputs() const override { return {{"a", DType::kF32, {kFree, 2}}, {"b", DType::kI64, {1}}}; }
  std::vector<TensorSpec> Outputs() const override { return {{"sum", DType::kF32, {kFree, 2}}}; }
  Json Effective() const override { return {{"provider", "test"}, {"inputs_consumed", g_test_engine.consume_inputs}}; }
  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<TestRequest>(shapes.at("a"));
  }
};

inline const EngineEntry kTestEngine = {
    [] {
      return EngineInfo{.name = "test",
                        .version = "1.2",
                        .reads = {"any"},
                        .options = {{"read", "1", "Is read.", ""}, {"unread", "1", "Is not.", ""}},
                        .census = {"counted"},
                        .max_requests = 4};
    },
    [](const Artifact& artifact, const SessionOptions& options) -> std::unique_ptr<Session> {
      options.engine.Text("read");
      if (artifact.format == "throws") throw std::runtime_error("cannot parse this");
      return std::make_unique<TestSession>();
    },
    [](const Artifact&, const SessionOptions& options) { return Json{{"seen", options.shapes}}; }};

}  // namespace bakeoff::worker
