// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The process behind a side, its memory, and the statistics of paired rounds.
#include "side/side.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "bakeoff/error.h"
#include "core/statistics.h"

namespace bakeoff::bench {

Side::Side(const std::vector<std::string>& words, std::string hint) : hint_(std::move(hint)) {
  int to[2], from[2];
  // Closed on exec, or a side started later would hold this one's stdin open for ever.
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw Error(ErrorCode::kUnavailable, "no pipe");
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw Error(ErrorCode::kUnavailable, "no process");
  if (pid_ == 0) {
    dup2(to[0], 0), dup2(from[1], 1);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(to[0]), close(from[1]);
  in_ = fdopen(to[1], "w"), out_ = fdopen(from[0], "r");
  greeting_ = Line();
}

Side::~Side() {
  std::fclose(in_), std::fclose(out_);
  waitpid(pid_, nullptr, 0);
}

std::string Side::Ask(const std::string& line) {
  fmt::print(in_, "{}\n", line);
  std::fflush(in_);
  return Line();
}

std::string Side::Line() {
  char text[4096];
  if (std::fgets(text, sizeof text, out_) == nullptr)
    throw Error(ErrorCode::kUnavailable, "one side of the comparison ended; " + hint_);
  const std::string line = text;
  return line.substr(0, line.find('\n'));
}

uint64_t TreePssBytes(pid_t pid) {
  uint64_t bytes = 0;
  std::ifstream rollup(fmt::format("/proc/{}/smaps_rollup", pid));
  for (std::string line; std::getline(rollup, line);) {
    if (line.starts_with("Pss:")) bytes += std::strtoull(line.c_str() + 4, nullptr, 10) * 1024;
  }
  // Children belong to the thread that made them; Python makes its workers in the main one.
  std::ifstream children(fmt::format("/proc/{}/task/{}/children", pid, pid));
  for (pid_t child; children >> child;) bytes += TreePssBytes(child);
  return bytes;
}

PairedRatio::PairedRatio(const std::vector<double>& ratios, double confidence) {
  std::vector<int64_t> billionths;
  for (const double ratio : ratios) billionths.push_back(std::llround(ratio * 1e9));
  const auto interval = core::Samples(billionths).IntervalOf(core::kP50, confidence);
  if (!interval) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--rounds: {} are too few for an interval of {:.0f} %", ratios.size(), confidence * 100));
  }
  low = interval->low / 1e9, high = interval->high / 1e9;
  median = core::Median(ratios).value_or(0);
}

std::string PairedRatio::Text() const {
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", median, low, high);
}

std::string PeerPython() {
  const char* python = std::getenv("BAKEOFF_BENCH_PYTHON");
  return python == nullptr ? "" : python;
}

std::pair<double, double> Timed(std::vector<std::string> words) {
  const auto begin = std::chrono::steady_clock::now();
  std::fflush(stdout);  // or the child would print it again
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    if (!std::freopen("/dev/null", "w", stdout)) _exit(126);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fmt::print("{} failed\n", words[0]);
  // Of a child that has executed another program; this process is small.
  return {ms, static_cast<double>(usage.ru_maxrss) / 1024};
}

double LoadAverage() {
  double load[1];
  return getloadavg(load, 1) == 1 ? load[0] : -1;
}

}  // namespace bakeoff::bench
