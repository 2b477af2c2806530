// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Paths of a campaign, however they are written.
#pragma once

#include <filesystem>
#include <string>

namespace bakeoff::campaign {

// Absolute, without dots.
std::filesystem::path Whole(const std::filesystem::path& path);

// Whether `path` is `of`, or lies below it.
bool Within(const std::filesystem::path& path, const std::filesystem::path& of);

// Where a step's words go, relative to the campaign's folder.
std::string LogName(const std::string& step);

}  // namespace bakeoff::campaign
