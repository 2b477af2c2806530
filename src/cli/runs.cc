// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Words and entries of `bakeoff runs`, and its two short members.
#include "cli/runs.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kDeleteWords[] = {{"CAMPAIGN", "Number or name of a campaign; several may be given.", 1, 0}};
constexpr OptionRow kDeleteOptions[] = {kStoreOption};

int Delete(const Options& options, Console& console) {
  store::Store store(StorePath(options), store::Store::Mode::kWrite);
  // All are looked up first: a wrong name must not delete the others.
  std::vector<store::Campaign> campaigns;
  for (const std::string& word : options.Positional()) campaigns.push_back(store.Find(word));
  for (const store::Campaign& campaign : campaigns) {
    store.Delete(campaign.id);
    console.Note(fmt::format("deleted campaign {} with {} runs", campaign.id, campaign.counts.all));
  }
  return 0;
}

constexpr PositionalRow kRenameWords[] = {kCampaignWord, {"NAME", "The new name.", 0}};
constexpr OptionRow kRenameOptions[] = {kStoreOption, {"remove", "", "", "Take the name away, instead of NAME."}};

int Rename(const Options& options, Console& console) {
  const bool remove = options.Switch("remove");
  const bool named = options.Positional().size() > 1;
  if (remove == named)
    throw Error(ErrorCode::kUsage,
                named ? "give a new name or --remove, not both" : "NAME is missing: the new name, or --remove");
  const std::string name = named ? options.Positional()[1] : "";
  if (named) NeedCampaignName(name);
  store::Store store(StorePath(options), store::Store::Mode::kWrite);
  const int64_t id = store.Find(options.Positional()[0]).id;
  store.Rename(id, name);
  console.Note(remove ? fmt::format("campaign {} has no name now", id)
                      : fmt::format("campaign {} is now named '{}'", id, name));
  return 0;
}

}  // namespace

store::Store ReadStore(const Options& options) {
  return store::Store(StorePath(options), store::Store::Mode::kRead);
}

std::optional<int64_t> RunNumber(const std::string& word) {
  if (word.size() < 2 || word[0] != 'r') return std::nullopt;
  return core::ParseInt(word.substr(1));
}

void NeedCampaignName(const std::string& name) {
  if (name.empty()) throw Error(ErrorCode::kUsage, "the campaign's name is empty; give one, or leave it out");
}

std::string TimeText(const std::string& iso) {
  std::string text = iso.substr(0, 19);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

Json CampaignJson(const store::Campaign& campaign) {
  return {{"id", campaign.id},
          {"name", campaign.name.empty() ? Json() : Json(campaign.name)},
          {"created_at", campaign.created_at},
          {"state", StateName(campaign.state)},
          {"plan_sha256", campaign.plan_sha256},
          {"planned", campaign.planned},
          {"runs", campaign.counts.all},
          {"ok", campaign.counts.ok},
          {"facts", campaign.facts}};
}

const Command kRunsDelete{
    .name = "runs delete",
    .summary = "Delete campaigns with their runs and samples",
    .text = "",
    .example = "bakeoff runs delete 12",
    .positionals = kDeleteWords,
    .options = kDeleteOptions,
    .run = Delete,
};

const Command kRunsRename{
    .name = "runs rename",
    .summary = "Give a campaign a name, or another",
    .text = "",
    .example = "bakeoff runs rename 12 main",
    .positionals = kRenameWords,
    .options = kRenameOptions,
    .run = Rename,
};

}  // namespace bakeoff::cli
