// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Writes a trained network as a model folder.
#include "train/model_folder_writer.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <sstream>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/model_description.h"
#include "core/sha256.h"
#include "train/trace.h"
#include "train/weights.h"

namespace bakeoff::train {

void WriteModelFolder(const std::filesystem::path& folder, zoo::Classifier& network, const Export& description) {
  if (const std::string name = FirstNotFinite(StateOf(network)); !name.empty()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("'{}' has a NaN or an infinity: nothing is exported to {}", name, folder.string()));
  }
  std::filesystem::create_directories(folder);
  TraceCheck check;
  const torch::jit::Module module = TraceClassifier(network, description.image_size, &check);

  const int64_t side = description.image_size, classes = static_cast<int64_t>(description.classes.size());
  Json json = {
      {"schema", 1},
      {"name", std::filesystem::absolute(folder).filename().string()},
      {"arch", description.arch},
      {"format", "torchscript"},
      {"file", "model.pt"},
      {"weights", "weights.safetensors"},
      {"classes", description.classes},
      {"inputs",
       {{{"name", "images"},
         {"type", "f32"},
         {"shape", {-1, 3, side, side}},
         {"layout", "NCHW"},
         {"meaning", "pixels after preprocess"}}}},
      {"outputs",
       {{{"name", "logits"},
         {"type", "f32"},
         {"shape", {-1, classes}},
         {"layout", "NC"},
         {"meaning", "one logit per class, no softmax"}}}},
      {"preprocess", description.preprocess.ToJson()},
  };
  std::ostringstream traced;
  module.save(traced, {{core::kDescriptionFile, core::DescriptionText(core::DescriptionOf(json))}});
  const std::string script = traced.str();
  core::WriteFileAtomically(folder / "model.pt", script);
  WriteSafetensors(folder / "weights.safetensors", StateOf(network),
                   {{kFormMetadata, Json{{"arch", description.arch},
                                         {"image_size", description.image_size},
                                         {"width", description.width},
                                         {"small_stem", description.small_stem},
                                         {"classes", description.classes}}
                                        .dump()}});
  json.update({
      {"metrics", description.metrics},
      {"training", description.training},
      {"data", description.data},
      {"trace_check", {{"largest_difference", check.largest_difference}, {"largest_output", check.largest_output}}},
      {"sha256",
       {{"model.pt", core::Sha256Hex(script)},
        {"weights.safetensors", core::Sha256OfFile((folder / "weights.safetensors").string())}}},
      {"made_by", {{"torch", TORCH_VERSION}}},
  });
  core::WriteFileAtomically(folder / "model.json", json.dump(2) + "\n");
}

}  // namespace bakeoff::train
