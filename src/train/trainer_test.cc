// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The training loop on pictures drawn in memory: repeatable, resumable to the same weights, and careful with what is
// saved.
#include "train/trainer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <torch/utils.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "bakeoff/error.h"
#include "core/test_error.h"
#include "core/test_folder.h"
#include "train/checkpoint.h"
#include "train/weights.h"

namespace bakeoff::train {
namespace {

namespace fs = std::filesystem;
using core::TextOf;
using testing::HasSubstr;

// Below 32 pixels the last norms see one value per picture, and the gradients of a network without training explode.
constexpr int64_t kSide = 32, kClasses = 3;
const std::vector<std::string> kNames = {"red", "green", "blue"};

// Noise whose brightest channel is the class; order by epoch, as the real loader's.
class Pictures final : public BatchSource {
 public:
  Pictures(int64_t count, int64_t batch) : count_(count), batch_(batch) {}
  int64_t Examples() const override { return count_; }
  std::vector<int64_t> ClassCounts() const override { return counts; }
  void Start(int64_t epoch, int64_t first) override {
    epoch_ = epoch;
    next_ = first * batch_;
  }
  bool Next(Batch& batch) override {
    if (next_ >= count_) return false;
    const int64_t end = std::min(count_, next_ + batch_);
    std::vector<torch::Tensor> images;
    std::vector<int64_t> labels;
    for (; next_ < end; ++next_) {
      const int64_t item = (next_ * 7 + epoch_ * 5) % count_;
      auto generator = at::make_generator<at::CPUGeneratorImpl>(static_cast<uint64_t>(epoch_ * 1000 + item));
      images.push_back(torch::rand({3, kSide, kSide}, generator));
      images.back()[item % kClasses] += 1.5;
      labels.push_back(item % kClasses);
    }
    batch.images = torch::stack(images);
    if (epoch_ == poisoned_epoch) batch.images.fill_(std::numeric_limits<float>::quiet_NaN());
    batch.labels = torch::tensor(labels);
    if (weigh) batch.weights = torch::ones({batch.labels.size(0)});
    return true;
  }
  int64_t poisoned_epoch = -1;
  bool weigh = false;  // every example by its own weight, which is 1
  std::vector<int64_t> counts = {7, 7, 7};

 private:
  int64_t count_, batch_, epoch_ = 0, next_ = 0;
};

TrainOptions Small(const std::string& optimizer) {
  TrainOptions options{.arch = "mobilenet_v2",
                       .classes = kClasses,
                       .image_size = kSide,
                       .width = 0.25,
                       .epochs = 2,
                       .batch = 6,
                       .seed = 3,
                       .threads = 1};
  options.optimizer = optimizer;
  options.learning_rate = 1e-3;
  return options;
}

class Trainer : public testing::Test {
 protected:
  fs::path Folder(const std::string& name) {
    fs::create_directories(root_ / name);
    return root_ / name;
  }
  static std::shared_ptr<zoo::Classifier> Fresh(const TrainOptions& options) {
    torch::manual_seed(options.seed);
    return zoo::Build(options.arch,
                      {.classes = options.classes, .image_size = options.image_size, .width = options.width});
  }
  // One that goes on with what is in `folder`.
  static TrainRun RunIn(const fs::path& folder, const TrainOptions& options) {
    return {.options = options,
            .folder = folder,
            .classes = kNames,
            .data_hash = "drawn",
            .resume = true,
            .on_event = {},
            .interrupted = {}};
  }
  // Trains in `folder`, stopping after `stop` steps of this call when that is not 0.
  TrainResult Go(const TrainOptions& options, const fs::path& folder, int64_t stop = 0, int64_t poisoned_epoch = -1) {
    network_ = Fresh(options);
    Pictures train(21, options.batch), validation(9, 9);
    train.poisoned_epoch = poisoned_epoch;
    TrainRun run = RunIn(folder, options);
    int64_t asked = 0;
    if (stop > 0) run.interrupted = [&] { return ++asked == stop; };
    return Train(*network_, train, validation, run);
  }
  // Of the live weights at the end and of what is exported.
  std::pair<StateDict, StateDict> Weights(const fs::path& folder) {
    return {LoadCheckpoint(folder / "last.safetensors")->network, StateOf(*network_)};
  }

