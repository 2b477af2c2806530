// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What `bakeoff run` shows.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bakeoff/error.h"
#include "campaign/came_out.h"
#include "cli/numbers.h"
#include "cli/run.h"
#include "core/amounts.h"
#include "core/paired.h"
#include "core/text.h"
#include "report/report.h"

namespace bakeoff::cli {
namespace {

namespace fs = std::filesystem;
using campaign::Entry;
using campaign::StepStatus;

std::string SecondsText(double s) {
  return s < 99.95 ? fmt::format("{:.1f} s", s) : fmt::format("{:.0f} s", s);
}

Json ResultOf(const campaign::Plan& plan, const Entry& entry) {
  return entry.json.empty() ? Json() : campaign::ReadResult(plan.folder / entry.json);
}

fs::path PageOf(const campaign::Plan& plan) {
  return plan.folder / "report.html";
}

// A page that is there, and of before what was done since.
bool IsOfBefore(const campaign::Plan& plan, const Entry& report) {
  std::error_code error;
  return report.stage == "report" && !report.done() && report.key.empty() && !report.outputs.empty() &&
         fs::exists(PageOf(plan), error);
}

// "12 of 12, top-1 97.3 to 97.6 %".
std::string AccuracyText(const campaign::Plan& plan, const std::vector<const Entry*>& steps) {
  std::optional<double> low, high;
  size_t done = 0;
  std::map<std::string, size_t> verdicts;
  for (const Entry* entry : steps) {
    if (!entry->done()) continue;
    ++done;
    const Json result = ResultOf(plan, *entry);
    if (!result.is_object() || !result.value("top1", Json()).is_number()) continue;
    const double top1 = result["top1"].get<double>();
    if (const Json against = result.value("against", Json()); against.is_object())
      ++verdicts[against.value("verdict", "")];
    low = std::min(low.value_or(top1), top1);
    high = std::max(high.value_or(top1), top1);
  }
  std::string text = fmt::format("{} of {} evaluated", done, steps.size());
  if (low && high && *low == *high) text += fmt::format(", top-1 {}", core::Percent(low));
  if (low && high && *low < *high) text += fmt::format(", top-1 {:.1f} to {}", 100 * *low, core::Percent(high));
  std::vector<std::string> words;
  for (const auto& [verdict, count] : verdicts)
    words.push_back(fmt::format("{} {}", count, core::PairedVerdictText(verdict)));
  if (!words.empty()) text += fmt::format("; against the first: {}", core::Join(words, ", "));
  return text;
}

std::string StageText(const campaign::Plan& plan, std::string_view stage, const std::vector<const Entry*>& steps) {
  if (stage == "evaluate") return AccuracyText(plan, steps);
  std::vector<std::string> parts;
  size_t failed = 0, skipped = 0, single = 0, verified = 0;
  for (const Entry* entry : steps) {
    failed += entry->status == StepStatus::kFailed ? 1 : 0;
    skipped += entry->status == StepStatus::kSkipped ? 1 : 0;
    if (entry->name.starts_with("convert-")) {
      ++single;
      verified += entry->done() ? 1 : 0;
    } else if (entry->done() && !entry->came_out.empty()) {
      parts.push_back(stage == "measure" ? entry->name + " " + entry->came_out : entry->came_out);
    }
  }
  if (single > 0) parts.push_back(fmt::format("{} of {} formats", verified, single));
  if (stage == "report" && failed + skipped == 0 && !steps.empty() && steps[0]->done())
    parts.push_back(PageOf(plan).string());
  if (failed > 0) parts.push_back(fmt::format("{} failed", failed));
  if (skipped > 0) parts.push_back(fmt::format("{} skipped", skipped));
  return core::Join(parts, "; ");
}

// Stages that this call left alone have no time in it.
void ShowStages(const campaign::Plan& plan, const campaign::State& state, std::string_view only, Console& console) {
  Table table{.columns = {{.title = "stage"},
                          {.title = "time", .right = true},
                          {.title = "share", .right = true},
                          {.title = "what came out", .wrap = true}}};
  double all = static_cast<double>(state.host_overhead_ns) / 1e9;
  const auto counts = [&](const Entry& entry) {
    return entry.status != StepStatus::kReused && (only.empty() || entry.stage == only);
  };
  for (const Entry& entry : state.steps) {
    if (counts(entry)) all += static_cast<double>(entry.wall_ns.value_or(0)) / 1e9;
  }
  for (const std::string_view stage : campaign::kStages) {
    std::vector<const Entry*> steps;
    double seconds = 0;
    bool all_reused = true, all_done = true, bad = false, of_before = false;
    const bool untouched = std::all_of(state.steps.begin(), state.steps.end(), [&](const Entry& entry) {
      return entry.stage != stage || entry.status == StepStatus::kPending;
    });
    const bool left = untouched || (!only.empty() && stage != only);
    for (const Entry& entry : state.steps) {
      if (entry.stage != stage) continue;
      steps.push_back(&entry);
      all_reused = all_reused && entry.status == StepStatus::kReused;
      all_done = all_done && entry.done();
      bad = bad || entry.status == StepStatus::kFailed;
      of_before = of_before || IsOfBefore(plan, entry);
      if (counts(entry)) seconds += static_cast<double>(entry.wall_ns.value_or(0)) / 1e9;
    }
    if (steps.empty()) continue;
    table.rows.push_back({{std::string(stage), Style::kBold},
                          all_reused || (left && all_done) ? "kept"
                          : left                           ? "-"
                                                           : SecondsText(seconds),
                          all > 0 && !all_reused && !left ? fmt::format("{:.1f} %", 100 * seconds / all) : "-",
                          {of_before   ? "of before what was done now"
                           : untouched ? ""
                                       : StageText(plan, stage, steps),
                           bad || of_before ? Style::kBad : Style::kPlain}});
  }
  const double own = static_cast<double>(state.host_overhead_ns) / 1e9;
  table.rows.push_back(
      {{"around them", Style::kDim}, SecondsText(own), all > 0 ? fmt::format("{:.1f} %", 100 * own / all) : "-", ""});
  console.Show(table);
}

// What stands at the end: the report's own answer, so that both say the same. Null where there is none.
Json ReportData(const campaign::Plan& plan, Console& console) {
  try {
    return report::Build(report::SourceOfFolder(plan.folder), {});
  } catch (const Error& error) {
    console.Note(fmt::format("no answer: {}", error.text()));
    return nullptr;
  }
}

void ShowAnswer(const Json& data, Console& console) {
  if (!data.is_object()) return;
  for (const Json& answer : data["answers"]) {
    console.Out("\n");
    const auto say = [&](const char* part) {
      const Json sentence = answer.value(part, Json()).is_object() ? answer[part].value("sentence", Json()) : Json();
      if (sentence.is_string()) console.Paragraph(sentence.get<std::string>());
    };
    say("stale");
    console.Paragraph(answer.value("headline", ""));
    say("speed_up");
    say("accuracy");
  }
}

// The report judges all rows of the first measurement together; what each step says of its rows one by one may be more.
void ShowChanges(const campaign::Plan& plan, const campaign::State& state, const Json& data, Console& console) {
  bool any = false;
  for (const Entry& entry : state.steps) {
    if (!entry.name.starts_with("changes-") || !entry.done()) continue;
    any = true;
    console.Paragraph(fmt::format("Against what was measured before ({}), each row by itself: {}; see {}",
                                  entry.name.substr(8), entry.came_out.empty() ? "nothing to compare" : entry.came_out,
                                  (plan.folder / entry.log).string()));
  }
  if (!any || !data.is_object()) return;
  for (const Json& section : data["sections"]) {
    if (section.value("id", "") != "changes") continue;
    for (const Json& sentence : section.value("sentences", Json::array()))
      console.Paragraph(sentence.value("text", ""));
  }
}

// Engines fail for one reason, which is told once.
void ShowFailures(const campaign::State& state, Console& console) {
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const Entry& entry : state.steps) {
    if (entry.status != StepStatus::kFailed || !entry.error) continue;
    const std::string reason = campaign::Shortened(entry.error->text());
    const auto known =
        std::find_if(reasons.begin(), reasons.end(), [&](const auto& row) { return row.first == reason; });
    if (known == reasons.end()) {
      reasons.emplace_back(reason, std::vector{entry.name});
    } else {
      known->second.push_back(entry.name);
    }
  }
  for (const auto& [reason, steps] : reasons)
    console.Paragraph(fmt::format("{} failed: {}", core::Join(steps, ", "), reason));
}

// A command over several lines as a shell takes it; an option stays beside its value.
std::string CommandLines(const std::vector<std::string>& words, size_t width, const std::string& indent) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < words.size(); ++i) {
    parts.push_back(core::Printable(core::ShellWord(words[i])));
    if (words[i].starts_with("-") && i + 1 < words.size() && !words[i + 1].starts_with("-"))
      parts.back() += " " + core::Printable(core::ShellWord(words[++i]));
  }
  std::string text, line = indent + "bakeoff";
  for (const std::string& part : parts) {
    // Two columns are for the sign that the command goes on.
    if (DisplayWidth(line) + 1 + DisplayWidth(part) + 2 > width) {
      text += line + " \\\n";
      line = indent + " ";
    }
    line += " " + part;
  }
  return text + line + "\n";
}

}  // namespace

