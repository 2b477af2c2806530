// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The training loop.
#include "train/trainer.h"

#include <ATen/Context.h>
#include <fmt/format.h>
#include <time.h>
#include <torch/utils.h>

#include <chrono>
#include <cmath>

#include "bakeoff/error.h"
#include "core/text.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/identity.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/precision.h"
#include "train/schedule.h"
#include "train/validate.h"

namespace bakeoff::train {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Of all threads, those that decode included.
int64_t ProcessCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Without the confusion matrix, which a line for each epoch would repeat.
Json ForLog(const core::ClassificationCounter& counter) {
  Json json = counter.ToJson();
  json.erase("confusion");
  return json;
}

StateDict Copy(const StateDict& state) {
  StateDict copy;
  for (const auto& [name, tensor] : state) copy.emplace(name, tensor.clone());
  return copy;
}

// One run's state and its steps.
class Loop {
 public:
  Loop(zoo::Classifier& network, BatchSource& train, BatchSource& validation, const TrainRun& run)
      : network_(network),
        train_(train),
        validation_(validation),
        run_(run),
        options_(run.options),
        optimizer_(network, options_),
        loss_(options_, train.ClassCounts()),
        scale_(options_) {
    batches_ = (train.Examples() + options_.batch - 1) / options_.batch;
    steps_per_epoch_ = (batches_ + options_.accumulate - 1) / options_.accumulate;
    if (batches_ == 0) throw Error(ErrorCode::kUsage, "the training split has no examples");
    if (options_.ema > 0) average_.emplace(network, options_.ema);
  }

  TrainResult Run() {
    if (run_.resume) Resume();
    while (epoch_ < options_.epochs && !Stop()) {
      if (!Epoch()) {
        result_.interrupted = true;
        break;
      }
    }
    if (const auto best = LoadCheckpoint(run_.folder / "best.safetensors"); best && !result_.interrupted) {
      LoadWeights(network_, best->network);
      result_.validation = best->progress.value("validation", Json());
    }
    result_.epochs = epoch_;
    result_.steps = step_;
    result_.best_epoch = best_epoch_;
    result_.best_top1 = best_;
    return result_;
  }

 private:
  bool Stop() {
    result_.stopped_early = options_.patience > 0 && best_epoch_ > 0 && epoch_ - best_epoch_ >= options_.patience;
    return result_.stopped_early;
  }

  // What to do after a step that spoiled the run.
  std::string Advice() const {
    const auto last = run_.folder / "last.safetensors";
    return fmt::format(
        "{}. A smaller --lr, --clip-norm or a longer --warmup-epochs usually helps",
        std::filesystem::exists(last) ? "the last good checkpoint is " + last.string() : "there is no checkpoint yet");
  }

  // A step can spoil the weights though its loss was a number, and the loss after it comes too late for a checkpoint
  // between the two.
  void CheckFinite(int64_t batch) const {
    std::string name = FirstNotFinite(StateOf(network_));
    if (name.empty() && average_) name = FirstNotFinite(average_->state());
    if (name.empty()) name = FirstNotFinite(optimizer_.State());
    if (name.empty()) return;
    throw Error(
        ErrorCode::kEngineFailed,
        fmt::format("'{}' is not finite any more at epoch {}, batch {} (after step {}), so nothing was saved; {}", name,
                    epoch_ + 1, batch, step_, Advice()));
  }

  // The caller has checked that all is finite.
  void Save(int64_t next_batch) {
    Json progress = IdentityOf(run_);
    progress.update({{"epoch", epoch_},
                     {"batch", next_batch},
                     {"step", step_},
                     {"best", best_},
                     {"best_epoch", best_epoch_},
                     {"history", result_.history},
                     {"rate", rate_},
                     {"loss_sum", loss_sum_},
                     {"correct", correct_},
                     {"seen", seen_},
                     {"loss_scale", scale_.factor()},
                     {"good_steps", scale_.good_steps()}});
    SaveCheckpoint(run_.folder / "last.safetensors", {StateOf(network_), optimizer_.State(),
                                                      average_ ? average_->state() : StateDict{}, std::move(progress)});
  }

