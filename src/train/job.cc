// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A whole training: data, recipe, network, loop, export.
#include "train/job.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include <algorithm>
#include <fstream>

#include "bakeoff/error.h"
#include "core/cgroup.h"
#include "core/files.h"
#include "data/scan.h"
#include "data/split.h"
#include "train/checkpoint.h"
#include "train/loader_source.h"
#include "train/model_folder_writer.h"
#include "train/weights.h"

namespace bakeoff::train {
namespace {

// Opened, checked and split; the split is written down where the data had none.
std::shared_ptr<const data::Dataset> OpenData(const TrainJob& job, const TrainOptions& options, const JobHooks& hooks) {
  const auto manifest = job.out / "manifest.jsonl";
  // A run that goes on uses the split that it began with.
  const std::string source = job.resume && std::filesystem::exists(manifest) ? manifest.string() : job.data;
  auto dataset = std::make_shared<data::Dataset>(data::OpenDataset(source));
  const bool had_splits = dataset->HasSplits();
  if (hooks.say) hooks.say(fmt::format("reading {} pictures of {}", dataset->items.size(), source));
  data::Scan scan = data::ScanDataset(*dataset, {.threads = options.threads, .limits = {}, .progress = {}});
  data::MaxBroken(job.max_broken).Check(*dataset, scan);
  if (!scan.broken.empty() && hooks.say) hooks.say(fmt::format("{} broken pictures are left out", scan.broken.size()));
  data::DropBroken(*dataset, scan);
  if (!had_splits) {
    data::SplitDataset(*dataset, {.seed = options.seed});
    core::WriteFileAtomically(manifest, data::ManifestText(*dataset, job.out.string()));
    if (hooks.say) hooks.say(fmt::format("split 80 / 10 / 10, written to {}", manifest.string()));
  }
  if (dataset->classes.size() < 2)
    throw Error(ErrorCode::kUsage, fmt::format("{}: one class only; a classifier needs two", job.data));
  const auto counts = dataset->Count(data::Split::kTrain);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0)
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: the class '{}' has no training picture", job.data, dataset->classes[i]));
  }
  return dataset;
}

int64_t CountOf(const data::Dataset& dataset, data::Split split) {
  int64_t sum = 0;
  for (const size_t count : dataset.Count(split)) sum += static_cast<int64_t>(count);
  return sum;
}

std::optional<data::Augment> Augmentation(const TrainOptions& options) {
  data::Augment augment;
  if (options.augment == "none") return std::nullopt;
  augment.flip = 0.5;
  if (options.augment == "light") {
    augment.pad = static_cast<int>(options.image_size / 8);
  } else {
    augment.random_crop = true;
    augment.crop_area = {0.35, 1.0};
    augment.brightness = augment.contrast = 0.2;
    augment.saturation = 0.2;
    augment.hue = 0.02;
  }
  return augment;
}

// The weights of --init, and what they say about the network that they are of.
struct Start {
  std::string file;
  StateDict state;
  Json form = Json::object();  // kFormMetadata, where they come from us

  static Start Read(const std::string& file) {
    std::map<std::string, std::string> metadata;
    Start start{.file = file, .state = ReadWeights(file, &metadata)};
    const Json form = Json::parse(metadata[kFormMetadata], nullptr, false);
    if (form.is_object()) start.form = form;
    return start;
  }
};

// Fields of `given` that follow from the weights: the user's own choice stays.
Json WithForm(Json given, const Start& start) {
  for (const char* field : {"arch", "image_size", "width", "small_stem"}) {
    if (!given.contains(field) && start.form.contains(field)) given[field] = start.form[field];
  }
  const auto stem = start.state.find("conv1.weight");
  if (!given.contains("small_stem") && stem != start.state.end() && stem->second.dim() == 4)
    given["small_stem"] = stem->second.size(3) == 3;
  return given;
}

// Returns whether the head was kept: one of another class count is replaced.
bool Initialise(zoo::Classifier& network, const Start& start) {
  const bool whole = CompareWeights(network, start.state).fits();
  try {
    LoadWeights(network, start.state, whole ? "" : network.HeadPrefix());
    return whole;
  } catch (const Error& error) {
    throw error.With(start.file);
  }
}

int64_t ClassesOf(const zoo::Classifier& network, const Start& start) {
  const auto head = start.state.find(network.HeadPrefix() + "bias");
  if (head == start.state.end()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: no tensor '{}bias', so the class count is unknown; is it of this network?", start.file,
                            network.HeadPrefix()));
  }
  return head->second.numel();
}

