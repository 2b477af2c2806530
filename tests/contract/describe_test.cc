// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a worker says about itself, and what it says about a loaded model.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "core/text.h"
#include "engine_under_test.h"

namespace bakeoff::contract {
namespace {

std::string Output(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) text.push_back(static_cast<char>(c));
  EXPECT_EQ(pipe == nullptr ? -1 : pclose(pipe), 0) << command;
  return text;
}

std::string CpuFlags() {
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);) {
    if (line.starts_with("flags") || line.starts_with("Features")) return line + " ";
  }
  return "";
}

TEST_F(Contract, DescribesItself) {
  const EngineInfo& info = Info();
  const std::string file = std::filesystem::path(Executable()).filename();
  EXPECT_TRUE(!file.starts_with("bakeoff-engine-") || file == "bakeoff-engine-" + info.name)
      << file << " says that it is " << info.name;
  EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << info.name;
  EXPECT_FALSE(info.version.empty());
  EXPECT_FALSE(info.reads.empty());
  EXPECT_FALSE(info.devices.empty());
  EXPECT_EQ(std::count(info.precisions.begin(), info.precisions.end(), "f32"), 1);
  std::set<std::string> names;
  for (const OptionSpec& option : info.options) {
    EXPECT_TRUE(names.insert(option.name).second) << "twice: " << option.name;
    EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << option.name;
    EXPECT_GT(option.help.size(), 10u) << option.name << ": no help";
    const auto choices = core::Split(option.choices, '|');
    if (!choices.empty() && !option.default_value.empty()) {
      EXPECT_EQ(std::count(choices.begin(), choices.end(), option.default_value), 1) << option.name;
    }
  }
}

TEST_F(Contract, DescribesItselfWithoutAConversation) {
  const Json json = Json::parse(Output("'" + Executable() + "' --describe </dev/null 2>/dev/null"), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["name"], Info().name);
  EXPECT_EQ(json["version"], Info().version);
  EXPECT_EQ(json["reads"], Json(Info().reads));
  ASSERT_TRUE(json["libraries"].is_array());
  for (const Json& library : json["libraries"])
    EXPECT_TRUE(std::filesystem::exists(library.get<std::string>())) << library;
}

TEST_F(Contract, NamesInputsAndOutputsOfALoadedModel) {
  for (const Model& model : Nets()) {
    const auto loaded = Load(Shared(), model);
    ASSERT_FALSE(loaded.inputs.empty()) << model.artifact.format;
    ASSERT_FALSE(loaded.outputs.empty()) << model.artifact.format;
    EXPECT_FALSE(loaded.inputs[0].name.empty());
    EXPECT_EQ(loaded.inputs[0].type, DType::kF32);
    EXPECT_GT(loaded.load_ns, 0);
    ASSERT_TRUE(loaded.effective.is_object());
    for (const auto& [key, value] : loaded.effective.items()) EXPECT_FALSE(value.is_null() || value == "") << key;
  }
}

// A number of threads in Effective() is a fact, so the process must have as many.
TEST_F(Contract, ClaimsNoMoreThreadsThanItHas) {
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  const auto worker = Fresh(1);
  const auto loaded = Load(*worker, Nets()[0], 1, 64);
  worker->Infer(Inputs(loaded), kLimit);
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(worker->pid()) + "/task");
  const auto alive = std::distance(begin(tasks), end(tasks));
  for (const char* key : {"threads", "intra_op_threads", "inter_op_threads"}) {
    if (!loaded.effective.contains(key) || !loaded.effective[key].is_number()) continue;
    EXPECT_LE(loaded.effective[key].get<int64_t>(), alive) << key << " is a wish that was echoed";
  }
}

TEST_F(Contract, ComputesF32InF32) {
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  const auto loaded = Load(Shared(), Nets()[0]);
  const Json& effective = loaded.effective;
  const std::string precision = effective.contains("precision") ? effective["precision"].dump() : "";
  EXPECT_EQ(precision.find("bf16"), std::string::npos) << precision;
  const Json layers = effective.value("layers_by_precision", Json());
  if (!layers.is_object()) GTEST_SKIP() << "precision per layer: not told by the runtime";
  EXPECT_TRUE(layers.contains("f32")) << layers;
  EXPECT_FALSE(layers.contains("bf16")) << layers;
  const std::string flags = CpuFlags();
  if (flags.find(" avx512_bf16 ") == std::string::npos && flags.find(" amx_bf16 ") == std::string::npos &&
      flags.find(" bf16 ") == std::string::npos) {
    GTEST_SKIP() << "that f32 is never computed in bf16 is not testable on this CPU: it has no bf16";
  }
}

}  // namespace
}  // namespace bakeoff::contract
