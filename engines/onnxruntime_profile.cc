// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Nodes belong to the "model_run" in whose time they lie.
#include "onnxruntime_profile.h"

#include <algorithm>
#include <map>
#include <vector>

#include "bakeoff/error.h"
#include "core/own_time.h"

namespace bakeoff {
namespace {

struct Span {
  int64_t begin = 0, end = 0;  // microseconds, as in the file
};

std::string TextOf(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

int64_t NumberOf(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? static_cast<int64_t>(found->get<double>()) : -1;
}

// [{"float": [1, 8]}, ..]: the type of the first.
std::string PrecisionOf(const Json& shapes) {
  static const std::map<std::string, std::string> kNames = {{"float", "f32"},     {"double", "f64"}, {"float16", "f16"},
                                                            {"bfloat16", "bf16"}, {"int8", "i8"},    {"uint8", "u8"},
                                                            {"int16", "i16"},     {"int32", "i32"},  {"int64", "i64"}};
  if (!shapes.is_array() || shapes.empty() || !shapes[0].is_object() || shapes[0].empty()) return "";
  const std::string name = shapes[0].begin().key();
  const auto known = kNames.find(name);
  return known == kNames.end() ? name : known->second;
}

}  // namespace

void ReadOrtProfile(const std::string& text, Profile& profile) {
  const Json events = Json::parse(text, nullptr, false);
  if (!events.is_array()) throw Error(ErrorCode::kEngineFailed, "onnxruntime wrote a profile that is no JSON list");
  std::vector<Span> runs;
  for (const Json& event : events) {
    if (!event.is_object() || TextOf(event, "name") != "model_run") continue;
    const int64_t begin = NumberOf(event, "ts");
    runs.push_back({begin, begin + NumberOf(event, "dur")});
  }
  std::sort(runs.begin(), runs.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  constexpr std::string_view kEnding = "_kernel_time";
  std::vector<OperatorRun> found;
  for (const Json& event : events) {
    if (!event.is_object() || TextOf(event, "cat") != "Node" || !event.contains("args")) continue;
    const Json& args = event["args"];
    std::string name = TextOf(event, "name");
    if (!name.ends_with(kEnding) || !args.is_object()) continue;
    name.resize(name.size() - kEnding.size());
    const int64_t begin = NumberOf(event, "ts");
    const auto run = std::find_if(runs.begin(), runs.end(),
                                  [&](const Span& span) { return begin >= span.begin && begin <= span.end; });
    if (run == runs.end()) continue;
    const std::string type = TextOf(args, "op_name");
    found.push_back({.run = profile.run - (runs.end() - run - 1),
                     .name = name.empty() ? type + " " + TextOf(args, "node_index") : name,
                     .type = type,
                     .begin_ns = begin * 1000,
                     .time_ns = std::max<int64_t>(NumberOf(event, "dur"), 0) * 1000,
                     .thread = NumberOf(event, "tid"),
                     .precision = PrecisionOf(args.value("output_type_shape", Json())),
                     .provider = TextOf(args, "provider")});
  }
  core::TakeInnerTimesOff(found);
  profile.operators.insert(profile.operators.end(), found.begin(), found.end());
}

}  // namespace bakeoff