  const core::TestFolder root_;
  std::shared_ptr<zoo::Classifier> network_;
};

bool Same(const StateDict& a, const StateDict& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a) {
    if (!b.contains(name) || !torch::equal(tensor, b.at(name))) return false;
  }
  return true;
}

TEST_F(Trainer, RepeatsBitForBitAndTheSeedMatters) {
  TrainOptions options = Small("sgd");
  Go(options, Folder("a"));
  const auto first = Weights(root_ / "a");
  Go(options, Folder("b"));
  EXPECT_TRUE(Same(Weights(root_ / "b").first, first.first));
  options.seed = 4;
  Go(options, Folder("c"));
  EXPECT_FALSE(Same(Weights(root_ / "c").first, first.first));
}

TEST_F(Trainer, ResumesToTheSameWeightsFromEveryStep) {
  for (const bool full : {false, true}) {
    TrainOptions options = Small(full ? "adamw" : "sgd");
    if (full) {
      options.ema = 0.9;
      options.accumulate = 3;
      options.clip_norm = 1;
      options.label_smoothing = 0.1;
      options.schedule = "one-cycle";
    }
    const std::string kind = full ? "full" : "plain";
    const TrainResult want = Go(options, Folder(kind));
    const int64_t steps = want.steps;
    const auto whole = Weights(root_ / kind);
    ASSERT_GE(steps, full ? 4 : 8);
    for (int64_t stop = 1; stop < steps; stop += full ? 1 : 3) {
      const fs::path folder = Folder(kind + std::to_string(stop));
      const TrainResult cut = Go(options, folder, stop);
      if (!cut.interrupted) continue;  // the last, incomplete group of an epoch is no place to stop
      const TrainResult result = Go(options, folder);
      const auto told = [](const TrainResult& of) {
        return Json{of.epochs, of.best_epoch, of.steps, of.best_top1, of.stopped_early, of.history, of.validation};
      };
      EXPECT_EQ(told(result), told(want)) << kind << " after step " << stop;
      const auto resumed = Weights(folder);
      EXPECT_TRUE(Same(resumed.first, whole.first)) << kind << " after step " << stop;
      EXPECT_TRUE(Same(resumed.second, whole.second)) << kind << " after step " << stop;
      const auto history = [&](const fs::path& of) {
        return LoadCheckpoint(of / "last.safetensors")->progress.at("history").dump();
      };
      EXPECT_EQ(history(folder), history(root_ / kind)) << kind << " after step " << stop;
    }
  }
}

// As after SIGKILL: the process is gone after the checkpoint of step 2 and two more steps.
TEST_F(Trainer, LosesNothingThatACheckpointHeld) {
  TrainOptions options = Small("adam");
  options.checkpoint_steps = 2;
  Go(options, Folder("whole"));
  const auto whole = Weights(root_ / "whole");
  network_ = Fresh(options);
  Pictures train(21, options.batch), validation(9, 9);
  TrainRun run = RunIn(Folder("killed"), options);
  int64_t seen = 0;
  run.on_event = [&](const TrainEvent& event) {
    if (event.kind == TrainEvent::Kind::kStep && ++seen == 4) throw std::runtime_error("killed");
  };
  EXPECT_THROW(Train(*network_, train, validation, run), std::runtime_error);
  ASSERT_EQ(LoadCheckpoint(root_ / "killed" / "last.safetensors")->progress.at("step").get<int64_t>(), 2);
  Go(options, root_ / "killed");
  EXPECT_TRUE(Same(Weights(root_ / "killed").first, whole.first));
}

TEST_F(Trainer, LearnsWhatIsEasy) {
  TrainOptions options = Small("adamw");
  options.epochs = 30;
  const TrainResult result = Go(options, Folder("easy"));
  EXPECT_EQ(result.epochs, 30);
  EXPECT_GT(result.best_top1, 0.5);  // chance is 0.33
  EXPECT_LT(result.history.back().at("loss").get<double>(), result.history.front().at("loss").get<double>());
}

TEST_F(Trainer, ALossThatIsNoNumberStopsWithTheStepAndKeepsTheCheckpoint) {
  const TrainOptions options = Small("sgd");
  const std::string text =
      TextOf([&] { Go(options, Folder("nan"), 0, /*poisoned_epoch=*/1); }, ErrorCode::kEngineFailed);
  EXPECT_THAT(text, HasSubstr("not a number at epoch 2, batch 1 (step 5)"));
  EXPECT_THAT(text, HasSubstr("last.safetensors"));
  const auto kept = LoadCheckpoint(root_ / "nan" / "last.safetensors");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->progress.at("epoch").get<int64_t>(), 1);
  for (const auto& [name, tensor] : kept->network) EXPECT_TRUE(torch::isfinite(tensor).all().item<bool>()) << name;
}

