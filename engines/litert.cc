// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The LiteRT engine: TFLite models on the CPU through LiteRT's compiled-model interface.
//
// A LiteRT compiled model runs one inference at a time, so every request has a compiled model of its own; they share
// the model file. Inputs and outputs are LiteRT's own aligned host buffers, which its kernels use in place.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "bakeoff/engine.h"
#include "core/shapes.h"
#include "core/stderr_tail.h"
#include "core/text.h"
#include "litert_abi.h"
#include "litert_check.h"
#include "litert_profile.h"

namespace {

using namespace bakeoff;
using namespace bakeoff::litert_abi;

// The lines that begin with ERROR, without their "[file:line]", joined.
std::string Complaints(const std::string& words) {
  std::vector<std::string> lines;
  for (const std::string& line : core::Split(words, '\n')) {
    if (!line.starts_with("ERROR")) continue;
    std::string_view rest =
        core::Trim(std::string_view(line).substr(line.find(':') == std::string::npos ? 5 : line.find(':') + 1));
    if (rest.starts_with("[")) rest = core::Trim(rest.substr(std::min(rest.size(), rest.find(']') + 1)));
    if (rest.ends_with(".")) rest.remove_suffix(1);
    lines.emplace_back(rest);
  }
  return lines.empty() ? "LiteRT gave no reason" : core::Brief(core::Join(lines, "; "));
}

void Check(Status status, const std::string& doing, ErrorCode code = ErrorCode::kEngineFailed) {
  if (status != kOk)
    throw Error(code, fmt::format("{}: LiteRT answers with status {}", doing, static_cast<int>(status)));
}

template <void (*Destroy)(Handle)>
struct Owned {
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { Destroy(handle); }
  Handle handle = nullptr;
};

DType TypeOf(int element_type, const std::string& tensor) {
  switch (element_type) {
    case kFloat32:
      return DType::kF32;
    case kFloat16:
      return DType::kF16;
    case kBFloat16:
      return DType::kBF16;
    case kFloat64:
      return DType::kF64;
    case kInt8:
      return DType::kI8;
    case kUInt8:
      return DType::kU8;
    case kInt16:
      return DType::kI16;
    case kInt32:
      return DType::kI32;
    case kInt64:
      return DType::kI64;
    case kBool:
      return DType::kBool;
    default:
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("tensor '{}' has LiteRT element type {}, which Bakeoff does not carry", tensor, element_type));
  }
}

struct Port {
  TensorSpec spec;
  RankedType type{};
  Json quantization;  // null, or {"scale", "zero_point"}
};

Port ReadPort(Handle tensor, const std::string& name) {
  int ranked = 0;
  Check(LiteRtGetTensorTypeId(tensor, &ranked), "asking for the type of tensor '" + name + "'");
  if (ranked != 0) throw Error(ErrorCode::kUnsupported, "tensor '" + name + "' has no known rank, LiteRT needs one");
  // The library writes into a larger marked buffer: a struct of another size than ours would show.
  alignas(RankedType) unsigned char room[sizeof(RankedType) + 64];
  std::memset(room, 0xA5, sizeof(room));
  Check(LiteRtGetRankedTensorType(tensor, reinterpret_cast<RankedType*>(room)),
        "asking for the shape of tensor '" + name + "'");
  Port port;
  std::memcpy(&port.type, room, sizeof(port.type));
  for (size_t i = sizeof(RankedType); i < sizeof(room); ++i) {
    if (room[i] != 0xA5)
      throw Error(ErrorCode::kUnavailable, "this libLiteRt.so uses other structures than " + std::string(kVersion) +
                                               "; set up the pinned version");
  }
  if (port.type.layout.rank > 8) throw Error(ErrorCode::kUnavailable, "tensor '" + name + "' has a rank above 8");
  port.spec = {name, TypeOf(port.type.element_type, name), {}};
  for (unsigned i = 0; i < port.type.layout.rank; ++i)
    port.spec.shape.push_back(std::max(port.type.layout.dims[i], -1));
  int quantized = 0;
  PerTensorQuantization q{};
  if (LiteRtGetQuantizationTypeId(tensor, &quantized) == kOk && quantized == kPerTensor &&
      LiteRtGetPerTensorQuantization(tensor, &q) == kOk) {
    port.quantization = {{"scale", q.scale}, {"zero_point", q.zero_point}};
  }
  return port;
}

