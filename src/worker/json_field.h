// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads one field of what a worker said, with an error that names it.
#pragma once

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "bakeoff/json.h"

namespace bakeoff::worker {

// Leaves `value` as it is where the field is absent or null. Throws Error{kEngineFailed} for a wrong field, and for an
// absent one that is required. `whose` begins the message: "its description".
template <typename T>
void TakeField(const Json& json, const char* whose, const char* field, T& value, bool required = false) {
  const auto found = json.find(field);
  if (found == json.end() || found->is_null()) {
    if (required) throw Error(ErrorCode::kEngineFailed, fmt::format("{} has no '{}'", whose, field));
    return;
  }
  try {
    found->get_to(value);
  } catch (const Json::exception&) {
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("{} has a wrong '{}': {}", whose, field,
                            found->dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 200)));
  }
}

}  // namespace bakeoff::worker