zoo::ZooOptions ZooOptionsOf(const TrainOptions& options) {
  return {.classes = options.classes,
          .image_size = options.image_size,
          .width = options.width,
          .small_stem = options.small_stem};
}

Export DescriptionOf(const TrainOptions& options) {
  return {.arch = options.arch,
          .image_size = options.image_size,
          .width = options.width,
          .small_stem = options.small_stem,
          .classes = {},
          .preprocess = data::Preprocess::ForSide(static_cast<int>(options.image_size)),
          .training = {{"options", options.ToJson()}}};
}

JobResult ExportOnly(const TrainJob& job) {
  if (!job.given.contains("init")) throw Error(ErrorCode::kUsage, "--epochs 0 exports weights: give --init FILE");
  const Start start = Start::Read(job.given["init"].get<std::string>());
  TrainOptions options = TrainOptions::FromJson(WithForm(job.given, start));
  if (options.image_size == 0) options.image_size = zoo::Find(options.arch).image_size;
  options.classes = 2;
  options.classes = ClassesOf(*zoo::Build(options.arch, ZooOptionsOf(options)), start);
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  try {
    LoadWeights(*network, start.state);
  } catch (const Error& error) {
    throw error.With(start.file);
  }
  Export description = DescriptionOf(options);
  const Json names = start.form.value("classes", Json::array());
  if (static_cast<int64_t>(names.size()) == options.classes) {
    description.classes = names.get<std::vector<std::string>>();
  } else {
    for (int64_t i = 0; i < options.classes; ++i) description.classes.push_back(fmt::format("{}", i));
  }
  WriteModelFolder(job.out, *network, description);
  return {.train = {}, .folder = job.out};
}

// log.jsonl: one line per epoch. Where a run goes on, lines of epochs that it will do again are dropped.
class EpochLog {
 public:
  explicit EpochLog(std::filesystem::path path) : path_(std::move(path)) {}

  void Add(const TrainEvent& event) {
    if (event.kind == TrainEvent::Kind::kResumed) Keep(event.epoch);
    if (event.kind != TrainEvent::Kind::kEpoch) return;
    text_ += Json{{"epoch", event.epoch},
                  {"loss", event.loss},
                  {"accuracy", event.accuracy},
                  {"learning_rate", event.learning_rate},
                  {"images_per_s", event.images_per_second},
                  {"waiting_share", event.waiting_share},
                  {"validation_top1", event.validation_top1.value_or(0)},
                  {"validation_loss", event.validation_loss.value_or(0)},
                  {"best", event.best}}
                 .dump() +
             "\n";
    core::WriteFileAtomically(path_, text_);
  }

 private:
  void Keep(int64_t epochs) {
    std::ifstream old(path_);
    for (std::string line; std::getline(old, line);) {
      const Json entry = Json::parse(line, nullptr, false);
      if (entry.is_object() && entry.value("epoch", epochs + 1) <= epochs) text_ += line + "\n";
    }
  }

  std::filesystem::path path_;
  std::string text_;
};

}  // namespace

TrainJob TrainJob::FromJson(const Json& json) {
  TrainJob job;
  try {
    job.data = json.value("data", "");
    job.out = json.at("out").get<std::string>();
    job.given = json.value("given", Json::object());
    job.max_broken = json.value("max_broken", job.max_broken);
    job.workers = json.value("workers", job.workers);
    job.cache_bytes = json.value("cache_bytes", job.cache_bytes);
    job.resume = json.value("resume", job.resume);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kUsage, fmt::format("the training job: {}", error.what()));
  }
  return job;
}

