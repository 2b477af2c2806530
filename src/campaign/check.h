// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The tree of a campaign file against the table of keys.
#pragma once

#include <string>

#include "campaign/document.h"
#include "campaign/keys.h"

namespace bakeoff::campaign {

// Throws Error{kUsage} for the first key that is unknown (with the nearest), and the first value of a wrong type.
void CheckKeys(const Node& document, const std::string& name, const OptionsOf& options);

// One text, or each of a list.
std::vector<std::string> Texts(const Node& node);

// The option of a section's command that a key stands for; nullptr for none.
const CommandOption* OptionOfKey(std::string_view section, std::string_view key, const OptionsOf& options);

}  // namespace bakeoff::campaign
