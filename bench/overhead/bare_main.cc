// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// bakeoff-bench-bare-<engine> MODEL THREADS SHAPE: loads, then answers each request {"warmup": n, "runs": n} on stdin
// with the times of its runs. Frames as in the worker protocol, so that the driver need not parse text; the loop is its
// own.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>

#include "bare.h"
#include "core/cpus.h"
#include "core/text.h"
#include "worker/wire.h"

namespace {

using namespace bakeoff;

worker::NamedTensor Measure(const bench::BareModel& model, int64_t warmup, int64_t runs) {
  using Clock = std::chrono::steady_clock;
  std::vector<int64_t> samples(static_cast<size_t>(runs), -1);
  for (int64_t i = 0; i < warmup; ++i) model.run();
  for (int64_t& sample : samples) {
    const auto start = Clock::now();
    model.run();
    sample = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
  }
  worker::NamedTensor tensor{
      "latency_ns", DType::kI64, {runs}, std::vector<std::byte>(samples.size() * sizeof(int64_t))};
  std::memcpy(tensor.data.data(), samples.data(), tensor.data.size());
  return tensor;
}

}  // namespace

int main(int argc, char** argv) {
  // bench/describe compares with a program that links the same library and does nothing.
  if (argc == 2 && std::string_view(argv[1]) == "--nothing") return 0;
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s MODEL THREADS SHAPE (started by bakeoff-bench-overhead)\n", argv[0]);
    return 2;
  }
  try {
    bench::BareJob job{argv[1], std::atoi(argv[2]), {}};
    for (const std::string& extent : core::Split(argv[3], 'x')) job.shape.push_back(std::stoll(extent));
    // The mask that the worker library gives a worker with --cpus, before any thread is made.
    core::SetCpus(core::PickCpus(core::AllowedCpus(), job.threads));
    const bench::BareModel model = LoadBare(job);
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      const std::vector<float> values = bench::SeededInput(i, model.inputs[i].size());
      std::copy(values.begin(), values.end(), model.inputs[i].begin());
    }
    worker::FrameStream stream(0, 1);
    stream.Write({{"ready", true}});
    while (const auto request = stream.Read()) {
      stream.Write(Json::object(), {Measure(model, request->head.at("warmup"), request->head.at("runs"))});
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
  return 0;
}
