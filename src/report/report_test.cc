// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tests of the report as a whole: what its sentences may say, what it leaves out, and that nothing breaks the page.
#include "report/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/test_folder.h"
#include "measure/record.h"
#include "report/example.h"

namespace bakeoff::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json BuildOf(const Source& source, std::optional<Baseline> baseline = {}) {
  return Build(source, {.version = "0",
                        .made_at = "2026-01-02T03:04:06Z",
                        .baseline = std::move(baseline),
                        .samples = [&source](int64_t run) { return ExampleSamples(source, run); }});
}

const Json& SectionNamed(const Json& report, const std::string& id) {
  static const Json kNone;
  for (const Json& section : report["sections"]) {
    if (section["id"] == id) return section;
  }
  return kNone;
}

// Every sentence of a report, the answer's too.
std::vector<std::string> Sentences(const Json& report) {
  std::vector<std::string> all;
  const auto add = [&](const Json& json, const char* field) {
    if (json.is_object() && json.contains(field) && json[field].is_string())
      all.push_back(json[field].get<std::string>());
  };
  for (const Json& answer : report["answers"]) {
    add(answer, "headline");
    if (answer.contains("stale")) add(answer["stale"], "sentence");
    for (const char* part : {"speed_up", "accuracy"}) {
      if (answer.contains(part)) add(answer[part], "sentence");
    }
    for (const Json& card : answer["cards"]) add(card, "sentence");
  }
  for (const Json& section : report["sections"]) {
    for (const Json& sentence : section["sentences"]) add(sentence, "text");
  }
  return all;
}

Step StepOf(const std::string& name, const std::string& stage, Json json) {
  Step step;
  step.name = name;
  step.stage = stage;
  step.status = "ok";
  step.file = fmt::format("json/{}.json", name);
  step.json = std::move(json);
  return step;
}

Source ThreeEngines() {
  Source source;
  AddRow({.engine = "quick", .p50_ms = {1.00, 1.01, 0.99}, .memory_mib = 80}, source);
  AddRow({.engine = "quick", .p50_ms = {0.60, 0.61, 0.60}, .threads = 2, .memory_mib = 81}, source);
  AddRow({.engine = "quick", .p50_ms = {2.00, 2.02, 2.01}, .threads = 2, .batch = 8, .memory_mib = 85}, source);
  AddRow({.engine = "slow", .p50_ms = {3.00, 3.03, 2.99}, .memory_mib = 40}, source);
  AddRow({.engine = "slow", .p50_ms = {1.70, 1.71, 1.72}, .threads = 2, .memory_mib = 41}, source);
  AddRow({.engine = "slow", .p50_ms = {9.00, 9.10, 9.00}, .threads = 2, .batch = 8, .memory_mib = 44}, source);
  AddRow({.engine = "broken",
          .p50_ms = {1, 1, 1},
          .status = "failed",
          .error = "no kernel for </script><script>alert(1)</script>"},
         source);
  AddRow({.engine = "quick", .p50_ms = {0.40, 0.41, 0.40}, .threads = 2, .scenario = "offline"}, source);
  return source;
}

TEST(Report, NamesTheWinnerWithItsInterval) {
  const Json report = BuildOf(ThreeEngines());
  const Json& card = report["answers"][0]["cards"][0];
  EXPECT_EQ(card["verdict"], "winner");
  EXPECT_EQ(card["winners"][0]["label"], "quick");
  EXPECT_THAT(card["sentence"].get<std::string>(), HasSubstr("quick is 2.83 times as fast as slow (99 % interval"));
  EXPECT_EQ(report["answers"][0]["configuration"]["command"],
            "bakeoff bench net.onnx --engines quick --threads 2 --batch 1");
  EXPECT_EQ(report["answers"][0]["configuration"]["title"], "The configuration to use");
  EXPECT_EQ(report["answers"][0]["configuration"]["reserve"], "");
}