// As a step does that overflows while its loss is still a number: seen before anything is saved.
TEST_F(Trainer, WeightsThatAreNotFiniteAreNeverSaved) {
  for (const std::string what : {"weights", "statistics", "average"}) {
    TrainOptions options = Small("sgd");
    options.checkpoint_steps = 1;
    if (what == "average") options.ema = 0.9;
    network_ = Fresh(options);
    Pictures train(21, options.batch), validation(9, 9);
    const fs::path folder = Folder("spoilt-" + what);
    TrainRun run = RunIn(folder, options);
    const std::string name = what == "statistics" ? "features.0.1.running_var" : "classifier.1.weight";
    int64_t step = 0;
    run.on_event = [&](const TrainEvent& event) {
      if (event.kind == TrainEvent::Kind::kStep && ++step == 3)
        StateOf(*network_).at(name).flatten()[1] = std::numeric_limits<float>::infinity();
    };
    const std::string text = TextOf([&] { Train(*network_, train, validation, run); }, ErrorCode::kEngineFailed);
    EXPECT_THAT(text, HasSubstr("'" + name + "' is not finite any more at epoch 1, batch 3 (after step 3)"));
    EXPECT_THAT(text, HasSubstr("the last good checkpoint is " + (folder / "last.safetensors").string()));
    const auto kept = LoadCheckpoint(folder / "last.safetensors");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->progress.at("step").get<int64_t>(), 2);
    EXPECT_EQ(FirstNotFinite(kept->network) + FirstNotFinite(kept->average), "");
    EXPECT_FALSE(fs::exists(folder / "best.safetensors"));
  }
}

TEST_F(Trainer, WithoutACheckpointTheErrorNamesNone) {
  const std::string text =
      TextOf([&] { Go(Small("sgd"), Folder("early"), 0, /*poisoned_epoch=*/0); }, ErrorCode::kEngineFailed);
  EXPECT_THAT(text, HasSubstr("at epoch 1, batch 1 (step 1); there is no checkpoint yet"));
}

TEST_F(Trainer, PatienceIsTheEpochsWithoutABetterOne) {
  TrainOptions options = Small("sgd");
  // Nothing changes, neither the head nor the norms' statistics, so no epoch is better than the first.
  options.mode = "feature-extractor", options.init = "weights";
  options.learning_rate = 1e-12, options.schedule = "constant", options.epochs = 9;
  for (const int64_t patience : {1, 3}) {
    options.patience = patience;
    const fs::path folder = Folder("patience" + std::to_string(patience));
    const TrainResult result = Go(options, folder);
    EXPECT_TRUE(result.stopped_early);
    EXPECT_EQ(result.best_epoch, 1);
    EXPECT_EQ(result.epochs, 1 + patience);
    // Asked to go on, it stays where it stopped, and tells of the whole run.
    const TrainResult again = Go(options, folder);
    EXPECT_TRUE(again.stopped_early);
    EXPECT_EQ(again.epochs, 1 + patience);
    EXPECT_EQ(again.steps, result.steps);
  }
}

TEST_F(Trainer, TellsMetricsOfEveryClass) {
  const TrainOptions options = Small("sgd");
  network_ = Fresh(options);
  Pictures train(21, options.batch), validation(9, 9);
  std::vector<Json> told;
  TrainRun run = RunIn(Folder("metrics"), options);
  run.resume = false;
  run.on_event = [&](const TrainEvent& event) {
    if (event.kind != TrainEvent::Kind::kEpoch) return;
    told.push_back(event.validation);
    EXPECT_GT(event.train_ns, 0);
    EXPECT_GT(event.train_cpu_ns, 0);
  };
  const TrainResult result = Train(*network_, train, validation, run);
  ASSERT_EQ(told.size(), 2u);
  for (const Json& metrics : told) {
    ASSERT_EQ(metrics.at("classes").size(), 3u);
    EXPECT_EQ(metrics.at("classes").at(1).at("name"), "green");
    EXPECT_EQ(metrics.at("classes").at(1).at("examples"), 3);
    EXPECT_FALSE(metrics.contains("confusion"));
  }
  Json best = result.validation;
  best.erase("confusion");
  EXPECT_EQ(best, told.at(static_cast<size_t>(result.best_epoch - 1)));
}

TEST_F(Trainer, ACheckpointOfAnotherRunFails) {
  TrainOptions options = Small("sgd");
  ASSERT_TRUE(Go(options, Folder("other"), 2).interrupted);
  options.learning_rate = 0.5;
  EXPECT_THAT(TextOf([&] { Go(options, root_ / "other"); }, ErrorCode::kUsage),
              HasSubstr("option learning_rate (then 0.001, now 0.5)"));
  options = Small("sgd");
  options.threads = 2;
  EXPECT_THAT(TextOf([&] { Go(options, root_ / "other"); }, ErrorCode::kUsage),
              HasSubstr("option threads (then 1, now 2)"));
  // Kernels of another instruction set differ in the last bit.
  auto checkpoint = LoadCheckpoint(root_ / "other" / "last.safetensors");
  checkpoint->progress["cpu"] = "AVX1024";
  SaveCheckpoint(root_ / "other" / "last.safetensors", *checkpoint);
  EXPECT_THAT(TextOf([&] { Go(Small("sgd"), root_ / "other"); }, ErrorCode::kUsage),
              HasSubstr("CPU level (then \"AVX1024\", now \"" + CpuLevel()));
}

