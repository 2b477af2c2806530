// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Profiles as tables: which operators take the time.
#include <fmt/format.h>

#include "cli/bench.h"
#include "core/text.h"
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

// "fake t1: profile of 20 inferences, 12.0 us in operators ..": or why there is none.
std::string Heading(const std::string& title, const Json& profile) {
  if (!measure::At(profile, "operators").is_array())
    return fmt::format("{}: no profile: {}", title, TextAt(profile, "reason"));
  const auto count = WholeAt(profile, "inferences").value_or(1);
  const auto us = [&](const char* field) {
    return static_cast<double>(WholeAt(profile, field).value_or(0)) / static_cast<double>(count) / 1e3;
  };
  const int64_t outliers = WholeAt(profile, "outliers").value_or(0);
  return fmt::format(
      "{}: profile of {} inferences{}, {:.1f} us in operators and {:.1f} us of wall time each, while "
      "profiled ({})",
      title, count, outliers > 0 ? fmt::format(" ({} of unusual length left out)", outliers) : "", us("total_ns"),
      us("wall_ns"), TextAt(profile, "source"));
}

// Runtimes' clocks count microseconds: what they saw nothing of took less, not nothing.
std::string TimeText(int64_t ns, double inferences) {
  if (ns <= 0) return "<1";
  const double us = static_cast<double>(ns) / inferences / 1e3;
  return us < 0.05 ? "<0.1" : fmt::format("{:.1f}", us);
}

std::string ShareText(int64_t ns, double share) {
  if (ns <= 0) return "-";
  return share < 0.0005 ? "<0.1 %" : fmt::format("{:.1f} %", share * 100);
}

Table TableOf(const Json& profile) {
  const auto inferences = static_cast<double>(WholeAt(profile, "inferences").value_or(1));
  const Json& operators = measure::At(profile, "operators");
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
    table.rows.push_back({TextAt(op, "name"), TextAt(op, "type"), TimeText(time_ns, inferences),
                          ShareText(time_ns, share), Or(TextAt(op, "precision")), Or(TextAt(op, "provider"))});
  }
  if (operators.size() > kMostRows)
    table.rows.push_back({fmt::format("... {} others", operators.size() - kMostRows), "", TimeText(rest_ns, inferences),
                          ShareText(rest_ns, rest_share), "", ""});
  return table;
}

}  // namespace

void ShowProfile(const std::string& title, const Json& profile, Console& console) {
  if (profile.is_null()) return;
  console.Paragraph(Heading(title, profile));
  if (!measure::At(profile, "operators").is_array()) return;
  console.Show(TableOf(profile));
  console.Out("\n");
}

std::string ProfileMarkdown(const std::string& title, const Json& profile) {
  if (profile.is_null()) return "";
  const std::string heading = core::Printable(Heading(title, profile));
  if (!measure::At(profile, "operators").is_array()) return fmt::format("- {}\n", heading);
  return fmt::format("#### {}\n\n{}\n", heading, TableOf(profile).Markdown());
}

}  // namespace bakeoff::cli
