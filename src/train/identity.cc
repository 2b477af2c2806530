// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The identity of a run, and what tells two apart.
#include "train/identity.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "train/checkpoint.h"

namespace bakeoff::train {
namespace {

std::string FirstDifference(const Json& then, const Json& now) {
  for (const auto& [name, wanted] : now.items()) {
    const Json old = then.value(name, Json());
    if (old != wanted) return fmt::format("option {} (then {}, now {})", name, old.dump(), wanted.dump());
  }
  return "options";
}

}  // namespace

Json IdentityOf(const TrainRun& run) {
  return {{"options", run.options.ToJson()}, {"data", run.data_hash}, {"cpu", CpuLevel()}, {"classes", run.classes}};
}

void CheckIdentity(const std::filesystem::path& checkpoint, const Json& progress, const Json& now) {
  for (const auto& [key, value] : now.items()) {
    const Json old = progress.value(key, Json());
    if (old == value) continue;
    std::string what = key;
    if (key == "options" && old.is_object()) what = FirstDifference(old, value);
    if (key == "data") what = "the data (other pictures, classes or parts)";
    if (key == "cpu")
      what = fmt::format("CPU level (then {}, now {}): the result would not be the same", old.dump(), value.dump());
    throw Error(ErrorCode::kUsage,
                fmt::format("{} belongs to another run: it differs in {}. Give the same options, another --out, or "
                            "--fresh to begin anew",
                            checkpoint.string(), what));
  }
}

}  // namespace bakeoff::train
