// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How a training run looks to a person.
#include "train/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/tell.h"

namespace bakeoff::train {
namespace {

constexpr std::chrono::milliseconds kEvery{200};

std::string Clock(double seconds) {
  const auto whole = std::llround(seconds);
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string Bar(double share, size_t width) {
  const auto full = std::min(width, static_cast<size_t>(std::max(share, 0.0) * static_cast<double>(width)));
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string StepLine(const TrainEvent& event, size_t width) {
  constexpr size_t kLongestBar = 16, kShortestBar = 4;
  // In the order of the line; a part of a higher rank is left out earlier.
  struct Part {
    int rank;
    std::string text;
  };
  std::vector<Part> parts = {{0, fmt::format("{}/{}", event.epoch, event.epochs)},
                             {1, fmt::format("loss {:.3f}", event.loss)},
                             {2, fmt::format("acc {:.1f} %", 100 * event.accuracy)},
                             {3, fmt::format("{:.0f} images/s", event.images_per_second)},
                             {4, fmt::format("wait {:.0f} %", 100 * event.waiting_share)},
                             {0, fmt::format("ETA {}", Clock(event.eta_seconds))}};
  const auto length = [&] {
    size_t sum = parts.size() - 1;
    for (const Part& part : parts) sum += part.text.size();
    return sum;
  };
  for (int rank = 4; rank > 0 && length() > width; --rank)
    std::erase_if(parts, [&](const Part& part) { return part.rank == rank; });
  const size_t used = length() + 3;  // a space and two brackets
  if (used + kShortestBar <= width) {
    const double share = static_cast<double>(event.batch) / static_cast<double>(std::max<int64_t>(1, event.batches));
    parts.insert(parts.begin() + 1, {0, Bar(share, std::min(kLongestBar, width - used))});
  }
  std::string line;
  for (const Part& part : parts) line += (line.empty() ? "" : " ") + part.text;
  return line.substr(0, width);
}

std::string EpochLine(const TrainEvent& event) {
  return fmt::format("{}/{}  loss {:.3f}  acc {:.1f} %  val {:.1f} %{}  {:.0f} images/s  wait {:.0f} %", event.epoch,
                     event.epochs, event.loss, 100 * event.accuracy, 100 * event.validation_top1.value_or(0),
                     event.best ? " best" : "", event.images_per_second, 100 * event.waiting_share);
}

std::string ResumedLine(const TrainEvent& event) {
  if (event.ended)
    return fmt::format("all of it was trained before, {} epoch{}", event.epoch, event.epoch == 1 ? "" : "s");
  std::string line = fmt::format("going on after epoch {} of {}", event.epoch, event.epochs);
  if (event.batch > 0) line += fmt::format(", batch {} of {}", event.batch, event.batches);
  return line;
}

Progress::Progress() {
  const char* term = std::getenv("TERM");
  live_ = isatty(STDERR_FILENO) == 1 && !(term && std::strcmp(term, "dumb") == 0);
}

void Progress::Clear() {
  if (shown_) core::Tell("\r\033[K");
  shown_ = false;
}

void Progress::Say(const std::string& line) {
  Clear();
  core::Tell(fmt::format("{}\n", line));
}

void Progress::Reading(size_t done, size_t all) {
  const std::lock_guard lock(reading_);
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now - last_ < kEvery) return;
  last_ = now;
  core::Tell(fmt::format("\r\033[K{} of {}", done, all));
  shown_ = true;
}

void Progress::Show(const TrainEvent& event) {
  if (event.kind == TrainEvent::Kind::kResumed) {
    Say(ResumedLine(event));
    return;
  }
  if (event.kind == TrainEvent::Kind::kEpoch) {
    Say(EpochLine(event));
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now - last_ < kEvery) return;
  last_ = now;
  // The last column stays free: a line that wraps could not be erased again.
  core::Tell(fmt::format("\r\033[K{}", StepLine(event, TerminalWidth() - 1)));
  shown_ = true;
}

}  // namespace bakeoff::train
