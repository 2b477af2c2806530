// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Images per second of our training loop beside PyTorch's in Python: same network, batch, threads and optimiser, data
// in memory, taking turns in one run.
#include <fmt/format.h>
#include <torch/utils.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bakeoff/error.h"
#include "core/cpus.h"
#include "core/statistics.h"
#include "side/side.h"
#include "train/memory.h"
#include "train/trainer.h"

namespace bakeoff::train {
namespace {

using Clock = std::chrono::steady_clock;

struct Case {
  const char* arch;
  int64_t side, batch;
};
constexpr Case kCases[] = {{"resnet18", 32, 64}, {"mobilenet_v2", 96, 32}};
constexpr std::array kFormats = {"plain", "channels_last"};

struct Settings {
  std::string python = bench::PeerPython();
  int threads = 2, rounds = 10, steps = 3;
  bool fused = false;
  std::string only;
};

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::unique_ptr<bench::Side> Peer(const Settings& settings, const Case& c) {
  std::vector<std::string> words = {settings.python, BAKEOFF_SOURCE_FOLDER "/bench/train/peer.py",
                                    "--arch",        c.arch,
                                    "--batch",       std::to_string(c.batch),
                                    "--side",        std::to_string(c.side),
                                    "--threads",     std::to_string(settings.threads)};
  if (settings.fused) words.push_back("--fused");
  return std::make_unique<bench::Side>(words, "does that Python have torch and torchvision?");
}

// Serves the same few batches; between chunks of steps the other side has its turn inside Next(), where our time stops.
class Turns final : public BatchSource {
 public:
  Turns(const Case& c, const Settings& settings, std::function<void(int round)> other)
      : settings_(settings), batch_(c.batch), other_(std::move(other)) {
    for (int i = 0; i < 4; ++i) {
      batches_.push_back(
          {.images = torch::randn({c.batch, 3, c.side, c.side}).contiguous(at::MemoryFormat::ChannelsLast),
           .labels = torch::randint(10, {c.batch}, torch::kInt64),
           .weights = {}});
    }
  }
  int64_t Examples() const override { return batch_ * settings_.steps * (settings_.rounds + 1); }
  std::vector<int64_t> ClassCounts() const override { return std::vector<int64_t>(10, 1); }
  void Start(int64_t, int64_t) override { given_ = 0; }
  bool Next(Batch& batch) override {
    if (given_ > 0 && given_ % settings_.steps == 0) {
      seconds_.push_back(Since(started_));
      other_(given_ / settings_.steps - 1);
    }
    if (given_ == settings_.steps * (settings_.rounds + 1)) return false;
    if (given_ % settings_.steps == 0) started_ = Clock::now();
    batch = batches_[static_cast<size_t>(given_++) % batches_.size()];
    return true;
  }
  const std::vector<double>& seconds() const { return seconds_; }

