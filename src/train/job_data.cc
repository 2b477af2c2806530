// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Opening, checking and dividing the data of a training.
#include "train/job_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/text.h"
#include "data/scan.h"
#include "data/split.h"

namespace bakeoff::train {
namespace {

namespace fs = std::filesystem;

bool SamePlace(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  return fs::equivalent(a, b, failed) && !failed;
}

// Parts of the source's own, without one to validate on. A manifest says with its settings that it wants none.
bool LacksValidation(const data::Dataset& dataset) {
  const auto counts = dataset.Count(data::Split::kVal);
  return dataset.HasSplits() && dataset.settings.is_null() &&
         std::ranges::all_of(counts, [](size_t count) { return count == 0; });
}

// The parts that are missing; weights and repeats that the source brings stay.
void Divide(data::Dataset& dataset, uint64_t seed) {
  const std::vector<data::Item> before = dataset.items;
  data::SplitDataset(dataset, {.seed = seed});
  for (size_t i = 0; i < before.size(); ++i)
    dataset.items[i].weight = before[i].weight, dataset.items[i].repeat = before[i].repeat;
}

[[noreturn]] void OtherData(const JobDataOptions& options, const RunFolder& folder, const std::string& why) {
  throw Error(ErrorCode::kUsage,
              fmt::format("--data {} is not what {} was begun with: {}. Give the data that {} names, another --out, or "
                          "--fresh to begin anew with this one",
                          options.data, folder.path().string(), why, folder.manifest().string()));
}

// The parts of the run that goes on. Mixing two data sets would go unnoticed in every number that follows.
void TakeParts(const JobDataOptions& options, const RunFolder& folder, data::Dataset& dataset) {
  const data::Dataset now = dataset;
  const bool carved = LacksValidation(now);
  data::Applied applied;
  try {
    applied = data::ApplyManifest(dataset, folder.manifest().string());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUsage) throw;
    OtherData(options, folder, error.text());
  }
  size_t changed = 0, moved = 0;
  std::string example;
  const auto note = [&](size_t& count, const std::string& path) {
    if (example.empty()) example = path;
    ++count;
  };
  size_t added = 0;
  for (size_t i = 0; i < now.items.size(); ++i) {
    const data::Item &then = dataset.items[i], &here = now.items[i];
    if (then.sha256.empty()) {
      note(added, here.path);
    } else if (then.sha256 != here.sha256) {
      note(changed, here.path);
    } else if (now.HasSplits() && then.split != here.split && !(carved && then.split == data::Split::kVal)) {
      note(moved, here.path);
    }
  }
  std::vector<std::string> what;
  if (added > 0) what.push_back(fmt::format("{} of its pictures are new", added));
  if (changed > 0) what.push_back(fmt::format("{} have changed", changed));
  if (moved > 0) what.push_back(fmt::format("{} are in another part", moved));
  if (applied.absent > 0) what.push_back(fmt::format("{} are gone or broken by now", applied.absent));
  if (what.empty()) return;
  OtherData(options, folder,
            core::Join(what, ", ") + (example.empty() ? "" : fmt::format(" (the first: {})", example)));
}

void CheckClasses(const std::string& source, const data::Dataset& dataset) {
  if (std::ranges::any_of(dataset.items, [](const auto& item) { return item.split == data::Split::kNone; })) {
    throw Error(ErrorCode::kUsage,
                fmt::format("{}: some pictures have a split and some have none; give all of them one, "
                            "or none",
                            source));
  }
  if (dataset.classes.size() < 2)
    throw Error(ErrorCode::kUsage, fmt::format("{}: one class only; a classifier needs two", source));
  const auto counts = dataset.Count(data::Split::kTrain);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0)
      throw Error(ErrorCode::kUsage, fmt::format("{}: the class '{}' has no picture at all; add some, or remove it",
                                                 source, dataset.classes[i]));
  }
}

// A classifier has an output for each class that it can learn; the others are left out, with their pictures.
void DropUntrained(data::Dataset& dataset) {
  const std::vector<size_t> untrained = data::UntrainedClasses(dataset);
  if (untrained.empty()) return;
  std::vector<int64_t> places;
  std::vector<std::string> kept;
  for (size_t c = 0; c < dataset.classes.size(); ++c) {
    const bool out = std::find(untrained.begin(), untrained.end(), c) != untrained.end();
    places.push_back(out ? -1 : static_cast<int64_t>(kept.size()));
    if (!out) kept.push_back(dataset.classes[c]);
  }
  dataset.classes = std::move(kept);
  std::erase_if(dataset.items, [&](const data::Item& item) { return places[static_cast<size_t>(item.label)] < 0; });
  for (data::Item& item : dataset.items)
    item.label = static_cast<decltype(item.label)>(places[static_cast<size_t>(item.label)]);
}

}  // namespace

JobData OpenJobData(const JobDataOptions& options, const RunFolder& folder) {
  const auto say = [&](const std::string& line) {
    if (options.say) options.say(line);
  };
  auto dataset = std::make_shared<data::Dataset>(data::OpenDataset(options.data));
  say(fmt::format("reading {} pictures of {}", dataset->items.size(), options.data));
  data::Scan scan =
      data::ScanDataset(*dataset, {.threads = options.threads, .limits = {}, .progress = options.progress});
  data::MaxBroken(options.max_broken).Check(*dataset, scan);
  constexpr size_t kListed = 20;
  for (size_t i = 0; i < std::min(kListed, scan.broken.size()); ++i)
    say(fmt::format("skipped {}: {}", dataset->items[scan.broken[i]].path, scan.items[scan.broken[i]].broken));
  if (!scan.broken.empty()) say(fmt::format("{} broken pictures are left out", scan.broken.size()));
  data::DropBroken(*dataset, scan);

  JobData result;
  result.reads_through_it = SamePlace(options.data, folder.manifest()) ||
                            (fs::exists(folder.manifest()) && SamePlace(options.data, folder.path()));
  if (options.resume && fs::exists(folder.manifest()) && !result.reads_through_it) {
    TakeParts(options, folder, *dataset);
    say(fmt::format("the parts are those of {}", folder.manifest().string()));
  } else if (const bool carve = LacksValidation(*dataset); carve || !dataset->HasSplits()) {
    Divide(*dataset, options.seed);
    result.new_manifest = data::ManifestText(*dataset, folder.path().string());
    result.how = carve ? "a ninth of the training part is kept for validation" : "split 80 / 10 / 10";
  }
  if (const std::string text = data::UntrainedText(*dataset); !text.empty()) say(text);
  DropUntrained(*dataset);
  CheckClasses(options.data, *dataset);
  result.dataset = std::move(dataset);
  return result;
}

}  // namespace bakeoff::train
