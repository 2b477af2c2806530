// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The faults of the fake engine.
#include "fake_faults.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string_view>

#include "bakeoff/error.h"
#include "bakeoff/protocol_descriptor.h"
#include "core/text.h"

namespace bakeoff::fake {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

[[noreturn]] void HangForEver() {
  while (true) pause();
}

void WriteRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(ProtocolDescriptor(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
}

// A frame's fixed part: length of the head, length of the payload, little-endian.
std::string Lengths(uint32_t head, uint64_t payload) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(head >> (8 * i));
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(payload >> (8 * i));
  return bytes;
}

void Print(std::FILE* to, int64_t bytes) {
  std::string line(79, '#');
  line += '\n';
  for (int64_t done = 0; done < bytes; done += 80)
    std::fwrite(line.data(), 1, static_cast<size_t>(std::min<int64_t>(80, bytes - done)), to);
  std::fflush(to);
}

// "load" or the number of a run; 0 for "load" and for nothing.
int64_t RunOf(const OptionValues& options, const char* name) {
  return options.Text(name) == "load" ? 0 : options.Int(name);
}

}  // namespace

int64_t NowNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

void WaitUntil(int64_t when, bool spin) {
  if (spin) {
    while (NowNs() < when) {
    }
    return;
  }
  if (NowNs() >= when) return;
  const timespec until{when / kSecond, when % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

void AtHandshake() {
  const char* fault = std::getenv("BAKEOFF_FAKE_HANDSHAKE");
  if (!fault || ProtocolDescriptor() < 0) return;
  const std::string_view what = fault;
  if (what == "version") {
    WriteRaw(std::string_view("\1BAKEOFF-WORKER\2\x63\0\0\0", 20));
    HangForEver();
  } else if (what == "rubbish") {
    while (true) WriteRaw("this is not the handshake you are looking for\n");
  } else if (what == "silent") {
    HangForEver();
  } else if (what == "exit") {
    fmt::print(stderr, "the runtime's licence has expired\n");
    _exit(9);
  } else if (what == "banner") {
    WriteRaw(std::string(1000, '*'));
  } else {
    throw Error(ErrorCode::kUsage,
                fmt::format("BAKEOFF_FAKE_HANDSHAKE={}: not one of version, rubbish, silent, exit, banner", what));
  }
}

Faults::Faults(const OptionValues& options)
    : fail_at_load_(options.Text("fail_at_load")),
      signal_(options.Text("signal")),
      hang_at_(options.Text("hang_at")),
      break_at_(options.Text("break_protocol_at")),
      break_how_(options.Text("break_protocol")),
      crash_at_load_(options.Bool("crash_at_load")),
      fail_at_run_(options.Int("fail_at_run")),
      crash_at_run_(options.Int("crash_at_run")),
      exit_at_run_(options.Int("exit_at_run")),
      exit_code_(options.Int("exit_code")),
      hang_at_run_(RunOf(options, "hang_at")),
      break_at_run_(RunOf(options, "break_protocol_at")),
      stall_at_run_(options.Int("stall_at_run")),
      stall_ns_(options.Int("stall_ms") * 1'000'000),
      growth_(options.Int("memory_growth")),
      steady_bytes_(options.Int("alloc_steady_mib") << 20),
      alloc_at_run_(options.Int("alloc_at_run")),
      stdout_bytes_(options.Int("rubbish_on_stdout")),
      stderr_bytes_(options.Int("rubbish_on_stderr")) {}

void Faults::AtLoad() {
  Print(stdout, stdout_bytes_);
  Print(stderr, stderr_bytes_);
  if (break_at_ == "load") BreakProtocol();
  if (crash_at_load_) Crash();
  if (hang_at_ == "load") HangForEver();
  if (!fail_at_load_.empty()) throw Error(CodeFromName(fail_at_load_), "fake fails at load, as it was told");
}

void Faults::AtRun(int64_t run) {
  if (run == alloc_at_run_ && steady_bytes_ > 0) Keep(steady_bytes_);
  if (growth_ > 0) Keep(growth_);
  if (run == break_at_run_) BreakProtocol();
  if (run == crash_at_run_) Crash();
  if (run == exit_at_run_) _exit(static_cast<int>(exit_code_));
  if (run == hang_at_run_) HangForEver();
  if (run == fail_at_run_)
    throw Error(ErrorCode::kEngineFailed, fmt::format("fake fails at run {}, as it was told", run));
}

int64_t Faults::ExtraNs(int64_t run) const {
  return run == stall_at_run_ ? stall_ns_ : 0;
}

void Faults::Crash() const {
  static const std::map<std::string, int> kSignals = {{"segv", SIGSEGV}, {"abrt", SIGABRT}, {"kill", SIGKILL},
                                                      {"fpe", SIGFPE},   {"ill", SIGILL},   {"bus", SIGBUS},
                                                      {"term", SIGTERM}};
  const int number = kSignals.at(signal_);
  fmt::print(stderr, "fake raises {}, as it was told\n", signal_);
  std::fflush(stderr);
  // A sanitizer's own handler would turn the signal into an exit code.
  std::signal(number, SIG_DFL);
  kill(getpid(), number);
  HangForEver();
}

void Faults::BreakProtocol() const {
  fmt::print(stderr, "fake breaks the protocol ({}), as it was told\n", break_how_);
  if (break_how_ == "rubbish") WriteRaw(std::string(4096, '!'));
  if (break_how_ == "cut_short") {
    WriteRaw(Lengths(100, 0) + "{\"id\": 1");
    _exit(0);
  }
  if (break_how_ == "head_too_large") WriteRaw(Lengths(0xffffffffu, 0));
  if (break_how_ == "payload_too_large") WriteRaw(Lengths(2, uint64_t{1} << 62) + "{}");
  if (break_how_ == "not_json") WriteRaw(Lengths(10, 0) + "\xff\xfe{oops}!!");
  if (break_how_ == "close") close(ProtocolDescriptor());
  HangForEver();
}

void Faults::Keep(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::make_unique_for_overwrite<char[]>(static_cast<size_t>(bytes)));
  // Touched, and with different contents, so that no kernel can share the pages.
  for (int64_t i = 0; i < bytes; i += 64) kept_.back()[static_cast<size_t>(i)] = static_cast<char>(i / 64 + 1);
}

}  // namespace bakeoff::fake
