// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Parts of the page, from src/report/page.
#pragma once

#include <string_view>

namespace bakeoff::report {

extern const std::string_view kPageCSS, kPageJS;

}  // namespace bakeoff::report
