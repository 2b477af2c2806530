// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Starting the worker under test, loading fixtures and comparing answers.
#include "engine_under_test.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

#include "core/formats.h"
#include "fixture_net.h"

namespace bakeoff::contract {
namespace {

namespace fs = std::filesystem;

std::string executable;

// Fixtures of formats that our own code cannot write are files of the source tree.
fs::path Committed(const std::string& name) {
  return fs::path(std::getenv("BAKEOFF_SOURCE")) / "tests/fixtures" / name;
}

// ONNX fixtures are written once per run of the suite.
const fs::path& Written() {
  struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("bakeoff-contract-{}", getpid());
    Folder() {
      fs::create_directories(path);
      WriteNet(path / "net.onnx");
      WritePair(path / "pair.onnx");
    }
    ~Folder() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  };
  static const Folder folder;
  return folder.path;
}

// Formats whose files do not tell the shapes of inputs: the host tells them.
std::vector<TensorSpec> ToldByTheHost(const std::string& name, const FormatId& format) {
  if (format != "torchscript") return {};
  if (name == "net") return {{"image", DType::kF32, {kFree, 3, 12, 20}}};
  return {{"a", DType::kF32, {kFree, 4}}, {"b", DType::kI32, {kFree, 4}}};
}

std::vector<Model> InEveryFormat(const std::string& name, const Expected& expected, const EngineInfo& info) {
  if (info.reads == std::vector<std::string>{"any"})
    return {{{.path = Written() / (name + ".onnx"), .format = "any"}, Echo}};
  std::vector<Model> models;
  for (const FormatId& format : info.reads) {
    const core::FormatRow* row = core::FindFormat(format);
    const std::string ending = row == nullptr || row->ending.empty() ? "." + format : std::string(row->ending);
    const fs::path path = format == "onnx" ? Written() / (name + ending) : Committed(name + ending);
    if (fs::exists(path))
      models.push_back({{.path = path, .format = format, .inputs = ToldByTheHost(name, format)}, expected});
  }
  return models;
}

}  // namespace

void SetEngine(std::string path) {
  executable = std::move(path);
}

namespace {
bool any_undecided = false;
}

void Undecided(const std::string& why) {
  any_undecided = true;
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  // --gtest_brief=1 hides what a skipped test says.
  fmt::print("nothing could be decided by {}.{}: {}\n", test->test_suite_name(), test->name(), why);
  GTEST_SKIP() << why;
}

bool AnyUndecided() {
  return any_undecided;
}

const std::string& Contract::Executable() {
  return executable;
}

std::unique_ptr<worker::Worker> Contract::Fresh(int cpus, bool shared_memory) {
  worker::SpawnOptions options{.executable = executable, .prefix = {}, .cpus = cpus};
  options.shared_memory = shared_memory;
  return worker::Worker::Start(options);
}

worker::Worker& Contract::Shared() {
  static std::unique_ptr<worker::Worker> shared;
  if (!shared || !shared->alive()) shared = Fresh();
  return *shared;
}

const EngineInfo& Contract::Info() {
  static const EngineInfo info = Shared().Describe(kLimit);
  return info;
}

Model Contract::Heavy() {
  // Made once for the whole suite by heavy.py; nothing of that size is committed.
  const char* folder = std::getenv("BAKEOFF_HEAVY");
  for (const std::string& format : Info().reads) {
    const core::FormatRow* row = core::FindFormat(format);
    if (!folder || !row) continue;
    const fs::path path =
        fs::path(folder) / ("resnet18" + (row->ending.empty() ? "." + format : std::string(row->ending)));
    if (!fs::exists(path)) continue;
    Artifact artifact{.path = path, .format = format};
    if (format == "torchscript") artifact.inputs = {{"images", DType::kF32, {kFree, 3, 224, 224}}};
    return {artifact, {}};
  }
  return Nets()[0];
}

bool Contract::Reads(std::string_view format) {
  return std::find(Info().reads.begin(), Info().reads.end(), format) != Info().reads.end();
}

std::vector<Model> Contract::Nets() {
  return InEveryFormat("net", NetAnswer, Info());
}
std::vector<Model> Contract::Pairs() {
  return InEveryFormat("pair", PairAnswer, Info());
}

