// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The options of `bakeoff bench`, and their way into measure::Settings.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "cli/convert_models.h"
#include "cli/parser.h"
#include "core/cgroup.h"
#include "core/cpus.h"
#include "core/elements.h"
#include "core/formats.h"
#include "core/shapes.h"
#include "core/text.h"
#include "graph/files/description.h"
#include "worker/host/catalog.h"
#include "worker/host/process.h"

namespace bakeoff::cli {
namespace {

constexpr int64_t kMostBatch = 1 << 20;
constexpr int64_t kMostCount = int64_t{1} << 40;

constexpr std::array kOptions = {
    kEnginesOption,
    OptionRow{"threads", "N,..", "",
              "CPU budget: limit of the engine's own threads and width of the CPU mask. Default: the CPUs that this "
              "process may use."},
    OptionRow{"batch", "N,..", "", "Samples per inference. Default: 1, or what the model has."},
    OptionRow{"precision", "P,..", "f32", "Lowest precision allowed: f32, bf16, f16."},
    OptionRow{"scenario", "S,..", "single-stream",
              "How inferences follow each other: single-stream (one request after the other), multi-stream (queries of "
              "several samples), offline (as many in flight as --streams), server (queries come when --arrivals says, "
              "latency counts from then), dataset (--test-size samples)."},
    OptionRow{"qps", "Q,..", "", "server: queries per second; several are measured one by one."},
    OptionRow{"arrivals", "HOW", "poisson",
              "server: poisson, constant, or a file with the seconds at which queries come, one per line."},
    OptionRow{"latency-bound", "TIME", "",
              "server: say whether 99 % of the queries are within it, with 99 % confidence."},
    OptionRow{"samples-per-query", "N", "8", "multi-stream: samples of one query."},
    OptionRow{"test-size", "N,..", "1000", "dataset: samples, each size measured one by one."},
    OptionRow{
        "mlperf", "", "",
        "Runs as MLPerf Inference wants them: 600 s, the least numbers of queries, percentiles by early stopping."},
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
    OptionRow{"streams", "N", "",
              "Requests in flight, which share the threads. Default: in offline one per thread, elsewhere 1."},
    OptionRow{"device", "NAME", "cpu", "Device of the engine."},
    OptionRow{"reference", "ENGINE", "",
              "Engine whose answers the others must match. Default: the first that is not for testing."},
    kToleranceOption,
    kNoConvertOption,
    OptionRow{"force", "", "", "Measure also where answers are wrong."},
    OptionRow{"warmup", "TIME", "5s", "Longest warm-up; it ends as soon as run times are steady."},
    OptionRow{"max-samples", "N", "4194304", "Size of the buffer for samples; the run ends when it is full."},
    OptionRow{"pin", "CPU,..", "",
              "CPUs that workers run on, 2,3 or 4..7: the first hardware thread of each core first."},
    OptionRow{"no-affinity", "", "", "Do not restrict workers to --threads CPUs."},
    OptionRow{"energy-window", "TIME", "2s",
              "Length of the idle and of the loaded part of the pass in which energy is read, where it can be."},
    OptionRow{"power-command", "COMMAND", "",
              "External power meter: a shell command that prints watts, one number per line, until it is ended."},
    OptionRow{"profile", "", "",
              "After the first repetition of each row, in a fresh process and a pass that is not timed: what each "
              "operator took, as the runtime tells."},
    OptionRow{
        "trace", "FILE", "",
        "Write the profiles as Chrome trace events to FILE, for chrome://tracing or Perfetto; implies --profile."},
    kTimeoutOption,
    kOnOption,
    OptionRow{"budget", "TIME", "",
              "Time for everything together, shared among the measurements; instead of --duration."},
    OptionRow{"ablate", "", "",
              "Options of -o one at a time, then all together, instead of every combination: what each one buys. The "
              "first value of each is where it begins; of a single one, the engine's default."},
    kStoreOption,
    OptionRow{"no-store", "", "", "Keep nothing in the store."},
    OptionRow{"name", "NAME", "", "Name of this campaign in the store, for `runs` and `compare`."},
    OptionRow{
        "resume", "", "",
        "Go on with the newest campaign of the same plan that was killed or stopped; nothing that was measured is "
        "measured again."},
    OptionRow{"reuse", "", "",
              "Take runs over from any campaign of the store that measured the same row in the same way, with their "
              "samples; what is missing or has changed is measured."},
    kJsonOption,
    OptionRow{"csv", "[FILE]", "", "Write one line per run as CSV to FILE, or to stdout instead of the table."},
    OptionRow{"markdown", "[FILE]", "", "Write the table as Markdown to FILE, or to stdout instead of the table."},
};

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

// An engine would be blamed for what the file brings.
void RefuseNotFinite(const std::string& name, const std::string& file, const core::Array& array) {
  if (!core::IsFloating(array.type)) return;
  const std::vector<double> values = core::ToDoubles(array.type, array.data);
  const auto bad = std::find_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
  if (bad == values.end()) return;
  auto left = static_cast<int64_t>(bad - values.begin());
  std::vector<std::string> index;
  for (size_t axis = array.shape.size(); axis-- > 0;) {
    index.insert(index.begin(), fmt::format("{}", left % array.shape[axis]));
    left /= array.shape[axis];
  }
  throw Error(ErrorCode::kUsage,
              fmt::format("--input {}{}{}: the file has {} at [{}]; answers to such values prove nothing", name,
                          name.empty() ? "" : "=", file, std::isnan(*bad) ? "NaN" : "an infinite value",
                          core::Join(index, ", ")));
}

// What the first of the models that says anything about pictures says.
std::optional<data::Preprocess> DeclaredPipeline(const Options& options) {
  for (const std::string& path : options.Positional()) {
    const Json told = graph::FindDescription(core::OpenArtifact(path));
    if (told.is_object() && !told["preprocess"].is_null()) return data::Preprocess::FromJson(told["preprocess"]);
  }
  return std::nullopt;
}

void ReadLimits(const Options& options, measure::Settings& settings) {
  if (options.Has("count")) settings.count = options.Int("count", 1, kMostCount);
  if (options.Has("budget")) settings.budget = options.Duration("budget");
  if (options.Has("budget") && options.Has("duration"))
    throw Error(ErrorCode::kUsage, "--budget shares its time among the measurements, and --duration sets it: give one");
  if (!settings.budget && (options.Has("duration") || !settings.count))
    settings.duration = options.Duration("duration");
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

// Workers get as many of these CPUs as they have threads.
void ReadPin(const Options& options, measure::Settings& settings) {
  if (!options.Has("pin")) return;
  if (options.Has("on"))
    throw Error(ErrorCode::kUsage,
                "--pin speaks of this machine's CPUs, and --on starts workers elsewhere: write --on \"ssh host taskset "
                "-c 2,3\"");
  if (!settings.affinity) throw Error(ErrorCode::kUsage, "--pin and --no-affinity contradict each other");
  const std::vector<int> allowed = core::AllowedCpus();
  for (const int64_t cpu : options.Ints("pin", 0, 1 << 20)) {
    if (std::find(allowed.begin(), allowed.end(), cpu) == allowed.end())
      throw Error(ErrorCode::kUsage, fmt::format("--pin {}: this process may not use that CPU; it may use {}", cpu,
                                                 fmt::join(allowed, ",")));
    settings.pin.push_back(static_cast<int>(cpu));
  }
  std::sort(settings.pin.begin(), settings.pin.end());
  if (!options.Has("threads"))
    settings.threads = {std::min<int64_t>(settings.threads[0], static_cast<int64_t>(settings.pin.size()))};
  for (const int64_t threads : settings.threads) {
    if (threads > static_cast<int64_t>(settings.pin.size()))
      throw Error(ErrorCode::kUsage,
                  fmt::format("--threads {} on the {} CPUs of --pin: name as many, or ask for fewer threads", threads,
                              settings.pin.size()));
  }
}

}  // namespace

void OneOf(const char* option, const std::vector<std::string>& values, const std::vector<std::string>& known) {
  for (const std::string& value : values) core::NeedOneOf(fmt::format("--{}", option), value, known);
}

std::span<const OptionRow> BenchOptions() {
  return kOptions;
}

std::vector<Artifact> OpenModels(const Options& options, std::vector<std::string>& notes) {
  std::vector<std::pair<std::string, std::string>> layouts;
  if (options.Has("layout")) layouts = options.Pairs("layout");
  std::vector<Artifact> models;
  std::vector<std::filesystem::path> seen;
  for (const std::string& path : options.Positional()) {
    std::error_code unknown;
    const auto real = std::filesystem::weakly_canonical(path, unknown);
    if (std::find(seen.begin(), seen.end(), real) != seen.end()) {
      notes.push_back(fmt::format("{} was given more than once; it is taken once", path));
      continue;
    }
    seen.push_back(real);
    models.push_back(core::OpenArtifact(path));
    verify::AddLayouts(layouts, models.back());
  }
  verify::CheckLayouts(layouts, models);
  return models;
}

int ReadThreads(const Options& options) {
  if (!options.Has("threads")) return core::DefaultThreads();
  return static_cast<int>(options.Int("threads", 1, kMostThreads));
}

std::map<std::string, Shape> ReadShapes(const Options& options, std::string_view option) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, text] : Named(options, option))
    shapes[name] = core::ParseShape(fmt::format("--{}{}{}", option, name.empty() ? "" : " ", name), text);
  return shapes;
}

