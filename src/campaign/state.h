// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is known of a campaign's steps: campaign.json in its folder, rewritten after every change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "campaign/plan.h"

namespace bakeoff::campaign {

enum class StepStatus { kPending, kRunning, kOk, kFailed, kSkipped, kReused };
std::string_view StatusName(StepStatus status);

struct Entry {
  std::string name, stage, title, role;
  std::vector<std::string> words;  // of the command, without the program
  StepStatus status = StepStatus::kPending;
  // What it was before this call, while this call has not come to it.
  StepStatus before = StepStatus::kPending;
  std::string started_at;
  std::optional<int64_t> wall_ns;
  std::optional<int> exit_code;
  std::optional<Error> error;
  std::string json, log;                       // relative to the folder, "" where there is none
  std::string key;                             // SHA-256 of everything that its result depends on
  std::string came_out;                        // one line for people
  std::string rows;                            // the worst of single rows: failed, mismatch or nothing
  std::map<std::string, std::string> outputs;  // path -> SHA-256 of what it made
  std::optional<int64_t> campaign;             // in the store, of a measurement
  std::vector<int64_t> earlier;                // campaigns of earlier files, the newest last
  std::string store_name;
  bool fresh = false;          // everything is to be measured anew
  std::string models;          // of a measurement: SHA-256 over the contents of the models that it was given
  bool model_changed = false;  // they are others than those of the newest of `earlier`
  // The last time that it was done, while every attempt since then has failed, was cut short or was skipped; its files
  // are kept. Without a `key` they lie in their place, else aside (KeptFiles).
  std::shared_ptr<const Entry> kept;

  bool done() const { return status == StepStatus::kOk || status == StepStatus::kReused; }
};

struct State {
  std::string name, title, created_at, status;  // status: running, done, failed, stopped
  std::string version, revision;                // of the tool
  int64_t wall_ns = 0, host_overhead_ns = 0;
  std::optional<Baseline> baseline;
  std::string no_baseline;  // why there is none, where a reader would expect one
  std::vector<Entry> steps;
  std::vector<Entry> not_planned;  // steps that an edit of the file took out: it may ask for them again
  Json previous, contents;
  std::vector<std::string> warnings;

  Entry* Find(std::string_view step);          // of `steps`
  Entry* FindAnywhere(std::string_view step);  // also of `not_planned`
};

std::filesystem::path StateFile(const std::filesystem::path& folder);

// nullopt where there is none. Throws Error{kUnavailable} for a file that is not ours, damaged, or of a newer version.
std::optional<State> ReadState(const std::filesystem::path& folder);
void WriteState(const std::filesystem::path& folder, const State& state);
Json ToJson(const State& state);

}  // namespace bakeoff::campaign
