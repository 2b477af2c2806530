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
#include "core/cpus.h"
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

data::Augment Augmentation(int64_t side, bool tiny) {
  data::Augment augment;
  augment.flip = 0.5;
  if (tiny) {
    augment.pad = static_cast<int>(side / 8);
  } else {
    augment.random_crop = true;
    augment.crop_area = {0.35, 1.0};
    augment.brightness = augment.contrast = 0.2;
    augment.saturation = 0.2;
    augment.hue = 0.02;
  }
  return augment;
}

// Puts the weights of --init into the network; a head of another class count is replaced. Returns whether the head was
// kept.
bool Initialise(zoo::Classifier& network, const StateDict& state, const std::string& file) {
  const FitReport whole = CompareWeights(network, state);
  try {
    if (whole.fits()) {
      LoadWeights(network, state);
      return true;
    }
    LoadWeights(network, state, network.HeadPrefix());
    return false;
  } catch (const Error& error) {
    throw error.With(file);
  }
}

int64_t ClassesOf(const StateDict& state, const zoo::Classifier& network, const std::string& file) {
  const auto head = state.find(network.HeadPrefix() + "bias");
  if (head == state.end()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: no tensor '{}bias', so the class count is unknown; is it of this network?", file,
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

JobResult ExportOnly(const TrainJob& job) {
  TrainOptions options = TrainOptions::FromJson(job.given);
  if (options.init.empty()) throw Error(ErrorCode::kUsage, "--epochs 0 exports weights: give --init FILE");
  if (options.image_size == 0) {
    for (const zoo::ZooRow& row : zoo::Networks()) {
      if (row.name == options.arch) options.image_size = row.image_size;
    }
  }
  const StateDict state = ReadWeights(options.init);
  options.classes = 2;
  options.classes = ClassesOf(state, *zoo::Build(options.arch, ZooOptionsOf(options)), options.init);
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  LoadWeights(*network, state);
  Export description{.arch = options.arch,
                     .image_size = options.image_size,
                     .classes = {},
                     .preprocess = data::Preprocess::ForSide(static_cast<int>(options.image_size)),
                     .training = {{"options", options.ToJson()}}};
  for (int64_t i = 0; i < options.classes; ++i) description.classes.push_back(fmt::format("{}", i));
  WriteModelFolder(job.out, *network, description);
  return {.train = {}, .folder = job.out};
}

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
  // A starting point, not yet measured on the drawn fruits.
  options.optimizer = "adamw";
  options.learning_rate = 3e-3;
  options.weight_decay = 0.02;
  options.schedule = "one-cycle";
  options.label_smoothing = 0.05;
  options.batch = 32;
  options.threads = core::DefaultThreads(core::ReadCpuQuota(), static_cast<int>(core::AllowedCpus().size()));
  options.image_size = tiny_pictures ? 32 : training_images < 20'000 ? 96 : 224;
  // About 40,000 pictures seen, at least 5 epochs.
  options.epochs = std::clamp<int64_t>(40'000 / std::max<int64_t>(1, training_images), 5, 60);
  Json merged = options.ToJson();
  merged.update(given);
  options = TrainOptions::FromJson(merged);
  options.small_stem = options.arch.starts_with("resnet") && options.image_size <= 64;
  return options;
}

JobResult RunJob(const TrainJob& job, const JobHooks& hooks) {
  std::filesystem::create_directories(job.out);
  if (job.given.value("epochs", int64_t{-1}) == 0) return ExportOnly(job);
  if (job.data.empty()) throw Error(ErrorCode::kUsage, "give --data DIR (only --epochs 0 needs none)");

  TrainOptions options = Recipe(job.given, 1, false);
  const auto dataset = OpenData(job, options, hooks);
  options = Recipe(job.given, CountOf(*dataset, data::Split::kTrain), dataset->cifar);
  options.classes = static_cast<int64_t>(dataset->classes.size());
  options.Check();

  torch::manual_seed(options.seed);
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  if (!options.init.empty()) {
    const bool kept = Initialise(*network, ReadWeights(options.init), options.init);
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
    if (training) loader.augment = Augmentation(options.image_size, dataset->cifar);
    loader.workers = job.workers;
    loader.cache_bytes = job.cache_bytes;
    return LoaderSource(dataset, fed, loader);
  };
  LoaderSource train = source(data::Split::kTrain, true);
  LoaderSource validation =
      source(CountOf(*dataset, data::Split::kVal) > 0 ? data::Split::kVal : data::Split::kTrain, false);

  std::ofstream log(job.out / "log.jsonl", job.resume ? std::ios::app : std::ios::trunc);
  TrainRun run{.options = options,
               .folder = job.out,
               .classes = dataset->classes,
               .data_hash = data::DataHash(*dataset),
               .resume = job.resume,
               .on_event = {},
               .interrupted = hooks.interrupted};
  run.on_event = [&](const TrainEvent& event) {
    if (event.kind == TrainEvent::Kind::kEpoch) {
      log << Json{{"epoch", event.epoch},
                  {"loss", event.loss},
                  {"accuracy", event.accuracy},
                  {"learning_rate", event.learning_rate},
                  {"images_per_s", event.images_per_second},
                  {"waiting_share", event.waiting_share},
                  {"validation_top1", event.validation_top1.value_or(0)},
                  {"validation_loss", event.validation_loss.value_or(0)},
                  {"best", event.best}}
                 .dump()
          << std::endl;
    }
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
  WriteModelFolder(job.out, *network,
                   {.arch = options.arch,
                    .image_size = options.image_size,
                    .classes = dataset->classes,
                    .preprocess = pipeline,
                    .metrics = std::move(metrics),
                    .training = {{"options", options.ToJson()},
                                 {"history", result.train.history},
                                 {"cpu", CpuLevel()},
                                 {"stopped_early", result.train.stopped_early}},
                    .data = {{"source", job.data}, {"sha256", run.data_hash}}});
  return result;
}

}  // namespace bakeoff::train
