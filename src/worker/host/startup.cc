// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Signal handlers of the host; only async-signal-safe functions are called in them.
#include "worker/host/startup.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "core/scratch.h"

namespace bakeoff::worker {
namespace {

// More workers at once than any machine has CPUs for; a full table only loses the courtesy of the handler.
std::array<std::atomic<pid_t>, 1024> g_groups;
static_assert(std::atomic<pid_t>::is_always_lock_free);
std::atomic<bool> g_keep{false};
std::atomic<bool> g_forward{false};
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void OnSignal(int signal) {
  const int error = errno;
  const bool keep = g_keep.exchange(false);
  for (const auto& slot : g_groups) {
    const pid_t group = slot.load(std::memory_order_acquire);
    if (group > 0) kill(-group, keep && g_forward ? signal : SIGKILL);
  }
  if (keep) {
    g_interrupted = true;
    errno = error;
    return;
  }
  core::RemoveScratch();
  // Ends a live line and shows the cursor; harmless where there was none.
  constexpr char kRestore[] = "\r\033[K\033[?25h";
  if (isatty(STDERR_FILENO)) {
    [[maybe_unused]] const ssize_t put = write(STDERR_FILENO, kRestore, sizeof(kRestore) - 1);
  }
  _exit(128 + signal);
}

}  // namespace

void PrepareHostProcess() {
  // A file opened later must never become somebody's stdout by taking a free number.
  constexpr std::array kModes = {O_RDONLY, O_RDONLY, O_WRONLY};
  for (int fd = 0; fd < 3; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) open("/dev/null", kModes.at(static_cast<size_t>(fd)));
  }
  signal(SIGPIPE, SIG_IGN);
  // An inherited SIG_IGN for SIGCHLD would make the kernel reap our children before we learn how they ended.
  signal(SIGCHLD, SIG_DFL);
  struct sigaction action{};
  action.sa_handler = OnSignal;
  sigfillset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    sigaction(number, nullptr, &before);
    // nohup and background jobs of a shell come with the signal ignored: that is somebody's wish.
    if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

KeepResults::KeepResults(Workers workers) {
  g_interrupted = false;
  g_forward = workers == Workers::kAreTold;
  g_keep = true;
}
KeepResults::~KeepResults() {
  g_keep = false;
}
bool KeepResults::interrupted() const {
  return g_interrupted;
}

void RegisterGroup(pid_t group) {
  for (auto& slot : g_groups) {
    pid_t empty = 0;
    if (slot.compare_exchange_strong(empty, group, std::memory_order_acq_rel)) return;
  }
}

void ForgetGroup(pid_t group) {
  for (auto& slot : g_groups) {
    pid_t expected = group;
    if (slot.compare_exchange_strong(expected, 0, std::memory_order_acq_rel)) return;
  }
}

}  // namespace bakeoff::worker
