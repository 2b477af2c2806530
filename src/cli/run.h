// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The texts of `bakeoff run`: the plan before it, the table of stages after it.
#pragma once

#include "campaign/campaign.h"
#include "cli/console.h"

namespace bakeoff::cli {

// The options of the tool's commands, for campaigns.
campaign::OptionsOf CommandTable();

void ShowPlan(const campaign::Plan& plan, const campaign::Preview& preview, Console& console);
// `only`: the stage that was asked for, "" for all. `for_report`: the command that makes the report alone.
void ShowResult(const campaign::Plan& plan, const campaign::State& state, std::string_view only,
                const std::string& for_report, Console& console);
// "about 3 min".
std::string AboutTime(double seconds);

}  // namespace bakeoff::cli