worker::LoadReply Contract::Load(worker::Worker& worker, const Model& model, int64_t batch, int threads, int streams,
                                 const std::map<std::string, std::string>& options) {
  worker::LoadRequest request{
      .artifact = model.artifact, .threads = threads, .streams = streams, .engine_options = options};
  if (batch != 1) {
    // Their names are in no fixture's name, so the model is asked first.
    for (const TensorSpec& spec : worker.Load(request, kLimit).inputs) {
      request.shapes[spec.name] = spec.shape;
      request.shapes[spec.name].at(0) = batch;
    }
  }
  return worker.Load(request, kLimit);
}

std::vector<NamedTensor> Contract::Inputs(const worker::LoadReply& loaded, int64_t batch, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<NamedTensor> inputs;
  for (const TensorSpec& spec : loaded.inputs) {
    NamedTensor tensor{spec.name, spec.type, spec.shape, {}};
    if (!tensor.shape.empty()) tensor.shape[0] = batch;
    const auto count = static_cast<size_t>(ElementCount(tensor.shape));
    tensor.data.resize(count * DTypeSize(spec.type));
    for (size_t i = 0; i < count; ++i) {
      std::byte* at = tensor.data.data() + i * DTypeSize(spec.type);
      const auto put = [&](auto value) { std::memcpy(at, &value, sizeof(value)); };
      switch (spec.type) {
        case DType::kF32:
          put(static_cast<float>(random() / 2147483648.0 - 1));
          break;
        case DType::kF64:
          put(random() / 2147483648.0 - 1);
          break;
        case DType::kI32:
          put(static_cast<int32_t>(random() % 10));
          break;
        case DType::kI64:
          put(static_cast<int64_t>(random() % 10));
          break;
        default:
          std::memset(at, 1, DTypeSize(spec.type));
      }
    }
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

void Contract::ExpectAnswers(const Model& model, const std::vector<NamedTensor>& inputs,
                             const std::vector<NamedTensor>& outputs) {
  std::vector<NamedTensor> expected = model.expected(inputs);
  ASSERT_EQ(outputs.size(), expected.size());
  for (const NamedTensor& output : outputs) {
    // Formats that do not keep names or order of outputs are matched by type; in `pair` the types differ.
    const auto same =
        std::find_if(expected.begin(), expected.end(), [&](const NamedTensor& e) { return e.type == output.type; });
    ASSERT_NE(same, expected.end()) << output.name << " is " << DTypeName(output.type);
    EXPECT_EQ(output.shape, same->shape) << output.name;
    ASSERT_EQ(output.data.size(), same->data.size()) << output.name;
    if (output.type != DType::kF32) {
      EXPECT_EQ(output.data, same->data) << output.name;
    } else {
      double worst = 0, spread = 0;
      for (size_t at = 0; at < output.data.size(); at += sizeof(float)) {
        float got, want;
        std::memcpy(&got, &output.data[at], sizeof(float));
        std::memcpy(&want, &same->data[at], sizeof(float));
        ASSERT_FALSE(std::isnan(got)) << output.name << " element " << at / sizeof(float);
        worst = std::max(worst, std::abs(double{got} - want));
        spread = std::max(spread, std::abs(double{want}));
      }
      EXPECT_GT(spread, 1e-3) << "the premise: the expected answers are not all alike";
      EXPECT_LE(worst, 1e-4) << output.name << ": largest difference";
    }
    expected.erase(same);
  }
}

const fs::path& Contract::Scratch() {
  if (scratch_.empty()) {
    scratch_ = fs::temp_directory_path() / fmt::format("bakeoff-contract-{}-{}", getpid(),
                                                       ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(scratch_);
  }
  return scratch_;
}

void Contract::TearDown() {
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

Refusal RefusalOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.text()};
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

Json Plan(const char* scenario, Json duration_ns, Json count) {
  return {{"scenario", scenario},      {"duration_ns", std::move(duration_ns)},
          {"count", std::move(count)}, {"warmup", {{"min_runs", 1}, {"max_runs", 3}, {"max_ns", 1'000'000'000}}},
          {"max_samples", 1 << 22},    {"progress_ns", 50'000'000}};
}

}  // namespace bakeoff::contract
