// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A campaign as steps, each a command line of the tool.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/artifact.h"
#include "campaign/spec.h"
#include "worker/host/catalog.h"

namespace bakeoff::campaign {

inline constexpr std::array<std::string_view, 7> kStages = {"data",     "train",   "convert", "verify",
                                                            "evaluate", "measure", "report"};

struct Step {
  std::string name;                // of its files and, of a measurement, of its campaign in the store
  std::string stage;               // one of kStages
  std::string title;               // for people
  std::string role;                // of a measurement, as Measurement::role
  std::vector<std::string> words;  // of the command, without the program

  std::vector<std::filesystem::path> inputs;    // must be there; their contents count
  std::vector<std::filesystem::path> optional;  // likewise where they are there; else their word is left out
  std::vector<std::filesystem::path> outputs;   // what it makes; what lay there of an earlier campaign file goes away
  std::vector<std::filesystem::path> folders;   // of outputs those that are kept under another name instead
  std::string json;                             // the file of --json, "" where the command has none
  std::vector<std::string> versions;            // of the engines that it uses, and of what else it depends on
  bool on_machine = false;                      // its result is one of this machine
  bool rows = false;         // single rows may fail: done as soon as its JSON is there, whatever the exit code
  std::string of;            // the measurement whose earlier campaign it compares with
  std::vector<Given> given;  // what the file says of its words, with the lines
  int line = 1;              // of the file's section
  std::string skip;          // why it cannot be done by this tool; "" where it can

  double seconds = 0;  // a rough guess
  uint64_t bytes = 0;  // on disk, likewise
};

struct Plan {
  std::string name;
  std::filesystem::path folder;
  std::vector<Step> steps;
  std::optional<Baseline> baseline;
  std::string no_baseline;  // why a model that is trained here is held against nothing; "" where the file wants that
  std::vector<std::string> warnings;
};

// What there is on this machine.
struct Surroundings {
  std::vector<worker::EngineEntryStatus> engines;
  std::vector<worker::HopEntryStatus> hops;
  OptionsOf options;
  int threads = 1;  // that the process may use
  // Throws what the command would throw for these words' values before it does anything, by the command's own code;
  // with `models`, also for what they say of the models, which are there. None: nothing is checked.
  std::function<void(const std::vector<std::string>& words, bool models)> check;
};

// Throws Error: kNotFound for an engine that nobody knows, kUsage for an option that an engine does not have, both with
// the line.
Plan MakePlan(const Spec& spec, const std::filesystem::path& folder, const Surroundings& around);

// Engines by name, "all" for those that are present and not for testing; absent ones are told in `warnings`.
std::vector<worker::EngineEntryStatus> EnginesOf(const Spec& spec, const std::vector<std::string>& names, int line,
                                                 const Surroundings& around, std::vector<std::string>& warnings);
// Whether the engines have these options and values.
void CheckEngineOptions(const Spec& spec, const std::vector<EngineOption>& options, const Surroundings& around);

bool HasPrecision(const worker::EngineEntryStatus& engine, const std::string& precision);
// A precision that none of the engines has would be left out without a word: throws Error{kUsage} with the line.
void NeedPrecisions(const Spec& spec, const std::vector<worker::EngineEntryStatus>& engines);
// Where the file names no baseline: the framework that the original was made in, of `engines` those that are measured.
// A baseline in Python comes first: people run that today.
std::optional<Baseline> FrameworkOf(const Artifact& original, const std::vector<worker::EngineEntryStatus>& engines,
                                    bool trained);
// A baseline that differs from the defaults of its engine is measured beside them.
void AddBaselines(const Spec& spec, const std::vector<Baseline>& baselines,
                  const std::vector<worker::EngineEntryStatus>& engines, std::vector<EngineOption>& options);
// Whether it is one of what people run today, in Python.
bool IsPython(const EngineInfo& engine);
// An option or a baseline that nobody measures is a mistake, told with the line. Of an engine that is absent it is
// none.
void NeedMeasured(const Spec& spec, const Measurement& measurement,
                  const std::vector<worker::EngineEntryStatus>& engines, const Surroundings& around);

// Every step's values, as its command sees them. Throws Error of the command, with the line and the file's own keys.
void CheckValues(const Spec& spec, const Surroundings& around, const Plan& plan);

// What a step's command says, with the file's keys instead of options: "--threads 0" as "measure.threads 0". `line`
// becomes that of the first key that the file has, where there is one.
std::string InWordsOfTheFile(const OptionsOf& options, const Step& step, const std::string& text, int* line = nullptr);

// Fills in seconds and bytes of every step.
void Guess(const Spec& spec, const Surroundings& around, Plan& plan);

// The words as one would type them, quoted for a shell.
std::string CommandText(const std::vector<std::string>& words);

}  // namespace bakeoff::campaign
