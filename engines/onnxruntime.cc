// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX Runtime engine. What really runs is read from the runtime's own log at load, because its API has no getters for
// it: levels and passes applied to the graph, nodes per execution provider; threads are counted.
#define ORT_API_MANUAL_INIT  // so that a library older than the headers is an error with words, not a crash
#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <optional>

#include "bakeoff/engine.h"
#include "core/files.h"
#include "core/onnx_skim.h"
#include "core/option_range.h"
#include "core/shapes.h"
#include "core/text.h"
#include "onnxruntime_profile.h"

namespace bakeoff {
namespace {

constexpr std::string_view kSuffix = "ExecutionProvider";

const OrtApi& Api() {
  static const OrtApi* api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("libonnxruntime {} is older than the headers this worker was built with (API {})",
                            OrtGetApiBase()->GetVersionString(), ORT_API_VERSION));
  }
  Ort::InitApi(api);
  return *api;
}

EngineInfo Describe() {
  Api();
  EngineInfo info{.name = "onnxruntime", .version = OrtGetApiBase()->GetVersionString(), .reads = {"onnx", "ort"}};
  std::vector<std::string> providers = Ort::GetAvailableProviders();
  std::sort(providers.begin(), providers.end());
  if (std::count(providers.begin(), providers.end(), "CUDAExecutionProvider") > 0) info.devices.push_back("cuda");
  info.options = {
      {"graph_optimization", "all", "How far the graph is rewritten at load.", "disable|basic|extended|layout|all"},
      {"intra_op_threads", "", "Threads that share one operator; default: --threads, less one for each further stream.",
       ""},
      {"inter_op_threads", "", "Threads that run operators side by side; only with execution_mode=parallel.", ""},
      {"execution_mode", "sequential", "Whether independent operators may run side by side.", "sequential|parallel"},
      {"memory_arena", "true", "Keep freed memory for later runs.", ""},
      {"memory_pattern", "true", "Plan one block for all buffers of a run whose shapes are known.", ""},
      {"allow_spinning", "", "Whether idle threads spin before they sleep; default: the runtime's.", ""},
      {"denormal_as_zero", "false", "Flush denormal numbers to zero.", ""},
      {"free_dimensions", "keep", "fix: tell the optimiser the shapes given at load, which then cannot change.",
       "keep|fix"},
      {"execution_provider", "", "Preferred before the CPU's; default: by --device.", core::Join(providers, "|")},
  };
  info.profile = "onnxruntime's profiling file";
  return info;
}

// What the session's log says about a load.
struct LoadLog {
  std::string settings;                  // as the session keeps them
  int64_t level = -1;                    // the highest whose passes were applied
  std::vector<std::string> passes;       // those that changed the graph, each once
  std::map<std::string, int64_t> nodes;  // by execution provider, subgraphs included
};

std::mutex log_mutex;
LoadLog* load_log = nullptr;  // while a load is under way

std::string_view Between(std::string_view text, std::string_view before, std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + before.size());
  return text.substr(0, text.find(after));
}

void Log(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* message) {
  const std::string_view text = message;
  if (level >= ORT_LOGGING_LEVEL_WARNING) std::fprintf(stderr, "onnxruntime: %s\n", message);
  const std::lock_guard lock(log_mutex);
  if (load_log == nullptr) return;
  if (text.starts_with("Session Options {")) load_log->settings = text;
  if (text.starts_with("Applying ")) {
    load_log->level = std::max(load_log->level, core::ParseInt(Between(text, "for level ", " ")).value_or(-1));
  }
  if (text.ends_with("modified: 1 with status: OK")) {
    std::string pass(Between(text, "GraphTransformer ", " "));
    if (std::count(load_log->passes.begin(), load_log->passes.end(), pass) == 0)
      load_log->passes.push_back(std::move(pass));
  }
  if (const auto provider = Between(text, "placed on [", "]"); !provider.empty()) {
    load_log->nodes[std::string(provider)] += core::ParseInt(Between(text, "Number of nodes: ", "\n")).value_or(0);
  }
}

