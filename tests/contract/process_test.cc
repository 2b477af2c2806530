// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The worker as a process: cancelling, busy threads, the CPU mask, no growth over many loads, death in the middle of a
// run.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

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

// Clock ticks that each thread of the process has used so far.
std::map<std::string, int64_t> Ticks(const worker::Worker& worker) {
  std::map<std::string, int64_t> ticks;
  for (const auto& task : fs::directory_iterator(Proc(worker) / "task")) {
    std::ifstream in(task.path() / "stat");
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (const size_t name = text.rfind(')'); name != std::string::npos) text.erase(0, name + 1);
    std::istringstream fields(text);
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    int64_t user = 0, system = 0;
    if (fields >> user >> system) ticks[task.path().filename()] = user + system;
  }
  return ticks;
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
    worker->Measure(Plan("single-stream", nullptr, 5), inputs, kLimit);
    auto before = Ticks(*worker);
    const auto start = std::chrono::steady_clock::now();
    int64_t total = 0;
    std::vector<int64_t> used;
    // On a busy machine it takes longer to use enough clock ticks (10 ms each) for a tenth to mean something.
    for (int window = 0; window < 10 && total < 60; ++window) {
      worker->Measure(Plan("single-stream", 600'000'000, nullptr), inputs, kLimit);
      total = 0;
      used.clear();
      for (const auto& [thread, ticks] : Ticks(*worker)) {
        used.push_back(ticks - before[thread]);
        total += used.back();
      }
    }
    EXPECT_GE(total, 30) << "the premise: it computed";
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    const auto busy = std::count_if(used.begin(), used.end(), [&](int64_t ticks) { return ticks * 10 >= total; });
    return {static_cast<int>(busy),
            static_cast<double>(total) / static_cast<double>(sysconf(_SC_CLK_TCK)) / wall.count()};
  }

  // What another program takes from a measurement is gone from the next: the first of three that is as it should be, or
  // the last.
  template <typename Right>
  Work Best(int threads, const Right& right) {
    Work work;
    for (int attempt = 0; attempt < 3 && !HasFailure(); ++attempt) {
      work = WorkOf(threads);
      if (right(work)) break;
    }
    return work;
  }

  // Keras's predict() spends nine tenths of its time in the interpreter, whatever the batch: threads inside operators
  // show in a graph that does the work alone, on a batch that outweighs handing it over.
  static bool Interpreted() { return Info().name == "keras"; }
  Options Working() { return Interpreted() ? Options{{"mode", "function"}} : Slow(); }

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
      Best(1, [](const Work& w) { return w.busy >= 1 && w.busy <= 1 + ThreadsBeside() && w.cpus <= 1.1; });
  EXPECT_GE(work.busy, 1);
  EXPECT_LE(work.busy, 1 + ThreadsBeside());
  EXPECT_LE(work.cpus, 1.1);
}

TEST_F(Process, TwoThreadsMeanTwoBusyThreads) {
  if (Info().for_testing) GTEST_SKIP() << "it has no threads";
  if (core::AllowedCpus().size() < 2) GTEST_SKIP() << "this machine gives us one CPU";
  const Work work =
      Best(2, [](const Work& w) { return w.busy >= 2 && w.busy <= 2 + ThreadsBeside() && w.cpus <= 2.2; });
  EXPECT_LE(work.busy, 2 + ThreadsBeside());
  EXPECT_LE(work.cpus, 2.2);
  double average = 0;
  std::ifstream("/proc/loadavg") >> average;
  if (work.busy < 2 && average > static_cast<double>(core::AllowedCpus().size())) {
    GTEST_SKIP() << "the load average is " << average
                 << ": a second thread that gets no CPU leaves its share to the first";
  }
  EXPECT_GE(work.busy, 2);
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
