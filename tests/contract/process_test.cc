// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The worker as a process: cancelling, busy threads, the CPU mask, no growth over many loads, death in the middle of a
// run.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/cpus.h"
#include "engine_under_test.h"

namespace bakeoff::contract {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

fs::path Proc(const worker::Worker& worker) {
  return "/proc/" + std::to_string(worker.pid());
}

size_t Count(const fs::path& folder) {
  const fs::directory_iterator entries(folder);
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

// A field of a status file, such as "VmRSS:" (in kB) or "Cpus_allowed_list:".
std::string Status(const fs::path& file, const std::string& field) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(field)) return line.substr(line.find_first_not_of(" \t", field.size()));
  }
  return "";
}

// What a thread has used of a CPU so far, and how long it was ready to run while other threads had the CPUs.
struct ThreadTime {
  double ran_s = 0, waited_s = 0;
};

// Of each thread of the process, from /proc/PID/task/TID/schedstat: nanoseconds.
std::map<std::string, ThreadTime> Times(const worker::Worker& worker) {
  std::map<std::string, ThreadTime> times;
  for (const auto& task : fs::directory_iterator(Proc(worker) / "task")) {
    std::ifstream in(task.path() / "schedstat");
    double ran = 0, waited = 0;
    if (in >> ran >> waited) times[task.path().filename()] = {ran / 1e9, waited / 1e9};
  }
  return times;
}

class Process : public Contract {
 protected:
  void SetUp() override {
    if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  }

  using Options = std::map<std::string, std::string>;

  // Options that make a test engine's run last a while.
  Options Slow() {
    if (Info().name == "fake") return {{"median_us", "2000"}};
    if (Info().name == "example") return {{"copies", "50000"}};
    return {};
  }

  struct Work {
    int busy = 0;     // threads with at least a tenth of the process's CPU time
    double cpus = 0;  // CPU time over wall time
    // Share of the wall time in which threads other than the busiest ran or were ready to: where it is small, nobody
    // beside that one had work, however busy the machine is with other programs.
    double others = 0;
  };

