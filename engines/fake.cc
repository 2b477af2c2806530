// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Fake engine: behaves as its options say, well or badly. Every promise of Bakeoff about slow, broken, dying and lying
// engines is tested with it.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <mutex>
#include <random>
#include <vector>

#include "bakeoff/engine.h"
#include "fake_faults.h"
#include "own_input.h"

namespace bakeoff {
namespace {

using fake::Faults;

const std::vector<OptionSpec> kOptions = {
    {"delay", "constant", "Distribution of the run time.", "constant|uniform|lognormal"},
    {"median_us", "0", "Median of the run time in microseconds.", ""},
    {"spread", "0.1", "uniform: half width as a share of the median; lognormal: sigma of the logarithm.", ""},
    {"wait", "spin", "How it passes the time.", "spin|sleep"},
    {"seed", "1", "Seed of run times and of noise; 0: another one in each process.", ""},
    {"shapes", "?x4", "Shape of its one input `input` and its output `output`; ? is free.", ""},
    {"output", "echo", "The answer: the input, one value, seeded noise, or the input times output_value.",
     "echo|constant|noise|scale"},
    {"output_value", "1", "For output=constant and output=scale.", ""},
    {"nan_at", "", "From this run on the answer has a NaN in it (counted from 1).", ""},
    {"fail_at_load", "", "Load fails with this error code.", ""},
    {"fail_at_run", "", "This run throws an error (counted from 1).", ""},
    {"crash_at_run", "", "This run ends the process with `signal`.", ""},
    {"crash_at_load", "false", "Load ends the process with `signal`.", ""},
    {"signal", "segv", "For crash_at_run and crash_at_load.", "segv|abrt|kill|fpe|ill|bus|term"},
    {"exit_at_run", "", "This run ends the process with exit code `exit_code`.", ""},
    {"exit_code", "7", "For exit_at_run.", ""},
    {"hang_at", "", "Hangs for ever: `load`, or the number of a run.", ""},
    {"stall_at_run", "", "This run takes stall_ms longer, once.", ""},
    {"stall_ms", "200", "For stall_at_run.", ""},
    {"memory_growth", "0", "Bytes that every run allocates, touches and keeps.", ""},
    {"alloc_steady_mib", "0", "MiB that run `alloc_at_run` allocates, touches and keeps.", ""},
    {"alloc_at_run", "1", "For alloc_steady_mib (counted from 1).", ""},
    {"operators", "3", "Operators that its profile tells, which share the run time as 1, 2, 3 ..; 0: it tells of none.",
     ""},
    {"rubbish_on_stdout", "0", "Bytes of text that load prints to stdout.", ""},
    {"rubbish_on_stderr", "0", "Bytes of text that load prints to stderr.", ""},
    {"break_protocol_at", "",
     "When the wire protocol is broken in the way of `break_protocol`: `load`, or the number of a run.", ""},
    {"break_protocol", "rubbish", "In which way the protocol is broken.",
     "rubbish|cut_short|head_too_large|payload_too_large|not_json|close"},
};

uint64_t SeedOf(int64_t asked) {
  std::random_device device;
  return asked == 0 ? device() : static_cast<uint64_t>(asked);
}

// Sessions are destroyed and loaded again; runs are counted per session, over all of its requests.
struct State {
  explicit State(const OptionValues& options) : faults(options), seed(SeedOf(options.Int("seed"))), random(seed) {}

  std::string delay, output;
  double median_ns = 0, spread = 0, value = 1;
  bool spin = true;
  int64_t nan_at = 0;
  Faults faults;
  int64_t operators = 3;
  std::shared_ptr<Profile> profile;
  std::atomic<int64_t> runs{0};
  std::mutex mutex;  // random, from several requests
  uint64_t seed;
  std::mt19937_64 random;

  double DrawNs() {
    if (delay == "constant" || median_ns <= 0) return median_ns;
    const std::lock_guard lock(mutex);
    if (delay == "uniform") return median_ns * std::uniform_real_distribution<double>(1 - spread, 1 + spread)(random);
    return median_ns * std::exp(std::normal_distribution<double>(0, spread)(random));
  }
};

class FakeRequest final : public Request {
 public:
  FakeRequest(State& state, Shape shape)
      : state_(state),
        shape_(std::move(shape)),
        input_(static_cast<size_t>(ElementCount(shape_))),
        output_(input_.size()) {}