// Everything that the requests of one session share.
struct Model {
  Owned<LiteRtDestroyEnvironment> environment;
  Owned<LiteRtDestroyModel> model;
  std::string cpu_options;  // TOML, as the runtime's "xnnpack" options take it
  std::string path;
  std::shared_ptr<Profile> profile;
  bool resize_any = false;
  size_t signature = 0;
  std::string signature_key;
  std::vector<Port> inputs, outputs;
  size_t nodes = 0;
  std::vector<std::string> custom_operators;
};

class LiteRtRequest final : public Request {
 public:
  LiteRtRequest(std::shared_ptr<const Model> model, const std::map<std::string, Shape>& shapes)
      : model_(std::move(model)) {
    Compile();
    for (size_t i = 0; i < model_->inputs.size(); ++i) {
      RankedType type = model_->inputs[i].type;
      Resize(i, shapes.at(model_->inputs[i].spec.name), type.layout);
      input_types_.push_back(type);
    }
    std::vector<Layout> layouts(model_->outputs.size());
    core::StderrTail words;
    const Status status = LiteRtGetCompiledModelOutputTensorLayouts(compiled_.handle, model_->signature, layouts.size(),
                                                                    layouts.data(), true);
    if (status != kOk) Refuse("LiteRT cannot prepare it for these input shapes", words.Stop());
    words.Stop();
    for (size_t i = 0; i < input_types_.size(); ++i) AddBuffer(true, i, input_types_[i]);
    for (size_t i = 0; i < layouts.size(); ++i) {
      RankedType type = model_->outputs[i].type;
      type.layout = layouts[i];
      type.layout.has_strides = 0;
      AddBuffer(false, i, type);
    }
  }
  ~LiteRtRequest() override {
    for (Handle buffer : input_buffers_) LiteRtDestroyTensorBuffer(buffer);
    for (Handle buffer : output_buffers_) LiteRtDestroyTensorBuffer(buffer);
  }

  Tensors Inputs() override { return inputs_; }
  void Run() override {
    if (profiler_) Check(LiteRtStartProfiler(profiler_), "starting LiteRT's profiler");
    const Status status = LiteRtRunCompiledModel(compiled_.handle, model_->signature, input_buffers_.size(),
                                                 input_buffers_.data(), output_buffers_.size(), output_buffers_.data());
    if (status != kOk) Check(status, "running the model (its own words are on stderr)");
    if (profiler_) TakeProfile();
  }
  Tensors Outputs() override { return outputs_; }

  bool Profiled() const { return profiler_ != nullptr; }
  bool FullyDelegated() const {
    bool all = false;
    return LiteRtCompiledModelIsFullyAccelerated(compiled_.handle, &all) == kOk && all;
  }

 private:
  // The events of the last run. What a delegate tells of its operators takes the place of the delegate's own node.
  void TakeProfile() {
    int count = 0;
    Check(LiteRtStopProfiler(profiler_), "stopping LiteRT's profiler");
    Check(LiteRtGetNumProfilerEvents(profiler_, &count), "counting the profiler's events");
    std::vector<ProfiledEvent> events(static_cast<size_t>(count));
    if (count > 0) Check(LiteRtGetProfilerEvents(profiler_, count, events.data()), "reading the profiler's events");
    AddLiteRtEvents(events, *model_->profile);
    Check(LiteRtResetProfiler(profiler_), "clearing LiteRT's profiler");
  }

  void Compile() {
    Owned<LiteRtDestroyOptions> options;
    Check(LiteRtCreateOptions(&options.handle), "making LiteRT options");
    Check(LiteRtSetOptionsHardwareAccelerators(options.handle, kAcceleratorCpu), "choosing LiteRT's CPU accelerator");
    Handle cpu = nullptr;
    Check(LiteRtCreateOpaqueOptions("xnnpack", strdup(model_->cpu_options.c_str()), std::free, &cpu),
          "making LiteRT CPU options");
    Check(LiteRtAddOpaqueOptions(options.handle, cpu), "adding LiteRT CPU options");
    if (model_->profile) {
      Handle runtime = nullptr;
      Check(
          LiteRtCreateOpaqueOptions("runtime_options_string", strdup("enable_profiling = true\n"), std::free, &runtime),
          "making LiteRT's runtime options");
      Check(LiteRtAddOpaqueOptions(options.handle, runtime), "adding LiteRT's runtime options");
    }
    core::StderrTail words;
    const Status status =
        LiteRtCreateCompiledModel(model_->environment.handle, model_->model.handle, options.handle, &compiled_.handle);
    if (status != kOk) Refuse("LiteRT could not compile the model", words.Stop());
    Check(LiteRtCompiledModelGetProfiler(compiled_.handle, &profiler_), "asking for LiteRT's profiler");
    if (model_->profile && profiler_ == nullptr)
      throw Error(ErrorCode::kUnsupported, "LiteRT made no profiler for this model");
  }

