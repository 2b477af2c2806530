// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which hops lead from one format to another.
#pragma once

#include <string>
#include <vector>

#include "worker/host/catalog.h"

namespace bakeoff::convert {

struct Step {
  worker::HopEntryStatus hop;
  FormatId from, to;
};
using Route = std::vector<Step>;

// All routes over hops that are present, no format twice, the shortest first; among equals in the order of the hops.
// The last hop must know `precision`. Throws Error{kUnsupported} where there is none, naming what can be reached, and
// the hops that this build knows but lacks, with the reason.
std::vector<Route> FindRoutes(const std::vector<worker::HopEntryStatus>& hops, const FormatId& from, const FormatId& to,
                              const std::string& precision);

// "tflite can become openvino", or "nothing can be made of tflite here".
std::string ReachText(const std::vector<worker::HopEntryStatus>& hops, const FormatId& from);
// "the hop x is missing: run .." for each that this build knows but lacks.
std::vector<std::string> AbsentHops(const std::vector<worker::HopEntryStatus>& hops);
// The same behind each other, each with "; " before it.
std::string AbsentText(const std::vector<worker::HopEntryStatus>& hops);
// Formats that some route leads to from `from`, itself left out; sorted.
std::vector<FormatId> Reachable(const std::vector<worker::HopEntryStatus>& hops, const FormatId& from);

// "onnx -> tflite -> openvino".
std::string RouteText(const Route& route);

}  // namespace bakeoff::convert