std::map<std::string, verify::Range> ReadRanges(const Options& options) {
  std::map<std::string, verify::Range> ranges;
  for (const auto& [name, text] : Named(options, "range")) ranges[name] = verify::ParseRange(name, text);
  return ranges;
}

void CheckNames(const Options& options, const std::vector<Artifact>& models) {
  for (const std::string option : {"shape", "range", "input"}) {
    std::vector<std::string> names;
    for (const auto& [name, value] : Named(options, option)) names.push_back(name);
    verify::CheckModelNames("--" + option, names, models);
  }
}

uint64_t ReadSeed(const Options& options) {
  return static_cast<uint64_t>(options.Int("seed", 0, std::numeric_limits<int64_t>::max()));
}

std::string ReadTolerance(const Options& options) {
  std::string tolerance = options.Text("tolerance");
  try {
    if (tolerance != "auto") verify::ToleranceFor(tolerance);
  } catch (const Error& error) {
    throw error.With("--tolerance");
  }
  return tolerance;
}

verify::InputChoices ReadInputs(const Options& options, bool any_values) {
  verify::InputChoices choices;
  choices.seed = ReadSeed(options);
  choices.ranges = ReadRanges(options);
  for (const auto& [name, file] : Named(options, "input")) {
    std::error_code unknown;
    if (std::filesystem::is_directory(file, unknown)) {
      choices.pictures[name] = verify::ReadPictures(file, DeclaredPipeline(options));
      continue;
    }
    choices.files[name] = core::ReadNpy(file);
    if (!any_values) RefuseNotFinite(name, file, choices.files[name]);
  }
  for (const auto& [name, range] : choices.ranges) {
    if (!choices.files.contains(name) && !choices.pictures.contains(name)) continue;
    throw Error(ErrorCode::kUsage, fmt::format("--range and --input are both given for {}: the file has the values; "
                                               "leave out one of them",
                                               name.empty() ? "the input" : "'" + name + "'"));
  }
  return choices;
}