TEST(Report, RunsThatWereTakenOverAreNotPaired) {
  // Each of one is 5 % above that of the other, and they rise together: pairs prove it, medians of other times do not.
  Source source;
  AddRow({.engine = "one", .p50_ms = {1.00, 1.30, 1.70}}, source);
  AddRow({.engine = "two", .p50_ms = {1.05, 1.365, 1.785}}, source);
  EXPECT_EQ(BuildOf(source)["answers"][0]["cards"][0]["verdict"], "winner");
  for (StoredRun& run : source.runs) {
    if (run.record["engine"] == "one") run.record["reused_from"] = 1;
  }
  const Json report = BuildOf(source);
  EXPECT_EQ(report["answers"][0]["cards"][0]["verdict"], "unclear");
  // And nobody is told to use what is not proved.
  EXPECT_EQ(report["answers"][0]["configuration"]["title"], "The configuration that leads so far");
  EXPECT_EQ(report["answers"][0]["configuration"]["reserve"],
            "No winner is proved: its median is the lowest, but two cannot be told from it yet. More repetitions would "
            "help.");
  EXPECT_THAT(Html(report, {}), Not(HasSubstr("The configuration to use")));
  EXPECT_THAT(Markdown(report), HasSubstr("The configuration that leads so far: No winner is proved"));
  EXPECT_THAT(SectionNamed(report, "latency")["notes"].dump(), HasSubstr("3 of 6 runs were taken over"));
  // All from the rounds of one earlier campaign: as good as before.
  for (StoredRun& run : source.runs) run.record.update({{"reused_from", run.id}, {"reused_campaign", 1}});
  EXPECT_EQ(BuildOf(source)["answers"][0]["cards"][0]["verdict"], "winner");
}

TEST(Report, TheCommandNamesTheFolderThatWasMeasured) {
  Source source = ThreeEngines();
  source.campaigns[0].facts["command"] = {"bench", "some/m/", "--engines", "all"};
  for (StoredRun& run : source.runs) run.record["path"] = "some/m/model.pt";
  const Json configuration = BuildOf(source)["answers"][0]["configuration"];
  EXPECT_EQ(configuration["command"], "bakeoff bench some/m --engines quick --threads 2 --batch 1");
  EXPECT_EQ(configuration["where"], "To be called where the measuring was.");
}

TEST(Report, TheCommandOfACampaignIsToldFromItsFolderWhereverThatIs) {
  for (const char* called : {"build/demo", "/somewhere/demo"}) {
    Source source = ThreeEngines();
    source.called = called;
    source.campaigns[0].facts["command"] = {"bench", fmt::format("{}/model", called)};
    for (StoredRun& run : source.runs) run.record["path"] = fmt::format("{}/model/model.pt", called);
    const Json report = BuildOf(source);
    const Json& configuration = report["answers"][0]["configuration"];
    EXPECT_EQ(configuration["command"], "bakeoff bench model --engines quick --threads 2 --batch 1");
    EXPECT_EQ(configuration["where"], "To be called in the campaign's folder, that of results.db.");
    EXPECT_THAT(configuration["facts"].dump(), HasSubstr(R"("model/model.pt")"));
    EXPECT_THAT(Html(report, {}), HasSubstr("campaign&#39;s folder"));
    EXPECT_THAT(Markdown(report), HasSubstr("campaign's folder"));
  }
}

TEST(Report, RowsThatSeveralCampaignsMeasuredNameTheirs) {
  Source source;
  AddRow({.engine = "one", .p50_ms = {1.0, 1.01, 1.02}}, source);
  EXPECT_EQ(BuildOf(source)["subjects"][0]["label"], "one") << "premise";
  Source later;
  AddRow({.engine = "one", .p50_ms = {0.5, 0.51, 0.52}}, later);
  later.campaigns[0].id = 2;
  later.campaigns[0].name = "";
  for (StoredRun& run : later.runs) {
    run.id += 3;
    run.campaign = 2;
  }
  source.campaigns.push_back(later.campaigns[0]);
  source.runs.insert(source.runs.end(), later.runs.begin(), later.runs.end());
  const Json report = BuildOf(source);
  const Json& rows = SectionNamed(report, "latency")["tables"][0]["rows"];
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["cells"][0]["text"], "one (campaign 2)");
  EXPECT_EQ(rows[1]["cells"][0]["text"], "one (example)");
}

TEST(Report, AFailureIsToldOnceAndWarningsElsewhere) {
  Source source = ThreeEngines();
  Step measured = StepOf("latency", "measure", Json());
  measured.status = "failed";
  measured.error = "no kernel for </script><script>alert(1)</script>";
  Step evaluated = StepOf("evaluate-broken-onnx", "evaluate", Json());
  evaluated.status = "failed";
  evaluated.error = "cannot open net.onnx";
  source.steps = {measured, evaluated,
                  StepOf("convert", "convert",
                         {{"rows",
                           {{{"format", "tflite"}, {"status", "unsupported"}, {"error", {{"text", "no hop for Foo"}}}},
                            {{"format", "onnx"}, {"status", "verified"}, {"error", nullptr}}}}})};
  source.campaign = {{"warnings",
                      {"no tflite: no hop for Foo", "latency: onnx on broken: " + measured.error,
                       "the class 'pear' has no test picture"}}};
  const Json report = BuildOf(source);
  std::vector<std::string> reasons;
  for (const Json& row : SectionNamed(report, "failures")["tables"][0]["rows"])
    reasons.push_back(row["cells"][3]["text"]);
  EXPECT_THAT(reasons, ::testing::ElementsAre(measured.error, "cannot open net.onnx", "no hop for Foo"));
  EXPECT_FALSE(SectionNamed(report, "failures").contains("notes"));
  const Json& warnings = SectionNamed(report, "warnings")["sentences"];
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0]["text"], "the class 'pear' has no test picture.");
}

