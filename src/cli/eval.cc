// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff eval`: how well does a model classify labelled pictures?
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bakeoff/error.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/convert_models.h"
#include "cli/data_common.h"
#include "cli/layout_names.h"
#include "cli/output.h"
#include "core/amounts.h"
#include "core/cpus.h"
#include "core/files.h"
#include "core/onnx_ports.h"
#include "core/paired.h"
#include "core/text.h"
#include "graph/files/description.h"
#include "verify/evaluate.h"
#include "verify/layout.h"

namespace bakeoff::cli {
namespace {

namespace fs = std::filesystem;

constexpr PositionalRow kWords[] = {{"MODEL", "A model file or a model folder."}};
constexpr OptionRow kOptions[] = {
    {"data", "DATA", "", "Labelled pictures: whatever `data info` reads."},
    {"split", "PART", "test", "train, val, test, or all."},
    {"engine", "NAME", "", "Engine to ask. Default: the first one present that reads the format."},
    {"classes", "FILE", "",
     "Name of each score, one a line, where MODEL has none. Default: the data's classes, assumed."},
    {"preprocess", "FILE", "",
     "Pre-processing as JSON (docs/model-folder.md) instead of the model's. Default without one: the usual, assumed."},
    {"output", "NAME", "", "Output with the scores. Default: the only one with a number for each class."},
    {"answers", "FILE", "", "Write what was answered to each picture, for --against: JSON lines."},
    {"against", "FILE", "",
     "Judge against earlier --answers on the same pictures: McNemar's test and a 99 % interval of the difference."},
    {"batch", "N", "32", "Pictures per inference; a model with a fixed batch keeps its own."},
    {"threads", "N", "", "Threads of the engine. Default: the CPUs that this process may use."},
    {"precision", "P", "f32", "Lowest precision allowed: f32, bf16, f16."},
    kEngineOption,
    kNoConvertOption,
    kLayoutOption,
    kShapeOption,
    kMaxBrokenOption,
    kMaxPixelsOption,
    kWorkersOption,
    kTimeoutOption,
    kOnOption,
    kJsonOption,
};

std::vector<std::string> ReadClasses(const std::string& path) {
  std::vector<std::string> classes;
  for (const std::string& line : core::Split(core::ReadFile(path), '\n')) {
    const std::string name(core::Trim(line));
    if (name.empty()) continue;
    if (std::find(classes.begin(), classes.end(), name) != classes.end())
      throw Error(ErrorCode::kUsage, fmt::format("--classes {}: '{}' stands there twice", path, name));
    classes.push_back(name);
  }
  if (classes.empty()) throw Error(ErrorCode::kUsage, fmt::format("--classes {}: no names in it", path));
  return classes;
}

data::Preprocess ReadPipeline(const std::string& path) {
  const Json json = Json::parse(core::ReadFile(path), nullptr, false);
  if (!json.is_object()) throw Error(ErrorCode::kUsage, fmt::format("--preprocess {}: no JSON object", path));
  return data::Preprocess::FromJson(json.contains("preprocess") ? json["preprocess"] : json);
}

worker::EngineEntryStatus ChooseEngine(const Options& options, const Artifact& model) {
  if (options.Has("engine")) {
    const auto chosen = worker::SelectEngines(options.Text("engine"));
    if (chosen.size() != 1 || options.Text("engine") == "all")
      throw Error(ErrorCode::kUsage, "--engine takes one engine");
    return chosen.front();
  }
  for (const worker::EngineEntryStatus& engine : worker::Engines()) {
    if (engine.status == worker::EngineStatus::kPresent && !engine.info.for_testing &&
        verify::Reads(engine.info, model))
      return engine;
  }
  throw Error(ErrorCode::kUnavailable,
              fmt::format("no engine that is present reads {}; `bakeoff engines` lists them", model.format));
}

// How many pictures of the part the manifest of a training counts as its training pictures.
size_t TrainedOn(const data::Dataset& dataset, data::Split split, const std::string& manifest) {
  data::Dataset then = dataset;
  try {
    data::ApplyManifest(then, manifest);
  } catch (const Error&) {
    return 0;  // it was trained on other data
  }
  size_t count = 0;
  for (size_t i = 0; i < then.items.size(); ++i) {
    const bool asked = split == data::Split::kNone || dataset.items[i].split == split;
    count += asked && then.items[i].split == data::Split::kTrain ? 1 : 0;
  }
  return count;
}

// The data with its parts: its own, or those of the model's training.
std::shared_ptr<data::Dataset> OpenData(const Options& options, data::Split split, std::vector<std::string>& notes) {
  auto dataset = std::make_shared<data::Dataset>(data::OpenDataset(options.Text("data")));
  for (data::Item& item : dataset->items) item.repeat = 1;  // oversampling is for training: each picture counts once
  const std::string manifest = (fs::path(options.Positional()[0]) / "manifest.jsonl").string();
  std::error_code ignored;
  const bool trained = fs::exists(manifest, ignored);
  if (split == data::Split::kNone || dataset->HasSplits()) {
    const size_t seen = trained && split != data::Split::kTrain ? TrainedOn(*dataset, split, manifest) : 0;
    if (seen > 0)
      notes.push_back(fmt::format("{} of these pictures are training pictures of this model, by {}: it knows them",
                                  seen, manifest));
    return dataset;
  }
  if (!trained)
    throw Error(
        ErrorCode::kUsage,
        fmt::format("{}: has no parts; give --split all, or divide it with `bakeoff data split`", dataset->source));
  const size_t unnamed = data::ApplyManifest(*dataset, manifest).unnamed;
  for (data::Item& item : dataset->items) item.repeat = 1;
  notes.push_back(fmt::format("parts are those of {}", manifest));
  if (unnamed > 0) notes.push_back(fmt::format("{} pictures are not in it and were left out", unnamed));
  return dataset;
}

Table ClassesTable(const core::ClassificationCounter& counter) {
  Table table{.columns = {{.title = "class", .wrap = true},
                          {.title = "pictures", .right = true},
                          {.title = "precision", .right = true},
                          {.title = "recall", .right = true},
                          {.title = "F1", .right = true}}};
  for (const core::ClassMetrics& row : counter.PerClass()) {
    table.rows.push_back({{row.name, Style::kBold},
                          std::to_string(row.examples),
                          core::Percent(row.precision),
                          core::Percent(row.recall),
                          core::Percent(row.f1)});
  }
  table.rows.push_back({"macro", std::to_string(counter.examples()), core::Percent(counter.MacroPrecision()),
                        core::Percent(counter.MacroRecall()), core::Percent(counter.MacroF1())});
  return table;
}

// Columns are numbers, so that more classes fit; nullopt where they do not fit all the same.
std::optional<Table> ConfusionTable(const core::ClassificationCounter& counter, size_t width) {
  constexpr size_t kNameWidth = 20;
  const auto& matrix = counter.confusion();
  const auto rows = counter.PerClass();
  Table table{.columns = {{.title = "label \\ answer", .wrap = true}}};
  size_t used = kNameWidth;
  for (size_t c = 0; c < matrix.size(); ++c) {
    size_t widest = std::to_string(c).size();
    for (const auto& row : matrix) widest = std::max(widest, std::to_string(row[c]).size());
    used += widest + 2;
    table.columns.push_back({.title = std::to_string(c), .right = true});
  }
  if (used > width) return std::nullopt;
  for (size_t r = 0; r < matrix.size(); ++r) {
    table.rows.push_back({fmt::format("{} {}", r, rows[r].name)});
    for (size_t c = 0; c < matrix.size(); ++c)
      table.rows.back().push_back({std::to_string(matrix[r][c]), r == c             ? Style::kGood
                                                                 : matrix[r][c] > 0 ? Style::kBad
                                                                                    : Style::kDim});
  }
  return table;
}

// An engine that does not read the model gets it converted. Throws the reason where that cannot be.
void ConvertForEngine(const Options& options, verify::EvaluateRequest& request, Console& console,
                      std::vector<std::string>& notes) {
  auto conversions = ConvertModels(options,
                                   {.models = {request.model},
                                    .engines = {request.engine},
                                    .shapes = request.shapes,
                                    .ranges = {},
                                    .limit = request.limit},
                                   console, notes);
  if (conversions.empty()) return;
  auto& first = conversions.front();
  if (first.error) throw Error(*first.error);
  request.conversion = std::move(first);
  request.model = request.conversion->artifact;
}

// The model that was given, not what was made of it.
const std::string& GivenModel(const verify::EvaluateRequest& request) {
  return request.conversion ? request.conversion->source.path : request.model.path;
}

// "2 of 340 ..." in words that the interval bears.
std::string AgainstText(const verify::AnswersFile& earlier, const verify::AnswersCompared& compared) {
  const core::PairedCounts& counts = compared.counts;
  const core::Interval interval = core::PairedDifference(counts);
  const std::string_view verdict = core::PairedVerdict(counts);
  return fmt::format(
      "Against {} on {}: {}. {} of {} pictures are answered alike; {} are right only here, {} only there: {:+.2f} "
      "points of accuracy, 99 % interval {} to {}, McNemar p = {:.2g}.{}",
      earlier.model, earlier.engine, core::PairedVerdictText(verdict), compared.same_answer, counts.examples(),
      counts.only_first, counts.only_second,
      100.0 * static_cast<double>(counts.only_first - counts.only_second) / static_cast<double>(counts.examples()),
      core::SignedApart(100 * interval.low, 2), core::SignedApart(100 * interval.high, 2), core::McNemar(counts),
      compared.unpaired > 0
          ? fmt::format(" {} pictures stand in one of them only and were left out.", compared.unpaired)
          : "");
}

Json ToJson(const verify::Evaluation& result, const verify::EvaluateRequest& request, const std::string& split,
            const Json& against) {
  Json json = result.counter.ToJson();
  json.update(result.calibration.ToJson());
  Json broken = Json::array();
  for (const auto& [path, reason] : result.broken) broken.push_back({{"path", path}, {"reason", reason}});
  json.update({{"schema", 1},
               {"model", GivenModel(request)},
               {"conversion", request.conversion ? ToJson(*request.conversion) : Json()},
               {"format", request.model.format},
               {"engine", request.engine.name},
               {"version", request.engine.info.version},
               {"options", request.engine_options},
               {"data", request.dataset->source},
               {"split", split},
               {"precision", request.precision},
               {"pictures", result.pictures},
               {"broken", broken},
               {"batch", result.batch},
               {"output", result.output},
               {"preprocess", result.pipeline.ToJson()},
               {"run_ns", result.run_ns},
               {"wall_ns", result.wall_ns},
               {"loader",
                {{"workers", request.workers},
                 {"wait_ns", result.loader.wait_ns},
                 {"worker_cpu_ns", result.loader.worker_cpu_ns},
                 {"worker_idle_ns", result.loader.worker_idle_ns}}},
               {"confidence_of", result.scores_are_probabilities ? "probabilities" : "softmax of the scores"},
               {"unseen_classes", result.unseen},
               {"unseen_pictures", result.counter.of_unknown()},
               {"top1_of_seen", result.counter.Top1OfKnown()},
               {"against", against},
               {"effective", result.effective},
               {"notes", result.notes}});
  return json;
}

// What the options say, without the model, the data and the engine.
verify::EvaluateRequest RequestOf(const Options& options) {
  verify::EvaluateRequest request;
  if (!options.Has("data")) throw Error(ErrorCode::kUsage, "eval needs --data DATA");
  const std::string split = options.Text("split");
  const auto known = split == "all" ? data::Split::kNone : data::SplitByName(split);
  if (!known) throw Error(ErrorCode::kUsage, fmt::format("--split '{}': give train, val, test or all", split));
  request.split = *known;
  if (options.Has("classes")) request.classes = ReadClasses(options.Text("classes"));
  if (options.Has("preprocess")) request.pipeline = ReadPipeline(options.Text("preprocess"));
  request.max_broken = data::MaxBroken(options.Text("max-broken"));
  request.threads = ReadThreads(options);
  request.workers = static_cast<int>(options.Int("workers", 0, 4096));
  if (request.workers == 0) request.workers = static_cast<int>(core::AllowedCpus().size());
  request.precision = options.Text("precision");
  RequirePrecision({request.precision});
  request.output = options.Text("output");
  request.batch = options.Int("batch", 1, 1 << 16);
  request.shapes = ReadShapes(options);
  request.limit = ReadLimit(options);
  request.prefix = ReadPrefix(options);
  request.limits.max_pixels = options.Int("max-pixels", 1, int64_t{1} << 32);
  return request;
}

void Check(const Options& options, bool models) {
  const verify::EvaluateRequest request = RequestOf(options);
  std::error_code error;
  if (!models || !fs::exists(options.Positional()[0], error)) return;
  std::vector<std::string> notes;
  const Artifact model = OpenModels(options, notes).front();
  if (request.output.empty()) return;
  std::vector<TensorSpec> outputs = model.outputs;
  if (outputs.empty() && model.format == "onnx") outputs = core::ReadOnnxPorts(model.path).outputs;
  if (!outputs.empty()) return verify::NeedOutput(outputs, request.output);
  const auto names = verify::PortNames(model);
  if (names && std::find(names->begin(), names->end(), request.output) == names->end())
    throw Error(ErrorCode::kUsage,
                fmt::format("--output '{}': the model has no such output; its inputs and outputs are {}",
                            request.output, core::Join(*names, ", ")));
}

int Run(const Options& options, Console& console) {
  verify::EvaluateRequest request = RequestOf(options);
  const std::string split = options.Text("split");
  std::vector<std::string> notes;
  request.model = OpenModels(options, notes).front();
  if (const Json told = graph::FindDescription(request.model); told.is_object()) {
    if (!options.Has("classes")) request.classes = told["classes"].get<std::vector<std::string>>();
    if (!told["preprocess"].is_null()) {
      const data::Preprocess pipeline = data::Preprocess::FromJson(told["preprocess"]);
      // What the pipeline makes is what the input takes, where the ports do not say it themselves.
      if (request.model.inputs.size() == 1)
        request.model.layouts.try_emplace(request.model.inputs[0].name, pipeline.channels_last ? "NHWC" : "NCHW");
      if (!options.Has("preprocess")) request.pipeline = pipeline;
    }
  }
  CheckWritable(options, "json");
  CheckWritable(options, "answers");
  // Before the work: a file that cannot be read would spoil it at its end.
  std::optional<verify::AnswersFile> earlier;
  if (options.Has("against")) earlier = verify::ReadAnswers(options.Text("against"));
  request.dataset = OpenData(options, request.split, notes);
  request.engine = ChooseEngine(options, request.model);
  request.model = verify::ArtifactFor(request.engine.info, request.model);
  measure::Settings chosen;
  chosen.engines = {request.engine};
  request.engine_options = ReadEngineOptions(options, chosen)[request.engine.name];
  request.advise = AdviceOnConverting(request.shapes);
  CheckLayoutNames(options,
                   {.networks = {{request.model}},
                    .shapes = request.shapes,
                    .options = {{request.engine.name, request.engine_options}},
                    .limit = request.limit},
                   console);
  ConvertForEngine(options, request, console, notes);

  verify::Evaluation result = verify::Evaluate(request, verify::StartWorker, ProgressOf(console, "classified"));
  console.Clear();
  result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
  for (const auto& [name, reason] : result.broken) console.Note(fmt::format("skipped {}: {}", name, reason));
  if (result.counter.with_nan() > 0)
    result.notes.push_back(fmt::format("{} answers have NaN scores and count as wrong", result.counter.with_nan()));
  if (options.Has("answers"))
    verify::WriteAnswers(options.Text("answers"), {.model = GivenModel(request),
                                                   .engine = request.engine.name,
                                                   .data = request.dataset->source,
                                                   .split = split,
                                                   .answers = result.answers});
  std::optional<verify::AnswersCompared> compared;
  Json against;
  if (earlier) {
    compared = verify::CompareAnswers(result.answers, *earlier);
    against = verify::ToJson(*compared);
    against.update({{"file", options.Text("against")}, {"model", earlier->model}, {"engine", earlier->engine}});
  }
  WriteJson(options, console, ToJson(result, request, split, against));
  if (JsonTakesStdout(options)) return 0;
  console.Show(ClassesTable(result.counter));
  console.Out(fmt::format("\n{} pictures on {}: top-1 {}, top-5 {}\n", result.counter.examples(), request.engine.name,
                          core::Percent(result.counter.Top1()), core::Percent(result.counter.Top5())));
  if (const auto error = result.calibration.ExpectedError())
    console.Out(fmt::format("expected calibration error {:.2f} points, by the {}\n", *error * 100,
                            result.scores_are_probabilities ? "model's probabilities" : "softmax of its scores"));
  if (earlier && compared) console.Paragraph(AgainstText(*earlier, *compared));
  if (const auto confusion = ConfusionTable(result.counter, static_cast<size_t>(console.width()))) {
    console.Out("\n");
    console.Show(*confusion);
  } else {
    console.Out("the confusion matrix is too wide for this place; --json has it\n");
  }
  for (const std::string& note : result.notes) {
    console.Out(core::Join(Wrap(note, static_cast<size_t>(console.width()) - 2), "\n  ") + "\n");
  }
  return 0;
}

}  // namespace

const Command kEval{
    .name = "eval",
    .summary = "Accuracy and per-class metrics of a model on labelled pictures",
    .text =
        "Labels and scores are matched by class name. A model folder brings its classes, its pre-processing and, for "
        "data without parts, the parts of its training.\n"
        "Top-5 is left out below six classes.",
    .example = "bakeoff eval model --data fruits\nbakeoff eval net.onnx --data fruits --split all --classes names.txt",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
