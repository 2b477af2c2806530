// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// To OpenVINO IR, by the runtime's own readers and writer. Axes stay in the source's order.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <openvino/openvino.hpp>

#include "bakeoff/converter.h"
#include "core/files.h"
#include "core/layouts.h"
#include "core/model_description.h"
#include "core/shapes.h"
#include "core/text.h"
#include "engines/openvino_model.h"
#include "model_info.h"

namespace bakeoff {
namespace {

HopInfo Describe() {
  return {.name = "openvino",
          .version = OpenVinoVersion(),
          .reads = {"onnx", "tflite", "savedmodel", "frozen"},
          .writes = "openvino",
          .precisions = {"f32", "f16"},
          .loses = "the source's node names, metadata, and operators that the reader merges"};
}

std::vector<TensorSpec> Specs(const std::vector<ov::Output<ov::Node>>& ports, const char* kind) {
  std::vector<TensorSpec> specs;
  for (const auto& port : ports) specs.push_back(OpenVinoSpec(port, kind));
  return specs;
}

// Extents that the user fixed; the others stay as they are.
void FixShapes(ov::Model& model, const std::map<std::string, Shape>& given) {
  if (given.empty()) return;
  const std::vector<TensorSpec> specs = Specs(model.inputs(), "input");
  const auto fixed = core::FixShapes(specs, given);
  std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
  std::vector<std::string> words;
  for (size_t i = 0; i < specs.size(); ++i) {
    std::vector<ov::Dimension> extents;
    for (const int64_t extent : fixed.at(specs[i].name)) extents.emplace_back(extent == kFree ? -1 : extent);
    wanted[model.input(i)] = ov::PartialShape(extents);
    words.push_back(ShapeText(fixed.at(specs[i].name)));
  }
  try {
    model.reshape(wanted);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("the inputs cannot be {}: {}", core::Join(words, ", "), OpenVinoWords(error.what())));
  }
}

Converted Convert(const Artifact& source, const ConvertOptions& options) {
  std::shared_ptr<ov::Model> model;
  try {
    model = OpenVinoCore().read_model(source.path);
  } catch (const std::exception& error) {
    throw OpenVinoReadError(error, source);
  }
  Converted converted;
  converted.source = {source.path, source.format, Specs(model->inputs(), "input"), Specs(model->outputs(), "output"),
                      source.layouts};
  FixShapes(*model, options.shapes);
  converted.target = {
      options.destination, "openvino", Specs(model->inputs(), "input"), Specs(model->outputs(), "output"), {}};
  // The reader keeps the order of axes; the habit of the IR would be another.
  core::KeepLayouts(source, converted.target);
  AddModelInfo(core::DescriptionFor(options.description, converted.source, converted.target), *model);
  // The runtime says "iostream error" of a full disk; what the system said is still in errno.
  errno = 0;
  try {
    ov::save_model(model, options.destination, options.precision == "f16");
  } catch (const std::exception& error) {
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
      throw Error(ErrorCode::kUnavailable,
                  fmt::format("{}: cannot write: {}", options.destination, core::WriteFailure(errno)));
    throw Error(ErrorCode::kConversion, fmt::format("writing the IR: {}", OpenVinoWords(error.what())));
  }
  converted.facts = {{"library", fmt::format("OpenVINO {}", OpenVinoVersion())}, {"nodes", model->get_ops().size()}};
  return converted;
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_HOP(bakeoff::Describe, bakeoff::Convert);
