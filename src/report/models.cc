// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What became of the model: conversions, whether the answers agree, and how many of them are right.
#include <fmt/format.h>

#include <algorithm>

#include "core/amounts.h"
#include "core/paired.h"
#include "core/text.h"
#include "measure/record.h"
#include "report/scene.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::RealAt;
using measure::TextAt;
using measure::WholeAt;

std::string Joined(const Json& list, const char* by) {
  std::vector<std::string> parts;
  if (list.is_array()) {
    for (const Json& part : list) parts.push_back(part.is_string() ? part.get<std::string>() : part.dump());
  }
  return core::Join(parts, by);
}

std::string Decibels(std::optional<double> db) {
  if (!db) return kNone;
  return *db >= 999 ? "identical" : fmt::format("{:.0f} dB", *db);
}

std::string Exponent(std::optional<double> value) {
  return value ? fmt::format("{:.1e}", *value) : kNone;
}

std::string Tone(const std::string& status) {
  if (status == "verified" || status == "agree" || status == "reference") return "good";
  return status == "failed" || status == "mismatch" ? "bad" : "";
}

std::string FileName(const std::string& path) {
  return core::Printable(path.substr(path.find_last_of('/') + 1));
}

std::string Reason(const Json& row) {
  std::string reason = TextAt(row, "error.text");
  if (reason.empty()) reason = TextAt(row, "reason");
  return core::Printable(core::Brief(reason));
}

// `convert SRC DST` has a row for each hop, `convert --all` one for each format: as the latter.
Json ByFormat(const Json& rows) {
  if (rows.empty() || TextAt(rows[0], "hop").empty()) return rows;
  Json whole = rows.back();
  whole["route"] = Json::array({TextAt(rows[0], "from")});
  double time = 0;
  for (const Json& hop : rows) {
    whole["route"].push_back(TextAt(hop, "to"));
    time += RealAt(hop, "convert_ns").value_or(0);
    if (TextAt(hop, "status") != "verified" && TextAt(whole, "status") == "verified") whole["status"] = hop["status"];
  }
  whole["convert_ns"] = time;
  return Json::array({whole});
}

void AddConversions(const Scene& scene, Section& section) {
  Table table("conversions", "Conversions");
  table.Column("Format")
      .Column("Route")
      .Column("Status")
      .Column("Agreement", true, "centred signal-to-noise ratio against the source's answers")
      .Column("Largest difference", true)
      .Column("Time", true)
      .Column("Why");
  size_t verified = 0, all = 0;
  Origin origin;
  for (const Step* step : scene.Written("convert")) {
    const Json& written = At(step->json, "rows");
    if (!written.is_array()) continue;
    const Json rows = ByFormat(written);
    origin.Add(step->file);
    for (const Json& row : rows) {
      const std::string status = TextAt(row, "status");
      ++all;
      verified += status == "verified" ? 1 : 0;
      std::string format = TextAt(row, "format");
      if (format.empty() && At(row, "route").is_array() && !At(row, "route").empty() &&
          At(row, "route").back().is_string())
        format = At(row, "route").back().get<std::string>();
      double time = RealAt(row, "convert_ns").value_or(0);
      if (const Json& steps = At(row, "steps"); steps.is_array()) {
        for (const Json& hop : steps) time += RealAt(hop, "convert_ns").value_or(0);
      }
      const auto db = RealAt(row, "centred_sqnr_db"), worst = RealAt(row, "max_abs");
      table.Add({core::Printable(format), core::Printable(Joined(At(row, "route"), " → ")),
                 Cell(status).Toned(Tone(status)), Cell(Decibels(db), db), Cell(Exponent(worst), worst),
                 time > 0 ? Cell(TimeText(time), time) : Cell(kNone), Reason(row)},
                step->file);
    }
  }
  if (all == 0) return;
  section.Say(
      fmt::format("{} of {} {} converted and proved to answer like {} source.", verified,
                  Count(static_cast<int64_t>(all), "format"), all == 1 ? "was" : "were", all == 1 ? "its" : "their"),
      origin, verified == all ? "good" : "");
  section.Add(table);
}

