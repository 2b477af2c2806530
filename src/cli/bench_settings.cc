// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The options of `bakeoff bench`, and their way into measure::Settings.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "core/cgroup.h"
#include "core/cpus.h"
#include "core/formats.h"
#include "core/shapes.h"
#include "core/text.h"
#include "worker/host/catalog.h"

namespace bakeoff::cli {
namespace {

constexpr int64_t kMostThreads = 4096;
constexpr int64_t kMostBatch = 1 << 20;
constexpr int64_t kMostCount = int64_t{1} << 40;
constexpr int64_t kMostSamples = int64_t{1} << 28;

constexpr std::array kOptions = {
    kEnginesOption,
    OptionRow{"threads", "N,..", "",
              "CPU budget: limit of the engine's own threads and width of the CPU mask. Default: the CPUs that this "
              "process may use."},
    OptionRow{"batch", "N,..", "", "Samples per inference. Default: 1, or what the model has."},
    OptionRow{"precision", "P,..", "f32", "Lowest precision allowed: f32, bf16, f16."},
    OptionRow{"scenario", "S,..", "single-stream",
              "single-stream (one request after the other) or offline (as many in flight as --streams)."},
    OptionRow{"duration", "TIME", "10s", "Time of each timed part; with --count, whichever comes first."},
    OptionRow{"count", "N", "", "Inferences of each timed part; alone it is exact."},
    OptionRow{"repeat", "N", "3", "Repetitions of each row, each in a fresh process, in an interleaved random order."},
    OptionRow{"option", "ENGINE.OPTION=V,..", "",
              "Option of an engine (`bakeoff engines --options ENGINE`); several values are measured one by one.", 'o',
              true},
    kShapeOption,
    kRangeOption,
    kInputOption,
    kLayoutOption,
    kSeedOption,
    OptionRow{"streams", "N", "", "Requests in flight in offline; they share the threads. Default: one per thread."},
    OptionRow{"device", "NAME", "cpu", "Device of the engine."},
    OptionRow{"reference", "ENGINE", "",
              "Engine whose answers the others must match. Default: the first that is not for testing."},
    kToleranceOption,
    OptionRow{"force", "", "", "Measure also where answers are wrong."},
    OptionRow{"warmup", "TIME", "5s", "Longest warm-up; it ends as soon as run times are steady."},
    OptionRow{"max-samples", "N", "4194304", "Size of the buffer for samples; the run ends when it is full."},
    OptionRow{"no-affinity", "", "", "Do not restrict workers to --threads CPUs."},
    kTimeoutOption,
    kOnOption,
    kJsonOption,
    OptionRow{"csv", "[FILE]", "", "Write one line per run as CSV to FILE, or to stdout instead of the table."},
    OptionRow{"markdown", "[FILE]", "", "Write the table as Markdown to FILE, or to stdout instead of the table."},
};

void OneOf(const char* option, const std::vector<std::string>& values, const std::vector<std::string>& known) {
  for (const std::string& value : values) {
    if (std::find(known.begin(), known.end(), value) != known.end()) continue;
    throw Error(ErrorCode::kUsage, fmt::format("--{} '{}': unknown{}; there are: {}", option, value,
                                               core::DidYouMean(value, known), core::Join(known, ", ")));
  }
}

// "NAME=VALUE", or "VALUE" alone for the name "".
std::vector<std::pair<std::string, std::string>> Named(const Options& options, std::string_view option) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : options.All(option)) {
    const size_t equals = text.find('=');
    std::pair<std::string, std::string> pair = equals == std::string::npos
                                                   ? std::pair{std::string(), text}
                                                   : std::pair{text.substr(0, equals), text.substr(equals + 1)};
    const auto same = [&](const auto& other) { return other.first == pair.first; };
    if (std::any_of(pairs.begin(), pairs.end(), same)) {
      throw Error(ErrorCode::kUsage, fmt::format("--{} is given twice for {}", option,
                                                 pair.first.empty() ? "the input" : "'" + pair.first + "'"));
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

void ReadLimits(const Options& options, measure::Settings& settings) {
  if (options.Has("count")) settings.count = options.Int("count", 1, kMostCount);
  if (options.Has("duration") || !settings.count) settings.duration = options.Duration("duration");
  settings.repetitions = static_cast<int>(options.Int("repeat", 1, 10'000));
  settings.max_samples = options.Int("max-samples", 1, kMostSamples);
  settings.warmup.longest = options.Duration("warmup");
  settings.limit = ReadLimit(options);
  if (settings.count && !settings.duration && *settings.count > settings.max_samples) {
    throw Error(ErrorCode::kUsage,
                fmt::format("--count {} is more than --max-samples {}; add --max-samples {} or --duration",
                            *settings.count, settings.max_samples, *settings.count));
  }
}

}  // namespace

std::span<const OptionRow> BenchOptions() {
  return kOptions;
}

std::vector<Artifact> OpenModels(const Options& options) {
  std::vector<std::pair<std::string, std::string>> layouts;
  if (options.Has("layout")) layouts = options.Pairs("layout");
  std::vector<Artifact> models;
  for (const std::string& path : options.Positional()) {
    models.push_back(core::OpenArtifact(path));
    verify::AddLayouts(layouts, models.back());
  }
  return models;
}

std::map<std::string, Shape> ReadShapes(const Options& options) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, text] : Named(options, "shape"))
    shapes[name] = core::ParseShape(name.empty() ? "--shape" : "--shape " + name, text);
  return shapes;
}

verify::InputChoices ReadInputs(const Options& options) {
  verify::InputChoices choices;
  choices.seed = static_cast<uint64_t>(options.Int("seed", 0, std::numeric_limits<int64_t>::max()));
  for (const auto& [name, text] : Named(options, "range")) choices.ranges[name] = verify::ParseRange(name, text);
  for (const auto& [name, file] : Named(options, "input")) choices.files[name] = core::ReadNpy(file);
  return choices;
}

std::chrono::milliseconds ReadLimit(const Options& options) {
  return std::max(std::chrono::milliseconds(1),
                  std::chrono::duration_cast<std::chrono::milliseconds>(options.Duration("timeout")));
}

void RequirePrecision(const std::vector<std::string>& precisions) {
  OneOf("precision", precisions, {"f32", "bf16", "f16"});
}

std::vector<std::string> CommandWords(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (const char c : text) {
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      open = true;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && c == ' ') {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) throw Error(ErrorCode::kUsage, fmt::format("--on '{}': a quote is not closed", text));
  if (open) words.push_back(std::move(word));
  return words;
}

measure::Settings BenchSettings(const Options& options) {
  measure::Settings settings;
  const int default_threads = core::DefaultThreads(core::ReadCpuQuota(), static_cast<int>(core::AllowedCpus().size()));
  settings.threads =
      options.Has("threads") ? options.Ints("threads", 1, kMostThreads) : std::vector<int64_t>{default_threads};
  if (options.Has("batch")) settings.batches = options.Ints("batch", 1, kMostBatch);
  settings.precisions = options.List("precision");
  RequirePrecision(settings.precisions);
  settings.scenarios = options.List("scenario");
  OneOf("scenario", settings.scenarios, {"single-stream", "offline"});
  if (options.Has("streams")) settings.streams = static_cast<int>(options.Int("streams", 1, kMostThreads));
  settings.device = options.Text("device");
  ReadLimits(options, settings);
  settings.tolerance = options.Text("tolerance");
  if (settings.tolerance != "auto") verify::ToleranceFor(settings.tolerance);
  settings.reference = options.Text("reference");
  settings.force = options.Switch("force");
  settings.affinity = !options.Switch("no-affinity");
  settings.prefix = CommandWords(options.Text("on"));
  settings.shapes = ReadShapes(options);
  // The command line is checked before files are opened and engines are asked.
  settings.models = OpenModels(options);
  settings.inputs = ReadInputs(options);
  settings.engines = measure::ChooseEngines(worker::Engines(), options.List("engines"));
  measure::AddOptions(options.Pairs("option"), settings);
  measure::CheckSettings(settings);
  return settings;
}

}  // namespace bakeoff::cli
