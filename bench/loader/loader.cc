// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pictures per second of our loader beside torch.utils.data.DataLoader with Pillow: the same JPEG files, batch, workers
// and pre-processing, whole epochs that take turns in one run; and the memory of both.
#include "loader/ours.h"
// clang-format keeps the order across comments only.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "bakeoff/error.h"
#include "core/statistics.h"
#include "core/text.h"
#include "loader/pictures.h"
#include "side/side.h"

namespace bakeoff::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kGoal = 1.5;
constexpr size_t kCompared = 8;  // pictures whose values are compared
constexpr size_t kValues = size_t{3} * 224 * 224;
// A grey level, after the division by the smallest standard deviation.
constexpr double kGreyLevel = 1 / 255.0 / 0.224;

struct Settings {
  std::string make;  // only write pictures, there
  int side = 224;    // of these
  std::string python = PeerPython();
  int pictures = 512, rounds = 10, batch = 32;
  std::vector<std::string> workers = {"0", "1", "2"};
  std::vector<std::string> recipes = {"train", "evaluate"};
};

struct Measured {
  std::vector<double> seconds;
  uint64_t idle_bytes = 0, peak_bytes = 0;
};

double Epoch(Side& side, const Settings& settings) {
  double seconds = 0;
  int pictures = 0;
  std::istringstream(side.Ask("epoch")) >> seconds >> pictures;
  if (pictures != settings.pictures)
    throw Error(ErrorCode::kEngineFailed, fmt::format("{} of {} pictures came", pictures, settings.pictures));
  return seconds;
}

