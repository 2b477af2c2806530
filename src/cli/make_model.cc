// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff make-model`: writes a small real network with seeded random weights, for demos and tests.
#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <system_error>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "core/text.h"
#include "graph/models/models.h"
#include "graph/onnx.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"NAME", "mlp, resnet18, resnet50, mobilenet_v2, or multi (two inputs, two outputs)."},
    {"OUT.onnx", "The file to write."},
};

constexpr OptionRow kOptions[] = {
    {"seed", "N", "1", "Seed of the weights; the same seed gives the same file."},
    {"image-size", "N", "224", "Height and width of the images; without effect on mlp and multi."},
    {"classes", "N", "0", "Numbers per output row; 0: 1000 for image networks, 10 for mlp, 5 for multi."},
    {"width", "F", "1.0", "Factor on the number of channels."},
    {"batch", "N", "free", "A fixed batch; free leaves it to be chosen later."},
    {"force", "", "", "Replace OUT.onnx if it exists."},
    {"external-data", "", "", "Write the weights beside the model, into OUT.onnx.data."},
};

int64_t BatchOf(const Options& options) {
  const std::string text = options.Text("batch");
  return text == "free" ? 0 : options.Int("batch", 1, int64_t{1} << 20);
}

int Run(const Options& options, Console& console) {
  const std::string& name = options.Positional()[0];
  const std::string& path = options.Positional()[1];
  if (!core::Lower(path).ends_with(".onnx")) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: make-model writes ONNX; the name must end in .onnx", path));
  }
  std::error_code unknown;
  if (std::filesystem::exists(path, unknown) && !options.Switch("force"))
    throw Error(ErrorCode::kUsage, fmt::format("{} exists already; --force replaces it", path));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, unknown))
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such folder: {}", path, folder.string()));
  graph::ModelRequest request{
      .name = name,
      .seed = static_cast<uint64_t>(options.Int("seed", 0, std::numeric_limits<int64_t>::max())),
      .image_size = options.Int("image-size", 1, 1 << 20),
      .classes = options.Int("classes", 0, 1 << 30),
      .width = options.Real("width", 0, 1000),
      .batch = BatchOf(options)};
  graph::WriteOptions write;
  if (options.Switch("external-data")) write.external_data = graph::ExternalData::kAlways;
  console.Progress(fmt::format("making {}", name), true);
  const graph::Model model = graph::MakeModel(request);
  graph::CheckOnnx(model);
  graph::WriteOnnx(model, path, write);
  console.Clear();
  console.Note(fmt::format("wrote {}", path));
  return 0;
}

}  // namespace

const Command kMakeModel{
    .name = "make-model",
    .summary = "Write a small real network with seeded random weights",
    .text = "Its outputs differ between inputs and between classes, so that comparing answers proves something.",
    .example =
        "bakeoff make-model resnet18 resnet18.onnx --seed 1\nbakeoff make-model mobilenet_v2 small.onnx --image-size "
        "96 --width 0.5",
    .positionals = kWords,
    .options = kOptions,
    .hidden = true,
    .run = Run,
};

}  // namespace bakeoff::cli
