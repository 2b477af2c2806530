// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading model.json.
#include "core/model_folder.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "core/files.h"

namespace bakeoff::core {
namespace {

constexpr int kSchema = 1;

TensorSpec SpecOf(const Json& entry) {
  return {entry.at("name").get<std::string>(), DTypeFromName(entry.at("type").get<std::string>()),
          entry.at("shape").get<Shape>()};
}

// A name in model.json, as a path. A folder is handed around: what it names must lie in it.
std::filesystem::path Inside(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(name).lexically_normal();
  if (path.empty() || path.is_absolute() || path == "." || *path.begin() == "..") {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("\"{}\" is outside the folder; name a file in it, relative to it", name));
  }
  return folder / path;
}

}  // namespace

ModelFolder ReadModelFolder(const std::filesystem::path& folder) {
  const auto path = folder / "model.json";
  ModelFolder result{
      .folder = folder, .name = "", .model = {}, .classes = {}, .whole = Json::parse(ReadFile(path), nullptr, false)};
  const auto fail = [&](const std::string& why) {
    return Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", path.string(), why));
  };
  if (!result.whole.is_object()) throw fail("no JSON object");
  const Json& json = result.whole;
  if (const Json schema = json.value("schema", Json()); schema != kSchema)
    throw fail(fmt::format("its schema is {}, this version reads {}", schema.dump(), kSchema));
  const char* field = "";
  try {
    const auto at = [&](const char* name) -> const Json& {
      field = name;
      return json.at(name);
    };
    result.name = at("name").get<std::string>();
    result.model.format = at("format").get<std::string>();
    result.model.path = Inside(folder, at("file").get<std::string>()).string();
    result.model.folder = folder.string();
    if (json.contains("weights")) Inside(folder, at("weights").get<std::string>());
    for (const Json& entry : at("inputs")) {
      result.model.inputs.push_back(SpecOf(entry));
      if (entry.contains("layout"))
        result.model.layouts[result.model.inputs.back().name] = entry["layout"].get<std::string>();
    }
    for (const Json& entry : at("outputs")) result.model.outputs.push_back(SpecOf(entry));
    if (json.contains("classes")) result.classes = at("classes").get<std::vector<std::string>>();
    if (json.contains("preprocess")) result.preprocess = json["preprocess"];
  } catch (const Json::exception&) {
    throw fail(fmt::format("the field '{}' is missing or not what docs/model-folder.md says", field));
  } catch (const Error& error) {
    throw fail(fmt::format("the field '{}': {}", field, error.text()));
  }
  if (!std::filesystem::exists(result.model.path)) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("{}: it names the model file {}, which does not exist", path.string(), result.model.path));
  }
  return result;
}

}  // namespace bakeoff::core
