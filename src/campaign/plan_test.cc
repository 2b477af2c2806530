// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Campaigns as commands, state and contents, without running anything.
#include "campaign/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>

#include "campaign/came_out.h"
#include "campaign/contents.h"
#include "campaign/state.h"
#include "core/files.h"
#include "core/test_error.h"
#include "core/test_folder.h"

namespace bakeoff::campaign {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<CommandOption>* Commands(std::string_view name) {
  static const std::vector<CommandOption> none, json = {{"json", "[FILE]"}};
  static const std::vector<CommandOption> eval = {
      {"json", "[FILE]"}, {"split", "PART"}, {"answers", "FILE"}, {"against", "FILE"}};
  static const std::vector<CommandOption> bench = {
      {"json", "[FILE]"}, {"threads", "N,.."}, {"duration", "TIME"}, {"engines", "A,B", true}, {"reuse", ""}};
  if (name == "report" || name == "data make") return name == "report" ? nullptr : &none;
  if (name == "eval") return &eval;
  return name == "bench" ? &bench : &json;
}

worker::EngineEntryStatus Engine(const std::string& name, std::vector<FormatId> reads) {
  worker::EngineEntryStatus entry{.name = name, .status = worker::EngineStatus::kPresent};
  entry.info.name = name;
  entry.info.version = "1";
  entry.info.reads = std::move(reads);
  entry.info.options = {{"freeze", "true", "", "true|false"}, {"own", "", "", ""}};
  return entry;
}

Surroundings Around() {
  worker::HopEntryStatus hop{.name = "hop", .status = worker::EngineStatus::kPresent};
  hop.info.reads = {"torchscript"};
  hop.info.writes = "onnx";
  worker::EngineEntryStatus gone{.name = "gone", .status = worker::EngineStatus::kMissing, .reason = "not built"};
  return {.engines = {Engine("a", {"onnx"}), Engine("b", {"torchscript"}), gone},
          .hops = {hop},
          .options = Commands,
          .threads = 2};
}

Plan PlanOf(const std::string& text) {
  const Spec spec = ParseSpec(text, "c.yaml", "", Commands);
  return MakePlan(spec, "out", Around());
}

const Step& Named(const Plan& plan, const std::string& name) {
  for (const Step& step : plan.steps) {
    if (step.name == name) return step;
  }
  ADD_FAILURE() << "no step " << name;
  return plan.steps.front();
}

constexpr const char* kTrained = "data: {make: fruits}\ntrain:\n";

TEST(Plan, HasEveryStageInOrder) {
  const Plan plan = PlanOf(kTrained);
  std::vector<std::string> names;
  for (const Step& step : plan.steps) names.push_back(step.name);
  EXPECT_THAT(names, ElementsAre("data", "data-info", "train", "convert", "verify", "evaluate-b-torchscript",
                                 "evaluate-a-onnx", "latency", "changes-latency", "report"));
  EXPECT_EQ(CommandText(Named(plan, "train").words),
            "bakeoff train --data out/data --out out/model --json out/json/train.json");
  EXPECT_EQ(CommandText(Named(plan, "latency").words),
            "bakeoff bench out/model --threads 1,2 --duration 1s --store out/results.db --name latency --reuse --json "
            "out/json/latency.json");
  EXPECT_THAT(Named(plan, "report").skip, HasSubstr("no command `bakeoff report`"));
}

TEST(Plan, OthersAreHeldAgainstTheOriginal) {
  const Plan plan = PlanOf(kTrained);
  EXPECT_THAT(Named(plan, "evaluate-b-torchscript").words, Contains("--answers"));
  EXPECT_THAT(Named(plan, "evaluate-a-onnx").words, Contains("--against"));
}

TEST(Plan, BaselineIsMeasuredBesideTheDefaults) {
  const Plan plan = PlanOf(std::string(kTrained) +
                           "baseline:\n  - {engine: gone}\n  - {engine: b, options: {freeze: false}, label: plain}\n");
  ASSERT_TRUE(plan.baseline);
  EXPECT_EQ(plan.baseline->label, "plain");
  EXPECT_THAT(Named(plan, "latency").words, Contains("b.freeze=true,false"));
  EXPECT_THAT(plan.warnings, ElementsAre("gone is missing: not built; its rows are left out"));
}

// `b` is what the model was trained in.
Surroundings WithFramework() {
  Surroundings around = Around();
  around.engines[1].info.framework = {.name = "B as it is", .makes = {"torchscript"}, .options = {{"freeze", "false"}}};
  return around;
}

Plan PlanIn(const Surroundings& around, const std::string& text) {
  return MakePlan(ParseSpec(text, "c.yaml", "", Commands), "out", around);
}

TEST(Plan, FrameworkOfTheModelIsTheBaselineWhereTheFileNamesNone) {
  const Plan plan = PlanIn(WithFramework(), kTrained);
  ASSERT_TRUE(plan.baseline);
  EXPECT_EQ(plan.baseline->engine, "b");
  EXPECT_EQ(plan.baseline->label, "B as it is, in which it was trained");
  EXPECT_THAT(plan.baseline->options, ElementsAre(testing::Pair("freeze", "false")));
  EXPECT_THAT(Named(plan, "latency").words, Contains("b.freeze=true,false"));
  EXPECT_THAT(plan.warnings, ElementsAre());
  // Of what the file says nothing is asked twice.
  const std::string options = "measure: {options: {b.freeze: [false, true]}}\n";
  EXPECT_THAT(Named(PlanIn(WithFramework(), kTrained + options), "latency").words, Contains("b.freeze=false,true"));
}

TEST(Plan, FrameworkIsNoBaselineWhereTheFileSaysOtherwise) {
  for (const char* more : {"baseline: none\n", "baseline: false\n", "baseline: {engine: a}\n", "measure: false\n",
                           "measure: {engines: a}\n"}) {
    const Plan plan = PlanIn(WithFramework(), std::string(kTrained) + more);
    EXPECT_TRUE(!plan.baseline || plan.baseline->engine == "a") << more;
    for (const Step& step : plan.steps) EXPECT_THAT(step.words, Not(Contains(HasSubstr("b.freeze")))) << more;
  }
  EXPECT_THAT(core::TextOf([&] { PlanOf(std::string(kTrained) + "baseline: b\n"); }, ErrorCode::kUsage),
              HasSubstr("c.yaml, line 3: baseline: a section, a list of them, or none is wanted, not 'b'"));
}

TEST(Plan, SaysWhichFrameworkWasNotMeasured) {
  const std::string only_a = std::string(kTrained) + "measure: {engines: a}\n";
  EXPECT_EQ(
      PlanIn(WithFramework(), only_a).no_baseline,
      "B as it is, in which the model was trained, was not measured; add b to measure.engines, or name a baseline");
  EXPECT_EQ(PlanIn(Around(), only_a).no_baseline,
            "this build has no engine of what the model was trained in; name a baseline");
  for (const char* more : {"", "baseline: none\n", "baseline: {engine: a}\n", "measure: false\n"})
    EXPECT_EQ(PlanIn(WithFramework(), std::string(kTrained) + more).no_baseline, "") << more;
}

TEST(Plan, FrameworkThatPeopleRunInPythonComesFirst) {
  Surroundings around = WithFramework();
  worker::EngineEntryStatus eager = Engine("eager", {"folder"});
  eager.info.note = "a baseline in Python";
  eager.info.framework = {.name = "Eager", .makes = {"folder"}, .options = {}};
  around.engines.push_back(eager);
  const Plan plan = PlanIn(around, kTrained);
  ASSERT_TRUE(plan.baseline);
  EXPECT_EQ(plan.baseline->engine, "eager");
  EXPECT_EQ(plan.baseline->label, "Eager");
  EXPECT_THAT(Named(plan, "latency").words, Not(Contains(HasSubstr("b.freeze"))));
  // Alone it would be held against itself; with other options than its defaults it is something to compare with.
  EXPECT_FALSE(PlanIn(around, std::string(kTrained) + "measure: {engines: eager}\n").baseline);
  EXPECT_TRUE(PlanIn(around, std::string(kTrained) + "measure: {engines: b}\n").baseline);
  around.engines.back().status = worker::EngineStatus::kMissing;
  EXPECT_EQ(PlanIn(around, kTrained).baseline->engine, "b");
  // What it reads and does not make says nothing.
  around.engines[1].info.framework.makes = {"onnx"};
  EXPECT_FALSE(PlanIn(around, kTrained).baseline);
}

TEST(Plan, TitlesNameTheFormatThatAnEngineReads) {
  Surroundings around = Around();
  around.engines.push_back(Engine("eager", {"folder"}));
  const Plan plan = PlanIn(around, kTrained);
  EXPECT_EQ(Named(plan, "evaluate-b-torchscript").title, "Accuracy on b (torchscript)");
  // As its results, and with them the report, have it.
  EXPECT_EQ(Named(plan, "evaluate-eager-torchscript").title, "Accuracy on eager (folder)");
}

TEST(Plan, OptionOfAnEngineThatIsNotMeasuredFails) {
  const std::string text = std::string(kTrained) + "measure: {engines: a, options: {b.freeze: false}}\n";
  EXPECT_THAT(core::TextOf([&] { PlanOf(text); }, ErrorCode::kUsage),
              HasSubstr("line 3: b.freeze: 'b' is not among the engines that are measured"));
}

TEST(Plan, BaselineThatOnlyGetsOurExportIsTold) {
  Surroundings around = Around();
  around.engines[0].info.note = "a baseline in Python";
  const Spec spec = ParseSpec(kTrained, "c.yaml", "", Commands);
  EXPECT_THAT(MakePlan(spec, "out", around).warnings, ElementsAre(HasSubstr("a does not read torchscript")));
  around.engines[1].info.note = "a baseline in Python";
  EXPECT_EQ(MakePlan(spec, "out", around).warnings.size(), 1U) << "the other reads what was trained";
}

TEST(Plan, BaselineWithoutANameForTheDefaultFails) {
  const std::string text = std::string(kTrained) + "baseline: {engine: b, options: {own: 3}}\n";
  EXPECT_THAT(core::TextOf([&] { PlanOf(text); }, ErrorCode::kUsage), HasSubstr("c.yaml, line 3"));
}

TEST(Plan, OwnFormatsAreConvertedOneByOne) {
  const Plan plan = PlanOf(std::string(kTrained) + "convert: [onnx, torchscript]\n");
  EXPECT_EQ(CommandText(Named(plan, "convert-onnx").words),
            "bakeoff convert out/model out/model/model.onnx --to onnx --force --json out/json/convert-onnx.json");
}

TEST(Plan, GuessesGrowWithTheWork) {
  const auto seconds = [](const std::string& measure) { return Named(PlanOf(kTrained + measure), "latency").seconds; };
  EXPECT_NEAR(seconds("measure: {threads: 1..4}\n") / seconds("measure: {threads: 1}\n"), 4, 1e-9);
  EXPECT_GT(seconds("measure: {duration: 1m}\n"), 10 * seconds("measure: {duration: 1s}\n"));
}

// What lies there of an earlier file's model says nothing about this one's.
TEST(Plan, ModelsThatAreMadeAnewAreNotLookedInto) {
  const core::TestFolder folder;
  core::WriteFileAtomically(folder.path() / "net.tflite",
                            "\x1c" + std::string(3, '\0') + "TFL3" + std::string(40, 'x'));
  Surroundings around = Around();
  around.hops[0].info.reads = {"tflite"};
  around.engines[1].info.reads = {"tflite"};
  std::map<std::string, bool> looked_into;  // by the engine that is asked
  around.check = [&](const std::vector<std::string>& words, bool models) {
    if (words[0] == "eval") looked_into[*std::next(std::find(words.begin(), words.end(), "--engine"))] = models;
  };
  MakePlan(ParseSpec("model: net.tflite\ndata: {make: fruits}\n", "c.yaml", folder.path(), Commands), "out", around);
  EXPECT_THAT(looked_into, ElementsAre(testing::Pair("a", false), testing::Pair("b", true)));
}

TEST(State, ComesBackAsItWas) {
  const core::TestFolder folder;
  State state{.name = "x", .created_at = "2026-01-01T00:00:00Z", .status = "running"};
  Entry entry{.name = "latency", .stage = "measure", .role = "latency", .words = {"bench", "net.onnx"}};
  entry.status = StepStatus::kPending;
  entry.before = StepStatus::kOk;
  entry.key = "k";
  entry.campaign = 3;
  entry.earlier = {1, 2};
  entry.error.emplace(ErrorCode::kTimeout, "slow");
  entry.outputs["data"] = "sha";
  state.steps.push_back(entry);
  entry.name = "offline";
  state.not_planned.push_back(entry);
  WriteState(folder.path(), state);
  const auto back = ReadState(folder.path());
  ASSERT_TRUE(back);
  const Entry& read = back->steps.at(0);
  EXPECT_EQ(read.status, StepStatus::kOk) << "the call had not come to it";
  EXPECT_EQ(read.words, entry.words);
  EXPECT_EQ(read.campaign, 3);
  EXPECT_EQ(read.earlier, entry.earlier);
  EXPECT_EQ(read.outputs, entry.outputs);
  EXPECT_EQ(read.error->code(), ErrorCode::kTimeout);
  State whole = *back;
  EXPECT_EQ(whole.Find("offline"), nullptr);
  ASSERT_NE(whole.FindAnywhere("offline"), nullptr);
  EXPECT_EQ(whole.FindAnywhere("offline")->campaign, 3);
}

TEST(State, RubbishFails) {
  const core::TestFolder folder;
  for (const char* text : {"", "{", "[]", "{\"steps\": []}", "{\"schema\": 2, \"steps\": []}",
                           "{\"schema\": 1, \"steps\": [1]}", "{\"schema\": 1, \"steps\": [{\"command\": 3}]}"}) {
    core::WriteFileAtomically(StateFile(folder.path()), text);
    EXPECT_THAT(core::TextOf([&] { ReadState(folder.path()); }, ErrorCode::kUnavailable), HasSubstr("campaign.json"))
        << text;
  }
}

TEST(State, ADamagedOneIsNoReasonToLoseWhatWasMeasured) {
  const core::TestFolder folder;
  core::WriteFileAtomically(StateFile(folder.path()), "{");
  const auto text = [&] { return core::TextOf([&] { ReadState(folder.path()); }, ErrorCode::kUnavailable); };
  EXPECT_THAT(text(), AllOf(HasSubstr("another folder with --out, which begins anew"), Not(HasSubstr("results.db"))));
  core::WriteFileAtomically(folder.path() / "results.db", "measurements");
  const std::string store = (folder.path() / "results.db").string();
  EXPECT_THAT(text(), AllOf(HasSubstr("what was measured is still in " + store),
                            HasSubstr("bakeoff runs list --store " + store), Not(HasSubstr("remove"))));
}

TEST(Contents, OfAFolderIsOfItsFilesAndTheirNames) {
  const core::TestFolder folder;
  const auto path = folder.path() / "d";
  std::filesystem::create_directories(path / "sub");
  core::WriteFileAtomically(path / "sub/a", "1");
  Contents contents;
  const std::string before = contents.Of(path);
  EXPECT_EQ(contents.Of(path), before);
  EXPECT_EQ(Contents(contents.ToJson()).Of(path), before);
  core::WriteFileAtomically(path / "sub/a", "2");
  EXPECT_NE(contents.Of(path), before);
  core::WriteFileAtomically(path / "sub/a", "1");
  EXPECT_EQ(contents.Of(path), before) << "what was remembered is of the contents, not of the times";
  std::filesystem::rename(path / "sub/a", path / "sub/b");
  EXPECT_NE(contents.Of(path), before);
  EXPECT_EQ(contents.Of(folder.path() / "absent"), "");
}

TEST(CameOut, ReadsWhatOtherVersionsWroteWithCare) {
  for (const char* text : {"null", "[]", "{}", "{\"summary\": 3, \"rows\": {}}", "{\"summary\": [1, null, {}]}"}) {
    const Json result = Json::parse(text);
    for (const std::string_view stage : kStages) {
      std::set<std::string> told;
      CameOut(stage, "x", result);
      WarningsOf(stage, "x", result, told);
      WorstRow(stage, result);
    }
  }
}

TEST(CameOut, BrokenPicturesAreToldOnceWithTheirWholePaths) {
  Json broken = Json::array();
  for (int i = 0; i < 7; ++i)
    broken.push_back({{"path", std::string(200, 'p') + std::to_string(i)}, {"reason", "cut short"}});
  std::set<std::string> told;
  const auto warnings = WarningsOf("data", "split", {{"broken", broken}}, told);
  ASSERT_EQ(warnings.size(), 1u);
  for (int i = 0; i < 5; ++i)
    EXPECT_NE(warnings[0].find(broken[i]["path"].get<std::string>() + " (cut short)"), std::string::npos);
  EXPECT_NE(warnings[0].find("7 pictures cannot be read and were left out: "), std::string::npos);
  EXPECT_NE(warnings[0].find(" and 2 more, all of them in json/split.json"), std::string::npos);
  EXPECT_TRUE(WarningsOf("evaluate", "evaluate-x", {{"broken", broken}}, told).empty());
}

TEST(CameOut, OfAListInAnErrorTheFirstLinesStayWhole) {
  std::string text = "9 of 12 pictures are broken, --max-broken allows 1%:";
  for (int i = 0; i < 9; ++i) text += "\n  " + std::string(150, 'p') + std::to_string(i) + ".jpg: cut short";
  const std::string told = Shortened(text);
  EXPECT_EQ(told.find('\n'), std::string::npos);
  EXPECT_NE(told.find("p4.jpg: cut short; and 4 more"), std::string::npos) << told;
  EXPECT_EQ(told.find("p5.jpg"), std::string::npos);
}

}  // namespace
}  // namespace bakeoff::campaign
