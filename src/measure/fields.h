// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The one table of what a Run record has. JSON, CSV, Markdown, the console and docs/results-format.md read it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "measure/run.h"

namespace bakeoff::measure {

struct Field {
  std::string_view name;        // dots make groups: "latency_ns.p50"
  std::string_view unit;        // "" where there is none
  std::string_view type;        // text, integer, number, bool, object
  std::string_view help;        // one sentence
  Json (*get)(const Run& run);  // null: not known, not measured, or not supported by the number of samples
  // In a few words, for people, where the JSON is long.
  std::string (*text)(const Json& value) = nullptr;
};

std::span<const Field> Fields();

// A record as JSON, nested by the dots. `error` is null where there is none.
Json ToJson(const Run& run);
// A value as a cell of CSV (RFC 4180): objects as JSON text, null as nothing.
std::string CsvCell(const Json& value);
// The fields' names, and `environment_grade` (A to D, or nothing) as the last column.
std::string CsvHeader();
// One line per run. `grade`: of the benchmark that they belong to, '?' where it has none.
std::string CsvLines(std::span<const Run> runs, char grade);
// The table for docs/results-format.md.
std::string FieldsMarkdown();

}  // namespace bakeoff::measure
