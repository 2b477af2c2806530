// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// stdout and stderr of a child into one log, line by line.
#include "campaign/child.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <mutex>
#include <optional>

#include "bakeoff/error.h"
#include "worker/host/process.h"

namespace bakeoff::campaign {
namespace {

using Clock = std::chrono::steady_clock;

// A log whose disk is full loses lines: the step itself says what it could not write.
class Log {
 public:
  explicit Log(const std::filesystem::path& path) : file_(path, std::ios::trunc) {}
  void Write(std::string_view text) {
    const std::lock_guard lock(mutex_);
    file_ << text << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

// Hands on whole lines. Live lines of a terminal end with a carriage return.
class Lines {
 public:
  explicit Lines(std::function<void(const std::string&)> take) : take_(std::move(take)) {}
  void Add(std::string_view text) {
    for (const char c : text) {
      if (c != '\n' && c != '\r') {
        if (line_.size() < 4096) line_ += c;
        continue;
      }
      if (!line_.empty()) take_(line_);
      line_.clear();
    }
  }

 private:
  std::function<void(const std::string&)> take_;
  std::string line_;
};

}  // namespace

Ended RunChild(const ChildOptions& options) {
  Log log(options.log);
  std::string complaint;  // of the thread that hears stderr, which has ended when it is read
  bool complaining = false;
  constexpr size_t kMostComplaint = 16'384;
  Lines lines([&](const std::string& line) {
    constexpr std::string_view kSays = "bakeoff: ";
    // Names of files and the like are indented under it.
    const bool more = complaining && line.starts_with("  ");
    complaining = more || line.starts_with(kSays);
    if (more) {
      if (complaint.size() < kMostComplaint) complaint += "\n" + line;
    } else if (complaining) {
      complaint = line.substr(kSays.size());
    }
    if (options.heard) options.heard(line);
  });
  worker::ProcessOptions start{.words = {options.program},
                               .environment = {},
                               .cpus = {},
                               .inherited = {},
                               .name = options.words.empty() ? "" : options.words[0]};
  start.words.insert(start.words.end(), options.words.begin(), options.words.end());
  if (options.often) start.environment.emplace("BAKEOFF_PROGRESS_SECONDS", "1");
  start.heard = [&](std::string_view text) {
    log.Write(text);
    lines.Add(text);
  };
  const auto began = Clock::now();
  const auto process = worker::Process::Start(start);
  process->CloseIn();
  // Who is interrupted was sent the signal, and the child with it: it may still write down what it has.
  constexpr auto kGrace = std::chrono::seconds(10);
  std::optional<Clock::time_point> deadline;
  bool killed = false;
  for (std::array<char, 4096> buffer{};;) {
    pollfd wanted{process->out(), POLLIN, 0};
    const int ready = poll(&wanted, 1, 100);
    if (!deadline && options.interrupted && options.interrupted()) deadline = Clock::now() + kGrace;
    if (deadline && Clock::now() >= *deadline) {
      killed = true;
      break;
    }
    if (ready <= 0) continue;
    const ssize_t got = read(process->out(), buffer.data(), buffer.size());
    if (got > 0) log.Write({buffer.data(), static_cast<size_t>(got)});
    // The end: only a process that ends closes its stdout.
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) break;
  }
  process->Stop(killed ? std::chrono::milliseconds(0) : std::chrono::milliseconds(10'000));
  Ended ended{.exit_code = process->exit_code(),
              .how = process->EndText(),
              .complaint = complaint,
              .wall_ns = std::chrono::nanoseconds(Clock::now() - began).count()};
  if (ended.complaint.empty() && ended.exit_code != 0) {
    const std::string last = worker::LastLines(process->Stderr(), 3);
    ended.complaint = last.empty() ? ended.how : fmt::format("{}; its last words: {}", ended.how, last);
  }
  return ended;
}

}  // namespace bakeoff::campaign
