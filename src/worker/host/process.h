// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A child process in a process group of its own, with its three standard streams, that never outlives the host.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::worker {

// What a process that reads files from anywhere may take; 0 = the host's own limit.
struct ResourceLimits {
  uint64_t memory_bytes = 0;  // of address space
  uint64_t cpu_seconds = 0;   // over all threads
};

struct ProcessOptions {
  std::vector<std::string> words;                  // program and arguments; a program without '/' is looked up on PATH
  std::map<std::string, std::string> environment;  // added to the host's
  std::vector<int> cpus;                           // mask of the child; empty = the host's own
  std::vector<int> inherited;                      // descriptors above 2 that the child keeps, under their numbers
  std::string name;                                // for log lines, "fake"
  ResourceLimits limits = {};
  // What it writes to stderr, as it comes; from any thread, one call at a time, the last before Stop() returns.
  std::function<void(std::string_view text)> heard = {};
};

// Thread-safe where noted. The destructor kills and reaps.
class Process {
 public:
  // Throws Error: kNotFound (no such program), kEngineFailed (it cannot be executed), kUnavailable (out of processes or
  // descriptors).
  static std::unique_ptr<Process> Start(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int in() const;   // non-blocking; the child's stdin
  int out() const;  // non-blocking; the child's stdout
  pid_t pid() const;
  void CloseIn();

  // Gives the child `grace` to end by itself, then kills its process group, reaps it and collects the rest of its
  // stderr. Idempotent.
  void Stop(std::chrono::milliseconds grace);
  // After Stop(): whether it was still alive when the grace was over.
  bool was_killed() const;
  // After Stop(): exit code, or -1 when a signal ended it.
  int exit_code() const;
  // After Stop(): the signal that ended it, or 0.
  int end_signal() const;
  // After Stop(): how many processes the kernel ended for lack of memory while this one ran; nullopt: not told.
  std::optional<int64_t> out_of_memory_kills() const;
  // After Stop(): "ended with exit code 3", "was killed by SIGSEGV (Segmentation fault)".
  std::string EndText() const;

  // The last 64 KiB of what was written to stderr before this call. Thread-safe.
  std::string Stderr() const;

 private:
  struct Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The path of a program as execvp() would find it. Throws Error{kNotFound}.
std::string FindProgram(const std::string& word);

// The last lines of a text, at most `lines` and about 2,000 bytes, without control characters.
std::string LastLines(const std::string& text, size_t lines = 10);

}  // namespace bakeoff::worker