// An epoch apart from the timed ones: reading the sizes of a process takes time from it.
uint64_t PeakBytes(Side& side, const Settings& settings) {
  std::atomic<bool> done = false;
  uint64_t peak = 0;
  std::jthread watch([&] {
    while (!done) {
      peak = std::max(peak, TreePssBytes(side.pid()));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  Epoch(side, settings);
  done = true;
  watch.join();
  return peak;
}

// Empty where both sides give the same values within one grey level.
std::string Differ(Side& ours, Side& theirs, const fs::path& scratch) {
  std::array<std::vector<float>, 2> values;
  for (size_t s = 0; s < 2; ++s) {
    const fs::path file = scratch / fmt::format("values{}", s);
    (s == 0 ? ours : theirs).Ask(fmt::format("save {} {}", file.string(), kCompared));
    values[s].resize(kCompared * kValues);
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(values[s].data()), static_cast<std::streamsize>(values[s].size() * sizeof(float)));
    if (in.gcount() != static_cast<std::streamsize>(values[s].size() * sizeof(float)))
      return "fewer values than expected";
  }
  double most = 0;
  for (size_t i = 0; i < values[0].size(); ++i) most = std::max(most, std::fabs(double{values[0][i]} - values[1][i]));
  fmt::print("both give the same values: {} pictures, largest difference {:.2g} grey levels\n\n", kCompared,
             most / kGreyLevel);
  return most <= kGreyLevel ? "" : "the sides do not compute the same";
}

double Megabytes(uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

void PrintSide(const char* name, const Measured& measured, const Settings& settings) {
  fmt::print("  {:10} {:7.1f} pictures/s, memory {:6.1f} MB, {:6.1f} MB of it before the first picture\n", name,
             settings.pictures / core::Median(measured.seconds).value_or(0), Megabytes(measured.peak_bytes),
             Megabytes(measured.idle_bytes));
}

// False where the goal was missed for sure.
bool Measure(const std::string& recipe, int workers, const std::string& data, const Settings& settings) {
  const std::vector<std::string> words = {"--data",    data,
                                          "--recipe",  recipe,
                                          "--workers", std::to_string(workers),
                                          "--batch",   std::to_string(settings.batch)};
  const auto start = [&](std::vector<std::string> program) {
    program.insert(program.end(), words.begin(), words.end());
    return std::make_unique<Side>(program, "does that Python have torch, torchvision and Pillow?");
  };
  std::vector<std::unique_ptr<Side>> sides;
  sides.push_back(start({fs::read_symlink("/proc/self/exe").string(), "--serve"}));
  if (!settings.python.empty())
    sides.push_back(start({settings.python, BAKEOFF_SOURCE_FOLDER "/bench/loader/peer.py"}));
  std::vector<Measured> measured(sides.size());
  for (size_t s = 0; s < sides.size(); ++s) {
    measured[s].idle_bytes = TreePssBytes(sides[s]->pid());
    Epoch(*sides[s], settings);  // warms up
  }
  for (int round = 0; round < settings.rounds; ++round) {
    for (size_t i = 0; i < sides.size(); ++i) {
      const size_t s = (i + static_cast<size_t>(round)) % sides.size();
      measured[s].seconds.push_back(Epoch(*sides[s], settings));
    }
  }
  for (size_t s = 0; s < sides.size(); ++s) measured[s].peak_bytes = PeakBytes(*sides[s], settings);
  fmt::print("{}, {} workers\n", recipe, workers);
  PrintSide("ours", measured[0], settings);
  if (sides.size() < 2) return true;
  PrintSide("DataLoader", measured[1], settings);
  std::vector<double> ratios;
  for (size_t i = 0; i < measured[0].seconds.size(); ++i)
    ratios.push_back(measured[1].seconds[i] / measured[0].seconds[i]);
  const PairedRatio ratio(ratios, 0.95);
  const bool memory_met = measured[0].peak_bytes <= measured[1].peak_bytes;
  fmt::print("  ratio {}: {}; memory {:.2f} times: {}\n", ratio.Text(),
             ratio.low >= kGoal    ? "reached"
             : ratio.high >= kGoal ? "no verdict"
                                   : "MISSED",
             static_cast<double>(measured[0].peak_bytes) / static_cast<double>(measured[1].peak_bytes),
             memory_met ? "not above" : "ABOVE");
  std::fflush(stdout);
  return ratio.high >= kGoal && memory_met;
}

int Compare(const Settings& settings) {
  const fs::path scratch = fs::temp_directory_path() / fmt::format("bakeoff-loader-{}", getpid());
  struct Remove {
    const fs::path& path;
    ~Remove() { fs::remove_all(path); }
  } remove{scratch};
  const std::string data = (scratch / "pictures").string();
  const uint64_t bytes = MakePictures(data, settings.pictures, 1);
  fmt::print(
      "{} JPEG files of 500x375, {:.0f} kB each, to 224x224; batch {}; {} rounds of whole epochs that alternate; load "
      "average {:.1f}\nmedians of paired ratios, 95 % intervals by order statistics; goal {} times, memory (PSS of all "
      "processes) not above\n",
      settings.pictures, static_cast<double>(bytes) / settings.pictures / 1e3, settings.batch, settings.rounds,
      LoadAverage(), kGoal);
  if (settings.python.empty()) {
    fmt::print(
        "without its peer: give --python V/bin/python (or BAKEOFF_BENCH_PYTHON); to make it:\n"
        "  python3 -m venv V && V/bin/pip install torch==2.13.0 torchvision==0.28.0 pillow==13.0.0 numpy\n");
  } else {
    const std::vector<std::string> words = {"--data", data, "--recipe", "evaluate", "--workers", "0", "--batch", "1"};
    std::vector<std::string> ours = {fs::read_symlink("/proc/self/exe").string(), "--serve"};
    std::vector<std::string> theirs = {settings.python, BAKEOFF_SOURCE_FOLDER "/bench/loader/peer.py"};
    ours.insert(ours.end(), words.begin(), words.end()), theirs.insert(theirs.end(), words.begin(), words.end());
    Side left(ours, "see its message"), right(theirs, "does that Python have torch, torchvision and Pillow?");
    fmt::print("{}\n", right.greeting());
    if (const std::string why = Differ(left, right, scratch); !why.empty())
      throw Error(ErrorCode::kMismatch, why + ": no speed is told");
  }
  bool good = true;
  for (const std::string& recipe : settings.recipes) {
    for (const std::string& workers : settings.workers)
      good = Measure(recipe, static_cast<int>(core::ParseInt(workers).value_or(0)), data, settings) && good;
  }
  return good ? 0 : 1;
}

int Main(int count, char** words) {
  Settings settings;
  Work work;
  const bool serve = count > 1 && std::string(words[1]) == "--serve";
  for (int i = serve ? 2 : 1; i < count; i += 2) {
    const std::string word = words[i], value = i + 1 < count ? words[i + 1] : "";
    const auto number = [&](int low) {
      const auto parsed = core::ParseInt(value);
      if (!parsed || *parsed < low || *parsed > 1'000'000)
        throw Error(ErrorCode::kUsage, fmt::format("{} needs a whole number from {}, not '{}'", word, low, value));
      return static_cast<int>(*parsed);
    };
    if (word == "--data" && serve) {
      work.data = value;
    } else if (word == "--make" && !serve) {
      settings.make = value;
    } else if (word == "--side") {
      settings.side = number(8);
    } else if (word == "--recipe") {
      work.recipe = value;
      settings.recipes = core::Split(value, ',');
    } else if (word == "--workers") {
      settings.workers = core::Split(value, ',');
      if (serve) work.workers = number(0);
    } else if (word == "--batch") {
      settings.batch = work.batch = number(1);
    } else if (word == "--pictures") {
      settings.pictures = number(static_cast<int>(kCompared));
    } else if (word == "--rounds") {
      settings.rounds = number(6);  // fewer pairs support no 95 % interval
    } else if (word == "--python") {
      settings.python = value;
    } else {
      throw Error(ErrorCode::kUsage, word +
                                         ": give --python FILE, --pictures N, --rounds N, --batch N, --workers 0,1,2, "
                                         "--recipe train,evaluate; or, only to make pictures, --make DIR --pictures N "
                                         "--side N");
    }
  }
  if (!settings.make.empty()) {
    MakePictures(settings.make, settings.pictures, 1, {settings.side, settings.side});
    return 0;
  }
  return serve ? Serve(work) : Compare(settings);
}

}  // namespace
}  // namespace bakeoff::bench

int main(int count, char** words) {
  try {
    return bakeoff::bench::Main(count, words);
  } catch (const bakeoff::Error& error) {
    fmt::print(stderr, "bakeoff-bench-loader: {}\n", error.text());
    return bakeoff::ExitCodeFor(error.code());
  }
}
