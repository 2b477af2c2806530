// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A whole training: data, recipe, network, loop, export.
#include "train/job.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/cgroup.h"
#include "core/files.h"
#include "train/checkpoint.h"
#include "train/epoch_log.h"
#include "train/job_data.h"
#include "train/loader_source.h"
#include "train/model_folder_writer.h"
#include "train/run_folder.h"
#include "train/start.h"
#include "train/validate.h"

namespace bakeoff::train {
namespace {

int64_t CountOf(const data::Dataset& dataset, data::Split split) {
  int64_t sum = 0;
  for (const size_t count : dataset.Count(split)) sum += static_cast<int64_t>(count);
  return sum;
}

// Repeats counted.
int64_t ExamplesOf(const data::Dataset& dataset, data::Split split) {
  int64_t sum = 0;
  for (const data::Item& item : dataset.items) sum += item.split == split ? item.repeat : 0;
  return sum;
}

std::optional<data::Augment> Augmentation(const TrainOptions& options) {
  data::Augment augment;
  augment.erase = options.erase;
  if (options.augment == "none") return options.erase > 0 ? std::optional(augment) : std::nullopt;
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

JobResult ExportOnly(const TrainJob& job, const RunFolder& folder) {
  const Start start = Start::Read(job.given["init"].get<std::string>());
  TrainOptions options = TrainOptions::FromJson(start.WithForm(job.given));
  if (options.image_size == 0) options.image_size = zoo::Find(options.arch).image_size;
  options.classes = 2;
  options.classes = start.ClassesOf(*zoo::Build(options.arch, ZooOptionsOf(options)));
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  start.LoadInto(*network, /*replace_head=*/false);
  if (!job.resume) folder.BeginAnew(/*with_manifest=*/true);
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
  TrainOptions::CheckGiven(job.given);
  const bool export_only = job.given.value("epochs", int64_t{-1}) == 0;
  if (!export_only && job.data.empty())
    throw Error(ErrorCode::kUsage, "train needs --data DATA (only --epochs 0 does without)");
  const RunFolder folder(job.out);
  if (export_only) return ExportOnly(job, folder);
  const auto say = [&](const std::string& line) {
    if (hooks.say) hooks.say(line);
  };

  // First everything that could be refused; only then is something written or removed.
  const bool goes_on = job.resume && folder.HasCheckpoint();
  if (job.resume && !goes_on && folder.HasModel()) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: a finished model, without a checkpoint to go on from; give another "
                                               "--out, or --fresh to replace it",
                                               job.out.string()));
  }
  std::optional<Start> start;
  Json given = job.given;
  if (given.contains("init")) {
    start = Start::Read(given["init"].get<std::string>());
    given = start->WithForm(std::move(given));
  }
  TrainOptions options = Recipe(given, 1, false);
  options.Check();  // before the data is read
  const JobData data = OpenJobData({.data = job.data,
                                    .max_broken = job.max_broken,
                                    .seed = options.seed,
                                    .threads = options.threads,
                                    .resume = job.resume,
                                    .say = hooks.say,
                                    .progress = hooks.on_reading},
                                   folder);
  const auto& dataset = data.dataset;
  options = Recipe(given, CountOf(*dataset, data::Split::kTrain), dataset->cifar);
  options.classes = static_cast<int64_t>(dataset->classes.size());
  options.Check();
  say(fmt::format("{}: {} classes, {} training pictures of {} pixels, {} epoch{}, {} thread{}", options.arch,
                  options.classes, CountOf(*dataset, data::Split::kTrain), options.image_size, options.epochs,
                  options.epochs == 1 ? "" : "s", options.threads, options.threads == 1 ? "" : "s"));
  torch::manual_seed(options.seed);
  const auto network = zoo::Build(options.arch, ZooOptionsOf(options));
  if (start && !start->LoadInto(*network, /*replace_head=*/true))
    say(fmt::format("{}: the head is replaced, for {} classes", options.init, options.classes));

  if (!goes_on) folder.BeginAnew(/*with_manifest=*/!job.resume && !data.reads_through_it);
  if (!data.new_manifest.empty()) {
    core::WriteFileAtomically(folder.manifest(), data.new_manifest);
    say(fmt::format("{}, written to {}", data.how, folder.manifest().string()));
  }

  auto pipeline = data::Preprocess::ForSide(static_cast<int>(options.image_size));
  // Pixels are delivered in the order that the network computes in; model.json describes the artifact, which takes
  // NCHW.
  data::Preprocess fed = pipeline;
  fed.channels_last = options.channels_last;
  // One limit for all parts together.
  const auto cache = std::make_shared<data::PictureCache>(dataset->items.size(), job.cache_bytes);
  const auto source = [&](data::Split split, bool training) {
    data::LoaderOptions loader{
        .split = split, .batch = static_cast<size_t>(options.batch), .shuffle = training, .seed = options.seed};
    if (training) {
      loader.augment = Augmentation(options);
      // A norm may see one value per channel of a lone picture, which has no variance. Each epoch leaves out another.
      loader.drop_last = options.batch > 1 && ExamplesOf(*dataset, split) % options.batch == 1;
    }
    loader.workers = job.workers;
    loader.cache = cache;
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
    log.Add(event, train.stats(), validation.stats());
    if (hooks.on_event) hooks.on_event(event);
  };

  JobResult result{.train = Train(*network, train, validation, run), .folder = job.out};
  if (result.train.interrupted) return result;

  Json metrics = {{"best_epoch", result.train.best_epoch},
                  {"validation_top1", result.train.best_top1},
                  {"validation", result.train.validation}};
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
