// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Profiles as tables: which operators take the time.
#include <fmt/format.h>

#include "cli/bench.h"
#include "measure/record.h"

namespace bakeoff::cli {
namespace {

using measure::RealAt;
using measure::TextAt;
using measure::WholeAt;

constexpr size_t kMostRows = 20;

std::string Or(const std::string& text) {
  return text.empty() ? "-" : text;
}

}  // namespace

void ShowProfile(const std::string& title, const Json& profile, Console& console) {
  if (profile.is_null()) return;
  const Json& operators = measure::At(profile, "operators");
  if (!operators.is_array()) {
    console.Paragraph(fmt::format("{}: no profile: {}", title, TextAt(profile, "reason")));
    return;
  }
  const auto inferences = static_cast<double>(WholeAt(profile, "inferences").value_or(1));
  const auto us = [&](int64_t ns) { return static_cast<double>(ns) / inferences / 1e3; };
  console.Paragraph(fmt::format(
      "{}: profile of {:.0f} inferences, {:.1f} us in operators and {:.1f} us of wall time each, while profiled ({})",
      title, inferences, us(WholeAt(profile, "total_ns").value_or(0)), us(WholeAt(profile, "wall_ns").value_or(0)),
      TextAt(profile, "source")));
  Table table{.columns = {{.title = "operator", .wrap = true},
                          {.title = "type", .wrap = true},
                          {.title = "us", .right = true},
                          {.title = "share", .right = true},
                          {.title = "precision"},
                          {.title = "provider", .wrap = true}},
              .rows = {}};
  int64_t rest_ns = 0;
  double rest_share = 0;
  for (const Json& op : operators) {
    const int64_t time_ns = WholeAt(op, "time_ns").value_or(0);
    const double share = RealAt(op, "share").value_or(0);
    if (table.rows.size() >= kMostRows) {
      rest_ns += time_ns;
      rest_share += share;
      continue;
    }
    table.rows.push_back({TextAt(op, "name"), TextAt(op, "type"), fmt::format("{:.1f}", us(time_ns)),
                          fmt::format("{:.1f} %", share * 100), Or(TextAt(op, "precision")),
                          Or(TextAt(op, "provider"))});
  }
  if (operators.size() > kMostRows)
    table.rows.push_back({fmt::format("... {} others", operators.size() - kMostRows), "",
                          fmt::format("{:.1f}", us(rest_ns)), fmt::format("{:.1f} %", rest_share * 100), "", ""});
  console.Show(table);
  console.Out("\n");
}

}  // namespace bakeoff::cli
