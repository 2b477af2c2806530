// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a report opens with: who wins, by how much over what the model came from, at what accuracy, set up how.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/amounts.h"
#include "core/text.h"
#include "measure/record.h"
#include "report/scene.h"
#include "report/time_of.h"

namespace bakeoff::report {
namespace {

namespace fs = std::filesystem;
using measure::At;
using measure::RealAt;
using measure::TextAt;

const measure::Metric& Metric(const std::string& name) {
  return measure::MetricNamed("metric", name);
}

// An accuracy counts as kept where no more than this share of the pictures can be lost.
constexpr double kKeptWithin = 0.05;

struct Race {
  std::string id, title;
  const Wording* words;
  Ranking ranking;
  std::string (*text)(const Row& row);
  std::string (*short_text)(const Row& row);
};

std::string OnlyPeak(const Row& row) {
  return BytesText(row.Largest("memory.peak_rss_bytes"));
}
std::string OnlyRate(const Row& row) {
  return RateText(row.Median("throughput_per_s"));
}
std::string OnlyLatency(const Row& row) {
  return TimeText(Latency(row));
}
std::string OnlyEnergy(const Row& row) {
  return JoulesText(row.Median("energy.joules_per_inference"));
}

std::vector<std::string> Front(const Scene& scene, const Ranking& ranking) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < ranking.order.size(); ++i) {
    if (i == 0 || ranking.gains[i].standing != Standing::kBetter) labels.push_back(scene.Label(*ranking.order[i]));
  }
  return labels;
}

Json CardOf(const Scene& scene, const Race& race) {
  const Ranking& ranking = race.ranking;
  Json card{{"id", race.id}, {"title", race.title}};
  const Row& first = *ranking.order[0];
  Origin origin;
  for (const Row* row : ranking.order) origin.Add(row->ids());
  const auto front = Front(scene, ranking);
  const char* verdict = ranking.order.size() == 1 ? "alone"
                        : ranking.proved          ? "winner"
                        : ranking.all_tie         ? "tie"
                                                  : "unclear";
  card["verdict"] = verdict;
  Json winners = Json::array();
  for (size_t i = 0; i < ranking.order.size(); ++i) {
    if (i == 0 || ranking.gains[i].standing != Standing::kBetter)
      winners.push_back({{"label", scene.Label(*ranking.order[i])}, {"subject", ranking.order[i]->subject}});
  }
  card["winners"] = winners;
  card["value"] = race.short_text(first);
  card["detail"] = SettingText(first) + (race.id == "throughput" ? ", " + first.scenario : "");
  if (ranking.order.size() == 1) {
    card["sentence"] = "Measured alone: there is nothing to compare with.";
  } else if (ranking.proved) {
    const Row& next = *ranking.order[1];
    card["sentence"] = GainSentence(scene.Label(first), scene.Label(next), ranking.gains[1], *race.words);
  } else if (ranking.all_tie) {
    card["sentence"] = fmt::format("{} tie: no difference is proved, and a large one is ruled out.", And(front));
  } else {
    std::optional<size_t> needed;
    for (const Gain& gain : ranking.gains) {
      if (gain.standing == Standing::kUnclear && gain.repetitions_needed)
        needed = std::max(needed.value_or(0), *gain.repetitions_needed);
    }
    card["sentence"] =
        fmt::format("Not decided among {}{}.", And(front),
                    needed ? fmt::format("; {} repetitions would decide if they go on so", *needed) : "");
  }
  card.update(OriginJson(origin));
  return card;
}

Json NoCard(const std::string& id, const std::string& title, const std::string& why, const Origin& origin = {}) {
  Json card{{"id", id},       {"title", title}, {"verdict", "none"}, {"winners", Json::array()},
            {"value", kNone}, {"detail", ""},   {"sentence", why}};
  card.update(OriginJson(origin));
  return card;
}

Json NoEnergyCard(const Scene& scene) {
  for (const StoredRun& run : scene.source.runs) {
    if (std::string reason = TextAt(run.record, "energy.reason"); !reason.empty())
      return NoCard("energy", "Least energy", reason, RunIds{run.id});
  }
  return NoCard("energy", "Least energy", "No energy was read.");
}