TEST_F(Trainer, ACheckpointWithoutAFieldFails) {
  const TrainOptions options = Small("sgd");
  ASSERT_TRUE(Go(options, Folder("lacks"), 2).interrupted);
  auto checkpoint = LoadCheckpoint(root_ / "lacks" / "last.safetensors");
  checkpoint->progress.erase("step");
  SaveCheckpoint(root_ / "lacks" / "last.safetensors", *checkpoint);
  EXPECT_THAT(TextOf([&] { Go(options, root_ / "lacks"); }, ErrorCode::kInvalidModel),
              AllOf(HasSubstr("last.safetensors"), HasSubstr("'step'")));
}

// Class weights mean the same whether or not the data set weighs its examples too.
TEST_F(Trainer, WeightsOfClassesAndExamplesTogether) {
  TrainOptions options = Small("sgd");
  options.class_weights = true;
  std::vector<StateDict> ends;
  for (const int kind : {0, 1, 2}) {
    network_ = Fresh(options);
    Pictures train(21, options.batch), validation(9, 9);
    train.counts = kind == 2 ? std::vector<int64_t>{7, 7, 7} : std::vector<int64_t>{1, 5, 15};
    train.weigh = kind == 1;
    Train(*network_, train, validation,
          {.options = options,
           .folder = Folder("weights" + std::to_string(kind)),
           .classes = kNames,
           .data_hash = "drawn",
           .resume = false,
           .on_event = {},
           .interrupted = {}});
    ends.push_back(LoadCheckpoint(root_ / ("weights" + std::to_string(kind)) / "last.safetensors")->network);
  }
  double most = 0, other = 0;
  for (const auto& [name, tensor] : ends[0]) {
    if (!tensor.is_floating_point()) continue;
    most = std::max(most, (tensor - ends[1].at(name)).abs().max().item<double>());
    other = std::max(other, (tensor - ends[2].at(name)).abs().max().item<double>());
  }
  EXPECT_LT(most, 1e-3);
  EXPECT_GT(other, 10 * most) << "class weights changed nothing";
}

TEST_F(Trainer, ADamagedCheckpointFails) {
  const TrainOptions options = Small("sgd");
  ASSERT_TRUE(Go(options, Folder("cut"), 2).interrupted);
  fs::resize_file(root_ / "cut" / "last.safetensors", 1000);
  EXPECT_THAT(TextOf([&] { Go(options, root_ / "cut"); }, ErrorCode::kInvalidModel), HasSubstr("last.safetensors"));
}

TEST_F(Trainer, AFullDiskKeepsTheOldCheckpoint) {
  const fs::path folder = Folder("full");
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=6m") != 0) GTEST_SKIP() << "a small file system needs root";
  const TrainOptions options = Small("sgd");
  ASSERT_TRUE(Go(options, folder, 2).interrupted);
  const auto before = LoadCheckpoint(folder / "last.safetensors");
  std::ofstream filler(folder / "filler", std::ios::binary);
  const std::string block(64 << 10, 'x');
  while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
  filler.close();
  const std::string text = TextOf([&] { Go(options, folder); }, ErrorCode::kUnavailable);
  EXPECT_THAT(text, HasSubstr(folder.string()));
  const auto after = LoadCheckpoint(folder / "last.safetensors");
  const bool same = before && after && Same(before->network, after->network) && before->progress == after->progress;
  umount2(folder.c_str(), MNT_DETACH);
  EXPECT_TRUE(same);
}

TEST(Weights, WhatDoesNotFitIsListedByKind) {
  const auto network = zoo::Build("resnet18", {.classes = 4, .image_size = 32});
  StateDict state;
  for (const auto& [name, tensor] : StateOf(*network)) state.emplace(name, tensor.clone());
  state.erase("bn1.weight");
  state["extra.weight"] = torch::zeros({2});
  state["conv1.weight"] = torch::zeros({64, 3, 3, 3});
  const torch::Tensor before = StateOf(*network).at("layer1.0.conv1.weight").clone();
  state["layer1.0.conv1.weight"].zero_();
  const std::string text = TextOf([&] { LoadWeights(*network, state); }, ErrorCode::kInvalidModel);
  EXPECT_THAT(text, HasSubstr("missing: bn1.weight"));
  EXPECT_THAT(text, HasSubstr("unexpected: extra.weight"));
  EXPECT_THAT(text, HasSubstr("of other shape: conv1.weight (64x3x3x3 in the file, 64x3x7x7 in the network)"));
  EXPECT_TRUE(torch::equal(before, StateOf(*network).at("layer1.0.conv1.weight")))
      << "a refused load must change nothing";
}

}  // namespace
}  // namespace bakeoff::train
