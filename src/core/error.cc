// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Names and exit codes of ErrorCode: the one table behind results, wire and process status.
#include "bakeoff/error.h"

#include <array>

namespace bakeoff {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  int exit_code;
};

constexpr std::array kTable = {
    Row{ErrorCode::kUsage, "usage", 2},
    Row{ErrorCode::kNotFound, "not_found", 2},
    Row{ErrorCode::kUnsupported, "unsupported", 3},
    Row{ErrorCode::kInvalidModel, "invalid_model", 3},
    Row{ErrorCode::kConversion, "conversion", 3},
    Row{ErrorCode::kEngineFailed, "engine_failed", 3},
    Row{ErrorCode::kTimeout, "timeout", 3},
    Row{ErrorCode::kMismatch, "mismatch", 1},
    Row{ErrorCode::kUnavailable, "unavailable", 3},
    Row{ErrorCode::kInternal, "internal", 3},
};

const Row& Find(ErrorCode code) {
  for (const Row& row : kTable) {
    if (row.code == code) return row;
  }
  return kTable.back();
}

}  // namespace

std::string_view CodeName(ErrorCode code) {
  return Find(code).name;
}

ErrorCode CodeFromName(std::string_view name) {
  for (const Row& row : kTable) {
    if (row.name == name) return row.code;
  }
  return ErrorCode::kInternal;
}

int ExitCodeFor(ErrorCode code) {
  return Find(code).exit_code;
}

}  // namespace bakeoff
