// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The table of keys.
#include "campaign/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace bakeoff::campaign {
namespace {

constexpr std::array kKeys = {
    Key{"name", Kind::kText, "the file's name", "Name of the campaign: a word for folders and titles.", ""},
    Key{"title", Kind::kText, "", "One line over the report.", ""},
    Key{"data", Kind::kSection, "", "Labelled pictures, for training and for accuracy: one of make, path and import.",
        ""},
    Key{"data.make", Kind::kText, "", "Draw an embedded data set (docs/data.md).", "fruits|shapes"},
    Key{"data.seed", Kind::kWhole, "0", "make: seed of the pictures and of the split.", ""},
    Key{"data.part", Kind::kReal, "1", "make: draw only this share of every class.", ""},
    Key{"data.path", Kind::kPath, "", "Pictures that stay where they are: whatever `data info` reads.", ""},
    Key{"data.import", Kind::kPath, "", "Pictures that are copied into the campaign's folder, from an archive for one.",
        ""},
    Key{"data.split", Kind::kSection, "the data's own parts, else those of training",
        "Divide the data: options of `data split`.", ""},
    Key{"train", Kind::kSection, "",
        "Train a model on the data: options of `train`. What is not given, the recipe chooses.", ""},
    Key{"model", Kind::kPaths, "",
        "Instead of `train`: a model file or folder, or several files of one network. As a section, with the keys "
        "below.",
        ""},
    Key{"model.path", Kind::kPaths, "", "The same, where there is more to say.", ""},
    Key{"model.shape", Kind::kTexts, "", "NAME=1x3x224x224 for inputs with free extents.", ""},
    Key{"model.range", Kind::kTexts, "", "NAME=LOW..HIGH for random values of an input.", ""},
    Key{"model.layout", Kind::kTexts, "", "NAME=NHWC where the format's habit is wrong.", ""},
    Key{"model.classes", Kind::kPath, "the model's own", "Name of each score, one a line, for accuracy.", ""},
    Key{"model.preprocess", Kind::kPath, "the model's own",
        "Pre-processing as JSON (docs/model-folder.md), for accuracy.", ""},
    Key{"model.output", Kind::kText, "", "Output with the scores, where there are several.", ""},
    Key{"convert", Kind::kTexts, "all", "Formats to convert the model to, all that conversions lead to, or none.", ""},
    Key{"baseline", Kind::kSection, "the framework that the model was made in, where it is measured",
        "What the others are held against: an engine and its options, or none. Of a list of them the first whose "
        "engine is present counts; all are measured.",
        ""},
    Key{"baseline.engine", Kind::kText, "", "The engine.", ""},
    Key{"baseline.options", Kind::kSection, "its defaults",
        "OPTION: VALUE of that engine; measured beside its defaults.", ""},
    Key{"baseline.label", Kind::kText, "the engine", "What to call it in sentences.", ""},
    Key{"verify", Kind::kSwitched, "true", "Compare the answers of all formats and engines: options of `verify`.", ""},
    Key{"verify.options", Kind::kOptions, "", "ENGINE.OPTION: VALUE.", ""},
    Key{"evaluate", Kind::kSwitched, "true where there is data",
        "Accuracy of every format on every engine that reads it: options of `eval`.", ""},
    Key{"evaluate.engines", Kind::kTexts, "all", "Engines to ask.", ""},
    Key{"evaluate.precision", Kind::kTexts, "those of measure", "Precisions, each evaluated.", ""},
    Key{"evaluate.options", Kind::kOptions, "", "ENGINE.OPTION: VALUE.", ""},
    Key{"measure", Kind::kSwitched, "true",
        "Measure latency: options of `bench`, with 1 s and 3 repetitions where nothing else is said, on 1 thread and "
        "on "
        "all. What stands here also holds for the sections below, which may say otherwise; each is a measurement of "
        "its own.",
        ""},
    Key{"measure.options", Kind::kOptions, "", "ENGINE.OPTION: VALUE, or a list whose values are measured one by one.",
        ""},
    Key{"measure.offline", Kind::kSwitched, "false", "Throughput with many requests in flight.", ""},
    Key{"measure.offline.options", Kind::kOptions, "", "As above.", ""},
    Key{"measure.dataset", Kind::kSwitched, "false",
        "Time over the size of a test set, `test_size`; with reading and pre-processing where the data are drawn or "
        "imported, or where `input` is a folder of pictures.",
        ""},
    Key{"measure.dataset.options", Kind::kOptions, "", "As above.", ""},
    Key{"measure.server", Kind::kSwitched, "false", "Latency under load, at the rates of `qps`.", ""},
    Key{"measure.server.options", Kind::kOptions, "", "As above.", ""},
    Key{"measure.ablate", Kind::kSwitched, "false", "What each of its `options` buys, alone and together.", ""},
    Key{"measure.ablate.options", Kind::kOptions, "", "ENGINE.OPTION: a value or a list, the first is the base.", ""},
    Key{"measure.profile", Kind::kSwitched, "false", "Time of each operator, on one thread.", ""},
    Key{"measure.profile.options", Kind::kOptions, "", "As above.", ""},
    Key{"report", Kind::kYesNo, "true", "Write report.html at the end.", ""},
};

const char* KindText(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "text";
    case Kind::kPath:
      return "path";
    case Kind::kPaths:
      return "path or list";
    case Kind::kWhole:
      return "integer";
    case Kind::kReal:
      return "number";
    case Kind::kYesNo:
      return "true or false";
    case Kind::kTexts:
      return "text or list";
    case Kind::kOptions:
      return "map";
    case Kind::kSection:
      return "section";
    case Kind::kSwitched:
      return "section, true or false";
  }
  return "";
}

}  // namespace

