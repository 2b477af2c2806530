// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the JSON of a step says, as words.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"

namespace bakeoff::campaign {

// null for a file that is absent or no JSON.
Json ReadResult(const std::filesystem::path& file);

// "3374 pictures in 10 classes", "57 rows, 2 failed"; "" where there is nothing to say.
std::string CameOut(std::string_view stage, std::string_view name, const Json& result);

// The worst that befell a row of a conversion, a comparison or a measurement: "failed", "mismatch" or "". What an
// engine or a format cannot do is neither.
std::string WorstRow(std::string_view stage, const Json& result);

// What somebody who looks at the campaign should know: broken pictures and what became of them, assumptions, rows that
// failed, answers that differ. `told` has the pictures that were spoken of before, and gets those of this step.
std::vector<std::string> WarningsOf(std::string_view stage, std::string_view name, const Json& result,
                                    std::set<std::string>& told);

// An error's text on one line: of a list in it the first lines whole, and how many more there are.
std::string Shortened(const std::string& text);

}  // namespace bakeoff::campaign
