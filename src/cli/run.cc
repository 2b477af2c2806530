// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff run`: a whole campaign, from data to report.
#include "cli/run.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/parser.h"
#include "core/cgroup.h"
#include "worker/host/startup.h"

#ifndef BAKEOFF_VERSION
#error "BAKEOFF_VERSION comes from the build"
#endif

namespace bakeoff::cli {
namespace {

namespace fs = std::filesystem;

constexpr PositionalRow kWords[] = {{"CAMPAIGN", "A campaign file (docs/campaigns.md), YAML."}};
constexpr OptionRow kOptions[] = {
    {"out", "DIR", "", "The campaign's folder; the same call goes on in it. Default: campaigns/NAME."},
    {"from", "STAGE", "",
     "Do this stage and those after it again, even where nothing has changed: data, train, convert, verify, evaluate, "
     "measure or report."},
    {"only", "STAGE", "", "Do this stage alone; those before it must be done."},
    {"dry-run", "", "", "Check the file and show what would be done, with the commands; do nothing."},
    kJsonOption,
};

Json PlanJson(const campaign::Plan& plan, const campaign::Preview& preview) {
  Json steps = Json::array();
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const campaign::Step& step = plan.steps[i];
    if (!step.of.empty()) continue;
    Json command = Json::array({"bakeoff"});
    for (const std::string& word : step.words) command.push_back(word);
    steps.push_back({{"name", step.name},
                     {"stage", step.stage},
                     {"title", step.title},
                     {"command", command},
                     {"current", static_cast<bool>(preview.done[i])},
                     {"skip", step.skip.empty() ? Json() : Json(step.skip)},
                     {"guessed_s", preview.step_seconds[i]}});
  }
  return {{"schema", 1},
          {"folder", plan.folder.string()},
          {"steps", steps},
          {"guessed_s", preview.seconds},
          {"guessed_bytes", preview.bytes},
          {"warnings", plan.warnings}};
}

// An hour of work must not end on a full disk.
void NeedRoom(const fs::path& folder, uint64_t bytes) {
  fs::path there = fs::absolute(folder);
  std::error_code error;
  while (!there.empty() && there != there.root_path() && !fs::exists(there, error)) there = there.parent_path();
  const auto space = fs::space(there, error);
  if (error || space.available >= bytes) return;
  throw Error(ErrorCode::kUnavailable,
              fmt::format("{}: the campaign needs about {} MiB, and the disk has {} MiB left; free some, or give "
                          "another folder with --out",
                          folder.string(), bytes >> 20, space.available >> 20));
}

// The words of a step as its command takes them.
void CheckWords(const std::vector<std::string>& words, bool models) {
  const Invocation invocation = Parse(words);
  if (invocation.command && invocation.command->check && invocation.options)
    invocation.command->check(*invocation.options, models);
}

int Run(const Options& options, Console& console) {
  CheckWritable(options, "json");
  const fs::path file = options.Positional()[0];
  if (options.Has("out") && options.Text("out").empty())
    throw Error(ErrorCode::kUsage, "--out is empty: give the campaign's folder, or leave it out for campaigns/NAME");
  const campaign::OptionsOf commands = CommandTable();
  const campaign::Spec spec = campaign::ReadSpec(file, commands);
  const fs::path folder =
      (options.Has("out") ? fs::path(options.Text("out")) : fs::path("campaigns") / spec.name).lexically_normal();
  const campaign::Plan plan = campaign::MakePlan(spec, folder.has_filename() ? folder : folder.parent_path(),
                                                 {.engines = worker::Engines(),
                                                  .hops = worker::Hops(),
                                                  .options = commands,
                                                  .threads = core::DefaultThreads(),
                                                  .check = CheckWords});
  const campaign::Request request{.program = fs::read_symlink("/proc/self/exe").string(),
                                  .version = BAKEOFF_VERSION,
                                  .revision = "",
                                  .from = options.Text("from"),
                                  .only = options.Text("only"),
                                  .options = commands,
                                  .live = console.live()};
  const campaign::Preview preview = campaign::Look(plan, request);
  for (const std::string& warning : plan.warnings) console.Note(fmt::format("warning: {}", warning));
  if (options.Switch("dry-run")) {
    WriteJson(options, console, PlanJson(plan, preview));
    if (!JsonTakesStdout(options)) ShowPlan(plan, preview, console);
    return 0;
  }
  NeedRoom(folder, preview.bytes);
  console.Note(fmt::format("campaign {} in {}, {}", spec.name, plan.folder.string(),
                           preview.seconds > 0 ? AboutTime(preview.seconds) : "everything is done already"));
  // A measurement that is told writes down that it was stopped.
  const worker::KeepResults keep(worker::KeepResults::Workers::kAreTold);
  const campaign::State state =
      campaign::Run(spec, plan, request,
                    {.progress = [&](const std::string& text, bool step) { console.Progress(text, step); },
                     .note = [&](const std::string& text) { console.Note(text); },
                     .interrupted = [&] { return keep.interrupted(); }});
  console.Clear();
  WriteJson(options, console, campaign::ToJson(state));
  if (!JsonTakesStdout(options)) {
    std::vector<std::string> again = {"run", file.string()};
    if (options.Has("out")) again.insert(again.end(), {"--out", options.Text("out")});
    again.insert(again.end(), {"--only", "report"});
    ShowResult(plan, state, request.only, campaign::CommandText(again), console);
  }
  if (state.status == "stopped") console.Note("stopped; the same command goes on from here");
  return campaign::ExitCode(state);
}

}  // namespace

campaign::OptionsOf CommandTable() {
  return [](std::string_view name) {
    static const auto table = [] {
      std::map<std::string, std::vector<campaign::CommandOption>, std::less<>> made;
      for (const Command* command : kCommands) {
        auto& options = made[std::string(command->name)];
        for (const OptionRow& row : command->options)
          options.push_back({std::string(row.name), std::string(row.value), row.repeatable});
      }
      return made;
    }();
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
  };
}

const Command kRun{
    .name = "run",
    .summary = "Carry out a campaign: data, training, conversion, accuracy, speed, report",
    .text =
        "Every step is a command of this tool that can be repeated by hand. What is done stays: after Ctrl-C, a crash "
        "or a change of the file the same call does what is missing or depends on the change, and says what has "
        "changed. A step or an engine that fails does not stop the others.\n"
        "Exit code: 0; 1 where answers differ; 3 where a step, a conversion or a row failed; 130 when it was "
        "interrupted.",
    .example =
        "bakeoff run examples/demo.yaml --out build/demo\n"
        "bakeoff run campaign.yaml --dry-run\n"
        "bakeoff run campaign.yaml --from measure",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
