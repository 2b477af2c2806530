// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A report: its data, computed once, and the forms that it is given. docs/report.md describes the data.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bakeoff/json.h"
#include "report/scene.h"
#include "report/source.h"

namespace bakeoff::report {

struct BuildOptions {
  std::string version;               // of the tool
  std::string made_at;               // UTC, ISO 8601
  std::optional<Baseline> baseline;  // instead of the campaign's
  ReadSamples samples;               // none: no distributions
};

// Everything that a report shows. Throws Error{kUsage} for a baseline that no run is of.
Json Build(const Source& source, const BuildOptions& options);

// The library of charts, as the set-up brought it: beside the program, or in the tree that was installed. Throws
// Error{kNotFound} naming the places.
std::string ReadChartLibrary();

// One page that needs nothing else. `library` is the JavaScript of the charts.
std::string Html(const Json& report, std::string_view library);
std::string Markdown(const Json& report);
// One line per point of a chart and per cell of a table that is a number.
std::string Csv(const Json& report);

// Prints the page with a headless Chromium. Throws Error{kUnavailable} where there is none (naming what to install), or
// where it fails, with its words.
void PrintPdf(const std::filesystem::path& page, const std::filesystem::path& pdf);

}  // namespace bakeoff::report
