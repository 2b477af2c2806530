// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Descriptions from model.json and from records, and their translation to a result's names and axes.
#include "core/model_description.h"

#include <algorithm>

#include "bakeoff/error.h"
#include "core/conversion_record.h"
#include "core/model_folder.h"

namespace bakeoff::core {
namespace {

constexpr int kSchema = 1;

// The description's entry for a port: by name, else by place, because some formats know no names.
Json EntryOf(const Json& ports, const std::string& name, size_t place) {
  if (!ports.is_array()) return nullptr;
  for (const Json& port : ports) {
    if (port.is_object() && port.value("name", Json()) == name) return port;
  }
  return place < ports.size() && ports[place].is_object() ? ports[place] : Json();
}

Json PortsFor(const Json& ports, const std::vector<TensorSpec>& from, const std::vector<TensorSpec>& to,
              const Artifact& target) {
  Json result = Json::array();
  for (size_t i = 0; i < to.size(); ++i) {
    const Json told = EntryOf(ports, i < from.size() ? from[i].name : "", i);
    Json port = {{"name", to[i].name}, {"type", DTypeName(to[i].type)}, {"shape", to[i].shape}};
    if (const auto layout = target.layouts.find(to[i].name); layout != target.layouts.end() && !layout->second.empty())
      port["layout"] = layout->second;
    if (told.is_object() && told.value("meaning", Json()).is_string()) port["meaning"] = told["meaning"];
    result.push_back(std::move(port));
  }
  return result;
}

std::vector<double> Channels(const Json& json) {
  const auto values = json.get<std::vector<double>>();
  return values.size() == 3 ? values : std::vector<double>();
}

}  // namespace

Json DescriptionOf(const Json& model_json) {
  Json description = {{"schema", kSchema}, {"name", model_json.at("name")}};
  description["preprocess"] = model_json.value("preprocess", Json());
  for (const char* field : {"classes", "inputs", "outputs"})
    description[field] = model_json.value(field, Json::array());
  return description;
}

Json DescriptionBeside(const Artifact& artifact) {
  if (!artifact.folder.empty()) return DescriptionOf(ReadModelFolder(artifact.folder).whole);
  const auto record = ReadConversionRecord(artifact.path);
  return record ? ParseDescription(record->value("model", Json()).dump()) : Json();
}

Json DescriptionFor(const Json& description, const Artifact& source, const Artifact& target) {
  if (!description.is_object()) return nullptr;
  Json result = description;
  result["inputs"] = PortsFor(description.value("inputs", Json()), source.inputs, target.inputs, target);
  result["outputs"] = PortsFor(description.value("outputs", Json()), source.outputs, target.outputs, target);
  // One pipeline fills one input of pictures; with several nobody knows which.
  if (result.value("preprocess", Json()).is_object() && target.inputs.size() == 1) {
    const Json layout = result["inputs"][0].value("layout", Json());
    if (layout == "NCHW" || layout == "NHWC") result["preprocess"]["layout"] = layout;
  }
  return result;
}

Json ParseDescription(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  try {
    if (!json.is_object() || json.at("schema") != kSchema || !json.at("name").is_string() ||
        !json.at("classes").is_array())
      return nullptr;
    for (const Json& name : json.at("classes")) {
      if (!name.is_string()) return nullptr;
    }
    const Json& preprocess = json.at("preprocess");
    return preprocess.is_object() || preprocess.is_null() ? std::move(json) : Json();
  } catch (const Json::exception&) {
    return nullptr;
  }
}

std::string DescriptionText(const Json& description) {
  return description.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ClassLines(const Json& description) {
  std::string lines;
  if (!description.is_object()) return lines;
  for (const Json& name : description.value("classes", Json::array())) {
    const auto text = name.get<std::string>();
    if (text.empty() || text.find_first_of("\r\n") != std::string::npos) return "";
    lines += text + "\n";
  }
  return lines;
}

std::optional<PixelRule> PixelRuleOf(const Json& description) {
  try {
    const Json& json = description.at("preprocess");
    const double scale = json.at("scale").get<double>();
    PixelRule rule{Channels(json.at("mean")), Channels(json.at("std")), json.value("color", "RGB") == "BGR"};
    if (!(scale > 0) || rule.mean.empty() || rule.divisor.empty()) return std::nullopt;
    for (double& value : rule.mean) value /= scale;
    for (double& value : rule.divisor) value /= scale;
    return rule;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace bakeoff::core