  // A custom operator shows only when LiteRT prepares the graph, here or once the shapes are set.
  [[noreturn]] void Refuse(const std::string& what, const std::string& said) const {
    if (!model_->custom_operators.empty() && said.find("custom op") != std::string::npos) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: needs custom operator {}, which LiteRT {} does not bring: {}", model_->path,
                              core::Join(model_->custom_operators, ", "), kVersion, Complaints(said)));
    }
    throw Error(ErrorCode::kUnsupported, fmt::format("{}: {}: {}", model_->path, what, Complaints(said)));
  }

  void Resize(size_t index, const Shape& shape, Layout& layout) {
    const TensorSpec& spec = model_->inputs[index].spec;
    if (shape != spec.shape) {
      const std::vector<int> dims(shape.begin(), shape.end());
      const auto resize =
          model_->resize_any ? LiteRtCompiledModelResizeInputTensorNonStrict : LiteRtCompiledModelResizeInputTensor;
      if (shape.size() != spec.shape.size() ||
          resize(compiled_.handle, model_->signature, index, dims.data(), dims.size()) != kOk) {
        throw Error(ErrorCode::kUnsupported,
                    fmt::format("input '{}' of this model is {}, LiteRT does not take {}{}", spec.name,
                                ShapeText(spec.shape), ShapeText(shape),
                                model_->resize_any ? "" : "; -o litert.resize=any tries fixed extents as well"));
      }
    }
    for (size_t i = 0; i < shape.size(); ++i) layout.dims[i] = static_cast<int32_t>(shape[i]);
  }

  void AddBuffer(bool is_input, size_t index, const RankedType& type) {
    const TensorSpec& spec = (is_input ? model_->inputs : model_->outputs)[index].spec;
    Shape shape(type.layout.dims, type.layout.dims + type.layout.rank);
    for (const int64_t extent : shape) {
      if (extent <= 0)
        throw Error(ErrorCode::kUnsupported,
                    fmt::format("{} '{}' is {} once its inputs are set: LiteRT needs its size before it runs",
                                is_input ? "input" : "output", spec.name, ShapeText(shape)));
    }
    Handle needs = nullptr, buffer = nullptr;
    const auto requirements =
        is_input ? LiteRtGetCompiledModelInputBufferRequirements : LiteRtGetCompiledModelOutputBufferRequirements;
    Check(requirements(compiled_.handle, model_->signature, index, &needs),
          "asking what buffer '" + spec.name + "' needs");
    Check(LiteRtCreateManagedTensorBufferFromRequirements(model_->environment.handle, &type, needs, &buffer),
          "making the buffer of '" + spec.name + "'");
    (is_input ? input_buffers_ : output_buffers_).push_back(buffer);
    int kind = 0;
    void* data = nullptr;
    size_t bytes = 0;
    Check(LiteRtGetTensorBufferType(buffer, &kind), "asking for the buffer of '" + spec.name + "'");
    if (kind != kHostMemory)
      throw Error(ErrorCode::kEngineFailed,
                  fmt::format("LiteRT gave '{}' a buffer of kind {} instead of host memory", spec.name, kind));
    Check(LiteRtGetTensorBufferHostMemory(buffer, &data), "asking for the memory of '" + spec.name + "'");
    Check(LiteRtGetTensorBufferSize(buffer, &bytes), "asking for the size of '" + spec.name + "'");
    TensorView view = View(spec.type, std::move(shape), data);
    if (bytes < view.bytes)
      throw Error(ErrorCode::kEngineFailed,
                  fmt::format("LiteRT gave '{}' {} bytes, {} are needed", spec.name, bytes, view.bytes));
    (is_input ? inputs_ : outputs_).push_back(std::move(view));
  }

  std::shared_ptr<const Model> model_;
  Owned<LiteRtDestroyCompiledModel> compiled_;
  Handle profiler_ = nullptr;  // the compiled model's
  std::vector<RankedType> input_types_;
  std::vector<Handle> input_buffers_, output_buffers_;
  Tensors inputs_, outputs_;
};