std::map<std::string, std::map<std::string, std::string>> ReadEngineOptions(const Options& options,
                                                                            measure::Settings& settings) {
  measure::AddOptions(options.Pairs("option"), settings);
  std::map<std::string, std::map<std::string, std::string>> chosen;
  for (const auto& [engine, each] : settings.options) {
    for (const auto& [name, values] : each) {
      if (values.size() != 1)
        throw Error(ErrorCode::kUsage,
                    fmt::format("-o {}.{}={}: one value is wanted here; `bench` measures several one by one", engine,
                                name, core::Join(values, ",")));
      chosen[engine][name] = values.front();
    }
  }
  return chosen;
}

std::chrono::milliseconds ReadLimit(const Options& options) {
  return std::max(std::chrono::milliseconds(1),
                  std::chrono::duration_cast<std::chrono::milliseconds>(options.Duration("timeout")));
}

void RequirePrecision(const std::vector<std::string>& precisions) {
  OneOf("precision", precisions, {"f32", "bf16", "f16"});
}

std::vector<std::string> CommandWords(const std::string& what, const std::string& text) {
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
  if (quote != 0) throw Error(ErrorCode::kUsage, fmt::format("{} '{}': a quote is not closed", what, text));
  if (open) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> ReadPrefix(const Options& options) {
  const std::vector<std::string> words = CommandWords("--on", options.Text("on"));
  if (!options.Has("on")) return words;
  if (words.empty() || words[0].empty())
    throw Error(ErrorCode::kUsage, "--on '': no command in it; give a prefix such as \"ssh host\", or leave it out");
  try {
    worker::FindProgram(words[0]);
  } catch (const Error& error) {
    throw error.With("--on");
  }
  return words;
}

void Unread::Add(const std::string& engine, const std::vector<FormatId>& formats, const verify::Advice& what_helps) {
  // Rows of several threads or batches are one to the reader.
  if (std::find(engines.begin(), engines.end(), engine) != engines.end()) return;
  engines.push_back(engine);
  for (const FormatId& id : formats) {
    if (std::find(reads.begin(), reads.end(), id) == reads.end()) reads.push_back(id);
  }
  auto same = std::find_if(advice.begin(), advice.end(), [&](const auto& each) { return each.first == what_helps; });
  if (same == advice.end()) same = advice.insert(advice.end(), {what_helps, {}});
  same->second.push_back(engine);
}

std::string Unread::Text() const {
  std::string text = fmt::format("{} ({}): unsupported by {}, which read{} {}", model, format,
                                 core::Join(engines, ", "), engines.size() == 1 ? "s" : "", core::Join(reads, ", "));
  for (const auto& [what, whom] : advice) {
    const std::string these = advice.size() == 1 ? "" : core::Join(whom, ", ");
    if (!what.command.empty())
      text += fmt::format("; {} makes one{}", what.command, these.empty() ? "" : " for " + these);
    if (!what.obstacle.empty())
      text += fmt::format("; {}{}", these.empty() ? "" : "for " + these + ": ", what.obstacle);
  }
  return text;
}

void AddUnread(const Artifact& artifact, const std::string& engine, const std::vector<FormatId>& reads,
               const verify::Advice& advice, const std::vector<std::string>& paths, std::vector<Unread>& unread) {
  const std::string name = ShortName(artifact.path, paths);
  auto mine = std::find_if(unread.begin(), unread.end(), [&](const Unread& each) { return each.model == name; });
  if (mine == unread.end()) mine = unread.insert(unread.end(), Unread{name, artifact.format, {}, {}, {}});
  mine->Add(engine, reads, advice);
}

std::string ShortName(const std::string& path, const std::vector<std::string>& all) {
  const auto name = [](const std::string& whole) {
    const std::filesystem::path normal = std::filesystem::path(whole).lexically_normal();
    return (normal.filename().empty() ? normal.parent_path().filename() : normal.filename()).string();
  };
  const std::string mine = name(path);
  const bool unique = std::none_of(all.begin(), all.end(),
                                   [&](const std::string& other) { return other != path && name(other) == mine; });
  return core::Printable(unique && !mine.empty() ? mine : path);
}

measure::Settings BenchSettings(const Options& options, bool with_models) {
  measure::Settings settings;
  settings.threads =
      options.Has("threads") ? options.Ints("threads", 1, kMostThreads) : std::vector<int64_t>{core::DefaultThreads()};
  if (options.Has("batch")) settings.batches = options.Ints("batch", 1, kMostBatch);
  settings.precisions = options.List("precision");
  RequirePrecision(settings.precisions);
  settings.device = options.Text("device");
  ReadLimits(options, settings);
  ReadScenarios(options, settings);
  settings.tolerance = ReadTolerance(options);
  settings.reference = options.Text("reference");
  settings.force = options.Switch("force");
  settings.ablate = options.Switch("ablate");
  if (settings.ablate && !options.Has("option"))
    throw Error(ErrorCode::kUsage, "--ablate tells what the options of -o buy; give some: -o ENGINE.OPTION=VALUE");
  if (options.Switch("no-store")) {
    for (const char* other : {"store", "name", "resume", "reuse"}) {
      if (options.Has(other))
        throw Error(ErrorCode::kUsage, fmt::format("--no-store and --{} contradict each other", other));
    }
  }
  settings.affinity = !options.Switch("no-affinity");
  ReadPin(options, settings);
  settings.energy_window = options.Duration("energy-window");
  settings.power_command = options.Text("power-command");
  settings.profile = options.Switch("profile") || options.Has("trace");
  settings.prefix = ReadPrefix(options);
  settings.shapes = ReadShapes(options);
  settings.advise = AdviceOnConverting(settings.shapes);
  // The command line is checked before files are opened and engines are asked.
  settings.inputs.seed = ReadSeed(options);
  settings.inputs.ranges = ReadRanges(options);
  if (with_models) {
    settings.models = OpenModels(options, settings.notes);
    CheckNames(options, settings.models);
    settings.inputs = ReadInputs(options, settings.force);
  }
  settings.engines = measure::ChooseEngines(worker::Engines(), options.List("engines"));
  measure::AddOptions(options.Pairs("option"), settings);
  measure::CheckSettings(settings);
  return settings;
}

}  // namespace bakeoff::cli