Ort::Env& Environment() {
  // Never destroyed: the runtime's threads may outlive main().
  static Ort::Env* env = (Api(), new Ort::Env(ORT_LOGGING_LEVEL_WARNING, "bakeoff", Log, nullptr));
  return *env;
}

// The runtime's words without "Load model from X failed:" and without source position and function signature.
std::string Words(std::string_view text) {
  if (text.starts_with("Load model from ")) {
    if (const size_t end = text.find(" failed:"); end != std::string_view::npos) text.remove_prefix(end + 8);
  }
  if (const size_t source = text.find("/onnxruntime_src/"); source != std::string_view::npos) {
    int depth = 0;
    for (size_t i = text.find('(', source); i < text.size(); ++i) {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      if (depth == 0 && text.substr(i).starts_with(") ")) return core::Brief(text.substr(i + 2));
    }
  }
  return core::Brief(text);
}

Error LoadError(const Ort::Exception& error, const Artifact& artifact) {
  const std::string_view text = error.what();
  const std::string file = std::filesystem::path(artifact.path).filename();
  const auto make = [&](ErrorCode code, const std::string& said) {
    return Error(code, fmt::format("{}: {}", file, said));
  };
  if (text.find("External data path") != text.npos || text.find("external data file") != text.npos) {
    const auto missing = core::MissingExternalFiles(artifact.path);
    if (!missing.empty())
      return make(ErrorCode::kNotFound,
                  fmt::format("its weights are in files that do not lie beside it: {}; bring them too",
                              core::Join(missing, ", ")));
  }
  if (text.find("File doesn't exist") != text.npos) return make(ErrorCode::kNotFound, "no such file: " + artifact.path);
  std::string op(Between(text, "Fatal error: ", "("));  // "com.foo:Bar(-1) is not a registered function/op"
  if (text.find("is not a registered") == text.npos) op = Between(text, "No Op registered for ", " ");
  if (op.empty()) op = Between(text, "Could not find an implementation for ", "(");
  if (!op.empty()) {
    const std::string nodes = core::WhichNodes(core::SkimOnnx(artifact.path), op.substr(op.rfind(':') + 1));
    return make(ErrorCode::kUnsupported, fmt::format("the operator {}{} is not in this runtime ({})", op,
                                                     nodes.empty() ? "" : " of " + nodes, Words(text)));
  }
  if (const auto newest = Between(text, "is till opset ", "."); !newest.empty()) {
    return make(ErrorCode::kUnsupported,
                fmt::format("the model's opset is newer than this runtime, which knows opset {}: {}", newest,
                            Between(Words(text), "opset versions. ", ".")));
  }
  if (error.GetOrtErrorCode() == ORT_NOT_IMPLEMENTED) return make(ErrorCode::kUnsupported, Words(text));
  const bool runtimes_fault = error.GetOrtErrorCode() == ORT_RUNTIME_EXCEPTION ||
                              error.GetOrtErrorCode() == ORT_EP_FAIL || error.GetOrtErrorCode() == ORT_ENGINE_ERROR;
  return make(runtimes_fault ? ErrorCode::kEngineFailed : ErrorCode::kInvalidModel, Words(text));
}

constexpr std::pair<ONNXTensorElementDataType, DType> kTypes[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, DType::kF32},     {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, DType::kF16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, DType::kBF16}, {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, DType::kF64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, DType::kI8},       {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, DType::kU8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, DType::kI16},     {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, DType::kI32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, DType::kI64},     {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, DType::kBool},
};

// An input or output with the names of its free extents ("" where fixed or nameless).
struct Port {
  TensorSpec spec;
  ONNXTensorElementDataType type;
  std::vector<std::string> symbols;
};