// The step that a step was skipped for, as its reason names it; else the step itself.
const Step* CauseOf(const Scene& scene, const Step& step) {
  for (const Step& other : scene.source.steps) {
    if (step.status == "skipped" && (other.status == "failed" || other.status == "skipped") && !other.title.empty() &&
        step.error.find("'" + other.title + "'") != std::string::npos)
      return &other;
  }
  return &step;
}

std::string TroubleText(const Step& step) {
  const std::string name = fmt::format("'{}'", core::Printable(step.title.empty() ? step.name : step.title));
  if (step.status == "skipped") return fmt::format("the step {} was skipped in the last attempt", name);
  if (step.status != "failed") return fmt::format("the last attempt at the step {} has not ended", name);
  return fmt::format("the step {} failed in the last attempt{}", name,
                     step.started_at.empty() ? "" : fmt::format(" ({})", core::Printable(MinuteText(step.started_at))));
}

// What the reader has to know first where numbers are of an earlier success, since a later attempt made none.
Json Stale(const Scene& scene, const std::string& model) {
  std::set<int64_t> campaigns;
  for (const Row& row : scene.rows.rows) {
    if (scene.SubjectOf(row).model == model) campaigns.insert(row.campaign);
  }
  std::vector<std::string> causes, measurements;
  std::string measured;
  bool some_are_new = false;
  for (const Step& step : scene.source.steps) {
    if (!step.campaign || !campaigns.contains(*step.campaign)) continue;
    const Step& shown = step.shown();
    if (&shown == &step) {
      some_are_new = true;
      continue;
    }
    const std::string cause = TroubleText(*CauseOf(scene, step));
    if (std::find(causes.begin(), causes.end(), cause) == causes.end()) causes.push_back(cause);
    measurements.push_back(fmt::format("'{}'", core::Printable(step.title.empty() ? step.name : step.title)));
    if (measured.empty() && !shown.started_at.empty())
      measured = fmt::format(", measured {}", core::Printable(MinuteText(shown.started_at)));
  }
  if (causes.empty()) return {};
  std::string sentence = fmt::format(
      "{}: {} of what was made before{}.", And(causes),
      some_are_new ? "what " + And(measurements) + " measured is" : std::string("this answer and what follows are"),
      measurements.size() == 1 ? measured : "");
  sentence[0] = sentence[0] == 't' ? 'T' : sentence[0];
  Json json{{"sentence", sentence}};
  json.update(OriginJson(std::string("campaign.json")));
  return json;
}

// How the chosen row compares with what the model came from.
Json SpeedUp(const Scene& scene, const Row& chosen, const std::vector<const Row*>& rows) {
  if (!scene.baseline) {
    const std::string why = TextAt(scene.source.campaign, "no_baseline");
    if (why.empty()) return {};
    Json json{{"verdict", "none"}, {"sentence", fmt::format("No speed-up is told: {}.", core::Printable(why))}};
    json.update(OriginJson(std::string("campaign.json")));
    return json;
  }
  const std::string name = scene.baseline->label.empty() ? scene.baseline->engine : scene.baseline->label;
  Json json{{"baseline", name}};
  std::vector<const Row*> candidates;
  for (const Row* row : rows) {
    if (scene.IsBaseline(scene.SubjectOf(*row))) candidates.push_back(row);
  }
  // Variants with further options are the baseline only where there is none without.
  const auto exact = [&](const Row* row) {
    return scene.SubjectOf(*row).options.size() == scene.baseline->options.size();
  };
  if (std::any_of(candidates.begin(), candidates.end(), exact))
    std::erase_if(candidates, [&](const Row* row) { return !exact(row); });
  const auto best = BestOfEach(scene, candidates);
  if (best.empty()) {
    json["verdict"] = "none";
    json["sentence"] = fmt::format("The baseline ({}) has no row that is ok: there is no speed-up to tell.", name);
    json.update(OriginJson(scene.Runs()));
    return json;
  }
  const Row& base = *best[0];
  Origin origin(chosen.ids());
  origin.Add(base.ids());
  if (base.subject == chosen.subject) {
    json["verdict"] = "same";
    json["sentence"] = fmt::format("The baseline ({}) itself has the lowest median.", name);
    json.update(OriginJson(origin));
    return json;
  }
  const Gain gain = LatencyGain(chosen, base);
  json["verdict"] = gain.standing == Standing::kBetter  ? "better"
                    : gain.standing == Standing::kWorse ? "worse"
                    : gain.standing == Standing::kTie   ? "tie"
                                                        : "unclear";
  if (gain.ratio) json["ratio"] = Rounded(*gain.ratio);
  if (gain.low && gain.high) {
    json["low"] = Rounded(*gain.low);
    json["high"] = Rounded(*gain.high);
  }
  json["sentence"] = GainSentence(fmt::format("{} ({})", scene.Label(chosen), SettingText(chosen)),
                                  fmt::format("the baseline, {} ({})", name, SettingText(base)), gain, kFast);
  json.update(OriginJson(origin));
  return json;
}

