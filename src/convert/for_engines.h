// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which of the given models an engine that reads none of them is to get converted, and the converting, once per key.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "convert/convert.h"
#include "verify/conversion.h"

namespace bakeoff::convert {

struct EnginesRequest {
  std::vector<Artifact> models;                          // one network in one or several formats
  std::vector<worker::EngineEntryStatus> engines;        // that are to run them
  std::vector<worker::EngineEntryStatus> proof_engines;  // that may run source and result for the comparison
  std::vector<worker::HopEntryStatus> hops;
  std::map<std::string, Shape> shapes;  // --shape: sizes to prove with, and to trace a program with that tells none
  std::map<std::string, verify::Range> ranges;
  int threads = 1;
  std::chrono::milliseconds limit{std::chrono::minutes(5)};
};

// Formats that the engine reads and that hops lead to, the shortest way first, among equals in the engine's own order.
std::vector<FormatId> WaysFor(const EngineInfo& engine, const Artifact& source,
                              const std::vector<worker::HopEntryStatus>& hops);

// Whether some engine reads none of the models.
bool AnyWants(const EnginesRequest& request);

// For every engine that is present, not for testing, and reads none of the models: the first model that can be
// converted for it, or, where none can, each that a hop leads from with the reason (a cache that cannot be used is
// one). Only verified results are given out: from the model's folder where one lies there that is current, else from
// Cache::Usual(). Throws Error{kUsage} where its limit is no number.
std::vector<verify::Conversion> ConvertForEngines(const EnginesRequest& request,
                                                  const std::function<void(const std::string&)>& progress);

}  // namespace bakeoff::convert
