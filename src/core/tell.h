// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What is said on the side.
#pragma once

#include <cstdio>
#include <string_view>

namespace bakeoff::core {

// Writes to stderr. What nobody reads (a closed pipe, a full disk) is lost and ends no work, where fmt::print() would
// throw, even out of the handler of another error.
inline void Tell(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

}  // namespace bakeoff::core