Json AccuracyAnswer(const Scene& scene, const Row& chosen) {
  const auto all = Accuracies(scene);
  if (all.empty()) return {};
  const Subject& subject = scene.SubjectOf(chosen);
  const Accuracy* own = AccuracyOf(all, subject);
  if (!own) {
    Json json{{"verdict", "none"},
              {"sentence", fmt::format("{} was not evaluated on labelled pictures.", subject.label)}};
    json.update(OriginJson(chosen.ids()));
    return json;
  }
  Json json{{"value", PercentText(own->top1)}};
  Origin origin(own->step->file);
  const Json& against = At(own->step->json, "against");
  const std::string verdict = TextAt(against, "verdict");
  const auto examples = measure::WholeAt(own->step->json, "examples");
  std::string sentence = fmt::format("{} answers {} of {} right", subject.label, PercentText(own->top1),
                                     examples ? Count(*examples, "picture") : "the pictures");
  if (const auto low = RealAt(against, "low"), high = RealAt(against, "high"); low && high && !verdict.empty()) {
    const double hidden = std::max(std::abs(*low), std::abs(*high));
    const bool same = verdict == "same" || verdict == "tie";
    const bool kept = same && hidden <= kKeptWithin;
    json["verdict"] = kept ? "kept" : verdict == "worse" ? "lost" : verdict == "better" ? "gained" : "unclear";
    sentence +=
        fmt::format("; against the original model the difference is {:+.2f} points (99 % interval {} to {}): {}",
                    100 * RealAt(against, "difference").value_or(0), core::SignedApart(100 * *low, 2),
                    core::SignedApart(100 * *high, 2),
                    kept   ? "nothing is proved to be lost"
                    : same ? fmt::format("not decided, so few pictures may hide up to {:.1f} points", 100 * hidden)
                           : verdict);
  } else if (!verdict.empty()) {
    json["verdict"] = verdict == "same" ? "kept" : verdict;
    sentence += fmt::format("; against the original model: {}", verdict);
  } else {
    json["verdict"] = "untested";
    const auto base = std::find_if(all.begin(), all.end(), [&](const Accuracy& each) {
      return scene.baseline && each.engine == scene.baseline->engine;
    });
    if (base != all.end() && &*base != own) {
      sentence += fmt::format("; the baseline {}", PercentText(base->top1));
      origin.Add(base->step->file);
    }
  }
  json["sentence"] = sentence + ".";
  json.update(OriginJson(origin));
  return json;
}

void AddFact(Json& facts, const std::string& name, const std::string& value) {
  if (!value.empty()) facts.push_back({{"name", name}, {"value", core::Printable(value)}});
}

// A path as it is from the campaign's folder, where it lies in that; else as it was measured.
fs::path FromFolder(const Scene& scene, const fs::path& path) {
  if (scene.source.called.empty()) return path;
  const fs::path inside = path.lexically_normal().lexically_relative(scene.source.called);
  return inside.empty() || *inside.begin() == ".." ? path : inside;
}