 private:
  const Settings& settings_;
  int64_t batch_;
  std::function<void(int)> other_;
  std::vector<Batch> batches_;
  int given_ = 0;
  Clock::time_point started_;
  std::vector<double> seconds_;
};

double Median(std::vector<double> values) {
  return core::Median(values).value_or(0);
}

void Print(const Case& c, const Settings& settings, const std::vector<double>& ours,
           const std::array<std::vector<double>, 2>& theirs) {
  const double images = static_cast<double>(c.batch) * settings.steps;
  fmt::print("  ours                  {:7.1f} images/s\n", images / Median(ours));
  if (theirs[0].empty()) return;
  const size_t better = Median(theirs[0]) <= Median(theirs[1]) ? 0 : 1;
  for (size_t i = 0; i < 2; ++i)
    fmt::print("  PyTorch {:13} {:7.1f} images/s{}\n", kFormats[i], images / Median(theirs[i]),
               i == better ? "  <- its better setting" : "");
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.size(); ++i) ratios.push_back(theirs[better][i] / ours[i]);
  const bench::PairedRatio ratio(ratios, 0.95);
  fmt::print("  ratio {} (median of paired ratios, 95 % interval by order statistics): {}\n", ratio.Text(),
             ratio.high >= 1 ? "as fast or faster" : "SLOWER");
}

void Measure(const Case& c, const Settings& settings) {
  std::unique_ptr<bench::Side> peer;
  if (!settings.python.empty()) peer = Peer(settings, c);
  fmt::print("{} {}x{}, batch {}, {} threads, SGD with momentum{}{}\n", c.arch, c.side, c.side, c.batch,
             settings.threads, peer ? ", " + peer->greeting() : "", settings.fused ? ", fused" : "");
  std::array<std::vector<double>, 2> theirs;
  Turns train(c, settings, [&](int round) {
    if (!peer) return;
    for (size_t i = 0; i < 2; ++i) {
      const size_t format = (i + static_cast<size_t>(round)) % 2;
      theirs[format].push_back(std::stod(peer->Ask(fmt::format("{} {}", kFormats[format], settings.steps))));
    }
  });
  Settings none = settings;
  none.steps = 1, none.rounds = 0;
  Case one = c;
  one.batch = 1;
  Turns validation(one, none, [](int) {});
  TrainOptions options{.arch = c.arch, .classes = 10, .image_size = c.side, .epochs = 1, .batch = c.batch, .seed = 1};
  options.threads = settings.threads;
  options.small_stem = c.side == 32;
  options.learning_rate = 0.01;
  options.schedule = "constant";
  torch::manual_seed(options.seed);
  const auto network =
      zoo::Build(options.arch, {.classes = 10, .image_size = c.side, .small_stem = options.small_stem});
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("bakeoff_bench_train_{}", getpid());
  std::filesystem::create_directories(folder);
  Train(*network, train, validation,
        {.options = options,
         .folder = folder,
         .classes = std::vector<std::string>(10, "x"),
         .data_hash = "",
         .resume = false,
         .on_event = {},
         .interrupted = {}});
  std::filesystem::remove_all(folder);
  // The first round warms both sides up.
  std::vector<double> ours(train.seconds().begin() + 1, train.seconds().end());
  for (auto& side : theirs) {
    if (!side.empty()) side.erase(side.begin());
  }
  Print(c, settings, ours, theirs);
}

int Main(int count, char** words) {
  Settings settings;
  settings.threads = static_cast<int>(core::AllowedCpus().size());
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&] {
      if (i + 1 == count) throw Error(ErrorCode::kUsage, word + " needs a value");
      return std::string(words[++i]);
    };
    if (word == "--python") {
      settings.python = value();
    } else if (word == "--threads") {
      settings.threads = std::stoi(value());
    } else if (word == "--rounds") {
      settings.rounds = std::stoi(value());
    } else if (word == "--steps") {
      settings.steps = std::stoi(value());
    } else if (word == "--only") {
      settings.only = value();
    } else if (word == "--fused") {
      settings.fused = true;
    } else {
      throw Error(ErrorCode::kUsage,
                  word + ": give --python FILE, --threads N, --rounds N, --steps N, --only ARCH, --fused");
    }
  }
  if (settings.python.empty()) {
    fmt::print(
        "without its peer: give --python V/bin/python (or BAKEOFF_BENCH_PYTHON); to make it:\n"
        "  python3 -m venv V && V/bin/pip install torch==2.13.0 torchvision numpy\n");
  }
  KeepMemory();
  for (const Case& c : kCases) {
    if (settings.only.empty() || settings.only == c.arch) Measure(c, settings);
  }
  return 0;
}

}  // namespace
}  // namespace bakeoff::train

int main(int count, char** words) {
  try {
    return bakeoff::train::Main(count, words);
  } catch (const bakeoff::Error& error) {
    fmt::print(stderr, "bakeoff-bench-train: {}\n", error.text());
    return bakeoff::ExitCodeFor(error.code());
  }
}