  void Resume() {
    const auto path = run_.folder / "last.safetensors";
    const auto checkpoint = LoadCheckpoint(path);
    if (!checkpoint) return;
    CheckIdentity(path, checkpoint->progress, IdentityOf(run_));
    try {
      LoadWeights(network_, checkpoint->network);
      optimizer_.LoadState(checkpoint->optimizer);
      if (average_) average_->Load(checkpoint->average);
      const Json& progress = checkpoint->progress;
      epoch_ = progress.at("epoch").get<int64_t>();
      first_batch_ = progress.at("batch").get<int64_t>();
      step_ = progress.at("step").get<int64_t>();
      best_ = progress.at("best").get<double>();
      best_epoch_ = progress.at("best_epoch").get<int64_t>();
      // Where the last batch of an epoch was done, the epoch's entry tells the rate without another step.
      rate_ = progress.at("rate").get<double>();
      loss_sum_ = progress.at("loss_sum").get<double>();
      correct_ = progress.at("correct").get<int64_t>();
      seen_ = progress.at("seen").get<int64_t>();
      scale_.Restore(progress.at("loss_scale").get<double>(), progress.at("good_steps").get<int64_t>());
      result_.history = progress.at("history");
    } catch (const Json::exception& error) {
      throw Error(ErrorCode::kInvalidModel, fmt::format("{}: its progress lacks a field or has one of another type "
                                                        "({}); begin anew with --fresh",
                                                        path.string(), error.what()));
    } catch (const Error& error) {
      throw error.With(path.string());
    }
    if (run_.on_event)
      run_.on_event({.kind = TrainEvent::Kind::kResumed,
                     .epoch = epoch_,
                     .epochs = options_.epochs,
                     .batch = first_batch_,
                     .batches = batches_,
                     .validation_top1 = {},
                     .validation_loss = {},
                     .validation = nullptr,
                     .ended = epoch_ >= options_.epochs || Stop()});
  }

  // One epoch from first_batch_ on. False when interrupted.
  bool Epoch() {
    network_.train();
    // Frozen layers keep their norm statistics too.
    if (options_.mode == "feature-extractor") network_.eval();
    train_.Start(epoch_, first_batch_);
    const auto started = Clock::now();
    const int64_t cpu = ProcessCpuNs();
    double waiting = 0;
    int64_t done = 0;
    Batch batch;
    for (int64_t index = first_batch_;; ++index) {
      const auto asked = Clock::now();
      if (!train_.Next(batch)) break;
      waiting += Seconds(Clock::now() - asked);
      StepOn(batch, index);
      done += batch.labels.size(0);
      const double elapsed = Seconds(Clock::now() - started);
      if (run_.on_event) {
        const double per_batch = elapsed / static_cast<double>(index - first_batch_ + 1);
        const auto left = static_cast<double>((options_.epochs - epoch_) * batches_ - index - 1);
        run_.on_event({.kind = TrainEvent::Kind::kStep,
                       .epoch = epoch_ + 1,
                       .epochs = options_.epochs,
                       .batch = index + 1,
                       .batches = batches_,
                       .loss = loss_sum_ / static_cast<double>(std::max<int64_t>(1, seen_)),
                       .accuracy = static_cast<double>(correct_) / static_cast<double>(std::max<int64_t>(1, seen_)),
                       .learning_rate = rate_,
                       .images_per_second = static_cast<double>(done) / elapsed,
                       .waiting_share = waiting / elapsed,
                       .eta_seconds = per_batch * left,
                       .validation_top1 = {},
                       .validation_loss = {},
                       .validation = nullptr});
      }
      const bool whole_step = (index + 1) % options_.accumulate == 0;
      if (whole_step && run_.interrupted && run_.interrupted()) {
        CheckFinite(index + 1);
        Save(index + 1);
        return false;
      }
      if (whole_step && options_.checkpoint_steps > 0 && step_ % options_.checkpoint_steps == 0) {
        CheckFinite(index + 1);
        Save(index + 1);
      }
    }
    const double seconds = Seconds(Clock::now() - started);
    FinishEpoch({.images_per_second = static_cast<double>(done) / seconds,
                 .waiting_share = waiting / seconds,
                 .train_ns = std::llround(seconds * 1e9),
                 .train_cpu_ns = ProcessCpuNs() - cpu});
    return true;
  }

  void StepOn(const Batch& batch, int64_t index) {
    // Dropout and stochastic depth draw from a stream of this very step: nothing about random numbers has to be saved.
    torch::manual_seed(options_.seed * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(epoch_ * batches_ + index));
    torch::Tensor logits, loss;
    try {
      const Autocast autocast(options_);
      logits = network_.forward(ForNetwork(batch.images, options_));
    } catch (const c10::Error& error) {
      if (batch.labels.size(0) > 1) throw;
      throw Error(ErrorCode::kUsage,
                  fmt::format("{} cannot train on a batch of one picture of {} pixels: {}; give a "
                              "larger --batch or --image-size",
                              options_.arch, options_.image_size, core::Brief(error.what_without_backtrace(), 120)));
    }
    logits = logits.to(torch::kFloat32);
    const torch::Tensor labels = batch.labels.to(logits.device());
    loss = loss_.Of(logits, labels, batch.weights);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      throw Error(ErrorCode::kEngineFailed, fmt::format("the loss is {} at epoch {}, batch {} (step {}); {}",
                                                        std::isnan(value) ? "not a number" : "infinite", epoch_ + 1,
                                                        index + 1, step_ + 1, Advice()));
    }
    const bool last = index + 1 == batches_;
    const int64_t group = last ? (batches_ - 1) % options_.accumulate + 1 : options_.accumulate;
    const double factor = scale_.factor() / static_cast<double>(group);
    (factor == 1 ? loss : loss * factor).backward();
    if ((index + 1) % options_.accumulate == 0 || last) {
      const bool finite = scale_.Unscale(optimizer_);
      if (finite && options_.clip_norm > 0) optimizer_.ClipNorm(options_.clip_norm);
      rate_ = LearningRate(options_, step_, steps_per_epoch_ * options_.epochs, steps_per_epoch_);
      if (finite) optimizer_.Step(rate_);
      optimizer_.ZeroGrad();
      if (average_) average_->Update(step_);
      ++step_;
    }
    const int64_t count = batch.labels.size(0);
    loss_sum_ += value * static_cast<double>(count);
    correct_ += (logits.detach().argmax(1) == labels).sum().item<int64_t>();
    seen_ += count;
  }

