// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The campaign around the numbers: what failed, what took how long, where it ran, what changed, and how to do it again.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "core/text.h"
#include "measure/compare.h"
#include "measure/record.h"
#include "report/scene.h"
#include "report/time_of.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::RealAt;
using measure::TextAt;
using measure::WholeAt;

constexpr size_t kLongText = 600;
// Steps are no longer than the call that made them, but for the clocks' own error.
constexpr double kSlack = 0.01, kSlackNs = 1e7;

struct Trouble {
  std::string status, text, model;
  std::vector<std::string> who;
  Origin origin;
};

// One line for each cause, whoever meets it: rows of an engine, and the step that measured them.
void AddTrouble(std::vector<Trouble>& troubles, const std::string& status, const std::string& text,
                const std::string& who, const std::string& model, const Origin& origin) {
  const std::string brief = core::Brief(text, kLongText);
  auto same = std::find_if(troubles.begin(), troubles.end(), [&](const Trouble& other) {
    return other.status == status && other.text == brief &&
           (other.model == model || other.model.empty() || model.empty());
  });
  if (same == troubles.end()) same = troubles.insert(troubles.end(), Trouble{status, brief, model, {}, {}});
  if (same->model.empty()) same->model = model;
  if (std::find(same->who.begin(), same->who.end(), who) == same->who.end()) same->who.push_back(who);
  same->origin.Add(origin);
}

// What steps wrote of formats that could not be made, and of answers that differ.
void AddWritten(const Scene& scene, std::vector<Trouble>& troubles) {
  for (const char* stage : {"convert", "verify"}) {
    const bool converts = std::string_view(stage) == "convert";
    for (const Step* step : scene.Written(stage)) {
      const Json& rows = At(step->json, "rows");
      if (!rows.is_array()) continue;
      for (const Json& row : rows) {
        const std::string status = TextAt(row, "status");
        std::string text = TextAt(row, "error.text");
        if (text.empty()) text = TextAt(row, "reason");
        // An engine that does not read a format is no trouble; a format that cannot be made is.
        if (status != "failed" && status != "mismatch" && !(converts && status == "unsupported")) continue;
        std::string format = TextAt(row, "format");
        if (format.empty()) format = TextAt(row, "to");
        AddTrouble(troubles, status, text,
                   converts ? fmt::format("conversion to {}", format)
                            : fmt::format("answers of {} on {}", format, TextAt(row, "engine")),
                   "", step->file);
      }
    }
  }
}

// Whether a warning of the campaign says again what is in the list.
bool IsTold(const std::vector<Trouble>& troubles, const std::string& warning) {
  return std::any_of(troubles.begin(), troubles.end(), [&](const Trouble& trouble) {
    const std::string brief = core::Brief(trouble.text);
    return !brief.empty() && warning.ends_with(brief);
  });
}

struct Fact {
  const char* name;
  std::string_view field;
};
constexpr std::array kMachine = {Fact{"Processor", "cpu_model"},
                                 Fact{"CPUs allowed", "allowed_cpus"},
                                 Fact{"Cores", "physical_cores"},
                                 Fact{"Instructions", "instruction_flags"},
                                 Fact{"Caches", "caches"},
                                 Fact{"Memory", "memory_bytes"},
                                 Fact{"Governor", "governor"},
                                 Fact{"Turbo", "turbo"},
                                 Fact{"Virtualisation", "virtualisation"},
                                 Fact{"Quota", "cgroup.quota_cpus"},
                                 Fact{"Load at the start", "load_average"},
                                 Fact{"Kernel", "kernel"},
                                 Fact{"System", "os"},
                                 Fact{"C library", "libc"},
                                 Fact{"Revision of the working folder", "git_revision"}};

