// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Records that were stored, as runs again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bakeoff/json.h"
#include "measure/run.h"

namespace bakeoff::measure {

// The value of a field, named as in the table ("memory.load_peak_rss_bytes"); null where the record lacks it. Valid as
// long as the record.
const Json& At(const Json& record, std::string_view field);

// The same as a value: nullopt, or "", where it is of another type or absent.
std::optional<int64_t> WholeAt(const Json& record, std::string_view field);
std::optional<double> RealAt(const Json& record, std::string_view field);
std::string TextAt(const Json& record, std::string_view field);

// The round in which a run was measured, the same for all rows that were measured in turns: campaign and repetition. 0
// is the campaign that the record is of, a negative number nobody's: where a run was taken over from is not known.
using Round = std::pair<int64_t, int64_t>;
Round RoundOf(const Json& record);
Round RoundOf(const Run& run);

// The inverse of ToJson(run), but for the samples: ToJson() of the result equals the record. `configuration` is that of
// the plan. What the record lacks (an older version wrote it) is not known. Throws Error{kUnavailable} for a record
// that is none.
Run RunFrom(const Json& record, const Configuration& configuration);

// The configuration as far as a record tells it: enough for titles, tables and comparisons, not to run it again.
Configuration ConfigurationFrom(const Json& record);

}  // namespace bakeoff::measure