std::span<const Key> Keys() {
  return kKeys;
}

const std::vector<CommandSection>& CommandSections() {
  // Of `bench`: where results go is the campaign's affair, and what a scenario is told belongs into its section.
  static const std::vector<std::string_view> bench = {"json",   "store",    "no-store", "name",     "resume", "reuse",
                                                      "csv",    "markdown", "budget",   "scenario", "ablate", "option",
                                                      "mlperf", "profile",  "trace",    "shape",    "range",  "layout"};
  const auto but = [](const std::vector<std::string_view>& from, std::vector<std::string_view> more) {
    more.insert(more.end(), from.begin(), from.end());
    return more;
  };
  static const std::vector<CommandSection> sections = {
      {"data.split", "data split", {"json", "out", "force"}},
      {"train", "train", {"json", "data", "out", "fresh"}},
      {"verify", "verify", {"json", "option", "shape", "range", "layout", "no-convert"}},
      {"evaluate",
       "eval",
       {"json", "data", "engine", "option", "shape", "layout", "classes", "preprocess", "output", "precision",
        "answers", "against", "no-convert"}},
      {"measure", "bench",
       but(bench, {"qps", "arrivals", "latency-bound", "samples-per-query", "test-size", "streams"})},
      {"measure.offline", "bench", but(bench, {"qps", "arrivals", "latency-bound", "samples-per-query", "test-size"})},
      {"measure.dataset", "bench",
       but(bench, {"qps", "arrivals", "latency-bound", "samples-per-query", "duration", "count"})},
      {"measure.server", "bench", but(bench, {"samples-per-query", "test-size"})},
      {"measure.ablate", "bench",
       but(bench, {"qps", "arrivals", "latency-bound", "samples-per-query", "test-size", "streams"})},
      {"measure.profile", "bench",
       but(bench, {"qps", "arrivals", "latency-bound", "samples-per-query", "test-size", "streams"})},
  };
  return sections;
}

std::string KeysMarkdown(const OptionsOf& options) {
  std::string text = "| key | what it takes | without it | meaning |\n|---|---|---|---|\n";
  for (const Key& key : kKeys) {
    std::string takes = KindText(key.kind);
    if (!key.choices.empty()) takes = core::Join(core::Split(key.choices, '|'), " or ");
    text += fmt::format("| `{}` | {} | {} | {} |\n", key.name, takes, key.fallback, key.help);
  }
  text += "\n| section | its further keys: options of |\n|---|---|\n";
  for (const CommandSection& section : CommandSections()) {
    const auto* all = options(section.command);
    std::vector<std::string> names;
    for (const CommandOption& option : all ? *all : std::vector<CommandOption>()) {
      if (std::find(section.taken.begin(), section.taken.end(), option.name) != section.taken.end()) continue;
      std::string name = option.name;
      std::replace(name.begin(), name.end(), '-', '_');
      names.push_back("`" + name + "`");
    }
    text += fmt::format("| `{}` | `bakeoff {}`: {} |\n", section.name, section.command, core::Join(names, ", "));
  }
  return text;
}

}  // namespace bakeoff::campaign
