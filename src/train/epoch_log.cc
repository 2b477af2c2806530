// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// log.jsonl: one line per epoch (docs/training.md lists the fields).
#include "train/epoch_log.h"

#include <fstream>

#include "bakeoff/json.h"
#include "core/files.h"

namespace bakeoff::train {
namespace {

// What one epoch added.
Json Added(const data::LoaderStats& now, const data::LoaderStats& before) {
  return {{"pictures", now.pictures - before.pictures},
          {"decoded", now.decoded - before.decoded},
          {"cache_hits", now.cache_hits - before.cache_hits},
          {"cache_bytes", now.cache_bytes},
          {"wait_ns", now.wait_ns - before.wait_ns},
          {"worker_cpu_ns", now.worker_cpu_ns - before.worker_cpu_ns},
          {"worker_idle_ns", now.worker_idle_ns - before.worker_idle_ns}};
}

}  // namespace

void EpochLog::Add(const TrainEvent& event, const data::LoaderStats& loader, const data::LoaderStats& validation) {
  if (event.kind == TrainEvent::Kind::kResumed) Keep(event.epoch);
  if (event.kind != TrainEvent::Kind::kEpoch) return;
  text_ += Json{{"epoch", event.epoch},
                {"loss", event.loss},
                {"accuracy", event.accuracy},
                {"learning_rate", event.learning_rate},
                {"images_per_s", event.images_per_second},
                {"waiting_share", event.waiting_share},
                {"train_ns", event.train_ns},
                {"train_cpu_ns", event.train_cpu_ns},
                {"loader", Added(loader, loader_)},
                {"validation_loader", Added(validation, validation_)},
                {"validation_top1", event.validation_top1.value_or(0)},
                {"validation_loss", event.validation_loss.value_or(0)},
                {"validation", event.validation},
                {"best", event.best}}
               .dump() +
           "\n";
  loader_ = loader, validation_ = validation;
  core::WriteFileAtomically(path_, text_);
}

void EpochLog::Keep(int64_t epochs) {
  std::ifstream old(path_);
  for (std::string line; std::getline(old, line);) {
    const Json entry = Json::parse(line, nullptr, false);
    if (entry.is_object() && entry.value("epoch", epochs + 1) <= epochs) text_ += line + "\n";
  }
}

}  // namespace bakeoff::train
