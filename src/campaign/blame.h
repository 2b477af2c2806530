// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Why steps are skipped, for people: the one step to blame, by its title, and its own reason.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "campaign/plan.h"
#include "campaign/state.h"

namespace bakeoff::campaign {

class Blame {
 public:
  // Both outlive it.
  Blame(const Plan& plan, State& state) : plan_(plan), state_(state) {}

  struct Words {
    std::string why;   // whole, for the state
    std::string said;  // what one step failed to make may be missed by twenty: its reason is said once
  };
  // `skipped` has no input `path`: the first step on the way to it that did not do its work.
  Words Of(const Step& skipped, const std::filesystem::path& path);

 private:
  std::string TitleOf(const std::string& step) const;
  std::string Briefly(const std::string& culprit) const;

  const Plan& plan_;
  State& state_;
  std::map<std::string, std::string> culprits_;  // of skipped steps: who did not make what they need
  std::set<std::string> blamed_;                 // of those, whose reason was said
};

}  // namespace bakeoff::campaign
