// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Fields of the rt_info of an IR. Lists are words with spaces between them, so a space in a name becomes a line below.
#include "model_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/model_description.h"
#include "core/text.h"

namespace bakeoff {
namespace {

std::string LabelsOf(const Json& description) {
  std::vector<std::string> labels = core::Split(core::Trim(core::ClassLines(description)), '\n');
  for (std::string& label : labels) std::replace(label.begin(), label.end(), ' ', '_');
  return core::Join(labels, " ");
}

std::string Words(const std::vector<double>& numbers) {
  std::vector<std::string> words;
  words.reserve(numbers.size());
  for (const double number : numbers) words.push_back(fmt::format("{:.9g}", number));
  return core::Join(words, " ");
}

// "standard" changes the picture's proportions; "crop" cuts the largest middle part of the input's proportions before
// resizing, which is a short side with nothing cut off afterwards but the rest of the long one. Every other pipeline
// has no name there.
std::optional<std::string> ResizeType(const Json& preprocess) {
  if (!preprocess.is_object() || !preprocess.value("resize", Json()).is_object()) return std::nullopt;
  const Json mode = preprocess["resize"].value("mode", Json()), size = preprocess["resize"].value("size", Json());
  const Json crop = preprocess.value("center_crop", Json());
  if (mode == "exact" && (crop.is_null() || crop == size)) return "standard";
  if (mode == "short_side" && crop == Json::array({size, size})) return "crop";
  return std::nullopt;
}

}  // namespace

void AddModelInfo(const Json& description, ov::Model& model) {
  if (!description.is_object()) return;
  const auto set = [&](const char* field, const std::string& value) {
    if (!value.empty()) model.set_rt_info(value, "model_info", field);
  };
  model.set_rt_info(core::DescriptionText(description), "bakeoff", "model");
  if (const std::string labels = LabelsOf(description); !labels.empty()) {
    set("model_type", "Classification");
    set("labels", labels);
  }
  // Pictures come to that API as blue, green, red.
  if (const auto rule = core::PixelRuleOf(description)) {
    set("mean_values", Words(rule->mean));
    set("scale_values", Words(rule->divisor));
    set("reverse_input_channels", rule->bgr ? "False" : "True");
    if (const auto resize = ResizeType(description["preprocess"])) set("resize_type", *resize);
  }
  std::vector<std::string> layouts;
  for (const Json& port : description["inputs"]) {
    const std::string layout = port.value("layout", "");
    if (!layout.empty()) layouts.push_back(fmt::format("{}:{}", port.value("name", ""), layout));
  }
  set("layout", core::Join(layouts, ","));
}

}  // namespace bakeoff
