// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Groups runs, names subjects, and compares rows by the verdicts of src/measure.
#include "report/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "core/text.h"
#include "measure/record.h"
#include "measure/run.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::RealAt;
using measure::TextAt;
using measure::WholeAt;

// Of each subject the row with the least value, and how the first of them compares with the others.
template <typename Value, typename Compared>
Ranking RankBy(const std::vector<const Row*>& rows, const Value& value_of, const Compared& gain_of) {
  std::map<size_t, std::pair<double, const Row*>> best;
  for (const Row* row : rows) {
    const auto value = value_of(*row);
    if (!value) continue;
    const auto [place, fresh] = best.try_emplace(row->subject, *value, row);
    if (!fresh && *value < place->second.first) place->second = {*value, row};
  }
  std::vector<std::pair<double, const Row*>> sorted;
  for (const auto& [subject, entry] : best) sorted.push_back(entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Ranking ranking;
  for (const auto& [value, row] : sorted) ranking.order.push_back(row);
  if (ranking.order.empty()) return ranking;
  ranking.gains.emplace_back();
  ranking.front = 1;
  ranking.all_tie = true;
  for (size_t i = 1; i < ranking.order.size(); ++i) {
    ranking.gains.push_back(gain_of(*ranking.order[0], *ranking.order[i]));
    if (ranking.gains[i].standing == Standing::kBetter) continue;
    ++ranking.front;
    ranking.all_tie = ranking.all_tie && ranking.gains[i].standing == Standing::kTie;
  }
  ranking.proved = ranking.front == 1 && ranking.order.size() > 1;
  return ranking;
}

bool HasSpeed(const Json& record) {
  return WholeAt(record, "samples").value_or(0) > 0;
}

std::string RoleOf(const StoredRun& run) {
  if (run.role == "ablate" || run.role == "profile") return run.role;
  const std::string scenario = TextAt(run.record, "scenario");
  return scenario == "single-stream" ? "latency" : scenario;
}

Json OptionsOf(const Json& record) {
  const Json& options = At(record, "options");
  return options.is_object() ? options : Json::object();
}

// Ablation measures an engine's options as settings: they are told apart in its own section.
Json SubjectKey(const StoredRun& run) {
  const Json& record = run.record;
  return Json::array({TextAt(record, "model"), TextAt(record, "engine"), TextAt(record, "format"),
                      TextAt(record, "precision"), TextAt(record, "device"), OptionsOf(record)});
}

std::string Text(const Json& key) {
  return key.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Whether several campaigns measured the same row: only by the campaign can its numbers then be told apart.
bool MeasuredAgain(const Source& source) {
  std::map<std::string, int64_t> campaigns;
  return std::any_of(source.runs.begin(), source.runs.end(), [&](const StoredRun& run) {
    Json key = SubjectKey(run);
    key.push_back(RoleOf(run));
    for (const char* setting : {"scenario", "threads", "streams", "batch", "test_size", "samples_per_query", "qps"})
      key.push_back(At(run.record, setting));
    return campaigns.try_emplace(Text(key), run.campaign).first->second != run.campaign;
  });
}

// The name of each campaign; its number where it has none, or shares it.
std::map<int64_t, std::string> CampaignNames(const Source& source) {
  std::map<std::string, size_t> times;
  for (const store::Campaign& campaign : source.campaigns) ++times[campaign.name];
  std::map<int64_t, std::string> names;
  for (const store::Campaign& campaign : source.campaigns) {
    std::string& name = names[campaign.id];
    name = campaign.name.empty() ? fmt::format("campaign {}", campaign.id) : campaign.name;
    if (!campaign.name.empty() && times[campaign.name] > 1) name += fmt::format(", campaign {}", campaign.id);
  }
  return names;
}

int StatusSeverity(const std::string& name) {
  for (const measure::RunStatus status : measure::kRunStatuses) {
    if (measure::StatusName(status) == name) return measure::Severity(status);
  }
  return 0;
}

// The options of which the engine's subjects have different values.
std::set<std::string> Differing(const std::vector<const Subject*>& subjects) {
  std::map<std::string, std::set<std::string>> values;
  for (const Subject* subject : subjects) {
    for (const auto& [name, value] : subject->options.items()) values[name].insert(value.dump());
  }
  std::set<std::string> names;
  for (const auto& [name, all] : values) {
    const bool everywhere = std::all_of(subjects.begin(), subjects.end(),
                                        [&](const Subject* subject) { return subject->options.contains(name); });
    if (all.size() > 1 || !everywhere) names.insert(name);
  }
  return names;
}

template <typename Member>
bool Several(const std::vector<const Subject*>& subjects, Member member) {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const Subject* subject) { return subject->*member != subjects.front()->*member; });
}