  // While it runs a large batch, CPU mask off.
  Work WorkOf(int threads) {
    const auto worker = Fresh();
    const Model heavy = Heavy();
    const bool small = fs::path(heavy.artifact.path).stem() == "net";
    int64_t batch = !small ? 4 : Interpreted() ? 4096 : 256;
    // Files of BAKEOFF_HEAVY may have their batch fixed; other extents must be.
    for (const TensorSpec& spec : Load(*worker, heavy, 1, threads, 1, Working()).inputs) {
      if (spec.shape.empty()) continue;
      if (std::count(spec.shape.begin() + 1, spec.shape.end(), kFree) > 0) {
        ADD_FAILURE() << heavy.artifact.path << ": input " << spec.name << " is " << ShapeText(spec.shape)
                      << ": only the batch may be free; convert it with --shape ?x3x224x224";
        return {};
      }
      if (spec.shape[0] != kFree) batch = spec.shape[0];
    }
    const auto loaded = Load(*worker, heavy, batch, threads, 1, Working());
    const auto inputs = Inputs(loaded, batch);
    worker->Measure(Plan("single-stream", nullptr, 5), inputs, kBusy);
    auto before = Times(*worker);
    const auto start = std::chrono::steady_clock::now();
    double total = 0;
    std::vector<ThreadTime> used;
    // On a busy machine it takes longer to use enough CPU time for a tenth to mean something.
    for (int window = 0; window < 10 && total < 0.6; ++window) {
      worker->Measure(Plan("single-stream", 600'000'000, nullptr), inputs, kBusy);
      total = 0;
      used.clear();
      for (const auto& [thread, time] : Times(*worker)) {
        used.push_back({time.ran_s - before[thread].ran_s, time.waited_s - before[thread].waited_s});
        total += used.back().ran_s;
      }
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    if (used.empty()) {
      ADD_FAILURE() << "this kernel tells no times of threads (" << Proc(*worker) << "/task/*/schedstat)";
      return {};
    }
    EXPECT_GE(total, 0.3) << "the premise: it computed";
    std::ranges::sort(used, {}, &ThreadTime::ran_s);
    Work work{.cpus = total / wall.count()};
    for (const ThreadTime& time : used) {
      if (time.ran_s * 10 >= total) ++work.busy;
      if (&time != &used.back()) work.others += (time.ran_s + time.waited_s) / wall.count();
    }
    return work;
  }

  // What another program takes from a measurement is gone from the next: the first that is as it should be, else the
  // last of `attempts`.
  template <typename Right>
  Work Best(int threads, int attempts, const Right& right) {
    Work work;
    for (int attempt = 0; attempt < attempts && !HasFailure(); ++attempt) {
      work = WorkOf(threads);
      if (right(work)) break;
    }
    return work;
  }

  // A heavy network needs more than the usual limit where many other programs want the CPUs.
  static constexpr std::chrono::milliseconds kBusy = 4 * kLimit;

  // Keras's predict() spends nine tenths of its time in the interpreter, whatever the batch: threads inside operators
  // show in a graph that does the work alone, on a batch that outweighs handing it over.
  static bool Interpreted() { return Info().name == "keras"; }
  Options Working() { return Interpreted() ? Options{{"mode", "function"}} : Slow(); }

  // Of the wall time: timers, the protocol's reader, and what they wait for on a busy machine.
  static constexpr double kNothing = 0.1;

  // TensorFlow has a thread that runs operators beside the pool of N that shares the work inside them; under Keras it
  // is the interpreter's. They take turns: the CPU time stays that of N.
  static int ThreadsBeside() { return Info().name == "tensorflow" || Interpreted() ? 1 : 0; }
};

TEST_F(Process, CanBeCancelledInTheMiddleOfARun) {
  if (Info().name == "null") GTEST_SKIP() << "its sample buffer is full before anybody can cancel";
  const auto loaded = Load(Shared(), Nets()[0], 1, 1, 1, Slow());
  const auto inputs = Inputs(loaded);
  std::thread canceller([] {
    std::this_thread::sleep_for(400ms);
    Shared().Cancel();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto measured = Shared().Measure(Plan("single-stream", 50'000'000'000, nullptr), inputs, kLimit);
  canceller.join();
  EXPECT_EQ(measured.result["stop_reason"], "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  EXPECT_EQ(Shared().Infer(inputs, kLimit).outputs.size(), loaded.outputs.size()) << "it goes on afterwards";
}

TEST_F(Process, OneThreadMeansOneBusyThread) {
  if (Info().name == "null" || Info().name == "python") GTEST_SKIP() << "it computes nothing";
  const Work work =
      Best(1, 3, [](const Work& w) { return w.busy >= 1 && w.busy <= 1 + ThreadsBeside() && w.cpus <= 1.1; });
  EXPECT_GE(work.busy, 1);
  EXPECT_LE(work.busy, 1 + ThreadsBeside());
  EXPECT_LE(work.cpus, 1.1);
}

TEST_F(Process, TwoThreadsMeanTwoBusyThreads) {
  if (Info().for_testing) GTEST_SKIP() << "it has no threads";
  if (core::AllowedCpus().size() < 2) GTEST_SKIP() << "this machine gives us one CPU";
  // A second thread that is ready but gets no CPU leaves its share to the first: as long as that is what is seen, it is
  // tried again.
  const Work work = Best(2, 8, [](const Work& w) {
    return w.busy >= 2 ? w.busy <= 2 + ThreadsBeside() && w.cpus <= 2.2 : w.others < kNothing;
  });
  EXPECT_LE(work.busy, 2 + ThreadsBeside());
  EXPECT_LE(work.cpus, 2.2);
  if (work.busy < 2 && work.others >= kNothing && !HasFailure()) {
    Undecided("one busy thread in each of 8 attempts, and other threads were ready to run " +
              std::to_string(std::lround(work.others * 100)) +
              " % of the time without getting a CPU: run it again while less else runs here");
    return;
  }
  EXPECT_GE(work.busy, 2) << "the others ran or were ready for " << work.others << " of the time";
}

TEST_F(Process, EveryThreadStaysInTheMask) {
  const auto worker = Fresh(1);
  const auto loaded = Load(*worker, Nets()[0], 1, 2);
  worker->Infer(Inputs(loaded), kLimit);
  for (const auto& task : fs::directory_iterator(Proc(*worker) / "task")) {
    const std::string cpus = Status(task.path() / "status", "Cpus_allowed_list:");
    EXPECT_EQ(cpus.find_first_not_of("0123456789"), std::string::npos) << "more than one CPU: " << cpus;
  }
}

TEST_F(Process, LoadsTwentyTimesWithoutGrowth) {
  const auto worker = Fresh();
  const Model model = Nets()[0];
  const auto once = [&] {
    const auto loaded = Load(*worker, model, 1, 2);
    const auto inputs = Inputs(loaded);
    const auto outputs = worker->Infer(inputs, kLimit).outputs;
    worker->Unload(kLimit);
    return std::make_pair(inputs, outputs);
  };
  const auto resident_kb = [&] { return std::stoll(Status(Proc(*worker) / "status", "VmRSS:")); };
  for (int i = 0; i < 5; ++i) once();  // pools and arenas have their size now
  const int64_t before_kb = resident_kb();
  const size_t threads = Count(Proc(*worker) / "task"), files = Count(Proc(*worker) / "fd");
  for (int i = 0; i < 20; ++i) once();
  EXPECT_LE(resident_kb() - before_kb, 8 * 1024) << "kB of growth over 20 loads";
  EXPECT_LE(Count(Proc(*worker) / "task"), threads);
  EXPECT_LE(Count(Proc(*worker) / "fd"), files);
  const auto [inputs, outputs] = once();
  ExpectAnswers(model, inputs, outputs);
}

TEST_F(Process, RefusesToRunWhatIsUnloaded) {
  const auto inputs = Inputs(Load(Shared(), Nets()[0]));
  Shared().Unload(kLimit);
  const Refusal refusal = RefusalOf([&] { Shared().Infer(inputs, kLimit); });
  EXPECT_EQ(refusal.code, ErrorCode::kUsage) << refusal.text;
}

TEST_F(Process, ItsDeathIsAnErrorWithTheSignal) {
  const auto worker = Fresh();
  const auto loaded = Load(*worker, Nets()[0], 1, 1, 1, Slow());
  const pid_t pid = worker->pid();
  std::thread killer([pid] {
    std::this_thread::sleep_for(300ms);
    kill(pid, SIGABRT);
  });
  const Refusal refusal = RefusalOf([&] {
    // null's runs take nothing: so many that they last.
    while (true) worker->Measure(Plan("single-stream", 20'000'000'000, nullptr), Inputs(loaded), kLimit);
  });
  killer.join();
  EXPECT_EQ(refusal.code, ErrorCode::kEngineFailed);
  EXPECT_NE(refusal.text.find("SIGABRT"), std::string::npos) << refusal.text;
  EXPECT_FALSE(worker->alive());
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(pid))) << "it was not reaped";
}

TEST_F(Process, SaysGoodbye) {
  const auto worker = Fresh();
  worker->Describe(kLimit);
  const pid_t pid = worker->pid();
  worker->Bye();
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(pid)));
}

}  // namespace
}  // namespace bakeoff::contract