Port PortOf(const char* kind, std::string name, const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} '{}' is no tensor (a sequence, map or optional)", kind, name));
  }
  const auto info = type.GetTensorTypeAndShapeInfo();
  const auto found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](auto& row) { return row.first == info.GetElementType(); });
  if (found == std::end(kTypes)) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} '{}' has ONNX element type {}, which Bakeoff cannot pass",
                                                     kind, name, static_cast<int>(info.GetElementType())));
  }
  Port port{{std::move(name), found->second, info.GetShape()}, found->first, {}};
  std::vector<const char*> symbols(port.spec.shape.size(), "");
  info.GetSymbolicDimensions(symbols.data(), symbols.size());
  port.symbols.assign(symbols.begin(), symbols.end());
  return port;
}

TensorView ViewOf(const Port& port, Ort::Value& value) {
  return View(port.spec.type, value.GetTensorTypeAndShapeInfo().GetShape(), value.GetTensorMutableRawData());
}

struct Model {
  Ort::Session session{nullptr};
  std::vector<Port> inputs, outputs;
};

// Buffers are the runtime's own CPU allocations, bound once. An output whose shape cannot be known before Run() is
// allocated by the runtime in every run.
class OrtRequest final : public Request {
 public:
  OrtRequest(Model& model, const std::map<std::string, Shape>& shapes, std::map<std::string, int64_t> extents)
      : model_(model), binding_(model.session), extents_(std::move(extents)) {
    for (const Port& port : model.inputs) {
      const Shape& shape = shapes.at(port.spec.name);
      inputs_.push_back(Ort::Value::CreateTensor(allocator_, shape.data(), shape.size(), port.type));
      binding_.BindInput(port.spec.name.c_str(), inputs_.back());
    }
    for (const Port& port : model.outputs) {
      const auto shape = KnownShape(port);
      outputs_.push_back(shape ? Ort::Value::CreateTensor(allocator_, shape->data(), shape->size(), port.type)
                               : Ort::Value(nullptr));
      shape ? binding_.BindOutput(port.spec.name.c_str(), outputs_.back())
            : binding_.BindOutput(port.spec.name.c_str(), memory_);
    }
  }

  Tensors Inputs() override {
    Tensors views;
    for (size_t i = 0; i < inputs_.size(); ++i) views.push_back(ViewOf(model_.inputs[i], inputs_[i]));
    return views;
  }

  void Run() override {
    results_.clear();
    // A result of the run before would be taken for a buffer to fill, of the right shape or not.
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (!outputs_[i]) binding_.BindOutput(model_.outputs[i].spec.name.c_str(), memory_);
    }
    try {
      model_.session.Run(run_options_, binding_);
    } catch (const Ort::Exception& error) {
      if (ran_ || std::none_of(outputs_.begin(), outputs_.end(), [](const Ort::Value& v) { return bool(v); })) {
        throw Error(ErrorCode::kEngineFailed, Words(error.what()));
      }
      // The runtime itself only warns where the file's output shapes are wrong; our buffers must not make that an
      // error.
      ran_ = true;
      for (Ort::Value& output : outputs_) output = Ort::Value(nullptr);
      return Run();
    }
    ran_ = true;
  }

  Tensors Outputs() override {
    Tensors views;
    if (results_.empty()) results_ = binding_.GetOutputValues();
    for (size_t i = 0; i < outputs_.size(); ++i) views.push_back(ViewOf(model_.outputs[i], results_[i]));
    return views;
  }

 private:
  std::optional<Shape> KnownShape(const Port& port) const {
    Shape shape = port.spec.shape;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] >= 0) continue;
      const auto extent = extents_.find(port.symbols[axis]);
      if (extent == extents_.end()) return std::nullopt;
      shape[axis] = extent->second;
    }
    return shape;
  }

  Model& model_;
  Ort::AllocatorWithDefaultOptions allocator_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::RunOptions run_options_;
  Ort::IoBinding binding_;
  std::map<std::string, int64_t> extents_;  // by symbol
  std::vector<Ort::Value> inputs_, outputs_, results_;
  bool ran_ = false;
};

