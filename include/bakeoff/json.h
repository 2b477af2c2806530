// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The JSON type used in contracts: key order is kept, so that output is stable and readable.
#pragma once

#include <nlohmann/json.hpp>

namespace bakeoff {

using Json = nlohmann::ordered_json;

}  // namespace bakeoff
