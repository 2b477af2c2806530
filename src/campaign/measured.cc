// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Looks into a campaign's store.
#include "campaign/measured.h"

#include "bakeoff/error.h"
#include "store/store.h"

namespace bakeoff::campaign {

namespace fs = std::filesystem;

fs::path StoreOf(const fs::path& folder) {
  return folder / "results.db";
}

std::set<std::string> StoreNames(const fs::path& file) {
  std::set<std::string> names;
  std::error_code error;
  if (!fs::exists(file, error)) return names;
  const store::Store store(file, store::Store::Mode::kRead);
  for (const store::Campaign& campaign : store.Campaigns(0)) names.insert(campaign.name);
  return names;
}

bool StoreHas(const fs::path& file, int64_t campaign) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  try {
    const store::Store store(file, store::Store::Mode::kRead);
    return store.Find(campaign).state == store::CampaignState::kDone;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace bakeoff::campaign
