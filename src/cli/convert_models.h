// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Converted models for engines that read none of the given ones; in front of `bench`, `verify` and `eval`.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "measure/settings.h"
#include "verify/conversion.h"
#include "verify/inputs.h"
#include "verify/session.h"
#include "worker/host/catalog.h"

namespace bakeoff::cli {

inline constexpr OptionRow kNoConvertOption{
    "no-convert", "", "",
    "Do not convert models for engines that read none of them (docs/conversion.md); their rows are unsupported."};

struct ToConvert {
  std::vector<Artifact> models;
  std::vector<worker::EngineEntryStatus> engines;
  std::map<std::string, Shape> shapes;
  std::map<std::string, verify::Range> ranges;
  std::chrono::milliseconds limit;
};

// Empty with --no-convert. `notes` gets a sentence on each that was made. Throws Error{kUsage} for a cache limit that
// is no number; everything else is in the conversions.
std::vector<verify::Conversion> ConvertModels(const Options& options, const ToConvert& given, Console& console,
                                              std::vector<std::string>& notes);

// The same for the models and engines of `settings`, which gets the conversions and the notes.
void ConvertModels(const Options& options, measure::Settings& settings, Console& console);

// For rows whose engine does not read the model; `shapes` are those of --shape.
verify::Advise AdviceOnConverting(std::map<std::string, Shape> shapes);

}  // namespace bakeoff::cli
