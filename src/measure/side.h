// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One side of a comparison: records of a campaign, of one row of it, or of a file that was saved.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "store/store.h"

namespace bakeoff::measure {

struct Side {
  std::string label;     // as the user named it
  int64_t campaign = 0;  // of the store; 0: from a file
  Json machine, environment;
  std::vector<Json> records;       // as ToJson(run) makes them
  std::vector<std::string> notes;  // on where it was measured
};

// Facts of a machine that make times differ; a comparison names those in which its sides differ.
inline constexpr std::array<std::string_view, 5> kMachineFacts = {"cpu_model", "allowed_cpus", "kernel", "governor",
                                                                  "turbo"};

// `machine` (without the long list of its CPU's flags) and `environment` of the campaign, for a record that leaves the
// store by itself; null where the campaign has none.
void AddPlace(const store::Campaign& campaign, Json& record);

// All records of a campaign of the store.
Side SideOfCampaign(const store::Store& store, const std::string& name_or_id);
// The row that this run belongs to, with all its repetitions.
Side SideOfRun(const store::Store& store, int64_t run);
// What `bench --json`, `runs show --json` or `runs export` wrote. Throws Error: kNotFound (no such file), kUsage (it is
// none of these, naming the line).
Side SideOfFile(const std::filesystem::path& path);

}  // namespace bakeoff::measure
