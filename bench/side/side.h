// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One side of a comparison that alternates: a process that gets a line and answers with a line.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace bakeoff::bench {

class Side {
 public:
  // Starts words[0] (looked up on PATH) and waits for its first line, its greeting. `hint` ends the message when the
  // process ends too early: what the reader should look at.
  Side(const std::vector<std::string>& words, std::string hint);
  ~Side();  // closes its stdin and waits for its end
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  // Sends a line, returns the line that comes back. Throws Error{kUnavailable} when the process has ended.
  std::string Ask(const std::string& line);
  const std::string& greeting() const { return greeting_; }
  pid_t pid() const { return pid_; }

 private:
  std::string Line();

  std::string hint_;
  pid_t pid_ = -1;
  std::FILE *in_ = nullptr, *out_ = nullptr;
  std::string greeting_;
};

// Proportional set size of a process and all of its descendants: pages that processes share are counted once. 0 when it
// has ended.
uint64_t TreePssBytes(pid_t pid);

// The median of paired ratios and its interval by order statistics: no assumption about how they are distributed.
struct PairedRatio {
  double median = 0, low = 0, high = 0;

  // Throws Error{kUsage} naming --rounds when there are too few for an interval.
  PairedRatio(const std::vector<double>& ratios, double confidence);
  std::string Text() const;  // "1.0123 [0.9950, 1.0300]"
};

// The interpreter of the Python side: $BAKEOFF_BENCH_PYTHON, or empty.
std::string PeerPython();

// Milliseconds and peak MiB of a program that runs to its end, whose output goes nowhere; a failure is told on stdout.
std::pair<double, double> Timed(std::vector<std::string> words);

// The one-minute load average, -1 where it is not known.
double LoadAverage();

}  // namespace bakeoff::bench