std::string FactText(const Fact& fact, const Json& value) {
  if (value.is_null()) return "not told by the machine";
  if (std::string_view(fact.name) == "Memory" && value.is_number()) return BytesText(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  if (value.is_string())
    return value.get<std::string>().empty() ? "none found" : core::Printable(value.get<std::string>());
  return value.is_number_float() ? Digits(value.get<double>()) : value.dump();
}

std::string RowText(const Json& row) {
  std::string text =
      fmt::format("{} {}, {}, batch {}", TextAt(row, "engine"), TextAt(row, "format"),
                  Count(WholeAt(row, "threads").value_or(0), "thread"), WholeAt(row, "batch").value_or(0));
  if (const std::string scenario = TextAt(row, "scenario"); scenario != "single-stream") text += ", " + scenario;
  if (const auto size = WholeAt(row, "test_size")) text += fmt::format(", {}", Count(*size, "sample"));
  if (const auto rate = RealAt(row, "qps")) text += fmt::format(", {:g} per s", *rate);
  if (const Json& options = At(row, "options"); options.is_object()) {
    for (const auto& [name, value] : options.items())
      text += fmt::format(", {}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return core::Printable(text);
}

std::string ValueOf(std::optional<double> value, const std::string& unit) {
  if (!value) return kNone;
  if (unit == "ns") return TimeText(value);
  if (unit == "bytes") return BytesText(value);
  if (unit == "1/s") return RateText(value);
  return Digits(*value) + (unit.empty() ? "" : " " + unit);
}

// A note of `compare` in the words of the page, which has no A and B: of two values the former becomes the latter. What
// stands in parentheses is a value.
std::string InPageWords(std::string_view note) {
  std::string text;
  int depth = 0;
  for (size_t i = 0; i < note.size(); ++i) {
    depth += note[i] == '(' ? 1 : note[i] == ')' ? -1 : 0;
    const auto ends = [&](size_t at) {
      return at >= note.size() || std::string_view(" ,.;:'").find(note[at]) != std::string_view::npos;
    };
    const bool side = depth == 0 && (note[i] == 'A' || note[i] == 'B') && (i == 0 || note[i - 1] == ' ') && ends(i + 1);
    if (!side) {
      const bool between = note.substr(i, 3) == " / ";
      text += between ? " → " : std::string(1, note[i]);
      i += between ? 2 : 0;
      continue;
    }
    text += note[i] == 'A' ? "the previous run" : "this run";
  }
  if (!text.empty() && text[0] == 't' && note[0] != 't') text[0] = 'T';
  return text;
}

int Urgency(const Json& row) {
  const std::string verdict = TextAt(row, "verdict");
  if (verdict == "slower" || verdict == "more") return 0;
  if (verdict == "faster" || verdict == "less") return 1;
  return verdict == "tie" ? 3 : 2;
}

std::vector<double> NumbersAt(const Json& json, std::string_view field, bool inverse) {
  std::vector<double> numbers;
  if (const Json& list = At(json, field); list.is_array()) {
    for (const Json& each : list) {
      if (each.is_number() && each.get<double>() > 0)
        numbers.push_back(inverse ? 1 / each.get<double>() : each.get<double>());
    }
  }
  return numbers;
}

// The verdict on a row of `compare --json` at another level.
Standing ChangeOf(const Json& row, double alpha) {
  const auto metrics = measure::Metrics();
  const auto metric = std::find_if(metrics.begin(), metrics.end(),
                                   [&](const measure::Metric& each) { return each.name == TextAt(row, "metric"); });
  if (metric == metrics.end()) return Standing::kUnclear;
  const Json& paired = At(row, "paired");
  const auto comparison = measure::Compare(NumbersAt(row, "a.repetitions", metric->more_is_better),
                                           NumbersAt(row, "b.repetitions", metric->more_is_better),
                                           paired.is_boolean() && paired.get<bool>(), alpha);
  if (comparison.verdict == measure::Verdict::kFaster) return Standing::kBetter;
  if (comparison.verdict == measure::Verdict::kSlower) return Standing::kWorse;
  return comparison.verdict == measure::Verdict::kTie ? Standing::kTie : Standing::kUnclear;
}

std::vector<Trouble> TroublesOf(const Scene& scene) {
  std::vector<Trouble> troubles;
  for (const Row& row : scene.rows.rows) {
    if (row.status == "ok") continue;
    AddTrouble(troubles, row.status, row.error_text, scene.Label(row), scene.SubjectOf(row).model, row.ids());
  }
  for (const Step& step : scene.source.steps) {
    // What was skipped without a reason had nothing to do.
    if (step.status != "failed" && (step.status != "skipped" || step.error.empty())) continue;
    AddTrouble(troubles, step.status, step.error, fmt::format("step {}", step.name), "",
               step.file.empty() || step.json.is_null() ? Origin(std::string("campaign.json")) : Origin(step.file));
  }
  AddWritten(scene, troubles);
  return troubles;
}

// One attempt at a step and what it took.
struct Spent {
  std::string title, stage, status;
  std::optional<double> began;
  bool ran = false;
  double wall_ns = 0;
};

std::vector<Spent> SpentIn(const std::vector<Step>& steps) {
  std::vector<Spent> all;
  const auto add = [&](const Step& step, const std::string& status) {
    all.push_back({core::Printable(step.title.empty() ? step.name : step.title), core::Printable(step.stage),
                   core::Printable(status), SecondsOf(step.started_at), step.wall_ns.has_value(),
                   static_cast<double>(step.wall_ns.value_or(0))});
  };
  for (const Step& step : steps) {
    if (step.kept) add(*step.kept, "kept");
    add(step, step.status);
  }
  return all;
}

// Those that ran, by when they began.
std::multimap<double, const Spent*> InOrder(const std::vector<Spent>& attempts) {
  std::multimap<double, const Spent*> ordered;
  for (const Spent& each : attempts) {
    if (each.ran && each.began) ordered.emplace(*each.began, &each);
  }
  return ordered;
}

}  // namespace

Section FailuresSection(const Scene& scene) {
  Section section("failures", "What did not work", "Failures");
  Table table("failures-table", "Failures and refusals, with their reasons");
  table.Column("Who").Column("Model").Column("Status").Column("Reason");
  for (const Trouble& trouble : TroublesOf(scene))
    table.Add({core::Printable(And(trouble.who)), core::Printable(trouble.model),
               Cell(trouble.status).Toned(trouble.status == "failed" || trouble.status == "mismatch" ? "bad" : ""),
               core::Printable(trouble.text)},
              trouble.origin);
  section.Add(table);
  const Origin whole = scene.source.campaign.is_object() ? Origin(std::string("campaign.json")) : Origin(scene.Runs());
  for (const std::string& note : scene.source.notes) section.Note(core::Printable(note), whole);
  if (section.empty()) section.Absent("Everything that was asked for worked.");
  return section;
}

Section WarningsSection(const Scene& scene) {
  Section section("warnings", "What to bear in mind", "Warnings");
  const Json& warnings = At(scene.source.campaign, "warnings");
  if (!warnings.is_array()) return section;
  const auto troubles = TroublesOf(scene);
  for (const Json& warning : warnings) {
    if (!warning.is_string() || IsTold(troubles, warning.get<std::string>())) continue;
    section.Say(core::Printable(core::Brief(warning.get<std::string>(), kLongText)) + ".",
                std::string("campaign.json"));
  }
  return section;
}

Section TimelineSection(const Scene& scene) {
  Section section("timeline", "Where the campaign's time went", "Timeline");
  if (scene.source.steps.empty()) return section;
  const auto wall = RealAt(scene.source.campaign, "wall_ns"),
             overhead = RealAt(scene.source.campaign, "host_overhead_ns");
  const Origin origin(std::string("campaign.json"));
  const auto attempts = SpentIn(scene.source.steps);
  const auto ordered = InOrder(attempts);
  double sum = 0, end = 0;
  bool earlier = false;
  for (const Spent& each : attempts) {
    sum += each.wall_ns;
    earlier = earlier || (each.ran && (each.status == "reused" || each.status == "kept"));
  }
  const double begin = ordered.empty() ? 0 : ordered.begin()->first;
  for (const auto& [began, each] : ordered) end = std::max(end, began + each->wall_ns / 1e9);
  // Of a stage that was done by itself only that stage is the last call's.
  earlier = earlier || (wall && sum > (*wall - std::max(0.0, overhead.value_or(0))) * (1 + kSlack) + kSlackNs);
  const double total = earlier || !wall ? sum : *wall;
  // Beginnings are told in whole seconds.
  const bool pauses = earlier || end - begin > total / 1e9 + 2;
  Chart chart("timeline", "gantt", "Steps of the campaign");
  Table table("steps", "Steps");
  table.Column("Step").Column("Stage").Column("Status").Column("Time", true).Column("Share", true);
  std::map<std::string, double> stages;
  for (const Spent& each : attempts) {
    if (each.ran) stages[each.stage] += each.wall_ns;
    const double share = total > 0 ? each.wall_ns / total : 0;
    table.Add({each.title, each.stage, Cell(each.status).Toned(each.status == "failed" ? "bad" : ""),
               each.ran ? Cell(WallText(each.wall_ns), each.wall_ns) : Cell(kNone),
               each.ran && total > 0 ? Cell(PercentText(share), share) : Cell(kNone)},
              origin);
  }
  double before = 0;
  for (const auto& [began, each] : ordered) {
    chart.Series(each->title + (each->status == "kept" ? " (kept)" : ""), -1);
    chart.AddRaw({{"x", Rounded(pauses ? before / 1e9 : began - begin)},
                  {"length", Rounded(each->wall_ns / 1e9)},
                  {"stage", each->stage},
                  {"status", each->status}},
                 origin);
    before += each->wall_ns;
  }
  chart.Axis("x", pauses ? "time in steps, without pauses between them" : "time since the start", "s").Axis("y", "");
  std::vector<std::string> texts;
  for (const auto& [stage, took] : stages) texts.push_back(fmt::format("{} {}", stage, WallText(took)));
  chart.Alt(fmt::format("When each step ran and for how long{}, by stage: {}.",
                        pauses ? ", one after the other, with pauses between calls of `run` left out" : "",
                        And(texts)));
  if (!earlier && wall && total > 0)
    section.Say(fmt::format("The campaign took {}{}.", WallText(total),
                            overhead && *overhead >= 0
                                ? fmt::format(", {} of it between the steps", PercentText(*overhead / total))
                                : ""),
                origin);
  else if (earlier && sum > 0)
    section.Say(fmt::format("Its steps took {} in all, those of earlier calls included.", WallText(sum)), origin);
  section.Add(chart);
  section.Add(table);
  return section;
}

Section EnvironmentSection(const Scene& scene) {
  Section section("environment", "Environment");
  if (scene.source.campaigns.empty()) {
    section.Absent("Nothing was measured, so no machine is on record.");
    return section;
  }
  std::string worst;
  struct Doubt {
    std::string grade, reason, remedy;
    int64_t campaign;
  };
  std::vector<Doubt> doubts;
  for (const store::Campaign& campaign : scene.source.campaigns) {
    worst = std::max(worst, TextAt(campaign.facts, "environment.grade"));
    const Json& list = At(campaign.facts, "environment.doubts");
    if (!list.is_array()) continue;
    for (const Json& doubt : list) {
      const Doubt each{TextAt(doubt, "grade"), TextAt(doubt, "reason"), TextAt(doubt, "remedy"), campaign.id};
      // The load differs from one campaign to the next: one of a kind is enough.
      const auto same =
          std::find_if(doubts.begin(), doubts.end(), [&](const Doubt& other) { return other.remedy == each.remedy; });
      if (same == doubts.end()) {
        doubts.push_back(each);
      } else if (each.grade > same->grade) {
        *same = each;
      }
    }
  }
  section.Set("grade", worst);
  section.Say(
      worst.empty()
          ? "The environment was not graded: that is done at the end of a campaign."
          : fmt::format("Grade {}: {}.", worst,
                        worst == "A"   ? "nothing known that disturbs"
                        : worst == "B" ? "differences of a few per cent may be noise"
                        : worst == "C"
                            ? "absolute numbers do not carry over to other machines"
                            : "something competed for the CPUs: measure again before relying on small differences"),
      scene.Runs(), worst == "D" ? "bad" : "");
  Table table("doubts", "What stands against the numbers");
  table.Column("Grade").Column("Reason").Column("What would help");
  std::stable_sort(doubts.begin(), doubts.end(), [](const Doubt& a, const Doubt& b) { return a.grade > b.grade; });
  for (const Doubt& doubt : doubts)
    table.Add({doubt.grade, core::Printable(doubt.reason), core::Printable(doubt.remedy)}, scene.Runs(doubt.campaign));
  section.Add(table);
  Json facts = Json::array();
  const Json& machine = At(scene.source.campaigns.front().facts, "machine");
  for (const Fact& fact : kMachine) {
    const Json& value = At(machine, fact.field);
    if (std::string_view(fact.field) == "cgroup.quota_cpus" && value.is_null()) continue;
    if (std::string_view(fact.field) == "git_revision" && !value.is_string()) continue;
    facts.push_back({{"name", fact.name}, {"value", FactText(fact, value)}});
  }
  std::map<std::string, std::string> versions;
  for (const Subject& subject : scene.rows.subjects) versions[subject.engine] = subject.version;
  std::vector<std::string> texts;
  for (const auto& [engine, version] : versions)
    texts.push_back(core::Printable(fmt::format("{} {}", engine, version)));
  facts.push_back({{"name", "Engines"}, {"value", core::Join(texts, ", ")}});
  section.Facts(std::move(facts), scene.Runs());
  for (const store::Campaign& campaign : scene.source.campaigns) {
    if (At(campaign.facts, "machine.cpu_model") != At(scene.source.campaigns.front().facts, "machine.cpu_model"))
      section.Note(
          fmt::format("Campaign {} was measured on another machine ({}): its numbers do not compare with the others.",
                      campaign.id, core::Printable(TextAt(campaign.facts, "machine.cpu_model"))),
          scene.Runs(campaign.id));
  }
  return section;
}

Section ChangesSection(const Scene& scene) {
  Section section("changes", "Changes against the previous run", "Changes");
  const Json& rows = At(scene.source.changes, "rows");
  if (!rows.is_array()) return section;
  Table table("changes-table", "Before and after");
  table.Column("Row")
      .Column("What")
      .Column("Before", true)
      .Column("After", true)
      .Column("Change", true)
      .Column("99 % interval", true)
      .Column("Verdict");
  const Origin origin(scene.source.changes_file);
  std::vector<const Json*> ordered;
  for (const Json& row : rows) ordered.push_back(&row);
  // What got worse first, then what got better.
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Json* a, const Json* b) { return Urgency(*a) < Urgency(*b); });
  std::vector<std::string> worse, better, settings;
  for (const Json* each : ordered) {
    const Json& row = *each;
    const auto before = RealAt(row, "a.value"), after = RealAt(row, "b.value"), ratio = RealAt(row, "ratio"),
               low = RealAt(row, "low"), high = RealAt(row, "high");
    const std::string verdict = TextAt(row, "verdict"), unit = TextAt(row, "unit");
    const std::string changed = InPageWords(TextAt(row, "changed")),
                      which = RowText(At(row, "b.row")) +
                              (changed.empty() ? "" : core::Printable(fmt::format(" ({})", changed)));
    const std::string setting = core::Printable(fmt::format("{} ({})", TextAt(row, "b.row.engine"), changed));
    if (!changed.empty() && std::find(settings.begin(), settings.end(), setting) == settings.end())
      settings.push_back(setting);
    table.Add({which, core::Printable(TextAt(row, "metric")), Cell(ValueOf(before, unit), before),
               Cell(ValueOf(after, unit), after), ratio ? Cell(ChangeText(*ratio), ratio) : Cell(kNone),
               low && high ? Cell(fmt::format("{} … {}", ChangeText(*low), ChangeText(*high)), low) : Cell(kNone),
               Cell(verdict).Toned(Urgency(row) == 0   ? "bad"
                                   : Urgency(row) == 1 ? "good"
                                                       : "")},
              origin);
    // The table judges each row by itself; the sentence all of them together.
    const Standing standing = ChangeOf(row, measure::kAlpha / static_cast<double>(rows.size()));
    const std::string name = fmt::format("{} of {}", TextAt(row, "metric"), which);
    if (standing == Standing::kWorse) worse.push_back(name);
    if (standing == Standing::kBetter) better.push_back(name);
  }
  if (scene.source.model_changed)
    section.Say(
        "The model itself is another one than before: what differs may be its doing, not that of engines or settings.",
        std::string("campaign.json"), "bad");
  if (!settings.empty()) section.Say(fmt::format("Set otherwise than before: {}.", And(settings)), origin);
  const std::string both = Count(static_cast<int64_t>(rows.size()), "row");
  if (rows.empty())
    section.Say(
        RealAt(scene.source.changes, "taken_over").value_or(0) > 0
            ? "Of what both runs have, nothing was measured again; what is new in this one has nothing to be held "
              "against."
            : "No row was measured in both runs: what is new in this one has nothing to be held against.",
        origin);
  else if (worse.empty() && better.empty())
    section.Say(
        fmt::format("Of {} that both runs have, none is proved to have changed, all of them taken together.", both),
        origin);
  if (!worse.empty())
    section.Say(fmt::format("Worse than before: {} (of {}, all of them taken together).", And(worse), both), origin,
                "bad");
  if (!better.empty())
    section.Say(fmt::format("Better than before: {} (of {}, all of them taken together).", And(better), both), origin,
                "good");
  section.Add(table);
  if (!rows.empty())
    section.Note(
        "Before and after are geometric means over repetitions, as in `compare`; other sections have medians.");
  for (const auto& [field, text] : {std::pair("only_b", "New or set otherwise, with nothing to be held against"),
                                    std::pair("only_a", "Measured before alone")}) {
    std::vector<std::string> names;
    const Json& only = At(scene.source.changes, field);
    for (size_t i = 0; only.is_array() && i < only.size(); ++i) names.push_back(RowText(only[i]));
    if (!names.empty()) section.Note(fmt::format("{}: {}.", text, And(names)), origin);
  }
  if (const Json& steps = At(scene.source.campaign, "previous.steps"); steps.is_array()) {
    for (const Json& step : steps) {
      const std::string verdicts = TextAt(step, "verdicts"), file = TextAt(step, "json");
      if (file != scene.source.changes_file && !verdicts.empty())
        section.Note(
            core::Printable(fmt::format("Of `{}`, each row by itself: {} ({}).", TextAt(step, "step"), verdicts, file)),
            file.empty() ? std::string("campaign.json") : file);
    }
  }
  if (const Json& notes = At(scene.source.changes, "notes"); notes.is_array()) {
    for (const Json& note : notes) {
      // A sentence tells of settings.
      if (note.is_string() && note.get_ref<const std::string&>().find(measure::kAnotherSetting) == std::string::npos)
        section.Note(core::Printable(InPageWords(note.get<std::string>())) + ".", origin);
    }
  }
  return section;
}

