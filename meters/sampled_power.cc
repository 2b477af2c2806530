// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The looking thread.
#include "sampled_power.h"

#include "energy_sources.h"

namespace bakeoff::meters {

SampledPower::SampledPower(size_t count, Look look, std::chrono::milliseconds period)
    : look_(std::move(look)), period_(period), power_(count), reasons_(count) {}

void SampledPower::Start() {
  for (auto& rail : power_) rail.clear();
  for (auto& reason : reasons_) reason.clear();
  begin_ = std::chrono::steady_clock::now();
  LookAtAll();
  looking_.emplace(period_, [this] {
    LookAtAll();
    return true;
  });
}

void SampledPower::Stop() {
  if (!looking_) return;
  looking_.reset();
  LookAtAll();
}

void SampledPower::LookAtAll() {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  for (size_t rail = 0; rail < power_.size(); ++rail) {
    if (!reasons_[rail].empty()) continue;
    if (const auto watts = look_(rail, reasons_[rail])) power_[rail].emplace_back(seconds, *watts);
  }
}

std::optional<double> SampledPower::Joules(size_t rail, std::string& reason) const {
  reason = reasons_[rail];
  if (!reason.empty()) return std::nullopt;
  const auto joules = Integrate(power_[rail]);
  if (!joules) reason = "there was no window";
  return joules;
}

}  // namespace bakeoff::meters