TrainOptions Recipe(const Json& given, int64_t training_images, bool tiny_pictures) {
  TrainOptions options;
  options.optimizer = "adamw";
  options.learning_rate = 3e-3;
  options.weight_decay = 0.02;
  options.schedule = "one-cycle";
  options.label_smoothing = 0.05;
  options.batch = 32;
  options.threads = core::DefaultThreads();
  options.image_size = tiny_pictures ? 32 : training_images < 20'000 ? 64 : 224;
  options.augment = tiny_pictures ? "light" : "full";
  // About 65,000 pictures seen, at least 5 epochs (docs/training.md has what that gives).
  options.epochs = std::clamp<int64_t>(65'000 / std::max<int64_t>(1, training_images), 5, 60);
  const std::string mode = given.value("mode", given.contains("init") ? "finetune" : "scratch");
  options.mode = mode;
  if (mode == "finetune") options.learning_rate /= 3;
  const bool sgd = given.value("optimizer", "") == "sgd";
  if (sgd) options.learning_rate = mode == "finetune" ? 0.01 : 0.05, options.weight_decay = 5e-4;
  Json merged = options.ToJson();
  merged.update(given);
  options = TrainOptions::FromJson(merged);
  if (!given.contains("small_stem"))
    options.small_stem = options.arch.starts_with("resnet") && options.image_size <= 64;
  return options;
}

JobResult RunJob(const TrainJob& job, const JobHooks& hooks) {
  if (job.out.empty()) throw Error(ErrorCode::kUsage, "train needs --out DIR");
  zoo::Find(job.given.value("arch", TrainOptions().arch));
  const bool export_only = job.given.value("epochs", int64_t{-1}) == 0;
  if (!export_only && job.data.empty())
    throw Error(ErrorCode::kUsage, "train needs --data DATA (only --epochs 0 does without)");
  std::error_code failed;
  std::filesystem::create_directories(job.out, failed);
  if (failed) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: cannot make the folder: {}", job.out.string(), core::WriteFailure(failed.value())));
  }
  if (export_only) return ExportOnly(job);

  std::optional<Start> start;
  Json given = job.given;
  if (given.contains("init")) {
    start = Start::Read(given["init"].get<std::string>());
    given = WithForm(std::move(given), *start);
  }
  TrainOptions options = Recipe(given, 1, false);
  options.Check();  // before the data is read
  const auto dataset = OpenData(job, options, hooks);
  options = Recipe(given, CountOf(*dataset, data::Split::kTrain), dataset->cifar);
  options.classes = static_cast<int64_t>(dataset->classes.size());
  options.Check();
  if (hooks.say)
    hooks.say(fmt::format("{}: {} classes, {} training pictures of {} pixels, {} epochs, {} threads", options.arch,
                          options.classes, CountOf(*dataset, data::Split::kTrain), options.image_size, options.epochs,
                          options.threads));

  torch::manual_seed(options.seed);
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  if (start) {
    const bool kept = Initialise(*network, *start);
    if (!kept && hooks.say)
      hooks.say(fmt::format("{}: the head is replaced, for {} classes", options.init, options.classes));
  }

  auto pipeline = data::Preprocess::ForSide(static_cast<int>(options.image_size));
  // Pixels are delivered in the order that the network computes in; model.json describes the artifact, which takes
  // NCHW.
  data::Preprocess fed = pipeline;
  fed.channels_last = options.channels_last;
  const auto source = [&](data::Split split, bool training) {
    data::LoaderOptions loader{
        .split = split, .batch = static_cast<size_t>(options.batch), .shuffle = training, .seed = options.seed};
    if (training) loader.augment = Augmentation(options);
    loader.workers = job.workers;
    loader.cache_bytes = job.cache_bytes;
    return LoaderSource(dataset, fed, loader);
  };
  LoaderSource train = source(data::Split::kTrain, true);
  LoaderSource validation =
      source(CountOf(*dataset, data::Split::kVal) > 0 ? data::Split::kVal : data::Split::kTrain, false);

  EpochLog log(job.out / "log.jsonl");
  TrainRun run{.options = options,
               .folder = job.out,
               .classes = dataset->classes,
               .data_hash = data::DataHash(*dataset),
               .resume = job.resume,
               .on_event = {},
               .interrupted = hooks.interrupted};
  run.on_event = [&](const TrainEvent& event) {
    log.Add(event);
    if (hooks.on_event) hooks.on_event(event);
  };

  JobResult result{.train = Train(*network, train, validation, run), .folder = job.out};
  if (result.train.interrupted) return result;

  Json metrics = {{"best_epoch", result.train.best_epoch}, {"validation_top1", result.train.best_top1}};
  if (CountOf(*dataset, data::Split::kTest) > 0) {
    LoaderSource test = source(data::Split::kTest, false);
    result.test = Validate(*network, test, dataset->classes, options).counter.ToJson();
    metrics["test"] = result.test;
  }
  Export description = DescriptionOf(options);
  description.classes = dataset->classes;
  description.preprocess = pipeline;
  description.metrics = std::move(metrics);
  description.training.update(
      {{"history", result.train.history}, {"cpu", CpuLevel()}, {"stopped_early", result.train.stopped_early}});
  description.data = {{"source", job.data}, {"sha256", run.data_hash}};
  WriteModelFolder(job.out, *network, description);
  return result;
}

}  // namespace bakeoff::train
