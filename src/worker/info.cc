// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// EngineInfo and HopInfo to JSON and back, with every field checked on the way in.
#include "worker/info.h"

#include "worker/json_field.h"

namespace bakeoff::worker {
namespace {

template <typename T>
void Take(const Json& json, const char* field, T& value, bool required = false) {
  TakeField(json, "its description", field, value, required);
}

Json OptionsJson(const std::vector<OptionSpec>& specs) {
  Json options = Json::array();
  for (const OptionSpec& option : specs) {
    options.push_back(
        {{"name", option.name}, {"default", option.default_value}, {"help", option.help}, {"choices", option.choices}});
    if (!option.environment.empty()) options.back()["environment"] = option.environment;
    if (option.selects) options.back()["selects"] = true;
  }
  return options;
}

std::vector<OptionSpec> OptionsFromJson(const Json& json) {
  std::vector<OptionSpec> specs;
  Json options = Json::array();
  Take(json, "options", options);
  for (const Json& row : options) {
    if (!row.is_object()) throw Error(ErrorCode::kEngineFailed, "its description has an option that is no object");
    OptionSpec option;
    Take(row, "name", option.name, true);
    Take(row, "default", option.default_value);
    Take(row, "help", option.help);
    Take(row, "choices", option.choices);
    Take(row, "environment", option.environment);
    option.selects = row.value("selects", Json()) == Json(true);
    specs.push_back(std::move(option));
  }
  return specs;
}

}  // namespace

Json ToJson(const EngineInfo& info) {
  return {{"name", info.name},
          {"version", info.version},
          {"reads", info.reads},
          {"devices", info.devices},
          {"precisions", info.precisions},
          {"options", OptionsJson(info.options)},
          {"batch_changes_after_load", info.batch_changes_after_load},
          {"census", info.census},
          {"max_requests", info.max_requests},
          {"note", info.note},
          {"for_testing", info.for_testing},
          {"profile", info.profile},
          {"framework",
           {{"name", info.framework.name}, {"makes", info.framework.makes}, {"options", info.framework.options}}}};
}

EngineInfo InfoFromJson(const Json& json) {
  if (!json.is_object()) throw Error(ErrorCode::kEngineFailed, "its description is no JSON object");
  EngineInfo info;
  Take(json, "name", info.name, true);
  Take(json, "version", info.version, true);
  Take(json, "reads", info.reads, true);
  Take(json, "devices", info.devices);
  Take(json, "precisions", info.precisions);
  Take(json, "batch_changes_after_load", info.batch_changes_after_load);
  Take(json, "census", info.census);
  Take(json, "max_requests", info.max_requests);
  Take(json, "note", info.note);
  Take(json, "for_testing", info.for_testing);
  Take(json, "profile", info.profile);
  Json framework = Json::object();
  Take(json, "framework", framework);
  Take(framework, "name", info.framework.name);
  Take(framework, "makes", info.framework.makes);
  Take(framework, "options", info.framework.options);
  info.options = OptionsFromJson(json);
  return info;
}

Json ToJson(const HopInfo& info) {
  return {{"name", info.name},
          {"version", info.version},
          {"reads", info.reads},
          {"writes", info.writes},
          {"precisions", info.precisions},
          {"takes_opset", info.takes_opset},
          {"options", OptionsJson(info.options)},
          {"loses", info.loses},
          {"note", info.note}};
}

HopInfo HopInfoFromJson(const Json& json) {
  if (!json.is_object()) throw Error(ErrorCode::kEngineFailed, "its description is no JSON object");
  HopInfo info;
  Take(json, "name", info.name, true);
  Take(json, "version", info.version, true);
  Take(json, "reads", info.reads, true);
  Take(json, "writes", info.writes, true);
  Take(json, "precisions", info.precisions);
  Take(json, "takes_opset", info.takes_opset);
  Take(json, "loses", info.loses);
  Take(json, "note", info.note);
  info.options = OptionsFromJson(json);
  return info;
}

std::map<std::string, std::string> EnvironmentFor(const EngineInfo& info,
                                                  const std::map<std::string, std::string>& engine_options) {
  std::map<std::string, std::string> environment;
  for (const OptionSpec& option : info.options) {
    const auto given = engine_options.find(option.name);
    if (!option.environment.empty() && given != engine_options.end()) environment[option.environment] = given->second;
  }
  return environment;
}

}  // namespace bakeoff::worker