  Tensors Inputs() override { return {View(DType::kF32, shape_, input_.data())}; }
  Tensors Outputs() override { return {View(DType::kF32, shape_, output_.data())}; }

  void Run() override {
    const int64_t start = fake::NowNs();
    const int64_t run = state_.runs.fetch_add(1) + 1;
    state_.faults.AtRun(run);
    Answer(run);
    fake::WaitUntil(start + static_cast<int64_t>(state_.DrawNs()) + state_.faults.ExtraNs(run), state_.spin);
    if (state_.profile) TellOperators(start, fake::NowNs());
  }

 private:
  // The time that really passed, in parts.
  void TellOperators(int64_t start, int64_t end) {
    const int64_t parts = state_.operators * (state_.operators + 1) / 2;
    int64_t begin = start;
    for (int64_t i = 1; i <= state_.operators; ++i) {
      const int64_t until = i == state_.operators ? end : begin + (end - start) * i / parts;
      state_.profile->operators.push_back({.run = state_.profile->run,
                                           .name = fmt::format("part{}", i),
                                           .type = i % 2 == 1 ? "Odd" : "Even",
                                           .begin_ns = begin,
                                           .time_ns = until - begin,
                                           .thread = 1,
                                           .precision = "f32",
                                           .provider = "fake"});
      begin = until;
    }
  }
  void Answer(int64_t run) {
    if (state_.output == "echo") {
      output_ = input_;
    } else if (state_.output == "constant") {
      std::fill(output_.begin(), output_.end(), static_cast<float>(state_.value));
    } else if (state_.output == "scale") {
      std::transform(input_.begin(), input_.end(), output_.begin(),
                     [&](float x) { return x * static_cast<float>(state_.value); });
    } else {
      const std::lock_guard lock(state_.mutex);
      std::normal_distribution<float> normal;
      for (float& x : output_) x = normal(state_.random);
    }
    if (state_.nan_at > 0 && run >= state_.nan_at && !output_.empty())
      output_[0] = std::numeric_limits<float>::quiet_NaN();
  }

  State& state_;
  Shape shape_;
  std::vector<float> input_, output_;
};

class FakeSession final : public Session {
 public:
  FakeSession(Shape shape, std::string input, const SessionOptions& options)
      : shape_(std::move(shape)), input_(std::move(input)), streams_(options.streams), state_(options.engine) {
    const OptionValues& engine = options.engine;
    state_.delay = engine.Text("delay");
    state_.output = engine.Text("output");
    state_.median_ns = engine.Real("median_us") * 1000;
    state_.spread = engine.Real("spread");
    state_.value = engine.Real("output_value");
    state_.spin = engine.Text("wait") == "spin";
    state_.nan_at = engine.Int("nan_at");
    state_.operators = engine.Int("operators");
    if (state_.operators < 0 || state_.operators > 10'000)
      throw Error(ErrorCode::kUsage, fmt::format("fake.operators={}: takes 0 to 10000", state_.operators));
    state_.profile = options.profile;
    state_.faults.AtLoad();
  }

  std::vector<TensorSpec> Inputs() const override { return {{input_, DType::kF32, shape_}}; }
  std::vector<TensorSpec> Outputs() const override { return {{"output", DType::kF32, shape_}}; }
  Json Effective() const override {
    return {{"provider", "fake"},
            {"threads", 1},
            {"streams", streams_},
            {"precision", "f32"},
            {"profiling", state_.profile != nullptr},
            {"median_ns", state_.median_ns},
            {"seed", state_.seed}};
  }
  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<FakeRequest>(state_, shapes.at(input_));
  }

 private:
  Shape shape_;
  std::string input_;
  int streams_;
  State state_;
};

EngineInfo Describe() {
  fake::AtHandshake();
  return {.name = "fake",
          .version = "1",
          .reads = {"any"},
          .options = kOptions,
          .note = "behaves as its options say, well or badly",
          .for_testing = true,
          .profile = "fake's own clock"};
}

std::unique_ptr<Session> Load(const Artifact& artifact, const SessionOptions& options) {
  if (!artifact.inputs.empty() && artifact.inputs[0].type == DType::kF32 && !options.engine.IsGiven("shapes")) {
    return std::make_unique<FakeSession>(artifact.inputs[0].shape, artifact.inputs[0].name, options);
  }
  const TensorSpec own = OwnInput(options);
  return std::make_unique<FakeSession>(own.shape, own.name, options);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_ENGINE(bakeoff::Describe, bakeoff::Load);