void AddVerification(const Scene& scene, Section& section) {
  Table table("verification", "Same inputs, same answers?");
  table.Column("Engine")
      .Column("Model")
      .Column("Format")
      .Column("Status")
      .Column("Agreement", true, "centred signal-to-noise ratio against the reference")
      .Column("Largest difference", true)
      .Column("Same top-1", true)
      .Column("Why");
  size_t agree = 0, compared = 0;
  std::string reference;
  Origin origin;
  for (const Step* step : scene.Written("verify")) {
    const Json& rows = At(step->json, "rows");
    if (!rows.is_array()) continue;
    origin.Add(step->file);
    if (std::string engine = TextAt(step->json, "reference.engine"); !engine.empty()) reference = engine;
    // What could not be compared stands last.
    std::vector<const Json*> ordered;
    for (const Json& row : rows) ordered.push_back(&row);
    std::stable_partition(ordered.begin(), ordered.end(),
                          [](const Json* row) { return TextAt(*row, "status") != "unsupported"; });
    for (const Json* each : ordered) {
      const Json& row = *each;
      const std::string status = TextAt(row, "status");
      // A weak row without values was held against nothing: engines for testing, a reference that is absent.
      if (status == "agree" || status == "mismatch" || status == "failed" ||
          (status == "weak" && !At(row, "max_abs").is_null()))
        ++compared;
      agree += status == "agree" ? 1 : 0;
      const auto db = RealAt(row, "centred_sqnr_db"), worst = RealAt(row, "max_abs"),
                 same = RealAt(row, "top1_agreement");
      table.Add({core::Printable(TextAt(row, "engine")), FileName(TextAt(row, "model")),
                 core::Printable(TextAt(row, "format")), Cell(status).Toned(Tone(status)), Cell(Decibels(db), db),
                 Cell(Exponent(worst), worst), Cell(PercentText(same), same), Reason(row)},
                step->file);
    }
  }
  if (table.empty()) return;
  if (compared > 0)
    section.Say(
        fmt::format("{} of {} that could be compared agree with {}, within the tolerance of their precision.", agree,
                    Count(static_cast<int64_t>(compared), "row"), reference.empty() ? "the reference" : reference),
        origin, agree == compared ? "good" : "bad");
  section.Add(table);
}

// What the measurements themselves checked, where no step of `verify` did.
void AddChecks(const Scene& scene, Section& section) {
  Table table("checks", "Answers checked before timing");
  table.Column("Engine")
      .Column("Format")
      .Column("Verdict")
      .Column("Reference")
      .Column("Agreement", true)
      .Column("Largest difference", true)
      .Column("Why");
  std::vector<size_t> done;
  for (const Row& row : scene.rows.rows) {
    const std::string verdict = row.Text("check.verdict");
    if (verdict.empty() || std::find(done.begin(), done.end(), row.subject) != done.end()) continue;
    done.push_back(row.subject);
    const Json& record = row.runs.front()->record;
    const auto db = RealAt(record, "check.centred_sqnr_db"), worst = RealAt(record, "check.max_abs");
    const std::string reference = row.Text("check.reference");
    table.Add(
        {Cell(scene.Label(row)).Of(row.subject), core::Printable(scene.SubjectOf(row).format),
         Cell(verdict).Toned(Tone(verdict)), reference.empty() ? kNone : core::Printable(reference),
         Cell(Decibels(db), db), Cell(Exponent(worst), worst), core::Printable(core::Brief(row.Text("check.reason")))},
        row.ids());
  }
  section.Add(table);
}

std::string AgainstText(const Json& against) {
  std::string verdict = TextAt(against, "verdict");
  if (verdict.empty()) return kNone;
  const auto low = RealAt(against, "low"), high = RealAt(against, "high");
  if (!low || !high) return verdict;
  return fmt::format("{:+.2f} ({} to {})", 100 * RealAt(against, "difference").value_or(0),
                     core::SignedApart(100 * *low, 2), core::SignedApart(100 * *high, 2));
}

