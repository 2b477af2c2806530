// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// log.jsonl: one line per epoch.
#pragma once

#include <filesystem>
#include <string>

#include "data/loader.h"
#include "train/trainer.h"

namespace bakeoff::train {

// Feed it every event. Where a run goes on, lines of epochs that it will do again are dropped; where it begins, all of
// them. The file is whole after each epoch.
class EpochLog {
 public:
  explicit EpochLog(std::filesystem::path path) : path_(std::move(path)) {}
  // `loader`: of the training part, `validation`: of the validation part; both counted since they were made, so that
  // an epoch's line has what was added.
  void Add(const TrainEvent& event, const data::LoaderStats& loader, const data::LoaderStats& validation);

 private:
  void Keep(int64_t epochs);

  std::filesystem::path path_;
  std::string text_;
  data::LoaderStats loader_, validation_;  // at the end of the last epoch
};

}  // namespace bakeoff::train
