// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The host with a worker in another language, written from docs/architecture.md alone: the page is enough.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "bakeoff/error.h"
#include "core/test_folder.h"
#include "worker/host/handle.h"

namespace bakeoff::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class PythonWorker : public testing::Test {
 protected:
  void SetUp() override {
    const char* source = std::getenv("BAKEOFF_SOURCE");
    fs::create_symlink(fs::absolute(std::string(source ? source : ".") + "/tests/contract/python_worker.py"),
                       root_ / "bakeoff-engine-python");
    worker_ = Worker::Start({.executable = (root_ / "bakeoff-engine-python").string(), .cpus = 1});
  }

  LoadReply Load() const {
    LoadRequest request;
    request.artifact = {.path = root_.path().string(), .format = "any"};
    return worker_->Load(request, 10s);
  }
  static NamedTensor Input() {
    NamedTensor tensor{"input", DType::kF32, {2, 4}, {}};
    const float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
    tensor.data.resize(sizeof(values));
    std::memcpy(tensor.data.data(), values, sizeof(values));
    return tensor;
  }
  static Json Plan(Json count, Json duration_ns) {
    return {{"scenario", "single-stream"},
            {"duration_ns", duration_ns},
            {"count", count},
            {"warmup", {{"min_runs", 3}, {"max_runs", 10}, {"min_ns", 0}, {"max_ns", 1000000000}}},
            {"max_samples", 1 << 20},
            {"progress_ns", 100000000}};
  }

  const core::TestFolder root_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(PythonWorker, HasSixtyLines) {
  FILE* file = fopen((root_ / "bakeoff-engine-python").c_str(), "r");
  int lines = 0;
  for (int c = 0; (c = fgetc(file)) != EOF;) lines += c == '\n';
  fclose(file);
  EXPECT_LE(lines, 60);
}

TEST_F(PythonWorker, DescribesLoadsAndInfers) {
  EXPECT_EQ(worker_->Describe(10s).reads, std::vector<FormatId>{"any"});
  EXPECT_EQ(Load().inputs.at(0).shape, (Shape{kFree, 4}));
  const InferReply reply = worker_->Infer({Input()}, 10s);
  ASSERT_EQ(reply.outputs.size(), 1u);
  EXPECT_EQ(reply.outputs[0].name, "output");
  EXPECT_EQ(reply.outputs[0].shape, (Shape{2, 4}));
  EXPECT_EQ(reply.outputs[0].data, Input().data);
  worker_->Unload(10s);
  EXPECT_THROW(worker_->Infer({Input()}, 10s), Error);
  worker_->Bye();
}

TEST_F(PythonWorker, MeasuresByCount) {
  Load();
  const MeasureReply reply = worker_->Measure(Plan(17, nullptr), {Input()}, 20s);
  EXPECT_EQ(reply.result["stop_reason"], "count");
  EXPECT_EQ(reply.result["warmup_runs"], 3);
  EXPECT_EQ(reply.latency_ns.size(), 17u);
}

TEST_F(PythonWorker, EndsEarlyWhenCancelled) {
  Load();
  std::thread canceller([&] {
    std::this_thread::sleep_for(300ms);
    worker_->Cancel();
  });
  const MeasureReply reply = worker_->Measure(Plan(nullptr, 60'000'000'000), {Input()}, 50s);
  canceller.join();
  EXPECT_EQ(reply.result["stop_reason"], "cancelled");
  EXPECT_EQ(worker_->Describe(10s).name, "python");
}

TEST_F(PythonWorker, RefusalsHaveTheirCode) {
  LoadRequest request;
  request.artifact = {.path = "/nowhere", .format = "any"};
  const auto code = [&] {
    try {
      worker_->Load(request, 10s);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code(), ErrorCode::kNotFound);
  request.artifact.path = root_.path().string();
  request.shapes["inptu"] = {1, 4};
  EXPECT_EQ(code(), ErrorCode::kUsage);
  EXPECT_TRUE(worker_->alive());
}

}  // namespace
}  // namespace bakeoff::worker