TEST(Report, ChangesTellWhatIsNewOrGoneAndOfOtherMeasurements) {
  Source source = ThreeEngines();
  const auto row = [](const char* engine) {
    return Json{{"engine", engine}, {"format", "onnx"}, {"threads", 1}, {"batch", 1}, {"scenario", "single-stream"}};
  };
  source.changes_file = "json/changes-latency.json";
  const Json side{{"row", row("quick")}, {"value", 1e6}};
  source.changes = {
      {"rows",
       {{{"metric", "p50"},
         {"unit", "ns"},
         {"a", side},
         {"b", side},
         {"ratio", 1.0},
         {"low", 0.9},
         {"high", 1.1},
         {"verdict", "tie"},
         {"changed", "level 1 / its default"}}}},
      {"only_a", {row("gone")}},
      {"only_b", {row("fresh")}},
      {"notes",
       {"A and B differ in turbo (A / B)", "2 rows of B are A's own runs, taken over", "B was measured on Abacus",
        "quick: another setting of the same row: level 1 / its default", "the engine A-1 of A has no row in B"}}};
  source.campaign = {{"previous",
                      {{"steps",
                        {{{"step", "latency"}, {"json", source.changes_file}, {"verdicts", ""}},
                         {{"step", "offline"}, {"json", "json/changes-offline.json"}, {"verdicts", "3 tie"}}}}}}};
  const Json section = SectionNamed(BuildOf(source), "changes");
  const std::string notes = section["notes"].dump();
  EXPECT_EQ(section["sentences"][0]["text"], "Set otherwise than before: quick (level 1 → its default).");
  EXPECT_EQ(section["tables"][0]["rows"][0]["cells"][0]["text"],
            "quick onnx, 1 thread, batch 1 (level 1 → its default)");
  EXPECT_THAT(notes,
              HasSubstr("New or set otherwise, with nothing to be held against: fresh onnx, 1 thread, batch 1."));
  EXPECT_THAT(notes, HasSubstr("Measured before alone: gone onnx"));
  EXPECT_THAT(notes, HasSubstr("Of `offline`, each row by itself: 3 tie (json/changes-offline.json)."));
  // The page calls the two what a reader does.
  EXPECT_THAT(notes, HasSubstr("The previous run and this run differ in turbo (A → B)."));
  EXPECT_THAT(notes, Not(HasSubstr("another setting")));  // the sentence has it
  EXPECT_THAT(notes, HasSubstr("2 rows of this run are the previous run's own runs, taken over."));
  EXPECT_THAT(notes, HasSubstr("This run was measured on Abacus."));
  EXPECT_THAT(notes, HasSubstr("the engine A-1 of the previous run has no row in this run."));
}

// A step that was done by a call at 10:00.
Step DoneStep(const std::string& title, const std::string& stage, const std::string& started_at, int64_t wall_ns) {
  Step step;
  step.name = title;
  step.title = title;
  step.stage = stage;
  step.status = "ok";
  step.started_at = started_at;
  step.wall_ns = wall_ns;
  step.command = {"bakeoff", stage, title};
  return step;
}

// `step` as a later attempt leaves it.
Step After(const Step& step, const std::string& status, const std::string& error) {
  Step later = step;
  later.status = status;
  later.error = error;
  later.command.emplace_back("--otherwise");
  later.wall_ns.reset();
  later.kept = std::make_shared<const Step>(step);
  return later;
}