Json Configuration(const Scene& scene, const Row& row) {
  const Subject& subject = scene.SubjectOf(row);
  Json facts = Json::array();
  AddFact(facts, "Engine", subject.engine);
  AddFact(facts, "Version", subject.version);
  AddFact(facts, "Format", subject.format);
  const Json& route = At(row.runs.front()->record, "conversion.route");
  if (route.is_array()) {
    std::vector<std::string> formats;
    for (const Json& format : route) formats.push_back(format.is_string() ? format.get<std::string>() : "?");
    AddFact(facts, "Made by", core::Join(formats, " → "));
  }
  AddFact(facts, "File", FromFolder(scene, row.Text("path")).string());
  AddFact(facts, "Threads", std::to_string(row.threads));
  AddFact(facts, "Batch", std::to_string(row.batch));
  AddFact(facts, "Precision", subject.precision);
  AddFact(facts, "Device", subject.device);
  std::vector<std::string> options;
  for (const auto& [name, value] : subject.options.items())
    options.push_back(fmt::format("{}={}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  AddFact(facts, "Options", options.empty() ? "the engine's defaults" : core::Join(options, ", "));
  AddFact(facts, "Runs as", row.Text("effective.provider"));
  return facts;
}

// The model as the measuring was told: the folder of a model says more than its file (sizes, classes, every format).
fs::path ModelOf(const Scene& scene, const Row& row) {
  fs::path path = row.Text("conversion.source");
  if (path.empty()) path = row.Text("path");
  fs::path folder = path.lexically_normal().parent_path();
  for (const store::Campaign& campaign : scene.source.campaigns) {
    const Json& words = At(campaign.facts, "command");
    if (campaign.id != row.campaign || !words.is_array()) continue;
    for (const Json& word : words) {
      if (!word.is_string() || word.get_ref<const std::string&>().empty()) continue;
      const fs::path given = fs::path(word.get<std::string>()).lexically_normal();
      if ((given.has_filename() ? given : given.parent_path()) == folder && !folder.empty()) return folder;
    }
  }
  return path;
}

// Where the command and its files are at home.
std::string WhereText(const Scene& scene, const Row& row) {
  const fs::path model = ModelOf(scene, row);
  if (FromFolder(scene, model) != model) return "To be called in the campaign's folder, that of results.db.";
  return model.is_absolute() ? "" : "To be called where the measuring was.";
}

std::vector<std::string> MeasureCommand(const Scene& scene, const Row& row) {
  const Subject& subject = scene.SubjectOf(row);
  std::vector<std::string> words{"bakeoff",
                                 "bench",
                                 FromFolder(scene, ModelOf(scene, row)).string(),
                                 "--engines",
                                 subject.engine,
                                 "--threads",
                                 std::to_string(row.threads),
                                 "--batch",
                                 std::to_string(row.batch)};
  if (subject.precision != "f32" && !subject.precision.empty())
    words.insert(words.end(), {"--precision", subject.precision});
  for (const auto& [name, value] : subject.options.items())
    words.insert(words.end(), {"-o", fmt::format("{}.{}={}", subject.engine, name,
                                                 value.is_string() ? value.get<std::string>() : value.dump())});
  return words;
}

std::string Headline(const Scene& scene, const Ranking& ranking, const Json& speed_up) {
  const Row& first = *ranking.order[0];
  const std::string& label = scene.Label(first);
  if (ranking.order.size() == 1)
    return fmt::format("{} takes {} per inference ({}).", label, TimeText(Latency(first)), SettingText(first));
  std::string text =
      ranking.proved
          ? fmt::format("Use {}: {} per inference with {}", label, TimeText(Latency(first)), SettingText(first))
      : ranking.all_tie ? fmt::format("{} tie at the front: {} per inference with {}", And(Front(scene, ranking)),
                                      TimeText(Latency(first)), SettingText(first))
                        : fmt::format("No winner is proved yet: {} leads with {} per inference ({})", label,
                                      TimeText(Latency(first)), SettingText(first));
  if (speed_up.is_object() && TextAt(speed_up, "verdict") == "better")
    text += fmt::format(", {} times as fast as {} ({})", RatioText(RealAt(speed_up, "ratio").value_or(0)),
                        TextAt(speed_up, "baseline"),
                        IntervalText(RealAt(speed_up, "low").value_or(0), RealAt(speed_up, "high").value_or(0)));
  return text + ".";
}

// What stands against the configuration; "" where it is proved, or was measured alone.
std::string Reserve(const Scene& scene, const Ranking& ranking) {
  if (ranking.order.size() == 1 || ranking.proved) return "";
  std::vector<std::string> others = Front(scene, ranking);
  others.erase(others.begin());
  if (ranking.all_tie)
    return fmt::format("{} {} with it: a choice among them by latency alone is free.", And(others),
                       others.size() == 1 ? "ties" : "tie");
  return fmt::format(
      "No winner is proved: its median is the lowest, but {} cannot be told from it yet. More repetitions would help.",
      And(others));
}

Json AnswerFor(const Scene& scene, const std::string& model) {
  Json json{{"model", core::Printable(model)}, {"stale", Stale(scene, model)}};
  const auto rows = LatencyRows(scene, model);
  std::vector<const Row*> rates = scene.rows.Of("offline", model);
  for (const Row* row : scene.rows.Of("latency", model)) rates.push_back(row);
  Json cards = Json::array();
  const Ranking latency = RankLatency(rows);
  const Race races[] = {
      {"latency", "Lowest latency", &kFast, latency, OnlyLatency, OnlyLatency},
      {"throughput", "Highest throughput", &kRate, Rank(rates, Metric("throughput")), OnlyRate, OnlyRate},
      {"memory", "Least memory", &kMemory, Rank(rows, Metric("memory")), OnlyPeak, OnlyPeak}};
  for (const Race& race : races) {
    cards.push_back(race.ranking.order.empty() ? NoCard(race.id, race.title, "Nothing was measured.")
                                               : CardOf(scene, race));
  }
  std::vector<const Row*> with_energy = rates;
  std::erase_if(with_energy, [](const Row* row) { return !row->Median("energy.joules_per_inference"); });
  const Race energy{"energy", "Least energy", &kEnergy, Rank(with_energy, Metric("energy")), OnlyEnergy, OnlyEnergy};
  cards.push_back(energy.ranking.order.empty() ? NoEnergyCard(scene) : CardOf(scene, energy));
  if (latency.order.empty()) {
    json["headline"] = fmt::format("No row{} gave a latency.", scene.OfModel(model));
    json["cards"] = cards;
    return json;
  }
  const Row& chosen = *latency.order[0];
  const Json speed_up = SpeedUp(scene, chosen, rows);
  json["headline"] = Headline(scene, latency, speed_up);
  Origin origin;
  for (const Row* row : latency.order) origin.Add(row->ids());
  json.update(OriginJson(origin));
  json["cards"] = cards;
  json["speed_up"] = speed_up;
  json["accuracy"] = AccuracyAnswer(scene, chosen);
  Json configuration{{"subject", chosen.subject},
                     {"facts", Configuration(scene, chosen)},
                     {"command", CommandText(MeasureCommand(scene, chosen))},
                     {"where", WhereText(scene, chosen)}};
  configuration["title"] = latency.order.size() == 1 || latency.proved ? "The configuration to use"
                           : latency.all_tie                           ? "A configuration to use"
                                                                       : "The configuration that leads so far";
  configuration["reserve"] = Reserve(scene, latency);
  configuration.update(OriginJson(chosen.ids()));
  json["configuration"] = configuration;
  return json;
}

}  // namespace

Json AnswerOf(const Scene& scene) {
  Json answers = Json::array();
  for (const std::string& model : scene.rows.models) answers.push_back(AnswerFor(scene, model));
  return answers;
}

}  // namespace bakeoff::report
