// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One side of a comparison: records of a campaign, of one row of it, or of a file that was saved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "store/store.h"

namespace bakeoff::measure {

struct Side {
  std::string label;     // as the user named it
  int64_t campaign = 0;  // of the store; 0: from a file
  Json machine, environment;
  std::vector<Json> records;  // as ToJson(run) makes them
};

// All records of a campaign of the store.
Side SideOfCampaign(const store::Store& store, const std::string& name_or_id);
// The row that this run belongs to, with all its repetitions.
Side SideOfRun(const store::Store& store, int64_t run);
// What `bench --json`, `runs show --json` or `runs export` wrote. Throws Error: kNotFound (no such file), kUsage (it is
// none of these, naming the line).
Side SideOfFile(const std::filesystem::path& path);

}  // namespace bakeoff::measure
