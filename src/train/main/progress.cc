// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How a training run looks to a person.
#include "train/main/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace bakeoff::train {
namespace {

std::string Clock(double seconds) {
  const auto whole = std::llround(seconds);
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string Bar(double share) {
  constexpr int kWidth = 16;
  const int full = static_cast<int>(share * kWidth);
  return "[" + std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(kWidth - full), '.') + "]";
}

}  // namespace

Progress::Progress() : live_(isatty(STDERR_FILENO) == 1) {}

void Progress::Clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

void Progress::Say(const std::string& line) {
  Clear();
  fmt::print(stderr, "{}\n", line);
}

void Progress::Show(const TrainEvent& event) {
  if (event.kind == TrainEvent::Kind::kResumed) {
    Say(fmt::format("going on after epoch {}, batch {} of {}", event.epoch, event.batch, event.batches));
    return;
  }
  if (event.kind == TrainEvent::Kind::kEpoch) {
    Say(fmt::format(
        "epoch {}/{}  loss {:.3f}  accuracy {:.1f} %  validation {:.1f} %{}  {:.0f} images/s  {:.0f} % waiting for "
        "data",
        event.epoch, event.epochs, event.loss, 100 * event.accuracy, 100 * event.validation_top1.value_or(0),
        event.best ? " (best)" : "", event.images_per_second, 100 * event.waiting_share));
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  const double share = static_cast<double>(event.batch) / static_cast<double>(event.batches);
  fmt::print(stderr, "\r\033[K{}/{} {} loss {:.3f} acc {:.1f} % {:.0f} images/s wait {:.0f} % ETA {}", event.epoch,
             event.epochs, Bar(share), event.loss, 100 * event.accuracy, event.images_per_second,
             100 * event.waiting_share, Clock(event.eta_seconds));
  shown_ = true;
}

}  // namespace bakeoff::train