  // What was measured of the training part of an epoch.
  struct Measured {
    double images_per_second, waiting_share;
    int64_t train_ns, train_cpu_ns;
  };

  void FinishEpoch(const Measured& measured) {
    CheckFinite(batches_);
    // The averaged weights are what is validated and kept.
    StateDict live;
    if (average_) {
      live = Copy(StateOf(network_));
      LoadWeights(network_, average_->state());
    }
    const Validation validation = Validate(network_, validation_, run_.classes, options_);
    const double top1 = validation.counter.Top1();
    ++epoch_;
    const bool best = top1 > best_ || best_epoch_ == 0;
    const auto seen = static_cast<double>(std::max<int64_t>(1, seen_));
    result_.history.push_back({{"epoch", epoch_},
                               {"loss", loss_sum_ / seen},
                               {"accuracy", static_cast<double>(correct_) / seen},
                               {"validation_loss", validation.loss},
                               {"validation_top1", top1},
                               {"validation_macro_precision", validation.counter.MacroPrecision()},
                               {"validation_macro_recall", validation.counter.MacroRecall()},
                               {"validation_macro_f1", validation.counter.MacroF1()},
                               {"learning_rate", rate_}});
    if (best) {
      best_ = top1;
      best_epoch_ = epoch_;
      Json progress = IdentityOf(run_);
      progress.update({{"epoch", epoch_}, {"validation", validation.counter.ToJson()}});
      SaveCheckpoint(run_.folder / "best.safetensors", {StateOf(network_), {}, {}, std::move(progress)});
    }
    if (average_) LoadWeights(network_, live);
    const TrainEvent event{.kind = TrainEvent::Kind::kEpoch,
                           .epoch = epoch_,
                           .epochs = options_.epochs,
                           .batch = batches_,
                           .batches = batches_,
                           .loss = loss_sum_ / seen,
                           .accuracy = static_cast<double>(correct_) / seen,
                           .learning_rate = rate_,
                           .images_per_second = measured.images_per_second,
                           .waiting_share = measured.waiting_share,
                           .validation_top1 = top1,
                           .validation_loss = validation.loss,
                           .validation = ForLog(validation.counter),
                           .train_ns = measured.train_ns,
                           .train_cpu_ns = measured.train_cpu_ns,
                           .best = best};
    first_batch_ = 0;
    loss_sum_ = 0;
    correct_ = seen_ = 0;
    // First told, then saved: killed between the two, the epoch runs and is told again, and is never missing in a log.
    if (run_.on_event) run_.on_event(event);
    Save(0);
  }

  zoo::Classifier& network_;
  BatchSource& train_;
  BatchSource& validation_;
  const TrainRun& run_;
  const TrainOptions& options_;
  Optimizer optimizer_;
  const Loss loss_;
  std::optional<Average> average_;
  LossScale scale_;
  TrainResult result_;
  int64_t batches_ = 0, steps_per_epoch_ = 0;
  int64_t epoch_ = 0, first_batch_ = 0, step_ = 0, best_epoch_ = 0, correct_ = 0, seen_ = 0;
  double best_ = 0, rate_ = 0, loss_sum_ = 0;
};

void Freeze(zoo::Classifier& network, const std::string& mode) {
  for (const auto& item : network.named_parameters()) {
    item.value().set_requires_grad(mode != "feature-extractor" || item.key().starts_with(network.HeadPrefix()));
  }
}

}  // namespace

TrainResult Train(zoo::Classifier& network, BatchSource& train, BatchSource& validation, const TrainRun& run) {
  run.options.Check();
  at::set_num_threads(run.options.threads);
  // The kernels for the CPU that are used here are deterministic for one thread count as they are; the switch would
  // only make some of them slower.
  at::globalContext().setDeterministicAlgorithms(run.options.device != "cpu", /*warn_only=*/false);
  if (run.options.device == "cuda" && !at::hasCUDA())
    throw Error(ErrorCode::kUnavailable, "no GPU: this LibTorch is without CUDA, or there is none; use --device cpu");
  network.to(DeviceOf(run.options));
  Freeze(network, run.options.mode);
  TrainResult result = Loop(network, train, validation, run).Run();
  network.to(torch::kCPU);
  return result;
}

}  // namespace bakeoff::train
