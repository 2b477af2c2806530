// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What decides a step's result, hashed; and whether what is there is that result.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/contents.h"
#include "campaign/plan.h"
#include "campaign/state.h"

namespace bakeoff::campaign {

class StepKeys {
 public:
  // All three outlive it.
  StepKeys(const Plan& plan, const std::string& version, Contents& contents);

  // What `step` makes was not made by this call: what lies there of an earlier one is not what the file asks for.
  void NotMade(const Step& step);

  // Which of its inputs are absent, or not what the file asks for.
  std::vector<std::filesystem::path> Missing(const Step& step) const;
  // The words of the command as they are run: without models and files that could not be made, and their options.
  std::vector<std::string> WordsOf(const Step& step) const;
  // SHA-256 over everything that its result depends on; `words`: of its command.
  std::string Of(const Step& step, const std::vector<std::string>& words);
  bool OutputsAreThere(const Entry& entry);

 private:
  bool IsThere(const std::filesystem::path& path) const;
  std::string Label(const Step& step, const std::string& word) const;

  const Plan& plan_;
  const std::string& version_;
  Contents& contents_;
  Json machine_;
  std::vector<std::filesystem::path> not_made_;
};

}  // namespace bakeoff::campaign