class LiteRtSession final : public Session {
 public:
  LiteRtSession(std::shared_ptr<const Model> model, const SessionOptions& options)
      : model_(std::move(model)),
        shapes_(core::CompleteShapes(Specs(model_->inputs), options.shapes, options.batch)),
        kernels_(options.engine.Text("kernels")),
        first_(std::make_unique<LiteRtRequest>(model_, shapes_)) {
    fully_delegated_ = first_->FullyDelegated();
    profiled_ = first_->Profiled();
  }

  std::vector<TensorSpec> Inputs() const override { return Specs(model_->inputs); }
  std::vector<TensorSpec> Outputs() const override { return Specs(model_->outputs); }

  Json Effective() const override {
    Json effective = {{"runtime", std::string("LiteRT ") + kVersion},
                      {"signature", model_->signature_key},
                      {"nodes", model_->nodes},
                      {"provider", fully_delegated_         ? "XNNPACK"
                                   : kernels_ == "delegate" ? "XNNPACK and LiteRT's own kernels"
                                                            : "LiteRT's own kernels"},
                      {"fully_delegated", fully_delegated_},
                      {"profiling", profiled_}};
    // LiteRT tells whether all nodes went to the delegate; it does not count the others.
    effective["nodes_delegated"] = fully_delegated_ ? Json(model_->nodes) : Json(kNotTold);
    for (const char* key : {"threads", "precision", "cpu_instructions"}) effective[key] = kNotTold;
    for (const Port& port : model_->inputs) {
      if (!port.quantization.is_null()) effective["quantization"][port.spec.name] = port.quantization;
    }
    for (const Port& port : model_->outputs) {
      if (!port.quantization.is_null()) effective["quantization"][port.spec.name] = port.quantization;
    }
    effective["timed_copies"] = Json::array();
    return effective;
  }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    if (first_ && shapes == shapes_) return std::move(first_);
    return std::make_unique<LiteRtRequest>(model_, shapes);
  }

 private:
  static std::vector<TensorSpec> Specs(const std::vector<Port>& ports) {
    std::vector<TensorSpec> specs;
    for (const Port& port : ports) specs.push_back(port.spec);
    return specs;
  }

  std::shared_ptr<const Model> model_;
  std::map<std::string, Shape> shapes_;
  std::string kernels_;
  bool fully_delegated_ = false, profiled_ = false;
  std::unique_ptr<LiteRtRequest> first_;  // compiled by Load(), handed to the first caller
};

void ReadSignature(Model& model, const std::string& wanted) {
  size_t count = 0;
  Check(LiteRtGetNumModelSignatures(model.model.handle, &count), "counting signatures", ErrorCode::kInvalidModel);
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) {
    Handle signature = nullptr;
    const char* key = nullptr;
    Check(LiteRtGetModelSignature(model.model.handle, i, &signature), "reading a signature", ErrorCode::kInvalidModel);
    Check(LiteRtGetSignatureKey(signature, &key), "reading a signature's name", ErrorCode::kInvalidModel);
    keys.emplace_back(key);
  }
  if (!wanted.empty()) {
    const auto found = std::find(keys.begin(), keys.end(), wanted);
    if (found == keys.end())
      throw Error(ErrorCode::kUsage,
                  fmt::format("-o litert.signature={}: this model has {}", wanted, core::Join(keys, ", ")));
    model.signature = static_cast<size_t>(found - keys.begin());
  } else if (keys.empty()) {
    throw Error(ErrorCode::kInvalidModel, "the model has no subgraph that could be run");
  }
  model.signature_key = keys[model.signature];
  Handle signature = nullptr, subgraph = nullptr, tensor = nullptr;
  const char* name = nullptr;
  Check(LiteRtGetModelSignature(model.model.handle, model.signature, &signature), "reading the signature",
        ErrorCode::kInvalidModel);
  Check(LiteRtGetNumSignatureInputs(signature, &count), "counting inputs", ErrorCode::kInvalidModel);
  for (size_t i = 0; i < count; ++i) {
    Check(LiteRtGetSignatureInputName(signature, i, &name), "reading an input's name", ErrorCode::kInvalidModel);
    Check(LiteRtGetSignatureInputTensorByIndex(signature, i, &tensor), "reading an input", ErrorCode::kInvalidModel);
    model.inputs.push_back(ReadPort(tensor, name));
  }
  Check(LiteRtGetNumSignatureOutputs(signature, &count), "counting outputs", ErrorCode::kInvalidModel);
  for (size_t i = 0; i < count; ++i) {
    Check(LiteRtGetSignatureOutputName(signature, i, &name), "reading an output's name", ErrorCode::kInvalidModel);
    Check(LiteRtGetSignatureOutputTensorByIndex(signature, i, &tensor), "reading an output", ErrorCode::kInvalidModel);
    model.outputs.push_back(ReadPort(tensor, name));
  }
  Check(LiteRtGetSignatureSubgraph(signature, &subgraph), "reading the graph", ErrorCode::kInvalidModel);
  Check(LiteRtGetNumSubgraphOps(subgraph, &model.nodes), "counting operators", ErrorCode::kInvalidModel);
  for (size_t i = 0; i < model.nodes; ++i) {
    Handle op = nullptr;
    int code = 0;
    if (LiteRtGetSubgraphOp(subgraph, i, &op) != kOk || LiteRtGetOpCode(op, &code) != kOk || code != kOpCodeCustom)
      continue;
    if (LiteRtGetCustomCode(op, &name) == kOk &&
        std::find(model.custom_operators.begin(), model.custom_operators.end(), name) == model.custom_operators.end()) {
      model.custom_operators.emplace_back(name);
    }
  }
}

