// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the members of `bakeoff runs` share.
#pragma once

#include <optional>
#include <string>

#include "cli/bench.h"
#include "store/store.h"

namespace bakeoff::cli {

inline constexpr PositionalRow kCampaignWord{"CAMPAIGN",
                                             "Number or name of a campaign, as `bakeoff runs list` shows it."};

// The store of the command line, to read.
store::Store ReadStore(const Options& options);

// "r12": the number of a run; nullopt for what is no such word.
std::optional<int64_t> RunNumber(const std::string& word);

// Throws Error{kUsage} for an empty name; the store refuses others.
void NeedCampaignName(const std::string& name);

// "2026-01-02 03:04:05", as stored, UTC.
std::string TimeText(const std::string& iso);

// The list entry of a campaign, for --json.
Json CampaignJson(const store::Campaign& campaign);

}  // namespace bakeoff::cli
