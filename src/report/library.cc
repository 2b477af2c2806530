// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where the library of charts lies, and printing by a browser.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/scratch.h"
#include "core/text.h"
#include "report/report.h"

namespace bakeoff::report {
namespace {

namespace fs = std::filesystem;

constexpr std::array kBrowsers = {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"};
constexpr auto kPrintingLimit = std::chrono::seconds(60);

std::optional<fs::path> OnPath(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : core::Split(path ? path : "", ':')) {
    fs::path file = fs::path(folder) / name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

fs::path Browser() {
  for (const char* name : kBrowsers) {
    if (const auto found = OnPath(name)) return *found;
  }
  throw Error(ErrorCode::kUnavailable,
              "--pdf: printing needs Chromium, which is not on PATH: install it (Debian: apt-get install chromium), or "
              "print the page from any browser");
}

// Ends it after the limit, with everything it started.
int RunToEnd(const fs::path& program, const std::vector<std::string>& words, const fs::path& log) {
  std::vector<char*> pointers;
  std::string name = program.string();
  pointers.push_back(name.data());
  std::vector<std::string> copies = words;
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int failed = posix_spawn(&child, name.c_str(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0)
    throw Error(ErrorCode::kUnavailable, fmt::format("{}: cannot be started: {}", name, std::strerror(failed)));
  const auto end = std::chrono::steady_clock::now() + kPrintingLimit;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string ReadChartLibrary() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path root = program.parent_path() / "lib";
  for (const char* folder : {"echarts", "bakeoff/echarts"}) {
    const fs::path file = root / folder / "echarts.min.js";
    if (fs::is_regular_file(file, error)) return core::ReadFile(file, size_t{16} << 20);
  }
  throw Error(ErrorCode::kNotFound,
              fmt::format("the library of charts is in neither {0}/echarts nor {0}/bakeoff/echarts: run deps/setup.sh "
                          "and build again; --json, --markdown and --csv work without it",
                          root.string()));
}

void PrintPdf(const fs::path& page, const fs::path& pdf) {
  const fs::path browser = Browser();
  const core::ScratchFolder scratch(fs::temp_directory_path(), "bakeoff-print");
  const fs::path out = scratch.path() / "report.pdf", log = scratch.path() / "log";
  // In a container the sandbox of the browser cannot be made; the page is our own and loads nothing.
  std::vector<std::string> words{"--headless",
                                 "--disable-gpu",
                                 "--no-first-run",
                                 "--no-pdf-header-footer",
                                 "--run-all-compositor-stages-before-draw",
                                 "--virtual-time-budget=10000",
                                 "--user-data-dir=" + (scratch.path() / "profile").string(),
                                 "--print-to-pdf=" + out.string(),
                                 "file://" + fs::absolute(page).string()};
  if (geteuid() == 0) words.insert(words.begin(), "--no-sandbox");
  const int code = RunToEnd(browser, words, log);
  std::error_code error;
  if (!fs::is_regular_file(out, error) || fs::file_size(out, error) == 0) {
    std::string told;
    if (fs::is_regular_file(log, error)) told = core::Brief(core::ReadStart(log, 4000));
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{} printed nothing ({}): {}", browser.string(),
                            code < 0 ? "it was stopped after 60 s" : fmt::format("exit code {}", code), told));
  }
  core::WriteFileAtomically(pdf, core::ReadFile(out));
}

}  // namespace bakeoff::report