Section ReproduceSection(const Scene& scene) {
  Section section("reproduce", "Do it again");
  Json commands = Json::array();
  for (const Step& each : scene.source.steps) {
    const Step& step = each.shown();
    if (!step.command.empty())
      commands.push_back({{"title", core::Printable(step.title.empty() ? step.name : step.title)},
                          {"command", core::Printable(CommandText(step.command))},
                          {"from", {"campaign.json"}}});
  }
  if (scene.source.steps.empty()) {
    for (const store::Campaign& campaign : scene.source.campaigns) {
      const Json& words = At(campaign.facts, "command");
      std::vector<std::string> command{"bakeoff"};
      if (!words.is_array()) continue;
      for (const Json& word : words) {
        if (word.is_string()) command.push_back(word.get<std::string>());
      }
      Json entry{
          {"title", campaign.name.empty() ? fmt::format("campaign {}", campaign.id) : core::Printable(campaign.name)},
          {"command", core::Printable(CommandText(command))}};
      entry.update(OriginJson(scene.Runs(campaign.id)));
      commands.push_back(std::move(entry));
    }
  }
  if (commands.empty()) {
    section.Absent("No command is on record.");
    return section;
  }
  section.Set("commands", std::move(commands));
  section.Note("Files that the commands name without a full path are those of the folder in which they were called.");
  section.Note(
      "Every number can be traced: rows and points carry the numbers of the runs they come from; `bakeoff runs show "
      "r12 --store results.db` shows one with all its fields, `bakeoff runs export` the raw samples.");
  return section;
}

}  // namespace bakeoff::report