// The subject whose colour an evaluation has: the one that was measured as it was evaluated, or another one of the
// engine; -1: the engine was not measured.
int SubjectOf(const Scene& scene, const Accuracy& accuracy) {
  int found = -1;
  for (size_t i = 0; i < scene.rows.subjects.size(); ++i) {
    const Subject& subject = scene.rows.subjects[i];
    if (subject.engine != accuracy.engine) continue;
    if (subject.format == accuracy.format && subject.precision == accuracy.precision) return static_cast<int>(i);
    if (found < 0) found = static_cast<int>(i);
  }
  return found;
}

void AddConfusion(const Accuracy& shown, Section& section) {
  const Json& matrix = At(shown.step->json, "confusion");
  const Json& classes = At(shown.step->json, "classes");
  if (!matrix.is_array() || !classes.is_array() || matrix.size() != classes.size() || matrix.size() > 100) return;
  Chart chart("confusion", "heatmap",
              core::Printable(fmt::format("Confusion matrix: {} ({})", shown.engine, shown.format)));
  Json names = Json::array();
  for (const Json& each : classes) names.push_back(core::Printable(TextAt(each, "name")));
  chart.Axis("x", "answer").Axis("y", "label").Set("names", names);
  chart.Series("pictures", -1);
  int64_t worst = 0;
  std::string mix_up;
  for (size_t label = 0; label < matrix.size(); ++label) {
    if (!matrix[label].is_array()) return;
    for (size_t answer = 0; answer < matrix[label].size() && answer < names.size(); ++answer) {
      if (!matrix[label][answer].is_number_integer()) continue;
      const int64_t count = matrix[label][answer].get<int64_t>();
      if (count == 0) continue;
      chart.AddRaw({{"x", answer}, {"y", label}, {"value", count}}, shown.step->file);
      if (answer != label && count > worst) {
        worst = count;
        mix_up = fmt::format("The most frequent mistake is {} taken for {}: {} of {}.", names[label].get<std::string>(),
                             names[answer].get<std::string>(), count,
                             Count(WholeAt(classes[label], "examples").value_or(0), "picture"));
      }
    }
  }
  chart.Alt(fmt::format("Rows are labels, columns answers. {}", worst > 0 ? mix_up : "No picture was mistaken."));
  section.Say(worst > 0 ? mix_up : "No picture was mistaken.", shown.step->file);
  section.Add(chart);
  Table table("classes", core::Printable(fmt::format("By class: {} ({})", shown.engine, shown.format)));
  table.Column("Class").Column("Pictures", true).Column("Precision", true).Column("Recall", true).Column("F1", true);
  for (const Json& each : classes) {
    const auto precision = RealAt(each, "precision"), recall = RealAt(each, "recall"), f1 = RealAt(each, "f1");
    const auto examples = RealAt(each, "examples");
    table.Add(
        {core::Printable(TextAt(each, "name")), Cell(examples ? fmt::format("{:.0f}", *examples) : kNone, examples),
         Cell(PercentText(precision), precision), Cell(PercentText(recall), recall), Cell(PercentText(f1), f1)},
        shown.step->file);
  }
  section.Add(table);
}

}  // namespace

Section ConversionSection(const Scene& scene) {
  Section section("conversion", "Conversion and verification", "Conversion");
  AddConversions(scene, section);
  AddVerification(scene, section);
  if (section.empty()) AddChecks(scene, section);
  if (section.empty()) section.Absent("Nothing was converted or compared.");
  return section;
}