size_t ThreadsAlive() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

class OrtSession final : public Session {
 public:
  OrtSession(const Artifact& artifact, const SessionOptions& options) : artifact_(artifact), profile_(options.profile) {
    const OptionValues& o = options.engine;
    Ort::SessionOptions settings;
    // Callers run operators themselves beside the pool's threads, so the pool shrinks as callers are added.
    settings.SetIntraOpNumThreads(
        static_cast<int>(core::ThreadsOf(o, "intra_op_threads", std::max(1, options.threads - options.streams + 1))));
    settings.SetExecutionMode(o.Text("execution_mode") == "parallel" ? ORT_PARALLEL : ORT_SEQUENTIAL);
    if (o.Text("execution_mode") == "parallel")
      settings.SetInterOpNumThreads(static_cast<int>(core::ThreadsOf(o, "inter_op_threads", 1)));
    o.Bool("memory_arena", true) ? settings.EnableCpuMemArena() : settings.DisableCpuMemArena();
    o.Bool("memory_pattern", true) ? settings.EnableMemPattern() : settings.DisableMemPattern();
    if (o.IsGiven("allow_spinning")) {
      const char* spin = o.Bool("allow_spinning") ? "1" : "0";
      settings.AddConfigEntry("session.intra_op.allow_spinning", spin)
          .AddConfigEntry("session.inter_op.allow_spinning", spin);
    }
    if (o.Bool("denormal_as_zero")) settings.AddConfigEntry("session.set_denormal_as_zero", "1");
    settings.SetLogSeverityLevel(ORT_LOGGING_LEVEL_VERBOSE);  // a few hundred lines at load, none in a run
    static const std::map<std::string, int> kLevels{
        {"disable", 0}, {"basic", 1}, {"extended", 2}, {"layout", 3}, {"all", 99}};
    const int level = kLevels.at(o.Text("graph_optimization"));
    const bool fix = o.Text("free_dimensions") == "fix";
    AddProvider(settings, options);
    Environment();
    try {
      if (fix) {  // the names of the free extents are not known before a session has read the file
        Open(settings, 0);
        for (const auto& [symbol, extent] : Extents(core::CompleteShapes(Inputs(), options.shapes, options.batch))) {
          Ort::ThrowOnError(Api().AddFreeDimensionOverrideByName(settings, symbol.c_str(), extent));
        }
        model_.session = Ort::Session(nullptr);
      }
      // Only now: every session that is told so writes a file.
      if (profile_) settings.EnableProfiling(ProfilePrefix().c_str());
      const size_t threads_before = ThreadsAlive();
      const LoadLog log = Open(settings, level);
      const size_t threads_started = ThreadsAlive() - threads_before;
      extents_at_load_ = Extents(core::CompleteShapes(Inputs(), options.shapes, options.batch));
      Tell(log, threads_started, level == 99);
    } catch (const Ort::Exception& error) {
      throw LoadError(error, artifact);
    }
  }

  ~OrtSession() override {
    if (profile_) TakeProfile();
  }
  OrtSession(const OrtSession&) = delete;
  OrtSession& operator=(const OrtSession&) = delete;

