// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Fields whose JSON is long, in a few words for people.
#pragma once

#include <string>

#include "bakeoff/json.h"

namespace bakeoff::measure {

// "pool 1.92 s, main 1.88 s; 3 others 0.01 s".
std::string ThreadsText(const Json& threads);
// "50 stretches of 0.2 s: 1.93 to 2.00 CPUs, median 1.99".
std::string OverTimeText(const Json& points);
// "64 operators: Conv 41.2 %, Gemm 12.0 % ..", or the reason.
std::string ProfileText(const Json& profile);

}  // namespace bakeoff::measure
