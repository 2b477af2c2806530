// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a report is made from: campaigns of a store, and the folder that `bakeoff run` left, with what its steps wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "store/store.h"

namespace bakeoff::report {

// One command of a campaign. Of what campaign.json lacks, nothing is known: empty or nullopt.
struct Step {
  std::string name, stage, title, status, started_at, error, role;
  std::vector<std::string> command;
  std::optional<int64_t> wall_ns, campaign;  // campaign: of the store
  std::string file;                          // what it wrote with --json, within the folder; "": nothing
  Json json;                                 // its content; null where it could not be read
  // The last time that it was done, where no attempt since then made anything.
  std::shared_ptr<const Step> kept;

  // The attempt that made what is shown.
  const Step& shown() const;
};

// A run of the store.
struct StoredRun {
  int64_t id = 0, campaign = 0, row = 0;
  std::string role;  // of the step that measured it; "" where nothing says
  Json record;
};

struct Source {
  std::string title, name;
  std::filesystem::path folder;  // "" without one
  std::filesystem::path called;  // that folder as the campaign's own commands name it; "" where none does
  Json campaign;                 // campaign.json; null without a folder
  std::vector<Step> steps;
  std::vector<store::Campaign> campaigns;
  std::vector<StoredRun> runs;  // without samples
  Json changes;                 // `compare --json` against what was measured before; null: none
  std::string changes_file;
  bool model_changed = false;      // between the two that `changes` compares
  std::vector<std::string> notes;  // what could not be read, and why
};

// Throws Error: kNotFound (no campaign.json in the folder), kUnavailable (it cannot be read), kUsage (it is none).
// Files of steps that cannot be read, and a store that is missing, are notes.
Source SourceOfFolder(const std::filesystem::path& folder);

// Campaigns of a store, by number or name.
Source SourceOfStore(const store::Store& store, const std::vector<std::string>& names);

// The store that holds a folder's runs; nullopt where there is none.
std::optional<std::filesystem::path> StoreOfFolder(const std::filesystem::path& folder);

}  // namespace bakeoff::report
