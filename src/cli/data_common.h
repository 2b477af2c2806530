// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the members of `bakeoff data` share: opening and scanning with progress, and the table of classes.
#pragma once

#include <functional>

#include "bakeoff/json.h"
#include "cli/command.h"
#include "cli/console.h"
#include "data/scan.h"

namespace bakeoff::cli {

inline constexpr OptionRow kMaxBrokenOption{
    "max-broken", "N|P%", "1%",
    "Broken pictures that are skipped, as a number or a share; more are an error that names them."};
inline constexpr OptionRow kMaxPixelsOption{"max-pixels", "N", "67108864",
                                            "A picture with more pixels is not decoded and counts as broken."};
inline constexpr OptionRow kWorkersOption{"workers", "N", "0", "Threads; 0: the CPUs that this process may use."};

// "reading 120 of 3374", from any thread, once a second has passed.
std::function<void(size_t, size_t)> ProgressOf(Console& console, const char* verb);
// Options max-pixels and workers.
data::ScanOptions ReadScanOptions(const Options& options);
data::Scan ScanWithProgress(data::Dataset& dataset, const Options& options, Console& console);
// Checks max-broken, tells what is skipped and drops it. Returns it as [{"path", "reason"}].
Json SkipBroken(data::Dataset& dataset, data::Scan& scan, const Options& options, Console& console);
// Class, pictures, and the parts that there are.
Table ClassTable(const data::Dataset& dataset);

}  // namespace bakeoff::cli
