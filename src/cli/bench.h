// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The parts of `bakeoff bench`: its command line as settings, and its results as text.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "measure/bench.h"
#include "measure/settings.h"

namespace bakeoff::cli {

// The options of `bench`; `verify` has some of the same.
std::span<const OptionRow> BenchOptions();
inline constexpr OptionRow kEnginesOption{
    "engines", "A,B", "all", "Engines, or `all`: those that are present, without null and fake.", 0, true};
inline constexpr OptionRow kShapeOption{"shape",
                                        "NAME=1x3x224x224",
                                        "",
                                        "Shape of an input with free dimensions; NAME is an input or MODEL:INPUT, and "
                                        "may be left out for an only input. ? leaves an extent to the model.",
                                        0,
                                        true};
inline constexpr OptionRow kRangeOption{"range",
                                        "NAME=0..9",
                                        "",
                                        "Range of random values of an input; without it floats are normal, i32 and i64 "
                                        "are 0 or 1, shorter integers take their whole range.",
                                        0,
                                        true};
inline constexpr OptionRow kInputOption{"input",
                                        "NAME=FILE.npy",
                                        "",
                                        "Values of an input, from a NumPy file (rows are repeated to the batch; it "
                                        "also sets free dimensions), or a folder of pictures, which go through "
                                        "the pre-processing of model.json or the usual one.",
                                        0,
                                        true};
inline constexpr OptionRow kLayoutOption{"layout",
                                         "WHAT=NHWC",
                                         "",
                                         "Meaning of axes; WHAT is an input or output, MODEL, or MODEL:INPUT. Default: "
                                         "the format's habit, marked as assumed.",
                                         0,
                                         true};
// Of commands that ask each engine once.
inline constexpr OptionRow kEngineOption{
    "option", "ENGINE.OPTION=V", "", "Option of an engine (`bakeoff engines --options ENGINE`).", 'o', true};
inline constexpr OptionRow kSeedOption{"seed", "N", "1", "Seed of random inputs and of the order of rows."};
inline constexpr OptionRow kToleranceOption{
    "tolerance", "T", "auto",
    "What answers may differ by: auto (by precision), f32, f16, bf16, i8, or a level in dB (docs/conversion.md)."};
inline constexpr OptionRow kTimeoutOption{
    "timeout", "TIME", "300s",
    "A worker that gives no answer for this long, beyond the planned time, counts as hung and is killed."};
inline constexpr OptionRow kOnOption{"on", "PREFIX", "",
                                     "Command prefix that starts workers: \"ssh host\", \"taskset -c 0\"."};

inline constexpr OptionRow kStoreOption{
    "store", "FILE", "", "Store of results. Default: $BAKEOFF_STORE, else runs.db in the user's data folder."};

// The store that --store or the environment names.
std::filesystem::path StorePath(const Options& options);

// Throws Error{kUsage, kNotFound ...} for everything that can be found wrong before anything runs. Without
// `with_models` they are not opened, and what is said about them is not checked.
measure::Settings BenchSettings(const Options& options, bool with_models = true);

// What bench and verify read in the same way.
// A model given twice is taken once, with a note.
std::vector<Artifact> OpenModels(const Options& options, std::vector<std::string>& notes);
// One number, for commands that take no list.
int ReadThreads(const Options& options);
// Under "" for an only input. Throws Error{kUsage} for a name given twice, as ReadRanges() does.
std::map<std::string, Shape> ReadShapes(const Options& options, std::string_view option = "shape");
// The MODEL of each MODEL:INPUT of --shape, --range and --input. Throws Error{kUsage} for one that was not given.
void CheckNames(const Options& options, const std::vector<Artifact>& models);
std::map<std::string, verify::Range> ReadRanges(const Options& options);
// `any_values`: also NaN and infinite ones.
verify::InputChoices ReadInputs(const Options& options, bool any_values);
uint64_t ReadSeed(const Options& options);
// --tolerance, known to verify.
std::string ReadTolerance(const Options& options);
// -o of kEngineOption as engine -> option -> value, added to settings.options; the settings' engines must be set.
// Throws what measure::AddOptions() throws, and Error{kUsage} for several values.
std::map<std::string, std::map<std::string, std::string>> ReadEngineOptions(const Options& options,
                                                                            measure::Settings& settings);
std::chrono::milliseconds ReadLimit(const Options& options);
void RequirePrecision(const std::vector<std::string>& precisions);
// The words of a text, with quotes as in a shell. Throws Error{kUsage} for an open quote; `what` begins the message.
std::vector<std::string> CommandWords(const std::string& what, const std::string& text);
// Words of --on, with quotes as in a shell. Throws Error: kUsage (no word, an open quote), kNotFound (no such program).
std::vector<std::string> ReadPrefix(const Options& options);

// "net.pt (torchscript): unsupported by a, b, which read onnx, tflite; ..." for engines that do not read a model.
struct Unread {
  std::string model, format;
  std::vector<std::string> engines;
  std::vector<FormatId> reads;  // of all of them, each once
  // What helps or what is in the way, and for whom.
  std::vector<std::pair<verify::Advice, std::vector<std::string>>> advice;

  void Add(const std::string& engine, const std::vector<FormatId>& formats, const verify::Advice& what_helps);
  std::string Text() const;
};
// To the entry of that model, which is made where there is none.
void AddUnread(const Artifact& artifact, const std::string& engine, const std::vector<FormatId>& reads,
               const verify::Advice& advice, const std::vector<std::string>& paths, std::vector<Unread>& unread);
// The file's name where it tells the models apart, else the path.
std::string ShortName(const std::string& path, const std::vector<std::string>& all);

// Limits of numbers on the command line.
inline constexpr int64_t kMostThreads = 4096;
inline constexpr int64_t kMostSamples = int64_t{1} << 28;
// Throws Error{kUsage} with the nearest name for a value that is none of the known ones.
void OneOf(const char* option, const std::vector<std::string>& values, const std::vector<std::string>& known);
// --scenario and the options that belong to one; after the limits. Throws Error{kUsage}.
void ReadScenarios(const Options& options, measure::Settings& settings);

// "graph_optimization=all threads=2"; "" without options.
std::string OptionsText(const measure::Configuration& row);

// The result at the given width: heading, table, failures, notes and the grade.
void ShowOutcome(const measure::Outcome& outcome, Console& console);
// `profile` of a record: a table of the largest operators, or the line with the reason. Nothing for null.
void ShowProfile(const std::string& title, const Json& profile, Console& console);
// The same as Markdown; "" where no profile was asked for.
std::string ProfileMarkdown(const std::string& title, const Json& profile);
// Of `bench --ablate`: a table for each engine with what each option buys alone and all buy together, with intervals.
void ShowAblations(const measure::Outcome& outcome, Console& console);
std::string AblationsMarkdown(const measure::Outcome& outcome);
std::string OutcomeMarkdown(const measure::Outcome& outcome);

}  // namespace bakeoff::cli