std::string AboutTime(double seconds) {
  if (seconds < 90) return fmt::format("about {:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("about {:.0f} min", seconds / 60);
  if (seconds < 100 * 3600) return fmt::format("about {:.1f} h", seconds / 3600);
  return fmt::format("about {:.0f} days", seconds / 86400);
}

void ShowPlan(const campaign::Plan& plan, const campaign::Preview& preview, Console& console) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const campaign::Step& step = plan.steps[i];
    if (!step.of.empty()) continue;
    const std::string what = !step.skip.empty() ? "skipped: " + step.skip
                             : preview.done[i]  ? "is done"
                                                : AboutTime(preview.step_seconds[i]);
    console.Paragraph(fmt::format("{:<8}  {} ({})", step.stage, step.title, what));
    console.Out(CommandLines(step.words, static_cast<size_t>(console.width()), std::string(10, ' ')));
  }
  console.Out("\n");
  if (preview.seconds == 0) {
    console.Out("everything is done\n");
    return;
  }
  console.Paragraph(fmt::format("{} in all, as a rough guess, and {} MiB in {}", AboutTime(preview.seconds),
                                (preview.bytes >> 20) + 1, plan.folder.string()));
}

void ShowResult(const campaign::Plan& plan, const campaign::State& state, std::string_view only,
                const std::string& for_report, Console& console) {
  ShowStages(plan, state, only, console);
  for (const std::string& warning : state.warnings) console.Paragraph("note: " + warning);
  const Json data = ReportData(plan, console);
  ShowAnswer(data, console);
  ShowChanges(plan, state, data, console);
  ShowFailures(state, console);
  for (const Entry& entry : state.steps) {
    if (entry.stage == "report" && entry.done()) console.Paragraph(fmt::format("Report: {}", PageOf(plan).string()));
    if (!IsOfBefore(plan, entry)) continue;
    std::string text = fmt::format("Report: {} is of before what was done now", PageOf(plan).string());
    // One that was stopped goes on up to the report.
    if (state.status != "stopped")
      text += fmt::format("; make it anew: {}, or the same without --only, which does all that is not current",
                          core::Printable(for_report));
    console.Paragraph(text);
  }
  console.Paragraph(fmt::format("Results: {}", plan.folder.string()));
}

}  // namespace bakeoff::cli
