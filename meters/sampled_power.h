// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Energy from power that is looked at again and again, in a thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bakeoff/meter.h"
#include "core/repeated.h"

namespace bakeoff::meters {

// Looks once at each end of the window and every `period` between.
class SampledPower {
 public:
  // Watts now of each of `count` rails; nullopt, with the reason, where one cannot be read.
  using Look = std::function<std::optional<double>(size_t rail, std::string& reason)>;

  SampledPower(size_t count, Look look, std::chrono::milliseconds period = std::chrono::milliseconds(50));
  ~SampledPower() { Stop(); }

  void Start();
  void Stop();
  double Seconds(size_t rail) const {
    return power_[rail].empty() ? 0 : power_[rail].back().first - power_[rail].front().first;
  }
  // Joules of the window; nullopt, with the reason.
  std::optional<double> Joules(size_t rail, std::string& reason) const;

 private:
  void LookAtAll();

  Look look_;
  std::chrono::milliseconds period_;
  std::chrono::steady_clock::time_point begin_;
  std::vector<std::vector<std::pair<double, double>>> power_;
  std::vector<std::string> reasons_;
  std::optional<core::Repeated> looking_;
};

}  // namespace bakeoff::meters
