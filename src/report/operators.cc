// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Where the time goes inside an engine, from `bench --profile`.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "measure/record.h"
#include "report/scene.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::RealAt;
using measure::TextAt;

// The kind under which engines list the time that their runtime gives to no operator (docs/measuring.md, Profile).
constexpr std::string_view kNotAnnounced = "not announced";

constexpr size_t kMostTypes = 8, kMostOperators = 12;

struct Operator {
  std::string name, type, precision, provider;
  double time_ns = 0, calls = 0;
};

std::vector<Operator> OperatorsOf(const Json& record) {
  std::vector<Operator> all;
  const Json& list = At(record, "profile.operators");
  if (!list.is_array()) return all;
  for (const Json& each : list) {
    const auto time = RealAt(each, "time_ns");
    if (time)
      all.push_back({TextAt(each, "name"), TextAt(each, "type"), TextAt(each, "precision"), TextAt(each, "provider"),
                     *time, RealAt(each, "calls").value_or(0)});
  }
  std::stable_sort(all.begin(), all.end(), [](const Operator& a, const Operator& b) { return a.time_ns > b.time_ns; });
  return all;
}

// Which kind takes most; time of none is told beside it.
std::string FindingText(const std::string& label, const std::map<std::string, double>& types, double total) {
  std::string most;
  double most_ns = -1, unknown_ns = 0;
  for (const auto& [type, time] : types) {
    if (type == kNotAnnounced) {
      unknown_ns = time;
    } else if (time > most_ns) {
      most = type.empty() ? "what has no kind" : type;
      most_ns = time;
    }
  }
  if (most.empty()) return fmt::format("{}: its runtime announced no operator.", label);
  const std::string unknown =
      unknown_ns > 0 ? fmt::format("; {} of it was not announced as any operator's", PercentText(unknown_ns / total))
                     : "";
  return fmt::format("{}: {} takes {} of the time in operators{}.", label, most, PercentText(most_ns / total), unknown);
}

}  // namespace

Section OperatorsSection(const Scene& scene) {
  Section section("operators", "Where the time goes inside", "Operators");
  Chart chart("operators", "bars", "Share of the time by kind of operator");
  chart.Axis("x", "share of the time in operators", "%")
      .Axis("y", "")
      .Set("horizontal", true)
      .Set("stacked", true)
      .Set("palette", "neutral");
  struct Profile {
    const Row* row;
    const StoredRun* run;
    std::map<std::string, double> types;
    double total = 0;
  };
  std::vector<Profile> profiles;
  std::map<std::string, double> overall;
  std::set<size_t> done;
  std::string reason;
  RunIds silent;   // which run has the reason
  RunIds unknown;  // which have time of no operator
  for (const Row& row : scene.rows.rows) {
    for (const StoredRun* run : row.runs) {
      if (std::string text = TextAt(run->record, "profile.reason"); !text.empty()) {
        reason = fmt::format("{}: {}", scene.SubjectOf(row).engine, text);
        silent = {run->id};
      }
      const auto operators = OperatorsOf(run->record);
      if (operators.empty() || !done.insert(row.subject).second) continue;
      Profile profile{.row = &row, .run = run, .types = {}};
      for (const Operator& each : operators) {
        profile.types[each.type] += each.time_ns;
        profile.total += each.time_ns;
      }
      for (const auto& [type, time] : profile.types) overall[type] += time / profile.total;
      const std::string& label = scene.Label(row);
      const double count = std::max(1.0, RealAt(run->record, "profile.inferences").value_or(1));
      Table table(fmt::format("operators-{}", row.subject),
                  core::Printable(fmt::format("{}: the {} operators that take longest", label,
                                              std::min(kMostOperators, operators.size()))));
      table.Column("Operator")
          .Column("Kind")
          .Column("Time per inference", true)
          .Column("Share", true)
          .Column("Calls per inference", true)
          .Column("Precision")
          .Column("Runs on");
      for (size_t i = 0; i < operators.size() && i < kMostOperators; ++i) {
        const Operator& each = operators[i];
        table.Add({core::Printable(each.name), core::Printable(each.type),
                   Cell(TimeText(each.time_ns / count), each.time_ns / count),
                   Cell(PercentText(each.time_ns / profile.total), each.time_ns / profile.total),
                   Cell(Digits(each.calls / count), each.calls / count),
                   each.precision.empty() ? kNone : core::Printable(each.precision),
                   each.provider.empty() ? kNone : core::Printable(each.provider)},
                  RunIds{run->id});
      }
      section.Say(core::Printable(FindingText(label, profile.types, profile.total)), RunIds{run->id});
      if (profile.types.contains(std::string(kNotAnnounced))) unknown.push_back(run->id);
      section.Add(table);
      profiles.push_back(std::move(profile));
    }
  }
  if (profiles.empty()) {
    section.Absent(reason.empty()
                       ? "Not measured: `bench MODEL --profile` asks each engine for the times of its operators."
                       : "Not told: " + reason + ".",
                   silent);
    return section;
  }
  std::vector<std::pair<double, std::string>> types;
  for (const auto& [type, share] : overall) types.emplace_back(-share, type);
  std::sort(types.begin(), types.end());
  std::set<std::string> shown;
  for (size_t i = 0; i < types.size() && i < kMostTypes; ++i) {
    const std::string& type = types[i].second;
    shown.insert(type);
    chart.Series(type.empty() ? "not named" : core::Printable(type), -1);
    for (const Profile& profile : profiles) {
      const auto found = profile.types.find(type);
      if (found != profile.types.end())
        chart.Add({scene.Label(*profile.row), 100 * found->second / profile.total, {}, {}, RunIds{profile.run->id}});
    }
  }
  chart.Series("others", -1);
  for (const Profile& profile : profiles) {
    double rest = 0;
    for (const auto& [type, time] : profile.types) rest += shown.contains(type) ? 0 : time;
    if (rest > 0) chart.Add({scene.Label(*profile.row), 100 * rest / profile.total, {}, {}, RunIds{profile.run->id}});
  }
  chart.Alt(
      "Share of the time by kind of operator; each engine names its own kinds, and fused ones count as one. The tables "
      "have the operators that take longest.");
  section.Add(chart);
  if (!unknown.empty())
    section.Note(
        "\"Not announced\" is the time between two operators that the runtime announced, named after the one before "
        "it: "
        "work that the runtime calls past the place where it announces operators, such as convolutions that it rewrote "
        "for another library. It counts among the time in operators, so that nothing is missing in the shares.",
        unknown);
  return section;
}

}  // namespace bakeoff::report