// "engine (tflite, f16, threads_mode=x)": only what tells subjects apart.
void Label(std::vector<Subject>& subjects) {
  std::vector<const Subject*> all;
  for (const Subject& subject : subjects) all.push_back(&subject);
  std::vector<std::string> labels;
  for (const Subject& subject : subjects) {
    std::vector<const Subject*> same;
    for (const Subject& other : subjects) {
      if (other.engine == subject.engine) same.push_back(&other);
    }
    std::vector<std::string> parts;
    if (Several(all, &Subject::model)) parts.push_back(subject.model);
    if (Several(same, &Subject::format)) parts.push_back(subject.format);
    if (Several(all, &Subject::precision)) parts.push_back(subject.precision);
    if (Several(all, &Subject::device)) parts.push_back(subject.device);
    for (const std::string& name : Differing(same)) {
      if (const auto found = subject.options.find(name); found != subject.options.end())
        parts.push_back(fmt::format("{}={}", name, found->is_string() ? found->get<std::string>() : found->dump()));
    }
    if (!subject.campaign.empty()) parts.push_back(subject.campaign);
    labels.push_back(core::Printable(parts.empty() ? subject.engine
                                                   : fmt::format("{} ({})", subject.engine, core::Join(parts, ", "))));
  }
  for (size_t i = 0; i < subjects.size(); ++i) subjects[i].label = labels[i];
}

// One colour for each engine, whatever is measured of it; a single engine's subjects have one each. Variants tell apart
// what shares one, as engines do where there are more of them than colours.
void Paint(std::vector<Subject>& subjects) {
  std::set<std::string> engines;
  for (const Subject& subject : subjects) engines.insert(subject.engine);
  std::map<int, int> variants;
  for (size_t i = 0; i < subjects.size(); ++i) {
    Subject& subject = subjects[i];
    subject.color = engines.size() == 1
                        ? static_cast<int>(i)
                        : static_cast<int>(std::distance(engines.begin(), engines.find(subject.engine)));
    subject.variant = variants[subject.color % kColors]++;
  }
}

}  // namespace

RunIds Row::ids() const {
  RunIds ids;
  for (const StoredRun* run : runs) ids.push_back(run->id);
  return ids;
}

bool Row::Measured() const {
  return std::any_of(runs.begin(), runs.end(), [](const StoredRun* run) { return HasSpeed(run->record); });
}

std::vector<double> Row::Values(std::string_view field) const {
  std::vector<double> values;
  for (const StoredRun* run : runs) {
    if (TextAt(run->record, "status") != "ok") continue;
    if (const auto value = RealAt(run->record, field)) values.push_back(*value);
  }
  return values;
}

std::optional<double> Row::Median(std::string_view field) const {
  return core::Median(Values(field));
}

std::optional<double> Row::MedianOfAll(std::string_view field) const {
  const auto values = Values(field);
  const auto measured = std::count_if(runs.begin(), runs.end(), [](const StoredRun* run) {
    return HasSpeed(run->record) && TextAt(run->record, "status") == "ok";
  });
  return static_cast<std::ptrdiff_t>(values.size()) == measured ? core::Median(values) : std::nullopt;
}

std::optional<double> Row::Largest(std::string_view field) const {
  const auto values = Values(field);
  return values.empty() ? std::nullopt : std::optional(*std::max_element(values.begin(), values.end()));
}

std::optional<core::Interval> Row::IntervalOf(std::string_view field) const {
  return core::GeometricInterval(Values(field));
}

std::string Row::Text(std::string_view field) const {
  for (const StoredRun* run : runs) {
    if (std::string text = TextAt(run->record, field); !text.empty()) return text;
  }
  return "";
}

std::optional<double> Latency(const Row& row) {
  const auto median = row.MedianOfAll("latency_ns.p50");
  return median ? median : row.Median("latency_ns.mean");
}

std::vector<const Row*> Rows::Of(std::string_view role, const std::string& model) const {
  std::vector<const Row*> found;
  // Where nothing but an ablation was measured, its rows are all that there is to say.
  const bool only_ablation =
      role == "latency" && std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.role == "ablate"; });
  for (const Row& row : rows) {
    if ((row.role == role || only_ablation) && SubjectOf(row).model == model && row.status == "ok" && row.Measured())
      found.push_back(&row);
  }
  return found;
}

