// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How a campaign's steps stand when a call begins and while it goes on: which are wanted, forced, current.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "campaign/campaign.h"
#include "campaign/contents.h"
#include "campaign/kept_files.h"
#include "campaign/step_keys.h"

namespace bakeoff::campaign {

class Standing {
 public:
  // `plan` and `request` outlive it. Throws Error{kUsage} for stages that the campaign does not have.
  Standing(const Plan& plan, const Request& request, std::function<void(const std::string&)> note,
           std::optional<State> before);

  // The state when the call began, and a step's entry in it; nullptr for none.
  const std::optional<State>& before() const { return before_; }
  const Entry* Earlier(std::string_view step) { return Find(step); }

  bool Wanted(const Step& step) const;  // by --only
  bool Forced(const Step& step) const;  // by --from
  // Whether what was done the last time is what the file asks for, and is there.
  bool Current(const Step& step);
  // What is wrong with the file of a step that was done in which its result is told; "" for nothing.
  std::string ResultTrouble(const Step& step);
  // Which steps a call would do. Throws Error{kUsage} where --only wants what is made of something that is not current.
  Preview Look();
  // A call that was killed may have left aside what a step made before: it goes back, unless the attempt goes on.
  void Recover();

  // A step was done, or came out otherwise than before: the report is of another campaign.
  void Change() { changed_ = true; }

  Contents& contents() { return contents_; }
  StepKeys& keys() { return keys_; }
  const KeptFiles& files() const { return files_; }

 private:
  void CheckStages() const;
  Entry* Find(std::string_view step) { return before_ ? before_->FindAnywhere(step) : nullptr; }
  const Entry* LastDone(std::string_view step);
  double SecondsOf(const Step& step);
  bool FeedsWanted(const Step& step) const;
  void NeedBefore(const Step& step);
  bool IsJson(const std::filesystem::path& file);

  const Plan& plan_;
  const Request& request_;
  std::optional<State> before_;
  Contents contents_;
  StepKeys keys_;
  KeptFiles files_;
  std::map<std::string, std::pair<std::string, bool>> is_json_;  // file -> size and time, and what IsJson() found
  bool changed_ = false;
};

}  // namespace bakeoff::campaign
