// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// An Error as results and the wire have it.
#pragma once

#include <optional>

#include "bakeoff/error.h"
#include "bakeoff/json.h"

namespace bakeoff::core {

inline Json ErrorJson(const Error& error) {
  return {{"code", CodeName(error.code())}, {"text", error.text()}};
}

// Null where there is none.
inline Json ErrorJson(const std::optional<Error>& error) {
  return error ? ErrorJson(*error) : Json();
}

}  // namespace bakeoff::core
