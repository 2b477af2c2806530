// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Matches rows, takes one number per repetition, and judges.
#include "measure/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "bakeoff/error.h"
#include "core/amounts.h"
#include "core/text.h"
#include "measure/fields.h"
#include "measure/record.h"
#include "measure/summary.h"

namespace bakeoff::measure {
namespace {

constexpr std::array<std::string_view, 14> kIdentity = {
    "model",     "engine",  "scenario", "device", "threads",  "streams",           "batch",
    "precision", "options", "format",   "qps",    "arrivals", "samples_per_query", "test_size"};
constexpr size_t kOptions = 8;
static_assert(kIdentity[kOptions] == "options");
// How the work is done; the rest is what is done, and by whom: device, threads, streams, precision, options, format.
constexpr size_t kSettings[] = {3, 4, 5, 7, kOptions, 9};
static_assert(kIdentity[3] == "device" && kIdentity[5] == "streams" && kIdentity[7] == "precision" &&
              kIdentity[9] == "format");
using Key = std::vector<std::string>;  // a value for each of kIdentity that is looked at

// The repetitions of one row.
struct Group {
  Key key;
  std::vector<const Json*> records;
};

Key KeyOf(const Json& record, const std::set<size_t>& left_out) {
  Key key;
  for (size_t i = 0; i < kIdentity.size(); ++i)
    key.push_back(left_out.contains(i) ? "" : At(record, kIdentity[i]).dump());
  return key;
}

std::vector<Group> GroupsOf(const Side& side, const std::set<size_t>& left_out) {
  std::vector<Group> groups;
  std::map<Key, size_t> places;
  for (const Json& record : side.records) {
    const auto [place, fresh] = places.try_emplace(KeyOf(record, left_out), groups.size());
    if (fresh) groups.push_back({place->first, {}});
    groups[place->second].records.push_back(&record);
  }
  return groups;
}

using Pairs = std::vector<std::pair<const Group*, const Group*>>;

std::set<const Group*> Paired(const Pairs& pairs) {
  std::set<const Group*> paired;
  for (const auto& [a, b] : pairs) paired.insert({a, b});
  return paired;
}

// "threads 1 / 2" for each setting that the two have otherwise, unless all rows have it so.
std::vector<std::string> SettingsThatDiffer(const Group& a, const Group& b) {
  const auto text = [](const Json& value) {
    return value.is_null() ? "its default" : value.is_string() ? value.get<std::string>() : value.dump();
  };
  std::vector<std::string> texts;
  const auto compare = [&](std::string_view name, const Json& of_a, const Json& of_b) {
    if (of_a != of_b) texts.push_back(fmt::format("{} {} / {}", name, text(of_a), text(of_b)));
  };
  const Json &one = *a.records.front(), &other = *b.records.front();
  for (const size_t part : kSettings) {
    if (a.key[part] == b.key[part]) continue;  // equal, or left out
    if (part != kOptions) {
      compare(kIdentity[part], At(one, kIdentity[part]), At(other, kIdentity[part]));
      continue;
    }
    std::map<std::string, std::array<Json, 2>> options;
    for (const auto& [record, side] : {std::pair(&one, 0), std::pair(&other, 1)}) {
      for (const auto& [name, value] : At(*record, "options").items()) options[name][static_cast<size_t>(side)] = value;
    }
    for (const auto& [name, values] : options) compare(name, values[0], values[1]);
  }
  return texts;
}

// Of rows that do the same work, those that are nearest to each other by their settings, and to no other as near.
void PairNearest(const std::vector<const Group*>& of_a, const std::vector<const Group*>& of_b, Pairs& pairs) {
  const auto nearest = [](const Group* group, const std::vector<const Group*>& others) -> const Group* {
    const Group* found = nullptr;
    size_t least = std::numeric_limits<size_t>::max();
    for (const Group* other : others) {
      const size_t apart = SettingsThatDiffer(*group, *other).size();
      if (apart == least) found = nullptr;
      if (apart < least) found = other;
      least = std::min(least, apart);
    }
    return found;
  };
  for (const Group* group : of_a) {
    const Group* other = nearest(group, of_b);
    if (other && nearest(other, of_a) == group) pairs.emplace_back(group, other);
  }
}

// Rows of the same key; then, of those left over, rows whose settings were changed between A and B. In A's order.
Pairs Match(const std::vector<Group>& of_a, const std::vector<Group>& of_b, Matching matching) {
  Pairs pairs;
  for (const Group& group : of_a) {
    const auto other = std::find_if(of_b.begin(), of_b.end(), [&](const Group& each) { return each.key == group.key; });
    if (other != of_b.end()) pairs.emplace_back(&group, &*other);
  }
  const auto paired = Paired(pairs);
  std::map<Key, std::array<std::vector<const Group*>, 2>> left;
  for (const auto& [groups, side] : {std::pair(&of_a, 0), std::pair(&of_b, 1)}) {
    for (const Group& group : *groups) {
      Key key = group.key;
      for (const size_t part : kSettings) {
        if (part == kOptions || matching == Matching::kChanges) key[part].clear();
      }
      if (!paired.contains(&group)) left[key][static_cast<size_t>(side)].push_back(&group);
    }
  }
  for (const auto& [key, sides] : left) PairNearest(sides[0], sides[1], pairs);
  std::sort(pairs.begin(), pairs.end());  // of_a is one array
  return pairs;
}

// Parts of the identity of which A and B have no value in common.
std::set<size_t> Disjoint(const std::vector<Group>& a, const std::vector<Group>& b) {
  std::set<size_t> parts;
  for (size_t i = 0; i < kIdentity.size(); ++i) {
    std::set<std::string> of_a;
    for (const Group& group : a) of_a.insert(group.key[i]);
    if (std::none_of(b.begin(), b.end(), [&](const Group& group) { return of_a.contains(group.key[i]); }))
      parts.insert(i);
  }
  return parts;
}

std::string ValuesText(const std::vector<Group>& groups, size_t part) {
  std::vector<std::string> values;
  for (const Group& group : groups) {
    std::string text = group.key[part];
    std::erase_if(text, [](char c) { return c == '"' || c == '{' || c == '}'; });
    if (text.empty()) text = "none";
    if (std::find(values.begin(), values.end(), text) == values.end()) values.push_back(text);
  }
  return core::Join(values, ", ");
}

// Both sides in groups that can be matched; what was left out of them goes into `notes`.
std::pair<std::vector<Group>, std::vector<Group>> Align(const Side& a, const Side& b, std::vector<std::string>& notes) {
  std::pair whole{GroupsOf(a, {}), GroupsOf(b, {})};
  const std::set<size_t> left_out = Disjoint(whole.first, whole.second);
  std::vector<std::string> texts;
  for (const size_t part : left_out)
    texts.push_back(
        fmt::format("{} ({} / {})", kIdentity[part], ValuesText(whole.first, part), ValuesText(whole.second, part)));
  const std::string differs = core::Join(texts, ", ");
  std::pair rest{GroupsOf(a, left_out), GroupsOf(b, left_out)};
  if (rest.first.size() < whole.first.size() || rest.second.size() < whole.second.size())
    throw Error(
        ErrorCode::kUsage,
        fmt::format("no row of {} is in {}: they differ in {}, and without that their rows cannot be told apart; "
                    "name one row of each by one of its runs (`bakeoff runs list CAMPAIGN`), r12",
                    a.label, b.label, differs));
  if (Match(rest.first, rest.second, Matching::kRows).empty())
    throw Error(ErrorCode::kUsage, fmt::format("no row of {} is in {}; their rows have these in common, but no row has "
                                               "all of them: `bakeoff runs show` tells each",
                                               a.label, b.label));
  if (!differs.empty()) notes.push_back(fmt::format("A and B differ in {}", differs));
  return rest;
}

void TakeStatus(const Group& group, const Configuration& configuration, RunStatus& status, std::string& text) {
  for (const Json* record : group.records) {
    const Run run = RunFrom(*record, configuration);
    if (Severity(run.status) <= Severity(status)) continue;
    status = run.status;
    text = run.error ? run.error->text() : "";
  }
}

// By round; of the repetitions that are ok. `rounds` may have one twice, where two rows are alike.
void TakeValues(const Group& group, const Metric& metric, std::vector<double>& values, std::vector<Round>& rounds) {
  std::vector<std::pair<Round, double>> found;
  for (const Json* record : group.records) {
    if (At(*record, "status") != Json("ok")) continue;
    if (const auto value = ValueOf(metric, *record)) found.emplace_back(RoundOf(*record), *value);
  }
  std::sort(found.begin(), found.end());
  for (const auto& [round, value] : found) {
    rounds.push_back(round);
    values.push_back(value);
  }
}

std::optional<double> GeometricMean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

size_t CountOk(const Group& group) {
  return static_cast<size_t>(std::count_if(group.records.begin(), group.records.end(),
                                           [](const Json* record) { return At(*record, "status") == Json("ok"); }));
}

// Why a side has too few numbers, with the smallest change that helps; "" where it has enough.
std::string Lacks(const char* side, const Group& group, const Metric& metric, size_t have) {
  const size_t ok = CountOk(group);
  if (ok > have && metric.percentile > 0) {
    int64_t fewest = core::SamplesNeeded(metric.percentile);
    for (const Json* record : group.records) fewest = std::min(fewest, record->value("samples", int64_t{0}));
    return fmt::format("{} has {} samples in a repetition, {} needs {}: measure it with --count {}", side, fewest,
                       metric.name, core::SamplesNeeded(metric.percentile), core::SamplesNeeded(metric.percentile));
  }
  if (ok > have) return fmt::format("{} has no {}", side, metric.name);
  if (ok == 0) return fmt::format("{} has no run that is ok", side);
  if (have < kLeastRepetitions)
    return fmt::format("{} has {} repetition{}, a verdict needs {}: measure it with --repeat {}", side, have,
                       have == 1 ? "" : "s", kLeastRepetitions, kLeastRepetitions);
  return "";
}

Comparison Turned(Comparison comparison) {
  const auto inverse = [](const std::optional<double>& value) {
    return value ? std::optional(1 / *value) : std::nullopt;
  };
  comparison.ratio = inverse(comparison.ratio);
  std::tie(comparison.low, comparison.high) = std::pair(inverse(comparison.high), inverse(comparison.low));
  return comparison;
}

// Whether a run of B is that of A, which a later campaign took over: comparing them would look like a tie.
bool SameRun(const Json& a, const Json& b) {
  return RealAt(b, "reused_from") && At(a, "started_at") == At(b, "started_at") &&
         At(a, "latency_ns") == At(b, "latency_ns");
}

// Without the repetitions that are A's: held against themselves they would prove that nothing changed.
Group WithoutRunsOf(const Group& a, const Group& b) {
  Group rest{.key = b.key, .records = {}};
  for (const Json* record : b.records) {
    if (std::none_of(a.records.begin(), a.records.end(), [&](const Json* other) { return SameRun(*other, *record); }))
      rest.records.push_back(record);
  }
  return rest;
}

// What ranks rows of their scenario.
const Metric& MetricOf(const Group& a, const Group& b) {
  const Metric& tail = MetricNamed("--metric", "p99");
  const auto has = [&](const Json* record) { return At(*record, "status") != Json("ok") || ValueOf(tail, *record); };
  const bool all =
      std::all_of(a.records.begin(), a.records.end(), has) && std::all_of(b.records.begin(), b.records.end(), has);
  const RankBy by = RankByOf(TextAt(*a.records.front(), "scenario"), all);
  return by == RankBy::kThroughput ? MetricNamed("--metric", "throughput")
         : by == RankBy::kP99      ? tail
                                   : MetricNamed("--metric", "p50");
}

ComparedRow CompareRow(const Group& a, const Group& b, const Metric& metric, bool together) {
  ComparedRow row{
      .a = ConfigurationFrom(*a.records.front()), .b = ConfigurationFrom(*b.records.front()), .metric = &metric};
  TakeStatus(a, row.a, row.status_a, row.text_a);
  TakeStatus(b, row.b, row.status_b, row.text_b);
  std::vector<Round> rounds_a, rounds_b;
  TakeValues(a, metric, row.values_a, rounds_a);
  TakeValues(b, metric, row.values_b, rounds_b);
  row.middle_a = GeometricMean(row.values_a);
  row.middle_b = GeometricMean(row.values_b);
  const bool once = std::adjacent_find(rounds_a.begin(), rounds_a.end()) == rounds_a.end();
  row.paired = together && once && rounds_a == rounds_b;
  std::vector<double> times_a = row.values_a, times_b = row.values_b;
  if (metric.more_is_better) {
    for (double& value : times_a) value = 1 / value;
    for (double& value : times_b) value = 1 / value;
  }
  row.comparison = Compare(times_a, times_b, row.paired);
  if (metric.more_is_better) row.comparison = Turned(row.comparison);
  const std::string lacks_a = Lacks("A", a, metric, row.values_a.size());
  const std::string lacks_b = Lacks("B", b, metric, row.values_b.size());
  if (!lacks_a.empty() || !lacks_b.empty())
    row.comparison.reason = lacks_a.empty() ? lacks_b : lacks_b.empty() ? lacks_a : lacks_a + "; " + lacks_b;
  return row;
}

// Facts that make a comparison say something else than it seems to.
void AddNotes(const Side& a, const Side& b, const Pairs& pairs, std::vector<std::string>& notes) {
  const auto add = [&](std::string note) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
  };
  for (const std::string_view fact : kMachineFacts) {
    const Json &of_a = At(a.machine, fact), &of_b = At(b.machine, fact);
    if (a.machine.is_object() && b.machine.is_object() && of_a != of_b)
      add(fmt::format("the machines differ: {} {} / {}", fact, of_a.dump(), of_b.dump()));
  }
  for (const auto& [side, name] : {std::pair(&a, "A"), std::pair(&b, "B")}) {
    if (!side->machine.is_object())
      add(fmt::format("nothing tells on which machine {} was measured: a difference may be that of machines", name));
    for (const std::string& note : side->notes) add(fmt::format("{}: {}", name, note));
  }
  for (const auto& [of_a, of_b] : pairs) {
    const Json &one = *of_a->records.front(), &other = *of_b->records.front();
    if (At(one, "version") != At(other, "version") && At(one, "engine") == At(other, "engine"))
      add(fmt::format("{}: version {} / {}", one.value("engine", ""), At(one, "version").dump(),
                      At(other, "version").dump()));
    if (const auto changed = SettingsThatDiffer(*of_a, *of_b); !changed.empty())
      add(fmt::format("{}{}{}", one.value("engine", ""), kAnotherSetting, core::Join(changed, ", ")));
    const Json &input_a = At(one, "inputs.canonical_sha256"), &input_b = At(other, "inputs.canonical_sha256");
    if (input_a.is_string() && input_b.is_string() && input_a != input_b && At(one, "batch") == At(other, "batch"))
      add(fmt::format("{}: A and B were given different inputs", one.value("model", "")));
  }
}

void Sound(const ComparedRow& row, Alarms& alarms) {
  alarms.wrong_answers |= row.status_b == RunStatus::kMismatch;
  alarms.failed |= row.status_b == RunStatus::kFailed;
  alarms.engine_missing |= row.status_b == RunStatus::kSkipped && row.status_a != RunStatus::kSkipped;
  alarms.regression |= row.status_b == RunStatus::kSaturated && row.status_a == RunStatus::kOk;
}

// Rows that cannot have numbers are told by their status, not by a condition.
bool CanBeJudged(const ComparedRow& row) {
  return row.status_a == RunStatus::kOk && row.status_b == RunStatus::kOk;
}

void Judge(const std::vector<Condition>& conditions, CompareResult& result) {
  bool any = false, decided = false;
  for (size_t i = 0; i < result.rows.size(); ++i) {
    const ComparedRow& row = result.rows[i];
    Sound(row, result.alarms);
    if (!CanBeJudged(row)) continue;
    any = true;
    decided = decided || row.comparison.verdict != Verdict::kUnclear;
    if (conditions.empty()) result.alarms.regression |= row.comparison.verdict == Verdict::kSlower;
    for (const Condition& condition : conditions) {
      if (condition.metric != row.metric) continue;
      const Held held = measure::Judge(condition, row.comparison);
      result.judged.push_back({i, condition.text, held});
      result.alarms.regression |= held == Held::kBroken;
      result.alarms.unstable |= held == Held::kUnsure;
    }
  }
  if (conditions.empty()) result.alarms.unstable = any && !decided;
}

// Engines that A has numbers of and that no row of B is of, unless they are what is compared. What nobody measured
// cannot be worse, but a gate must not pass over it.
void MissEngines(const std::vector<Group>& of_a, const std::vector<Group>& of_b, CompareResult& result) {
  const auto engines = [](const std::vector<Group>& groups, auto counts) {
    std::map<std::string, std::vector<std::string>> found;  // with their models
    for (const Group& group : groups) {
      const Json& record = *group.records.front();
      auto& models = found[record.value("engine", "")];
      const std::string model = record.value("model", "");
      if (counts(group) && std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
    }
    return found;
  };
  const auto there = engines(of_b, [](const Group&) { return true; });
  const auto lost = engines(of_a, [&](const Group& group) {
    return std::any_of(group.records.begin(), group.records.end(),
                       [](const Json* record) { return record->value("status", "") == StatusName(RunStatus::kOk); });
  });
  for (const auto& [engine, models] : lost) {
    const bool paired = std::any_of(of_a.begin(), of_a.end(), [&, name = engine](const Group& group) {
      return group.records.front()->value("engine", "") == name &&
             std::any_of(of_b.begin(), of_b.end(), [&](const Group& other) { return other.key == group.key; });
    });
    if (models.empty() || paired || there.contains(engine)) continue;
    result.alarms.engine_missing = true;
    result.notes.push_back(
        fmt::format("the engine {} of A has no row in B ({}): measure B with it, or leave it out of A", engine,
                    core::Join(models, ", ")));
  }
}

std::string_view HeldName(Held held) {
  return held == Held::kHeld ? "held" : held == Held::kBroken ? "broken" : "unsure";
}

Json RowJson(const Configuration& row) {
  return {{"model", row.model},
          {"engine", row.engine},
          {"version", row.version},
          {"scenario", row.scenario},
          {"device", row.device},
          {"threads", row.threads},
          {"streams", row.streams},
          {"batch", row.batch},
          {"precision", row.precision},
          {"options", row.options},
          {"format", row.artifact.format},
          {"qps", row.qps > 0 ? Json(row.qps) : Json()},
          {"arrivals", row.arrivals.empty() ? Json() : Json(row.arrivals)},
          {"samples_per_query", row.samples_per_query > 0 ? Json(row.samples_per_query) : Json()},
          {"test_size", row.test_size > 0 ? Json(row.test_size) : Json()}};
}

Json SideJson(const ComparedRow& row, bool of_b) {
  const auto& middle = of_b ? row.middle_b : row.middle_a;
  const RunStatus status = of_b ? row.status_b : row.status_a;
  return {{"row", RowJson(of_b ? row.b : row.a)},
          {"status", StatusName(status)},
          {"error", (of_b ? row.text_b : row.text_a).empty() ? Json() : Json(of_b ? row.text_b : row.text_a)},
          {"value", middle ? Json(*middle) : Json()},
          {"repetitions", of_b ? row.values_b : row.values_a}};
}

}  // namespace

CompareResult CompareSides(const Side& a, const Side& b, const std::vector<const Metric*>& metrics,
                           const std::vector<Condition>& conditions, bool live, Matching matching) {
  CompareResult result{.label_a = a.label, .label_b = b.label};
  result.machine_a = a.machine;
  result.machine_b = b.machine;
  result.environment_a = a.environment;
  result.environment_b = b.environment;
  const auto [of_a, of_b] =
      matching == Matching::kRows ? Align(a, b, result.notes) : std::pair{GroupsOf(a, {}), GroupsOf(b, {})};
  std::vector<const Metric*> all = metrics;
  for (const Condition& condition : conditions) {
    if (std::find(all.begin(), all.end(), condition.metric) == all.end()) all.push_back(condition.metric);
  }
  const bool together = live || (a.campaign > 0 && a.campaign == b.campaign);
  const Pairs pairs = Match(of_a, of_b, matching);
  size_t partly = 0;
  for (const auto& [group, other] : pairs) {
    const Group fresh = WithoutRunsOf(*group, *other);
    if (fresh.records.empty()) {
      ++result.taken_over;
      continue;
    }
    partly += fresh.records.size() < other->records.size() ? 1 : 0;
    std::vector<const Metric*> of_row = all;
    if (of_row.empty()) of_row.push_back(&MetricOf(*group, fresh));
    const std::string changed = core::Join(SettingsThatDiffer(*group, *other), ", ");
    for (const Metric* metric : of_row) {
      result.rows.push_back(CompareRow(*group, fresh, *metric, together));
      result.rows.back().changed = changed;
    }
  }
  if (partly > 0)
    result.notes.push_back(
        fmt::format("{} of B {} repetitions that are A's own, taken over: only those that were measured since are "
                    "compared",
                    core::Count(partly, "row"), partly == 1 ? "has" : "have"));
  if (const size_t same_runs = result.taken_over; same_runs > 0)
    result.notes.push_back(
        fmt::format("{} of B {} A's own runs, taken over and not measured again: there is nothing to compare",
                    core::Count(same_runs, "row"), same_runs == 1 ? "is" : "are"));
  const auto paired = Paired(pairs);
  for (const auto& [groups, rows] : {std::pair(&of_a, &result.only_a), std::pair(&of_b, &result.only_b)}) {
    for (const Group& group : *groups) {
      if (!paired.contains(&group)) rows->push_back(ConfigurationFrom(*group.records.front()));
    }
  }
  AddNotes(a, b, pairs, result.notes);
  Judge(conditions, result);
  MissEngines(of_a, of_b, result);
  return result;
}

int ExitCode(const CompareResult& result) {
  const Alarms& alarms = result.alarms;
  return alarms.wrong_answers    ? 4
         : alarms.failed         ? 3
         : alarms.engine_missing ? 6
         : alarms.regression     ? 1
         : alarms.unstable       ? 5
                                 : 0;
}

Json ToJson(const CompareResult& result) {
  Json rows = Json::array(), only_a = Json::array(), only_b = Json::array();
  for (size_t i = 0; i < result.rows.size(); ++i) {
    const ComparedRow& row = result.rows[i];
    Json conditions = Json::array();
    for (const Judged& judged : result.judged) {
      if (judged.row == i) conditions.push_back({{"condition", judged.condition}, {"result", HeldName(judged.held)}});
    }
    Json json{{"metric", row.metric->name}, {"unit", row.metric->unit},
              {"a", SideJson(row, false)},  {"b", SideJson(row, true)},
              {"paired", row.paired},       {"changed", row.changed.empty() ? Json() : Json(row.changed)}};
    json.update(ToJson(row.comparison));
    json["verdict"] = Word(*row.metric, row.comparison.verdict);
    json["conditions"] = conditions;
    rows.push_back(std::move(json));
  }
  for (const Configuration& row : result.only_a) only_a.push_back(RowJson(row));
  for (const Configuration& row : result.only_b) only_b.push_back(RowJson(row));
  const Alarms& alarms = result.alarms;
  return {{"schema", 1},
          {"a", {{"name", result.label_a}, {"machine", result.machine_a}, {"environment", result.environment_a}}},
          {"b", {{"name", result.label_b}, {"machine", result.machine_b}, {"environment", result.environment_b}}},
          {"alpha", kAlpha},
          {"rows", rows},
          {"only_a", only_a},
          {"only_b", only_b},
          {"taken_over", result.taken_over},
          {"alarms",
           {{"wrong_answers", alarms.wrong_answers},
            {"failed", alarms.failed},
            {"engine_missing", alarms.engine_missing},
            {"regression", alarms.regression},
            {"unstable", alarms.unstable}}},
          {"exit_code", ExitCode(result)},
          {"notes", result.notes}};
}

std::string ToCsv(const CompareResult& result) {
  std::string text;
  for (const std::string_view part : kIdentity) text += fmt::format("a_{0},b_{0},", part);
  text += "metric,unit,a,b,a_repetitions,b_repetitions,paired,ratio,low,high,verdict,reason\r\n";
  const Json whole = ToJson(result);
  for (const Json& row : whole["rows"]) {
    for (const std::string_view part : kIdentity)
      text += CsvCell(row["a"]["row"][std::string(part)]) + ',' + CsvCell(row["b"]["row"][std::string(part)]) + ',';
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\r\n", CsvCell(row["metric"]), CsvCell(row["unit"]),
                        CsvCell(row["a"]["value"]), CsvCell(row["b"]["value"]), row["a"]["repetitions"].size(),
                        row["b"]["repetitions"].size(), CsvCell(row["paired"]), CsvCell(row["ratio"]),
                        CsvCell(row["low"]), CsvCell(row["high"]), CsvCell(row["verdict"]), CsvCell(row["reason"]));
  }
  return text;
}

}  // namespace bakeoff::measure
