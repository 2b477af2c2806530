// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a worker says about itself, and what it says about a loaded model.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

// A number of threads in Effective() is a fact, so the process must have as many: --threads 64 under a mask of one CPU,
// and the same through each of the engine's own options.
TEST_F(Contract, ClaimsNoMoreThreadsThanItHas) {
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  std::vector<std::map<std::string, std::string>> wishes{{}};
  for (const OptionSpec& option : Info().options) {
    if (option.name.ends_with("threads")) wishes.push_back({{option.name, "64"}});
  }
  for (const auto& wish : wishes) {
    SCOPED_TRACE(wish.empty() ? "--threads" : wish.begin()->first);
    const auto worker = Fresh(1);
    worker::LoadReply loaded;
    try {
      loaded = Load(*worker, Nets()[0], 1, wish.empty() ? 64 : 1, 1, wish);
    } catch (const Error& error) {
      // Without effect on this model, and said so.
      EXPECT_EQ(CodeName(error.code()), CodeName(ErrorCode::kUsage)) << error.text();
      EXPECT_FALSE(wish.empty()) << error.text();
      continue;
    }
    worker->Infer(Inputs(loaded), kLimit);
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(worker->pid()) + "/task");
    const auto alive = std::distance(begin(tasks), end(tasks));
    int told = 0;
    for (const auto& [key, value] : loaded.effective.items()) {
      if (!key.ends_with("threads")) continue;
      ++told;
      if (value.is_number()) {
        EXPECT_LE(value.get<int64_t>(), alive) << key << " is a wish that was echoed";
      } else {
        EXPECT_TRUE(value.is_string() && !value.get<std::string>().starts_with("64")) << key << ": " << value;
      }
    }
    EXPECT_TRUE(told > 0 || Info().for_testing) << "it says nothing about its threads: " << loaded.effective;
  }
}

bool HasBf16() {
  const std::string flags = CpuFlags();
  return flags.find(" avx512_bf16 ") != std::string::npos || flags.find(" amx_bf16 ") != std::string::npos ||
         flags.find(" bf16 ") != std::string::npos;
}

// The largest error of the f32 answers over the largest answer. f32 has 24 bits, bf16 has 8: the two are far apart.
double RelativeError(const std::vector<NamedTensor>& got, const std::vector<NamedTensor>& want) {
  double worst = 0, largest = 0;
  for (size_t i = 0; i < got.size() && i < want.size(); ++i) {
    if (got[i].type != DType::kF32 || want[i].data.size() != got[i].data.size()) continue;
    for (size_t at = 0; at < got[i].data.size(); at += sizeof(float)) {
      float x, y;
      std::memcpy(&x, &got[i].data[at], sizeof(float));
      std::memcpy(&y, &want[i].data[at], sizeof(float));
      worst = std::max(worst, std::abs(double{x} - y));
      largest = std::max(largest, std::abs(double{y}));
    }
  }
  EXPECT_GT(largest, 1e-3) << "the premise: there are answers";
  return worst / largest;
}

constexpr double kMostOfF32 = 1e-5;    // products of 8 bits leave a thousandth or more
constexpr double kLeastOfBf16 = 2e-4;  // and those of 24 bits a millionth

// What a runtime tells about its layers is compared; the digits of its answers speak for those that tell nothing.
TEST_F(Contract, ComputesF32InF32) {
  if (!HasNet() || ReadsAnything()) GTEST_SKIP() << "it computes no network";
  for (const Model& model : Nets()) {
    SCOPED_TRACE(model.artifact.format);
    const auto loaded = Load(Shared(), model);
    const Json& effective = loaded.effective;
    const std::string precision = effective.contains("precision") ? effective["precision"].dump() : "";
    EXPECT_EQ(precision.find("bf16"), std::string::npos) << precision;
    const Json layers = effective.value("layers_by_precision", Json());
    if (layers.is_object()) {
      EXPECT_TRUE(layers.contains("f32")) << layers;
      EXPECT_FALSE(layers.contains("bf16")) << layers;
    }
    const auto inputs = Inputs(loaded, 1, 11);
    EXPECT_LE(RelativeError(Shared().Infer(inputs, kLimit).outputs, model.expected(inputs)), kMostOfF32);
  }
  if (!HasBf16()) GTEST_SKIP() << "that f32 is never computed in bf16 is not testable on this CPU: it has no bf16";
}

// The counter-test: what the test above looks for does appear where bf16 is asked for.
TEST_F(Contract, ComputesBf16WhereAskedFor) {
  const auto& precisions = Info().precisions;
  if (!HasNet() || ReadsAnything() || std::count(precisions.begin(), precisions.end(), "bf16") == 0)
    GTEST_SKIP() << "it does not offer bf16";
  if (!HasBf16()) GTEST_SKIP() << "this CPU has no bf16";
  const Model model = Nets()[0];
  const auto loaded = Shared().Load({.artifact = model.artifact, .threads = 1, .precision = "bf16"}, kLimit);
  const Json layers = loaded.effective.value("layers_by_precision", Json());
  if (layers.is_object()) {
    EXPECT_TRUE(layers.contains("bf16")) << layers;
  }
  EXPECT_NE(loaded.effective.value("precision", Json()).dump().find("bf16"), std::string::npos) << loaded.effective;
  const auto inputs = Inputs(loaded, 1, 11);
  EXPECT_GE(RelativeError(Shared().Infer(inputs, kLimit).outputs, model.expected(inputs)), kLeastOfBf16);
}

// Denormals, allocator and mask are those of every other engine: compared with the null engine's worker.
TEST_F(Contract, RunsInTheSameProcessSettingsAsEveryEngine) {
  if (!HasNet()) GTEST_SKIP() << "no fixture in a format that it reads";
  const char* peer_path = std::getenv("BAKEOFF_PEER");
  ASSERT_NE(peer_path, nullptr) << "BAKEOFF_PEER must name the null engine's worker";
  const auto facts = [](worker::Worker& worker, const Artifact& artifact) {
    const Json process = worker.Load({.artifact = artifact}, kLimit).effective.value("process", Json::object());
    Json told = Json::object();
    for (const char* key : {"cpus", "denormals"}) {
      if (process.contains(key)) told[key] = process[key];
    }
    const Json environment = process.value("environment", Json::object());
    for (const auto& [name, value] : environment.items()) {
      if (name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES" || name == "LD_PRELOAD") told[name] = value;
    }
    return told;
  };
  const auto peer = worker::Worker::Start({.executable = peer_path, .prefix = {}, .cpus = 1});
  const Json theirs = facts(*peer, {.path = Nets()[0].artifact.path, .format = "any"});
  ASSERT_EQ(theirs.value("denormals", ""), "kept");
  ASSERT_EQ(theirs["cpus"].size(), 1u);
  const auto worker = Fresh(1);
  const Json ours = facts(*worker, Nets()[0].artifact);
  if (!ours.contains("denormals")) {
    GTEST_SKIP() << "not written over libbakeoff_worker: it records no process settings";
  }
  EXPECT_EQ(ours["denormals"], theirs["denormals"]);
  EXPECT_EQ(ours["cpus"], theirs["cpus"]);
  EXPECT_EQ(ours, theirs);
}

}  // namespace
}  // namespace bakeoff::contract
