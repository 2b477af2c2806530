// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff train`: writes the job down and becomes bakeoff-train, which does it.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "cli/commands.h"
#include "cli/data_common.h"
#include "cli/output.h"
#include "core/text.h"
#include "train/options.h"
#include "worker/host/catalog.h"

namespace bakeoff::cli {
namespace {

enum class Kind { kText, kCount, kNumber, kYes, kNo };

// A training option: its row on the command line, and its name in the job. What is not given is the recipe's choice.
struct Field {
  OptionRow row;
  std::string_view name;
  Kind kind;
  double low = -1e9, high = 1e9;  // what the job can hold; TrainOptions::Check() has the limits
};

constexpr Field kFields[] = {
    {{"arch", "NAME", "mobilenet_v2",
      "resnet18, resnet34, resnet50, mobilenet_v1, mobilenet_v2, efficientnet_b0, efficientnet_v2_s, convnext_tiny, "
      "vit_tiny or vit_b_16."},
     "arch",
     Kind::kText},
    {{"seed", "N", "0", "Of weights, order and augmentation, and of the split where the data has none."},
     "seed",
     Kind::kCount,
     0,
     9e15},
    {{"epochs", "N", "", "Passes over the training part; 0 only exports the weights of --init."},
     "epochs",
     Kind::kCount},
    {{"image-size", "N", "", "Side of the pictures that the network sees."}, "image_size", Kind::kCount},
    {{"width", "F", "", "Factor on the channels of mobilenet_v1 and mobilenet_v2."}, "width", Kind::kNumber},
    {{"batch", "N", "", "Pictures per step."}, "batch", Kind::kCount},
    {{"threads", "N", "", "Of the network; by default the CPUs that this process may use."}, "threads", Kind::kCount},
    {{"init", "FILE", "",
      "Start from these weights: .safetensors, .pth of torchvision, TorchScript, a model folder, or a checkpoint of "
      "ours."},
     "init",
     Kind::kText},
    {{"mode", "HOW", "", "scratch, finetune (all layers) or feature-extractor (the last one); finetune with --init."},
     "mode",
     Kind::kText},
    {{"augment", "HOW", "", "none, light (moved, mirrored) or full (random crops, mirrored, colours)."},
     "augment",
     Kind::kText},
    {{"erase", "P", "", "Chance that a rectangle of a training picture is blanked, with any --augment."},
     "erase",
     Kind::kNumber},
    {{"optimizer", "NAME", "", "sgd, adam or adamw."}, "optimizer", Kind::kText},
    {{"lr", "RATE", "", "The highest learning rate of the schedule."}, "learning_rate", Kind::kNumber},
    {{"momentum", "F", "", "Of sgd; beta1 of the others."}, "momentum", Kind::kNumber},
    {{"beta2", "F", "", "Of adam and adamw."}, "beta2", Kind::kNumber},
    {{"weight-decay", "F", "", "Not on norms and biases."}, "weight_decay", Kind::kNumber},
    {{"schedule", "NAME", "", "constant, step, cosine or one-cycle."}, "schedule", Kind::kText},
    {{"warmup-epochs", "F", "", "Rise linearly for so long (not with one-cycle, which rises by itself)."},
     "warmup_epochs",
     Kind::kNumber},
    {{"step-epochs", "F", "", "Of --schedule step: epochs between steps."}, "step_epochs", Kind::kNumber},
    {{"step-factor", "F", "", "Of --schedule step: factor of each step."}, "step_factor", Kind::kNumber},
    {{"final-factor", "F", "", "Of cosine and one-cycle: the last rate, as a share of the highest."},
     "final_factor",
     Kind::kNumber},
    {{"label-smoothing", "F", "", "Share of each label that is spread over all classes."},
     "label_smoothing",
     Kind::kNumber},
    {{"ema", "DECAY", "", "Average the weights with this decay per step; the average is validated and exported."},
     "ema",
     Kind::kNumber},
    {{"clip-norm", "F", "", "Largest norm of all gradients together; 0: off."}, "clip_norm", Kind::kNumber},
    {{"accumulate", "N", "", "Batches per step of the optimiser."}, "accumulate", Kind::kCount},
    {{"class-weights", "", "", "Weight the loss by inverse class frequency."}, "class_weights", Kind::kYes},
    {{"patience", "N", "", "Stop after so many epochs without a better validation; 0: off."}, "patience", Kind::kCount},
    {{"precision", "P", "", "f32, bf16 (autocast), or f16 on a GPU."}, "precision", Kind::kText},
    {{"device", "D", "", "cpu, or cuda where this build can use one."}, "device", Kind::kText},
    {{"no-channels-last", "", "", "Keep channels before rows in memory (slower for convolutions)."},
     "channels_last",
     Kind::kNo},
    {{"checkpoint-steps", "N", "", "Write a checkpoint every so many steps, besides the end of each epoch."},
     "checkpoint_steps",
     Kind::kCount},
};

constexpr OptionRow kOwn[] = {
    {"data", "DATA", "", "What `data info` takes; divided 0.8, 0.1, 0.1 where it has no parts."},
    {"out", "DIR", "", "The model folder; a run that was stopped goes on in it."},
    {"fresh", "", "", "Begin anew: checkpoints, log and models of an earlier run in the folder are removed."},
    {"workers", "N", "1", "Threads that read and decode pictures; 0: the training thread does."},
    {"cache", "MIB", "1024", "Memory for decoded pictures, of all parts together."},
    kMaxBrokenOption,
    {"json", "[FILE]", "", "Write the result as JSON to FILE; to stdout without FILE or with -."},
};

constexpr auto kRows = [] {
  std::array<OptionRow, std::size(kOwn) + std::size(kFields)> rows{};
  size_t n = 0;
  for (size_t i = 0; i < 2; ++i) rows[n++] = kOwn[i];
  for (const Field& field : kFields) rows[n++] = field.row;
  for (size_t i = 2; i < std::size(kOwn); ++i) rows[n++] = kOwn[i];
  return rows;
}();

Json Given(const Options& options) {
  Json given = Json::object();
  for (const Field& field : kFields) {
    if (!options.Has(field.row.name)) continue;
    switch (field.kind) {
      case Kind::kText:
        given[field.name] = options.Text(field.row.name);
        break;
      case Kind::kCount:
        given[field.name] =
            options.Int(field.row.name, static_cast<int64_t>(field.low), static_cast<int64_t>(field.high));
        break;
      case Kind::kNumber:
        given[field.name] = options.Real(field.row.name, field.low, field.high);
        break;
      case Kind::kYes:
      case Kind::kNo:
        given[field.name] = field.kind == Kind::kYes;
        break;
    }
  }
  return given;
}

// The job becomes the standard input of the program that replaces this one: its exit code, signals and output are ours.
int Become(const std::filesystem::path& program, const std::string& job) {
  const int input = memfd_create("bakeoff-job", 0);
  if (input < 0 || write(input, job.data(), job.size()) != static_cast<ssize_t>(job.size()) ||
      lseek(input, 0, SEEK_SET) != 0 || dup2(input, STDIN_FILENO) < 0) {
    throw Error(ErrorCode::kUnavailable, fmt::format("handing the job to bakeoff-train: {}", std::strerror(errno)));
  }
  close(input);
  const std::string path = program.string();
  char* const words[] = {const_cast<char*>(path.c_str()), nullptr};
  execv(path.c_str(), words);
  throw Error(ErrorCode::kUnavailable, fmt::format("{}: {}", path, std::strerror(errno)));
}

Json JobOf(const Options& options) {
  Json job = {{"given", Given(options)},
              {"data", options.Text("data")},
              {"out", options.Text("out")},
              {"resume", !options.Switch("fresh")},
              {"workers", options.Int("workers", 0, 4096)},
              {"cache_bytes", options.Int("cache", 0, int64_t{1} << 30) << 20},
              {"max_broken", options.Text("max-broken")}};
  train::TrainOptions::CheckGiven(job["given"]);
  data::MaxBroken{options.Text("max-broken")};
  return job;
}

// Only the program that trains has the library that knows. Where it is absent, the step says so.
void NeedCuda() {
  const auto program = worker::ProgramFolder() / "bakeoff-train";
  const std::unique_ptr<FILE, int (*)(FILE*)> asked(
      popen(fmt::format("{} --devices 2>/dev/null", core::ShellWord(program.string())).c_str(), "re"), pclose);
  char answer[64] = "";
  if (asked && std::fgets(answer, sizeof answer, asked.get()) && !std::strstr(answer, "cuda"))
    throw Error(ErrorCode::kUnavailable,
                "--device cuda: there is no GPU here that this build can train on; leave it out, or give cpu");
}

void Check(const Options& options, bool /*models*/) {
  if (JobOf(options)["given"].value("device", "") == "cuda") NeedCuda();
}

int Run(const Options& options, Console& console) {
  const auto program = worker::ProgramFolder() / "bakeoff-train";
  std::error_code ignored;
  if (!std::filesystem::exists(program, ignored)) {
    throw Error(ErrorCode::kUnavailable,
                "bakeoff-train is not beside this program: this build has no training; run: deps/setup.sh --engines "
                "torch, then build again");
  }
  Json job = JobOf(options);
  if (options.Has("json")) {
    CheckWritable(options, "json");
    job["json"] = TakesStdout(options, "json") ? "-" : options.Text("json");
  }
  console.Clear();
  console.Flush();
  return Become(program, job.dump());
}

}  // namespace

const Command kTrain{
    .name = "train",
    .summary = "Train an image classifier and export it as a model folder",
    .text =
        "What is not given is chosen by a recipe that suits the data and is written into model.json (docs/training.md)."
        " The same seed, threads and kind of CPU give the same weights, bit for bit, also when the run is stopped in "
        "between and started again with the same command.",
    .example =
        "bakeoff train --data flowers --arch mobilenet_v2 --out flowers-model --seed 3\nbakeoff train --init "
        "flowers-model --epochs 0 --out flowers-again",
    .positionals = {},
    .options = kRows,
    .run = Run,
    .check = Check,
};

}  // namespace bakeoff::cli
