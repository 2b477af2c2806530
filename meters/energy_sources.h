// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The energy meters that meters/energy_sources.cc lists.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bakeoff/meter.h"

namespace bakeoff::meters {

std::unique_ptr<Meter> MakeRapl(const std::filesystem::path& root);
// `library`: of the vendor, by the name that the loader finds it under.
std::unique_ptr<Meter> MakeNvml(const std::string& library = "libnvidia-ml.so.1");
std::unique_ptr<Meter> MakeHwmon(const std::filesystem::path& root);
std::unique_ptr<Meter> MakePowerCommand(const std::string& command);

// A meter without values, which says why.
Reading Unavailable(std::string name, std::string unit, const std::string& because);

// Joules from readings of power: the trapezoid rule over (seconds, watts), in ascending order.
std::optional<double> Integrate(const std::vector<std::pair<double, double>>& power);

// A whole number in a file; nullopt, with the reason, where there is none.
std::optional<int64_t> NumberIn(const std::filesystem::path& file, std::string& reason);

}  // namespace bakeoff::meters