  std::vector<TensorSpec> Inputs() const override { return Specs(model_.inputs); }
  std::vector<TensorSpec> Outputs() const override { return Specs(model_.outputs); }
  Json Effective() const override { return effective_; }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<OrtRequest>(model_, shapes, Extents(shapes));
  }

 private:
  // The runtime adds the time and ".json".
  static std::string ProfilePrefix() {
    return std::filesystem::temp_directory_path() / fmt::format("bakeoff-onnxruntime-{}", getpid());
  }

  // The runtime writes the file as inferences run and tells its name when it is closed.
  void TakeProfile() {
    try {
      Ort::AllocatorWithDefaultOptions allocator;
      const std::string file = model_.session.EndProfilingAllocated(allocator).get();
      const std::string text = core::ReadFile(file);
      std::filesystem::remove(file);
      ReadOrtProfile(text, *profile_);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "onnxruntime: its profile cannot be read: %s\n", error.what());
    }
  }

  static std::vector<TensorSpec> Specs(const std::vector<Port>& ports) {
    std::vector<TensorSpec> specs;
    for (const Port& port : ports) specs.push_back(port.spec);
    return specs;
  }

  static void AddProvider(Ort::SessionOptions& settings, const SessionOptions& options) {
    std::string provider = options.engine.Text("execution_provider");
    if (provider.empty()) provider = options.device == "cuda" ? "CUDAExecutionProvider" : "CPUExecutionProvider";
    if (provider == "CPUExecutionProvider") return;  // always there, after the others
    const std::string stem = provider.substr(0, provider.size() - kSuffix.size());
    try {
      if (provider == "CUDAExecutionProvider")
        return void(settings.AppendExecutionProvider_CUDA(OrtCUDAProviderOptions{}));
      try {
        settings.AppendExecutionProvider(stem);
      } catch (const Ort::Exception&) {  // the runtime spells some of them in capitals here
        std::string capitals = stem;
        for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        settings.AppendExecutionProvider(capitals);
      }
    } catch (const Ort::Exception& error) {
      throw Error(ErrorCode::kUnsupported, fmt::format("execution provider {}: {}", provider, Words(error.what())));
    }
  }

  LoadLog Open(Ort::SessionOptions& settings, int level) {
    settings.SetGraphOptimizationLevel(static_cast<GraphOptimizationLevel>(level));
    LoadLog log;
    const auto listen = [](LoadLog* listener) {
      const std::lock_guard lock(log_mutex);
      load_log = listener;
    };
    listen(&log);
    try {
      model_.session = Ort::Session(Environment(), artifact_.path.c_str(), settings);
    } catch (...) {
      listen(nullptr);
      throw;
    }
    listen(nullptr);
    ReadPorts();
    return log;
  }

  void ReadPorts() {
    Ort::AllocatorWithDefaultOptions allocator;
    Ort::Session& session = model_.session;
    model_.inputs.clear();
    model_.outputs.clear();
    for (size_t i = 0; i < session.GetInputCount(); ++i) {
      model_.inputs.push_back(
          PortOf("input", session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i)));
    }
    for (size_t i = 0; i < session.GetOutputCount(); ++i) {
      model_.outputs.push_back(
          PortOf("output", session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i)));
    }
  }

  // Values of the named free extents. Throws where the model cannot take the shapes.
  std::map<std::string, int64_t> Extents(const std::map<std::string, Shape>& shapes) const {
    std::map<std::string, int64_t> extents;
    for (const Port& port : model_.inputs) {
      const Shape& declared = port.spec.shape;
      const auto given = shapes.find(port.spec.name);
      const auto refuse = [&](const std::string& why) {
        return Error(ErrorCode::kUnsupported,
                     fmt::format("input '{}' is {} and cannot be {}: {}", port.spec.name, ShapeText(declared),
                                 given == shapes.end() ? "left out" : ShapeText(given->second), why));
      };
      if (given == shapes.end()) throw refuse("every input needs a shape");
      if (given->second.size() != declared.size()) throw refuse("the number of extents differs");
      for (size_t axis = 0; axis < declared.size(); ++axis) {
        const int64_t extent = given->second[axis];
        if (declared[axis] >= 0 && declared[axis] != extent)
          throw refuse(fmt::format("the model fixes extent {}", axis));
        const std::string& symbol = port.symbols[axis];
        if (declared[axis] >= 0 || symbol.empty()) continue;
        const auto [known, is_new] = extents.emplace(symbol, extent);
        if (!is_new && known->second != extent)
          known->second = kFree;  // a name used loosely says nothing about outputs
      }
    }
    std::erase_if(extents, [](const auto& entry) { return entry.second == kFree; });
    return extents;
  }

  void Tell(const LoadLog& log, size_t threads_started, bool asked_for_all) {
    const auto setting = [&](std::string_view key) -> std::optional<int64_t> {
      const std::string_view value = core::Trim(Between(log.settings, fmt::format(" {}:", key), "}"));
      return core::ParseInt(value.substr(0, value.find(' ')));
    };
    const auto flag = [](std::optional<int64_t> value) { return value ? Json(*value != 0) : Json(kNotTold); };
    const auto mode = setting("execution_mode");
    const bool sequential = mode == 0;
    // "all" is the runtime's highest level, which was 3 before layout became a level of its own.
    static const char* const kLevelNames[] = {"disable", "basic", "extended", "layout", "all"};
    const auto level = static_cast<size_t>(std::clamp<int64_t>(asked_for_all && log.level == 3 ? 4 : log.level, 0, 4));
    std::vector<std::string> providers;
    for (const auto& [provider, nodes] : log.nodes) providers.push_back(provider);
    const core::OnnxFacts facts = artifact_.format == "onnx" ? core::SkimOnnx(artifact_.path) : core::OnnxFacts{};
    Json opsets = Json::object();
    for (const auto& [domain, version] : facts.opsets) opsets[domain.empty() ? "ai.onnx" : domain] = version;
    Json copies = Json::array();
    for (const Port& port : model_.outputs) {
      for (size_t axis = 0; axis < port.spec.shape.size(); ++axis) {
        if (port.spec.shape[axis] >= 0 || extents_at_load_.contains(port.symbols[axis])) continue;
        copies.push_back(
            fmt::format("output '{}' is allocated by the runtime in every run: its extent {} is not known before",
                        port.spec.name, axis));
        break;
      }
    }
    effective_ = {
        {"runtime", fmt::format("onnxruntime {}", OrtGetApiBase()->GetVersionString())},
        {"execution_provider", providers.empty() ? kNotTold : core::Join(providers, ", ")},
        {"nodes_by_provider", log.nodes},
        {"graph_optimization", log.settings.empty() ? kNotTold : kLevelNames[level]},
        {"graph_passes_applied", log.passes},
        // The pool's threads and the caller; settings in the log would be the wish.
        {"intra_op_threads", sequential ? Json(threads_started + 1) : Json(kNotTold)},
        {"threads_started_at_load", threads_started},
        {"execution_mode", mode ? (sequential ? "sequential" : "parallel") : kNotTold},
        {"memory_arena", flag(setting("enable_cpu_mem_arena"))},
        {"memory_pattern", sequential ? flag(setting("enable_mem_pattern")) : Json(kNotTold)},
        {"allow_spinning", kNotTold},
        {"profiling", flag(setting("enable_profiling"))},
        {"denormal_as_zero", kNotTold},
        {"free_dimensions_fixed",
         std::count(log.passes.begin(), log.passes.end(), "FreeDimensionOverrideTransformer") > 0},
        {"precision", kNotTold},
        {"cpu_instructions", kNotTold},
        {"model_producer", facts.producer.empty() ? kNotTold : facts.producer},
        {"model_opsets", std::move(opsets)},
        {"timed_copies", std::move(copies)},
    };
  }

  Artifact artifact_;
  std::shared_ptr<Profile> profile_;
  Model model_;
  std::map<std::string, int64_t> extents_at_load_;
  Json effective_;
};

std::unique_ptr<Session> Load(const Artifact& artifact, const SessionOptions& options) {
  if (options.precision != "f32") {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("onnxruntime computes in the types of the model's own tensors; for {} convert the model",
                            options.precision));
  }
  return std::make_unique<OrtSession>(artifact, options);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_ENGINE(bakeoff::Describe, bakeoff::Load);