Source FailedTraining() {
  Source source = ThreeEngines();
  Step train = DoneStep("Train small", "train", "2026-01-02T10:00:00Z", 20'000'000'000);
  Step measure = DoneStep("Measure latency", "measure", "2026-01-02T10:00:20Z", 5'000'000'000);
  measure.campaign = 1;
  Step failed = After(train, "failed", "no weights");
  failed.title = "Train large";
  failed.started_at = "2026-01-02T11:30:00Z";
  failed.wall_ns = 1'000'000'000;
  source.steps = {failed,
                  After(measure, "skipped", "model was not made anew, because 'Train large' failed: no weights")};
  source.campaign = {{"status", "failed"}, {"wall_ns", 1'500'000'000}, {"host_overhead_ns", 500'000'000}};
  return source;
}

TEST(Report, NumbersOfAnEarlierSuccessAreToldToBe) {
  const Source source = FailedTraining();
  const Json report = BuildOf(source);
  const std::string told =
      "The step 'Train large' failed in the last attempt (2026-01-02 11:30 UTC): this answer and what follows are of "
      "what was made "
      "before, measured 2026-01-02 10:00 UTC.";
  EXPECT_EQ(report["answers"][0]["stale"]["sentence"], told);
  const std::string html = Html(report, {});
  const size_t headline = html.find("class=\"headline\""), stale = html.find("class=\"stale\""),
               cards = html.find("class=\"cards\"");
  EXPECT_TRUE(headline < stale && stale < cards && cards != std::string::npos);
  EXPECT_THAT(Markdown(report), HasSubstr("before, measured 2026-01-02 10:00 UTC"));
  // The commands are those that made the numbers.
  std::vector<std::string> commands;
  for (const Json& each : SectionNamed(report, "reproduce")["commands"])
    commands.push_back(fmt::format("{}: {}", each["title"].get<std::string>(), each["command"].get<std::string>()));
  EXPECT_THAT(commands, ::testing::ElementsAre("Train small: bakeoff train 'Train small'",
                                               "Measure latency: bakeoff measure 'Measure latency'"));
}

TEST(Report, NumbersThatAFailureDoesNotTouchAreNotCalledOld) {
  Source source = FailedTraining();
  source.steps[1] = *source.steps[1].kept;
  EXPECT_TRUE(BuildOf(source)["answers"][0]["stale"].is_null());
  EXPECT_THAT(Html(BuildOf(source), {}), Not(HasSubstr("class=\"stale\"")));
  // A measurement that failed but left rows of its own shows those, and its own command.
  source = FailedTraining();
  Step other = *source.steps[1].kept;
  other.campaign = 7;
  source.steps[1].status = "failed";
  source.steps[1].kept = std::make_shared<const Step>(other);
  const Json report = BuildOf(source);
  EXPECT_TRUE(report["answers"][0]["stale"].is_null());
  EXPECT_THAT(SectionNamed(report, "reproduce")["commands"][1]["command"].get<std::string>(), HasSubstr("--otherwise"));
}

TEST(Report, OnlyWhatIsOldIsCalledOld) {
  Source source = FailedTraining(), later;
  AddRow({.engine = "quick", .p50_ms = {1, 1, 1}}, later);
  later.campaigns[0].id = 2;
  for (StoredRun& run : later.runs) {
    run.id = static_cast<int64_t>(source.runs.size()) + 1;
    run.campaign = 2;
    source.runs.push_back(run);
  }
  source.campaigns.push_back(later.campaigns[0]);
  source.steps.push_back(DoneStep("Measure anew", "measure", "2026-01-02T11:31:00Z", 1'000'000'000));
  source.steps.back().campaign = 2;
  EXPECT_THAT(BuildOf(source)["answers"][0]["stale"]["sentence"].get<std::string>(),
              HasSubstr("what 'Measure latency' measured is of what was made before"));
}

TEST(Report, TimeOfStepsOfEarlierCallsCounts) {
  Source source = ThreeEngines();
  source.steps = {DoneStep("one", "data", "2026-01-02T10:00:00Z", 1'000'000'000),
                  DoneStep("two", "train", "2026-01-02T10:00:01Z", 7'000'000'000),
                  DoneStep("three", "convert", "2026-01-02T10:00:08Z", 2'000'000'000)};
  source.campaign = {{"wall_ns", 12'500'000'000}, {"host_overhead_ns", 2'500'000'000}};
  const auto beginnings = [](const Json& section) {
    std::vector<std::pair<std::string, double>> found;
    for (const Json& series : section["charts"][0]["series"])
      found.emplace_back(series["name"], series["points"][0]["x"].get<double>());
    return found;
  };
  const Json whole = SectionNamed(BuildOf(source), "timeline");
  EXPECT_EQ(whole["sentences"][0]["text"], "The campaign took 12.5 s, 20.0 % of it between the steps.");
  EXPECT_EQ(whole["tables"][0]["rows"][1]["cells"][4]["text"], "56.0 %") << "of the same 12.5 s";
  EXPECT_THAT(whole["charts"][0]["alt"].get<std::string>(), Not(HasSubstr("pauses")));
  EXPECT_THAT(beginnings(whole),
              ::testing::ElementsAre(std::pair("one", 0.0), std::pair("two", 1.0), std::pair("three", 8.0)));
  // Nothing was left to do in a later call, or one step alone; an edit had the second one done again.
  for (const char* status : {"reused", "ok"}) {
    for (Step& step : source.steps) step.status = status;
    source.steps[1].status = "ok";
    source.steps[1].started_at = "2026-01-02T12:00:00Z";
    source.campaign["wall_ns"] = 7'100'000'000;
    source.campaign["host_overhead_ns"] = 100'000'000;
    const Json again = SectionNamed(BuildOf(source), "timeline");
    EXPECT_EQ(again["sentences"][0]["text"], "Its steps took 10.0 s in all, those of earlier calls included.");
    EXPECT_EQ(again["tables"][0]["rows"][1]["cells"][4]["text"], "70.0 %");
    EXPECT_THAT(again["charts"][0]["alt"].get<std::string>(), HasSubstr("pauses between calls of `run` left out"));
    EXPECT_THAT(beginnings(again),
                ::testing::ElementsAre(std::pair("one", 0.0), std::pair("three", 1.0), std::pair("two", 3.0)));
  }
}

TEST(Report, TimeOfWhatIsKeptCountsBesideTheAttemptThatFailed) {
  const Json timeline = SectionNamed(BuildOf(FailedTraining()), "timeline");
  EXPECT_EQ(timeline["sentences"][0]["text"], "Its steps took 26.0 s in all, those of earlier calls included.");
  std::vector<std::string> rows;
  for (const Json& row : timeline["tables"][0]["rows"])
    rows.push_back(
        fmt::format("{} {}", row["cells"][0]["text"].get<std::string>(), row["cells"][2]["text"].get<std::string>()));
  EXPECT_THAT(rows, ::testing::ElementsAre("Train small kept", "Train large failed", "Measure latency kept",
                                           "Measure latency skipped"));
}

TEST(Report, SaysWhyThereIsNoSpeedUp) {
  Source source = ThreeEngines();
  EXPECT_TRUE(BuildOf(source)["answers"][0]["speed_up"].is_null()) << "premise";
  source.campaign = {{"no_baseline", "Torch was not measured; add it"}};
  const Json report = BuildOf(source);
  EXPECT_EQ(report["answers"][0]["speed_up"]["sentence"], "No speed-up is told: Torch was not measured; add it.");
  EXPECT_THAT(Html(report, {}), HasSubstr("No speed-up is told: Torch was not measured; add it."));
  EXPECT_THAT(
      BuildOf(source, Baseline{.engine = "slow", .label = {}})["answers"][0]["speed_up"]["sentence"].get<std::string>(),
      HasSubstr("times as fast"));
}

TEST(Report, EqualEnginesTieAndNobodyIsFaster) {
  Source source;
  // The same times in another order, twice: no section has anything to prove.
  AddRow({.engine = "one", .p50_ms = {1.000, 1.002, 1.004}}, source);
  AddRow({.engine = "two", .p50_ms = {1.004, 1.000, 1.002}}, source);
  AddRow({.engine = "one", .p50_ms = {1.002, 1.004, 1.000}, .threads = 2}, source);
  AddRow({.engine = "two", .p50_ms = {1.000, 1.004, 1.002}, .threads = 2}, source);
  const Json report = BuildOf(source, Baseline{.engine = "two", .label = "what it was"});
  for (const std::string& sentence : Sentences(report)) {
    EXPECT_THAT(sentence, Not(HasSubstr("faster")));
    EXPECT_THAT(sentence, Not(HasSubstr("times as fast"))) << sentence;
    EXPECT_THAT(sentence, Not(HasSubstr("the fastest"))) << sentence;
  }
  EXPECT_EQ(report["answers"][0]["cards"][0]["verdict"], "tie");
  EXPECT_EQ(report["answers"][0]["speed_up"]["verdict"], "tie");
}

TEST(Report, OneRepetitionProvesNothing) {
  Source source;
  AddRow({.engine = "one", .p50_ms = {1.0}}, source);
  AddRow({.engine = "two", .p50_ms = {2.0}}, source);
  const Json report = BuildOf(source);
  EXPECT_EQ(report["answers"][0]["cards"][0]["verdict"], "unclear");
  for (const std::string& sentence : Sentences(report))
    EXPECT_THAT(sentence, Not(HasSubstr("times as fast"))) << sentence;
}

TEST(Report, AloneNothingIsCompared) {
  Source source;
  AddRow({.engine = "one", .p50_ms = {1.0, 1.0, 1.0}}, source);
  EXPECT_EQ(BuildOf(source)["answers"][0]["cards"][0]["verdict"], "alone");
}

TEST(Report, TellsTheSpeedUpOverTheBaseline) {
  const Json report = BuildOf(ThreeEngines(), Baseline{.engine = "slow", .label = "what it was trained in"});
  const Json& speed_up = report["answers"][0]["speed_up"];
  EXPECT_EQ(speed_up["verdict"], "better");
  EXPECT_NEAR(speed_up["ratio"].get<double>(), 2.83, 0.05);
  EXPECT_THAT(speed_up["sentence"].get<std::string>(),
              HasSubstr("the baseline, what it was trained in (2 threads, batch 1)"));
}

TEST(Report, UnknownBaselineFails) {
  try {
    BuildOf(ThreeEngines(), Baseline{.engine = "slwo", .label = {}});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.text(), HasSubstr("did you mean 'slow'?"));
  }
}

TEST(Report, SaysWhyASectionIsMissing) {
  Source source;
  AddRow({.engine = "one", .p50_ms = {1.0, 1.0, 1.0}}, source);
  const Json report = BuildOf(source);
  for (const char* id : {"test-size", "threads", "pareto", "energy", "options", "operators", "accuracy"})
    EXPECT_TRUE(SectionNamed(report, id).contains("absent")) << id;
  EXPECT_THAT(SectionNamed(report, "energy")["absent"]["text"].get<std::string>(),
              HasSubstr("because this is an example"));
  EXPECT_TRUE(SectionNamed(report, "timeline").is_null()) << "without steps there is no timeline";
}

TEST(Report, IsMadeOfNothingAtAll) {
  const Json report = BuildOf(Source{});
  EXPECT_TRUE(report["answers"].empty());
  EXPECT_THAT(Html(report, ""), HasSubstr("</html>"));
  EXPECT_THAT(Markdown(report), HasSubstr("# "));
}

TEST(Report, TextsOfOthersDoNotBreakThePage) {
  Source source = ThreeEngines();
  source.title = "</title><script>alert(2)</script>";
  const std::string html = Html(BuildOf(source), "var a = \"</script>\";");
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_THAT(html, HasSubstr("no kernel for &lt;/script&gt;"));
  size_t ends = 0;
  for (size_t at = html.find("</script"); at != std::string::npos; at = html.find("</script", at + 1)) ++ends;
  EXPECT_EQ(ends, 3u) << "the data, the library and our own script";
  EXPECT_THAT(Markdown(BuildOf(source)), Not(HasSubstr("<script>")));
}

TEST(Report, FailuresOfOneKindAreOneRow) {
  Source source = ThreeEngines();
  AddRow({.engine = "broken",
          .p50_ms = {1},
          .threads = 2,
          .status = "failed",
          .error = "no kernel for </script><script>alert(1)</script>"},
         source);
  const Json report = BuildOf(source);
  const Json& rows = SectionNamed(report, "failures")["tables"][0]["rows"];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["runs"].size(), 4u);
}

TEST(Report, EveryRunThatIsNamedExists) {
  const Source source = ThreeEngines();
  std::set<int64_t> ids;
  for (const StoredRun& run : source.runs) ids.insert(run.id);
  size_t seen = 0;
  const std::function<void(const Json&)> look = [&](const Json& json) {
    if (json.is_object() && json.contains("runs") && json["runs"].is_array()) {
      for (const Json& id : json["runs"]) {
        EXPECT_TRUE(ids.contains(id.get<int64_t>()));
        ++seen;
      }
    }
    if (json.is_structured()) {
      for (const Json& part : json) look(part);
    }
  };
  look(BuildOf(source));
  EXPECT_GT(seen, 50u);
}

// Whatever has a number and stands by itself: charts with their words and axes, notes, reasons, commands, facts.
TEST(Report, EveryPartWithANumberNamesItsOrigin) {
  const Source source = ThreeEngines();
  size_t seen = 0;
  const auto traced = [](const Json& part) { return part.contains("runs") || part.contains("from"); };
  // What stands between backticks is an example of a command.
  const auto number = [](std::string text) {
    for (size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at)) {
      const size_t end = text.find('`', at + 1);
      text.erase(at, end == std::string::npos ? end : end - at + 1);
    }
    return text.find_first_of("0123456789") != std::string::npos;
  };
  const Json report = BuildOf(source, Baseline{.engine = "slow", .label = "what it was trained in"});
  EXPECT_EQ(report["origin"]["runs"].size(), source.runs.size());
  for (const Json& section : report["sections"]) {
    for (const char* part : {"sentences", "charts", "tables", "notes", "commands"}) {
      if (!section.contains(part)) continue;
      for (const Json& each : section[part]) {
        if (std::string_view(part) == "notes" && !number(each["text"].get<std::string>())) continue;
        EXPECT_TRUE(traced(each)) << section["id"] << " " << part << " " << each;
        ++seen;
      }
    }
    if (section.contains("facts")) {
      EXPECT_TRUE(traced(section));
    }
    if (section.contains("absent") && number(section["absent"]["text"].get<std::string>())) {
      EXPECT_TRUE(traced(section["absent"])) << section["absent"];
    }
    if (!section.contains("charts")) continue;
    for (const Json& chart : section["charts"]) {
      for (const Json& series : chart["series"]) {
        for (const Json& point : series["points"]) EXPECT_NE(traced(point), series.contains("ideal")) << chart["id"];
      }
    }
  }
  EXPECT_GT(seen, 20u);
}

TEST(Report, VariantsOfAColourAreToldApartHoweverMany) {
  const auto looks = [](const Source& source) {
    std::set<std::pair<int, int>> found;
    const Json report = BuildOf(source);
    for (const Json& subject : report["subjects"])
      found.emplace(subject["color"].get<int>() % kColors, subject["variant"].get<int>());
    EXPECT_EQ(found.size(), report["subjects"].size());
    return found.size();
  };
  Source one, many, variants;
  for (int i = 0; i < 12; ++i) {
    AddRow({.engine = "one", .p50_ms = {1, 1, 1}, .options = {{"level", std::to_string(i)}}}, one);
    AddRow({.engine = "engine" + std::to_string(i), .p50_ms = {1, 1, 1}}, many);
    AddRow({.engine = i == 0 ? "other" : "one", .p50_ms = {1, 1, 1}, .options = {{"level", std::to_string(i)}}},
           variants);
  }
  for (const Source* source : {&one, &many, &variants}) EXPECT_EQ(looks(*source), 12u);
}

TEST(Report, ProfileAndCpuOverTimeAreShownWhereTheyAre) {
  Source source = ThreeEngines();
  for (StoredRun& run : source.runs) {
    if (run.record["status"] != "ok") continue;
    run.record["cpu"]["over_time"] = {{{"at_ns", 0}, {"utilisation", 0.5}},
                                      {{"at_ns", 1000000000}, {"utilisation", 1.0}}};
    run.record["profile"] = {{"operators",
                              {{{"name", "c1"},
                                {"type", "Conv"},
                                {"time_ns", 900},
                                {"calls", 10},
                                {"share", 0.9},
                                {"precision", nullptr},
                                {"provider", nullptr}},
                               {{"name", "r1"},
                                {"type", "Relu"},
                                {"time_ns", 100},
                                {"calls", 10},
                                {"share", 0.1},
                                {"precision", "f32"},
                                {"provider", "CPU"}}}},
                             {"total_ns", 1000},
                             {"inferences", 10},
                             {"source", "the example"}};
  }
  const Json report = BuildOf(source);
  EXPECT_THAT(SectionNamed(report, "operators")["sentences"][0]["text"].get<std::string>(),
              HasSubstr("Conv takes 90.0 %"));
  EXPECT_EQ(SectionNamed(report, "cpu")["charts"][0]["id"], "cpu-time");
}

TEST(Report, TimeOfNoOperatorIsExplainedAndNeverTheFinding) {
  const auto profiled = [](const Json& operators) {
    Source source;
    AddRow({.engine = "quick", .p50_ms = {1}}, source);
    source.runs[0].record["profile"] = {{"operators", operators}, {"total_ns", 1000}, {"inferences", 10}};
    return SectionNamed(BuildOf(source), "operators");
  };
  const Json gap{{"name", "after a #1"}, {"type", "not announced"}, {"time_ns", 900}, {"calls", 10}};
  const Json relu{{"name", "r #2"}, {"type", "Relu"}, {"time_ns", 70}, {"calls", 10}};
  const Json add{{"name", "a #1"}, {"type", "Add"}, {"time_ns", 30}, {"calls", 10}};
  const Json both = profiled({gap, relu, add});
  EXPECT_EQ(both["sentences"][0]["text"],
            "quick: Relu takes 7.0 % of the time in operators; 90.0 % of it was not announced as any operator's.");
  EXPECT_THAT(both["notes"].dump(), HasSubstr("is the time between two operators that the runtime announced"));
  EXPECT_EQ(profiled(Json::array({gap}))["sentences"][0]["text"], "quick: its runtime announced no operator.");
  const Json all = profiled({relu, add});
  EXPECT_EQ(all["sentences"][0]["text"], "quick: Relu takes 70.0 % of the time in operators.");
  EXPECT_FALSE(all.contains("notes"));
}

TEST(Report, SaysWhatAccuracyTheConversionCost) {
  Source source = ThreeEngines();
  source.steps.push_back(StepOf(
      "evaluate-quick", "evaluate",
      {{"engine", "quick"},
       {"format", "onnx"},
       {"model", "net.onnx"},
       {"examples", 340},
       {"top1", 0.95},
       {"macro_f1", 0.94},
       {"against", {{"difference", -0.01}, {"low", -0.02}, {"high", 0.0}, {"p_value", 0.3}, {"verdict", "same"}}},
       {"classes", {{{"name", "a"}, {"examples", 200}}, {{"name", "b"}, {"examples", 140}}}},
       {"confusion", {{198, 2}, {15, 125}}}}));
  const Json report = BuildOf(source);
  EXPECT_EQ(report["answers"][0]["accuracy"]["verdict"], "kept");
  EXPECT_THAT(report["answers"][0]["accuracy"]["sentence"].get<std::string>(),
              HasSubstr("-1.00 points (99 % interval -2.00 to +0.00)"));
  const Json& accuracy = SectionNamed(report, "accuracy");
  EXPECT_THAT(accuracy["sentences"].back()["text"].get<std::string>(), HasSubstr("b taken for a: 15 of 140 pictures"));
  EXPECT_EQ(accuracy["charts"].back()["kind"], "heatmap");
}

TEST(Report, AnEngineHasOneColourWhateverOfItWasEvaluated) {
  Source source = ThreeEngines();
  for (const char* format : {"onnx", "tflite"})
    source.steps.push_back(
        StepOf(fmt::format("evaluate-slow-{}", format), "evaluate",
               {{"engine", "slow"}, {"format", format}, {"model", "net"}, {"examples", 9}, {"top1", 0.9}}));
  const Json report = BuildOf(source);
  const Json& series = SectionNamed(report, "accuracy")["charts"][0]["series"];
  ASSERT_EQ(series.size(), 2u);
  for (const Json& each : series) {
    ASSERT_TRUE(each.contains("subject")) << each["name"];
    EXPECT_EQ(report["subjects"][each["subject"].get<size_t>()]["engine"], "slow");
  }
}

TEST(Report, WhatCouldNotBeComparedStandsLast) {
  Source source = ThreeEngines();
  const auto row = [](const char* engine, const char* status) {
    return Json{{"model", "net.onnx"}, {"format", "onnx"}, {"engine", engine}, {"status", status}};
  };
  source.steps.push_back(StepOf("verify", "verify",
                                {{"reference", {{"engine", "slow"}}},
                                 {"rows", {row("a", "unsupported"), row("b", "agree"), row("c", "mismatch")}}}));
  const Json report = BuildOf(source);
  std::vector<std::string> engines;
  for (const Json& each : SectionNamed(report, "conversion")["tables"][0]["rows"])
    engines.push_back(each["cells"][0]["text"]);
  EXPECT_THAT(engines, ::testing::ElementsAre("b", "c", "a"));
}

// The whole data of a campaign, as a program would read it. BAKEOFF_WRITE_GOLDEN=1 writes the file anew.
TEST(Report, DataIsAsTheGoldenFileHasIt) {
  const char* root = std::getenv("BAKEOFF_SOURCE");
  if (root == nullptr) GTEST_SKIP() << "BAKEOFF_SOURCE is not set: run by ctest";
  const std::filesystem::path path = std::filesystem::path(root) / "tests/golden/report.json";
  const Source source = ThreeEngines();
  const std::string text =
      BuildOf(source, Baseline{.engine = "slow", .label = "what it was trained in"}).dump(1) + "\n";
  if (std::getenv("BAKEOFF_WRITE_GOLDEN") != nullptr) core::WriteFileAtomically(path, text);
  // As JSON first: what differs is then told by its place.
  EXPECT_EQ(Json::diff(Json::parse(core::ReadFile(path)), Json::parse(text)).dump(1), "[]");
}

}  // namespace
}  // namespace bakeoff::report
