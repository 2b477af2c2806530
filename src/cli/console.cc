// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// stdout with checked writes, stderr with a live line.
#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "bakeoff/error.h"
#include "core/tell.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kLiveEvery = 100ms;
// A campaign that shows the lines of its steps live asks for them more often.
std::chrono::milliseconds PlainEvery() {
  constexpr auto kUsual = 10s;
  const char* text = std::getenv("BAKEOFF_PROGRESS_SECONDS");
  const auto seconds = core::ParseInt(text ? text : "");
  return seconds && *seconds > 0 && *seconds <= 3600 ? std::chrono::seconds(*seconds) : kUsual;
}

std::mutex& StderrMutex() {
  static std::mutex mutex;
  return mutex;
}

int WidthOf(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<int>(size.ws_col, 40, 160);
}

[[noreturn]] void StdoutFails(int error) {
  if (error == EPIPE) throw ClosedPipe();
  throw Error(ErrorCode::kUnavailable, fmt::format("cannot write to stdout: {}", std::strerror(error)));
}

}  // namespace

Console::Console() : plain_every_(PlainEvery()) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term && std::strcmp(term, "dumb") == 0;
  if (isatty(STDOUT_FILENO)) {
    color_ = !(no_color && *no_color) && !dumb;
    width_ = WidthOf(STDOUT_FILENO);
  }
  live_ = isatty(STDERR_FILENO) && !dumb;
}

void Console::Out(std::string_view text) {
  Clear();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) StdoutFails(errno);
}

void Console::Show(const Table& table) {
  Out(table.Text(width_, color_));
}

void Console::ShowFitted(Table table, std::span<const std::string_view> give_way,
                         std::span<const std::string_view> last) {
  const auto left_out = Fit(table, static_cast<size_t>(width_), give_way, last);
  Show(table);
  if (!left_out.empty())
    Paragraph(fmt::format("(no room for {}: --json, --csv and --markdown have them)", core::Join(left_out, ", ")));
}

void Console::Paragraph(std::string_view text) {
  const std::string printable = core::Printable(text, "\n");
  for (std::string_view rest = printable; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // What stands indented below a line stays so, in all its lines.
    const std::string indent(std::min(line.find_first_not_of(' '), line.size()), ' ');
    const size_t room = static_cast<size_t>(width_) - 2 - std::min<size_t>(indent.size(), 20);
    Out(indent + core::Join(Wrap(line, room), "\n  " + indent) + "\n");
  }
}

void Console::Flush() {
  // ferror() too: a failed write inside printf's own flush is seen only here.
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) StdoutFails(errno ? errno : EIO);
}

void Console::Note(std::string_view text) {
  Clear();
  const std::lock_guard lock(StderrMutex());
  const std::string printable = core::Printable(text, "\n");
  if (!live_) {
    core::Tell(fmt::format("{}\n", printable));
    return;
  }
  for (const std::string& line : core::Split(printable, '\n'))
    core::Tell(fmt::format("{}\n", core::Join(Wrap(line, static_cast<size_t>(WidthOf(STDERR_FILENO)) - 2), "\n  ")));
}

void Console::Progress(std::string_view words, bool step) {
  const std::string text = core::Printable(words);
  const std::lock_guard lock(StderrMutex());
  const auto now = std::chrono::steady_clock::now();
  if (!step && last_ != std::chrono::steady_clock::time_point{} && now - last_ < (live_ ? kLiveEvery : plain_every_))
    return;
  last_ = now;
  if (!live_) {
    core::Tell(fmt::format("{}\n", text));
    return;
  }
  // A line that wraps could not be erased again.
  const std::string shown = WithoutMiddle(text, static_cast<size_t>(WidthOf(STDERR_FILENO)) - 1);
  core::Tell(fmt::format("\r\033[K{}", shown));
  line_shown_ = true;
}

void Console::Clear() {
  const std::lock_guard lock(StderrMutex());
  if (!line_shown_) return;
  core::Tell("\r\033[K");
  line_shown_ = false;
}

}  // namespace bakeoff::cli
