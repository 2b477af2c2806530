// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What performance counters of several threads say together.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace bakeoff::meters {

// Reads {value, time enabled, time running} from each descriptor, and adds the values up, each for the whole of its
// time. nullopt, with the reason, where one cannot be read or did not count although its thread ran, or where none
// counted.
std::optional<double> SumOfCounters(std::span<const int> descriptors, std::string& reason);

}  // namespace bakeoff::meters