std::string CpuOptions(const SessionOptions& options) {
  std::string toml =
      fmt::format("num_threads = {}\nkernel_mode = \"{}\"\n",
                  std::max(1, options.threads / std::max(1, options.streams)), options.engine.Text("kernels"));
  if (!options.engine.Text("xnnpack_flags").empty()) {
    const int64_t flags = options.engine.Int("xnnpack_flags");
    if (flags < 0 || flags > UINT32_MAX) throw Error(ErrorCode::kUsage, "-o litert.xnnpack_flags takes a 32-bit mask");
    if (flags & kXnnForceFp16)
      throw Error(ErrorCode::kUsage, "-o litert.xnnpack_flags with bit 4 (force f16) contradicts --precision f32");
    toml += fmt::format("flags = {}\n", flags);
  }
  return toml;
}

EngineInfo DescribeLiteRt() {
  EngineInfo info;
  info.name = "litert";
  info.version = kVersion;
  info.reads = {"tflite"};
  info.options = {
      {.name = "signature", .help = "Signature to run, by name; without it the model's first.", .selects = true},
      {"kernels", "delegate",
       "delegate: XNNPACK where it can; builtin or reference: LiteRT's own kernels, which use one thread for most "
       "operators.",
       "delegate|builtin|reference"},
      {"xnnpack_flags", "", "Bit mask for the XNNPACK delegate, as in its header; without it LiteRT's own choice.", ""},
      {"resize", "strict", "strict: only extents that the model leaves free; any: tries fixed ones as well.",
       "strict|any"}};
  info.note = CheckLibrary();
  info.profile = "LiteRT's profiler";
  return info;
}

std::unique_ptr<Session> LoadLiteRt(const Artifact& artifact, const SessionOptions& options) {
  if (const std::string differs = CheckLibrary(); !differs.empty()) {
    throw Error(
        ErrorCode::kUnavailable,
        fmt::format("this libLiteRt.so is not version {}: {}; run deps/setup.sh --engines litert", kVersion, differs));
  }
  if (const std::string wrong = tflite::WhatIsWrong(artifact.path); !wrong.empty()) {
    throw Error(ErrorCode::kInvalidModel, artifact.path + ": not a TFLite model: " + wrong);
  }
  auto model = std::make_shared<Model>();
  model->path = artifact.path;
  model->cpu_options = CpuOptions(options);
  model->profile = options.profile;
  model->resize_any = options.engine.Text("resize") == "any";
  core::StderrTail words;
  // No search for GPU and NPU plug-ins: this engine is asked for the CPU, and the search costs time and memory.
  const EnvironmentOption environment[] = {{kTagAccelerators, {kNumber, kAcceleratorCpu}},
                                           {kTagLogSeverity, {kNumber, kLogWarnings}}};
  Check(LiteRtCreateEnvironment(2, environment, &model->environment.handle), "starting LiteRT");
  const Status status =
      LiteRtCreateModelFromFile(model->environment.handle, artifact.path.c_str(), &model->model.handle);
  const std::string& said = words.Stop();
  if (status != kOk) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: not a TFLite model that LiteRT reads (status {}): {}",
                                                      artifact.path, static_cast<int>(status), Complaints(said)));
  }
  try {
    ReadSignature(*model, options.engine.Text("signature"));
  } catch (const Error& error) {
    throw error.With(artifact.path);
  }
  return std::make_unique<LiteRtSession>(std::move(model), options);
}

}  // namespace

BAKEOFF_ENGINE(DescribeLiteRt, LoadLiteRt);
