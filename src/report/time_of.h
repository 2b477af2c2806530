// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Times as campaigns write them.
#pragma once

#include <optional>
#include <string>

namespace bakeoff::report {

// Seconds since 1970 of "2026-01-02T03:04:05[.123]Z"; nullopt for anything else.
std::optional<double> SecondsOf(const std::string& iso);
// "2026-01-02 03:04 UTC" of the same.
std::string MinuteText(const std::string& iso);

}  // namespace bakeoff::report
