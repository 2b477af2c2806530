// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The log: spdlog to stderr. Levels by kind of event: error = the task failed, warn = a result may mislead, info = a
// step began or ended, debug = values. Call spdlog::info() and its like directly.
#pragma once

#include <functional>
#include <string>

namespace bakeoff::core {

// `before` is called before each line, from any thread (it removes a live line). Throws Error{kUsage} for an unknown
// level.
void SetupLog(const std::string& level, std::function<void()> before = {});

}  // namespace bakeoff::core
