// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// An external meter: a command of the user that prints watts, one number per line, for as long as it is let.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "core/text.h"
#include "energy_sources.h"

namespace bakeoff::meters {
namespace {

using Clock = std::chrono::steady_clock;

class PowerCommand final : public Meter {
 public:
  explicit PowerCommand(std::string command) : command_(std::move(command)) {}
  ~PowerCommand() override { Stop(); }

  bool Present() const override { return true; }
  void Start() override {
    power_.clear();
    reason_.clear();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      reason_ = fmt::format("no pipe: {}", std::strerror(errno));
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // A group of its own: the shell's children end with it.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::string shell = "sh", option = "-c";
    char* const words[] = {shell.data(), option.data(), command_.data(), nullptr};
    const int code = posix_spawnp(&pid_, "sh", &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (code != 0) {
      reason_ = fmt::format("it cannot be started: {}", std::strerror(code));
      pid_ = -1;
      close(ends[0]);
      return;
    }
    begin_ = Clock::now();
    ending_ = false;
    reader_ = std::thread([this, fd = ends[0]] { Read(fd); });
  }

  void Stop() override {
    if (pid_ <= 0) return;
    length_s_ = std::chrono::duration<double>(Clock::now() - begin_).count();
    ending_ = true;
    kill(-pid_, SIGTERM);
    reader_.join();
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  std::vector<Reading> Readings() const override {
    if (!reason_.empty())
      return {Unavailable("external", "J", fmt::format("of --power-command '{}': {}", command_, reason_))};
    if (power_.empty())
      return {
          Unavailable("external", "J", fmt::format("--power-command '{}' printed no number in the window", command_))};
    // Each line holds from when it came; the first one from the begin, the last one to the end.
    auto power = power_;
    power.front().first = 0;
    power.emplace_back(length_s_, power.back().second);
    return {{"external", "J", Integrate(power), command_, "", length_s_}};
  }

 private:
  void Read(int fd) {
    std::string text;
    char buffer[512];
    while (!ending_) {
      pollfd wanted{fd, POLLIN, 0};
      if (poll(&wanted, 1, 20) <= 0) continue;
      const ssize_t got = read(fd, buffer, sizeof(buffer));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(buffer, static_cast<size_t>(got));
      for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        Take(core::Trim(std::string_view(text).substr(0, end)));
        text.erase(0, end + 1);
      }
    }
    close(fd);
  }

  void Take(std::string_view line) {
    const auto watts = core::ParseReal(line);
    if (!watts || !(*watts >= 0)) {
      if (reason_.empty()) reason_ = fmt::format("it printed '{}', which is no number of watts", core::Brief(line, 60));
      return;
    }
    power_.emplace_back(std::chrono::duration<double>(Clock::now() - begin_).count(), *watts);
  }

  std::string command_;
  std::string reason_;
  pid_t pid_ = -1;
  Clock::time_point begin_;
  double length_s_ = 0;
  std::vector<std::pair<double, double>> power_;
  std::atomic<bool> ending_{false};
  std::thread reader_;
};

}  // namespace

std::unique_ptr<Meter> MakePowerCommand(const std::string& command) {
  return std::make_unique<PowerCommand>(command);
}

}  // namespace bakeoff::meters