Section AccuracySection(const Scene& scene) {
  Section section("accuracy", "Accuracy");
  const auto all = Accuracies(scene);
  if (all.empty()) {
    section.Absent("Not evaluated: accuracy needs labelled pictures (`bakeoff eval MODEL --data DATA`).");
    return section;
  }
  const auto has = [&](std::string_view field) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Accuracy& each) { return !At(each.step->json, field).is_null(); });
  };
  const bool against = has("against"), ece = has("ece"), top5 = has("top5");
  Table table("accuracy-table", "Every evaluation");
  table.Column("Engine").Column("Format").Column("Precision").Column("Pictures", true).Column("Top-1", true);
  if (top5) table.Column("Top-5", true);
  table.Column("Macro F1", true);
  if (ece) table.Column("Calibration error", true, "expected calibration error, 15 bins");
  if (against)
    table.Column("Against the original, points", true, "difference of top-1 with its 99 % interval")
        .Column("McNemar p", true)
        .Column("Verdict");
  Chart chart("accuracy-bars", "bars", "Top-1 accuracy");
  chart.Axis("x", "top-1", "%").Axis("y", "").Set("horizontal", true);
  std::vector<std::string> texts, ties;
  Origin tied;
  double low = 0, high = 0;  // of the ties' intervals
  for (const Accuracy& each : all) {
    const Json& json = each.step->json;
    const int place = SubjectOf(scene, each);
    const std::string name = core::Printable(
        fmt::format("{} ({}{})", each.engine, each.format, each.precision == "f32" ? "" : ", " + each.precision));
    Cell engine(core::Printable(each.engine));
    engine.subject = place;
    const auto examples = RealAt(json, "examples"), five = RealAt(json, "top5"), f1 = RealAt(json, "macro_f1"),
               calibration = RealAt(json, "ece");
    std::vector<Cell> cells{std::move(engine), core::Printable(each.format), core::Printable(each.precision),
                            Cell(examples ? fmt::format("{:.0f}", *examples) : kNone, examples),
                            Cell(PercentText(each.top1), each.top1)};
    if (top5) cells.emplace_back(PercentText(five), five);
    cells.emplace_back(PercentText(f1), f1);
    if (ece) cells.emplace_back(calibration ? fmt::format("{:.3f}", *calibration) : kNone, calibration);
    if (against) {
      const Json& paired = At(json, "against");
      const std::string verdict = TextAt(paired, "verdict");
      const auto p = RealAt(paired, "p_value"), difference = RealAt(paired, "difference");
      cells.emplace_back(AgainstText(paired), difference);
      cells.emplace_back(p ? fmt::format("{:.2g}", *p) : kNone, p);
      cells.push_back(Cell(verdict.empty() ? "the original" : std::string(core::PairedVerdictText(verdict)))
                          .Toned(verdict == "worse"    ? "bad"
                                 : verdict == "better" ? "good"
                                                       : ""));
      if (verdict == "tie" || verdict == "same") {
        ties.push_back(name);
        tied.Add(each.step->file);
        low = std::min(low, RealAt(paired, "low").value_or(0));
        high = std::max(high, RealAt(paired, "high").value_or(0));
      } else if (!verdict.empty() && difference) {
        section.Say(fmt::format("{} {} accuracy against the original model: {} points of top-1 (99 % interval).", name,
                                verdict == "worse"    ? "lost"
                                : verdict == "better" ? "gained"
                                                      : "has another",
                                AgainstText(paired)),
                    each.step->file, verdict == "worse" ? "bad" : "");
      }
    }
    table.Add(std::move(cells), each.step->file);
    chart.Series(name, place).Add({name, 100 * each.top1.value_or(0), {}, {}, each.step->file});
    texts.push_back(fmt::format("{} {}", name, PercentText(each.top1)));
  }
  if (!ties.empty())
    section.Say(fmt::format("No difference from the original model's accuracy is proved for {}; the 99 % intervals lie "
                            "within {} and {} points of top-1.",
                            And(ties), core::SignedApart(100 * low, 2), core::SignedApart(100 * high, 2)),
                tied, "good");
  if (!against)
    section.Note("The evaluations were not paired picture by picture, so no verdict is given on their differences.");
  if (const Json& first = all.front().step->json; WholeAt(first, "unseen_pictures").value_or(0) > 0)
    section.Say(
        fmt::format("{} of {} are of {} {}, which training never saw: every model is wrong on them. On the "
                    "others alone top-1 is {} ({}).",
                    *WholeAt(first, "unseen_pictures"), Count(WholeAt(first, "examples").value_or(0), "test picture"),
                    At(first, "unseen_classes").size() == 1 ? "the class" : "the classes",
                    core::Printable(Joined(At(first, "unseen_classes"), ", ")),
                    PercentText(RealAt(first, "top1_of_seen")), core::Printable(all.front().engine)),
        all.front().step->file, "bad");
  chart.Alt("Top-1 accuracy: " + And(texts) + ".");
  section.Add(chart);
  section.Add(table);
  AddConfusion(all.front(), section);
  return section;
}

}  // namespace bakeoff::report
