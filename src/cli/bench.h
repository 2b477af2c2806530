// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The parts of `bakeoff bench`: its command line as settings, and its results as text.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"
#include "measure/bench.h"
#include "measure/settings.h"

namespace bakeoff::cli {

// The options of `bench`; `verify` has some of the same.
std::span<const OptionRow> BenchOptions();
inline constexpr OptionRow kEnginesOption{
    "engines", "A,B", "all", "Engines, or `all`: those that are present, without null and fake.", 0, true};
inline constexpr OptionRow kShapeOption{
    "shape", "NAME=1x3x224x224",
    "",      "Shape of an input with free dimensions; without NAME for an only input. ? leaves an extent to the model.",
    0,       true};
inline constexpr OptionRow kRangeOption{"range",
                                        "NAME=0..9",
                                        "",
                                        "Range of random values of an input; without it floats are normal, i32 and i64 "
                                        "are 0 or 1, shorter integers take their whole range.",
                                        0,
                                        true};
inline constexpr OptionRow kInputOption{
    "input", "NAME=FILE.npy", "", "Values of an input, from a NumPy file; rows are repeated to the batch.", 0, true};
inline constexpr OptionRow kLayoutOption{"layout",
                                         "WHAT=NHWC",
                                         "",
                                         "Meaning of axes; WHAT is an input or output, MODEL, or MODEL:INPUT. Default: "
                                         "the format's habit, marked as assumed.",
                                         0,
                                         true};
inline constexpr OptionRow kSeedOption{"seed", "N", "1", "Seed of random inputs and of the order of rows."};
inline constexpr OptionRow kToleranceOption{
    "tolerance", "T", "auto",
    "What answers may differ by: auto (by precision), f32, f16, bf16, i8, or a level in dB (docs/conversion.md)."};
inline constexpr OptionRow kTimeoutOption{
    "timeout", "TIME", "300s",
    "A worker that gives no answer for this long, beyond the planned time, counts as hung and is killed."};
inline constexpr OptionRow kOnOption{"on", "PREFIX", "",
                                     "Command prefix that starts workers: \"ssh host\", \"taskset -c 0\"."};

// Throws Error{kUsage, kNotFound ...} for everything that can be found wrong before anything runs.
measure::Settings BenchSettings(const Options& options);

// What bench and verify read in the same way.
std::vector<Artifact> OpenModels(const Options& options);
std::map<std::string, Shape> ReadShapes(const Options& options);
verify::InputChoices ReadInputs(const Options& options);
std::chrono::milliseconds ReadLimit(const Options& options);
void RequirePrecision(const std::vector<std::string>& precisions);
// Words of a command prefix, with quotes as in a shell.
std::vector<std::string> CommandWords(const std::string& text);

// The result at the given width: heading, table, failures, notes and the grade.
void ShowOutcome(const measure::Outcome& outcome, Console& console);
std::string OutcomeMarkdown(const measure::Outcome& outcome);

}  // namespace bakeoff::cli