Rows RowsOf(const Source& source) {
  Rows result;
  // By name, so that colours and order do not hang on the order of measuring; what only an ablation has comes last.
  struct First {
    bool ablation;
    const StoredRun* run;
  };
  const auto campaigns = MeasuredAgain(source) ? CampaignNames(source) : std::map<int64_t, std::string>();
  const auto campaign_of = [&](const StoredRun& run) {
    const auto found = campaigns.find(run.campaign);
    return found == campaigns.end() ? std::string() : found->second;
  };
  const auto key_of = [&](const StoredRun& run) {
    Json key = SubjectKey(run);
    key.push_back(campaign_of(run));
    return Text(key);
  };
  std::map<std::string, First> firsts;
  for (const StoredRun& run : source.runs) {
    const bool ablation = RoleOf(run) == "ablate";
    const auto [place, fresh] = firsts.try_emplace(key_of(run), First{ablation, &run});
    if (!fresh && place->second.ablation && !ablation) place->second = {false, &run};
  }
  std::map<std::string, size_t> places;
  std::vector<std::pair<std::string, First>> ordered(firsts.begin(), firsts.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    const auto key = [](const First& first) {
      return std::tuple(TextAt(first.run->record, "engine"), first.ablation, OptionsOf(first.run->record).size());
    };
    return key(a.second) < key(b.second);
  });
  for (const auto& [key, first] : ordered) {
    const Json& record = first.run->record;
    places[key] = result.subjects.size();
    result.subjects.push_back({.label = {},
                               .model = TextAt(record, "model"),
                               .engine = TextAt(record, "engine"),
                               .version = TextAt(record, "version"),
                               .format = TextAt(record, "format"),
                               .precision = TextAt(record, "precision"),
                               .device = TextAt(record, "device"),
                               .options = OptionsOf(record),
                               .campaign = campaign_of(*first.run)});
  }
  Label(result.subjects);
  Paint(result.subjects);
  std::map<std::pair<int64_t, int64_t>, size_t> rows;
  for (const StoredRun& run : source.runs) {
    const Json& record = run.record;
    const auto [place, fresh] = rows.try_emplace({run.campaign, run.row}, result.rows.size());
    if (fresh) {
      result.rows.push_back({.subject = places.at(key_of(run)),
                             .role = RoleOf(run),
                             .scenario = TextAt(record, "scenario"),
                             .status = "ok",
                             .error_code = {},
                             .error_text = {},
                             .campaign = run.campaign,
                             .threads = WholeAt(record, "threads").value_or(0),
                             .streams = WholeAt(record, "streams").value_or(0),
                             .batch = WholeAt(record, "batch").value_or(0),
                             .test_size = WholeAt(record, "test_size").value_or(0),
                             .samples_per_query = WholeAt(record, "samples_per_query").value_or(0),
                             .qps = RealAt(record, "qps").value_or(0),
                             .runs = {}});
    }
    Row& row = result.rows[place->second];
    row.runs.push_back(&run);
    const std::string status = TextAt(record, "status");
    if (StatusSeverity(status) > StatusSeverity(row.status)) {
      row.status = status;
      row.error_code = TextAt(record, "error.code");
      row.error_text = TextAt(record, "error.text");
    }
    if (const std::string& model = result.SubjectOf(row).model;
        std::find(result.models.begin(), result.models.end(), model) == result.models.end())
      result.models.push_back(model);
  }
  return result;
}

Gain GainOf(const Row& row, const Row& other, const measure::Metric& metric, double alpha) {
  const auto take = [&](const Row& from, std::vector<double>& values, std::vector<measure::Round>& rounds) {
    for (const StoredRun* run : from.runs) {
      if (TextAt(run->record, "status") != "ok") continue;
      const auto value = measure::ValueOf(metric, run->record);
      if (!value) continue;
      values.push_back(metric.more_is_better ? 1 / *value : *value);
      rounds.push_back(measure::RoundOf(run->record));
    }
  };
  std::vector<double> mine, others;
  std::vector<measure::Round> my_rounds, other_rounds;
  take(row, mine, my_rounds);
  take(other, others, other_rounds);
  const bool paired = row.campaign == other.campaign && my_rounds == other_rounds;
  // Of which less is better: the ratio other / row says how many times as good this row is.
  const measure::Comparison comparison = measure::Compare(mine, others, paired, alpha);
  Gain gain{.ratio = comparison.ratio,
            .low = comparison.low,
            .high = comparison.high,
            .reason = comparison.reason,
            .repetitions_needed = comparison.repetitions_needed};
  switch (comparison.verdict) {
    case measure::Verdict::kSlower:
      gain.standing = Standing::kBetter;
      break;
    case measure::Verdict::kFaster:
      gain.standing = Standing::kWorse;
      break;
    case measure::Verdict::kTie:
      gain.standing = Standing::kTie;
      break;
    case measure::Verdict::kUnclear:
      break;
  }
  return gain;
}

Gain LatencyGain(const Row& row, const Row& other, double alpha) {
  const bool medians = row.MedianOfAll("latency_ns.p50") && other.MedianOfAll("latency_ns.p50");
  return GainOf(row, other, measure::MetricNamed("metric", medians ? "p50" : "mean"), alpha);
}

Ranking Rank(const std::vector<const Row*>& rows, const measure::Metric& metric) {
  return RankBy(
      rows,
      [&](const Row& row) -> std::optional<double> {
        std::vector<double> values;
        for (const StoredRun* run : row.runs) {
          if (TextAt(run->record, "status") != "ok") continue;
          if (const auto value = measure::ValueOf(metric, run->record)) values.push_back(*value);
        }
        const auto middle = core::Median(values);
        return middle && metric.more_is_better ? -*middle : middle;
      },
      [&](const Row& row, const Row& other) { return GainOf(row, other, metric); });
}

Ranking RankLatency(const std::vector<const Row*>& rows) {
  return RankBy(rows, Latency, [](const Row& row, const Row& other) { return LatencyGain(row, other); });
}

}  // namespace bakeoff::report
