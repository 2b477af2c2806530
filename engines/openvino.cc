// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenVINO engine. Models are compiled for the shapes given at load, because that is how OpenVINO is fast; what really
// runs comes from the compiled model's own properties and from its execution graph.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <openvino/openvino.hpp>
#include <openvino/runtime/intel_cpu/properties.hpp>

#include "bakeoff/engine.h"
#include "core/option_range.h"
#include "core/shapes.h"
#include "core/text.h"
#include "openvino_census.h"
#include "openvino_model.h"
#include "openvino_profile.h"

namespace bakeoff {
namespace {

EngineInfo Describe() {
  EngineInfo info{.name = "openvino",
                  .version = OpenVinoVersion(),
                  .reads = {"openvino", "onnx", "savedmodel", "frozen", "tflite"},
                  .precisions = {"f32", "bf16", "f16"}};
  // Asking for devices loads every plugin; without a device node there is nothing to find.
  if (std::filesystem::exists("/dev/dri") || std::filesystem::exists("/dev/accel")) {
    for (const std::string& device : OpenVinoCore().get_available_devices()) {
      if (device != "CPU") info.devices.push_back(core::Lower(device));
    }
  }
  info.options = {
      {"performance_hint", "", "What to optimise for; default: latency, or throughput with several streams.",
       "latency|throughput|cumulative_throughput"},
      {"streams", "", "Inferences that the device runs side by side: a number or auto; default: the scenario's.", ""},
      {"threads", "", "Threads of all streams together; default: --threads.", ""},
      {"inference_precision", "", "Type that layers may compute in, no lower than --precision; default: --precision.",
       "f32|bf16|f16|dynamic"},
      {"execution_mode", "", "accuracy forbids every rounding shortcut, performance allows them.",
       "performance|accuracy"},
      {"device", "", "OpenVINO's own name for it: CPU, GPU.1, AUTO ...; default: --device.", ""},
      {"cache_dir", "", "Folder for compiled models: later loads are faster.", ""},
      {"dynamic_shapes", "false", "Keep free extents free, so that shapes may change after load.", ""},
      {"cpu_pinning", "", "Bind threads to cores; default: the runtime's.", ""},
      {"hyper_threading", "", "Use both threads of a core; default: the runtime's.", ""},
      {"core_type", "", "Cores to use on CPUs with two kinds.", "any|pcore|ecore"},
      {"denormals_as_zero", "", "Flush denormal numbers to zero; default: the runtime's.", ""},
  };
  // Whose shapes Bakeoff's own readers cannot follow everywhere.
  info.census = {"openvino", "tflite"};
  info.batch_changes_after_load = false;
  info.profile = "OpenVINO's performance counters";
  return info;
}

class OpenVinoRequest final : public Request {
 public:
  OpenVinoRequest(ov::CompiledModel& model, const std::vector<TensorSpec>& inputs,
                  const std::vector<TensorSpec>& outputs, const std::map<std::string, Shape>& shapes,
                  std::shared_ptr<OpenVinoProfiler> profiler)
      : inputs_(inputs), outputs_(outputs), request_(model.create_infer_request()), profiler_(std::move(profiler)) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Shape& shape = shapes.at(inputs[i].name);
      ov::Tensor tensor = request_.get_input_tensor(i);
      const ov::Shape wanted(shape.begin(), shape.end());
      if (tensor.get_shape() != wanted) tensor.set_shape(wanted);
    }
  }

  Tensors Inputs() override {
    Tensors views;
    for (size_t i = 0; i < inputs_.size(); ++i) views.push_back(ViewOf(inputs_[i], request_.get_input_tensor(i)));
    return views;
  }
  void Run() override {
    try {
      request_.infer();
      if (profiler_) profiler_->After(request_);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kEngineFailed, OpenVinoWords(error.what()));
    }
  }
  Tensors Outputs() override {
    Tensors views;
    for (size_t i = 0; i < outputs_.size(); ++i) views.push_back(ViewOf(outputs_[i], request_.get_output_tensor(i)));
    return views;
  }

 private:
  static TensorView ViewOf(const TensorSpec& spec, ov::Tensor tensor) {
    const ov::Shape shape = tensor.get_shape();
    return View(spec.type, Shape(shape.begin(), shape.end()), tensor.data());
  }

  const std::vector<TensorSpec>& inputs_;
  const std::vector<TensorSpec>& outputs_;
  ov::InferRequest request_;
  std::shared_ptr<OpenVinoProfiler> profiler_;
};

size_t ThreadsAlive() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

class OpenVinoSession final : public Session {
 public:
  OpenVinoSession(const Artifact& artifact, const SessionOptions& options)
      : dynamic_(options.engine.Bool("dynamic_shapes")) {
    std::shared_ptr<ov::Model> model;
    try {
      model = OpenVinoCore().read_model(artifact.path);
    } catch (const std::exception& error) {
      throw OpenVinoReadError(error, artifact);
    }
    FixShapes(*model, options);
    const size_t threads_before = ThreadsAlive();
    Compile(model, options);
    threads_started_ = ThreadsAlive() - threads_before;
    if (options.profile) profiler_ = std::make_shared<OpenVinoProfiler>(options.profile, compiled_);
    for (const auto& port : compiled_.inputs()) inputs_.push_back(OpenVinoSpec(port, "input"));
    for (const auto& port : compiled_.outputs()) outputs_.push_back(OpenVinoSpec(port, "output"));
  }

  std::vector<TensorSpec> Inputs() const override { return inputs_; }
  std::vector<TensorSpec> Outputs() const override { return outputs_; }

  Json Effective() const override {
    Json copies = Json::array();
    for (const TensorSpec& output : outputs_) {
      if (std::count(output.shape.begin(), output.shape.end(), kFree) == 0) continue;
      copies.push_back(fmt::format("output '{}' is allocated by the runtime when its shape changes: {}", output.name,
                                   ShapeText(output.shape)));
    }
    Json effective{{"runtime", fmt::format("openvino {}", OpenVinoVersion())},
                   {"execution_devices", Property("EXECUTION_DEVICES")},
                   {"precision", Property("INFERENCE_PRECISION_HINT")},
                   {"streams", Typed("NUM_STREAMS")},
                   {"threads", Typed("INFERENCE_NUM_THREADS")},
                   {"threads_started_at_load", threads_started_},
                   {"performance_hint", Property("PERFORMANCE_HINT")},
                   {"execution_mode", Property("EXECUTION_MODE_HINT")},
                   {"cpu_pinning", Typed("ENABLE_CPU_PINNING")},
                   {"hyper_threading", Typed("ENABLE_HYPER_THREADING")},
                   {"core_type", Property("SCHEDULING_CORE_TYPE")},
                   {"denormals_as_zero", Typed("CPU_DENORMALS_OPTIMIZATION")},
                   {"kv_cache_precision", Property("KV_CACHE_PRECISION")},
                   {"dynamic_quantization_group_size", Typed("DYNAMIC_QUANTIZATION_GROUP_SIZE")},
                   {"profiling", Typed("PERF_COUNT")},
                   {"loaded_from_cache", Typed("LOADED_FROM_CACHE")},
                   {"cpu_instructions", Property("RUNTIME_REQUIREMENTS")}};
    // "meta=1.0;ov=2026.4.1;isa=Intel AVX2"
    const std::string isa(Between(effective["cpu_instructions"].get<std::string>() + ";", "isa=", ";"));
    effective["cpu_instructions"] = isa.empty() ? kNotTold : isa;
    AddLayers(effective);
    effective["timed_copies"] = std::move(copies);
    return effective;
  }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    for (const TensorSpec& input : inputs_) {
      const auto given = shapes.find(input.name);
      if (given == shapes.end()) throw Error(ErrorCode::kUsage, fmt::format("input '{}' needs a shape", input.name));
      bool fits = given->second.size() == input.shape.size();
      for (size_t axis = 0; fits && axis < input.shape.size(); ++axis) {
        fits = input.shape[axis] == kFree || input.shape[axis] == given->second[axis];
      }
      if (fits) continue;
      throw Error(
          ErrorCode::kUnsupported,
          fmt::format("input '{}' was compiled for {} and cannot be {}: load the model again with that shape, or with "
                      "-o openvino.dynamic_shapes=true",
                      input.name, ShapeText(input.shape), ShapeText(given->second)));
    }
    return std::make_unique<OpenVinoRequest>(compiled_, inputs_, outputs_, shapes, profiler_);
  }

 private:
  void FixShapes(ov::Model& model, const SessionOptions& options) {
    std::vector<TensorSpec> specs;
    for (const auto& port : model.inputs()) {
      specs.push_back(OpenVinoSpec(port, "input"));
      if (port.get_partial_shape().rank().is_static()) continue;
      const auto shape = options.shapes.find(specs.back().name);
      if (shape == options.shapes.end()) {
        throw Error(ErrorCode::kUsage,
                    fmt::format("input '{0}' has no known rank; give it with --shape {0}=...", specs.back().name));
      }
      specs.back().shape = shape->second;
    }
    const auto shapes = core::CompleteShapes(specs, options.shapes, options.batch);
    if (dynamic_) return;
    std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
    std::vector<std::string> words;
    for (size_t i = 0; i < specs.size(); ++i) {
      const Shape& shape = shapes.at(specs[i].name);
      wanted[model.input(i)] = ov::PartialShape(std::vector<ov::Dimension>(shape.begin(), shape.end()));
      words.push_back(
          fmt::format("input '{}' ({}) cannot be {}", specs[i].name, ShapeText(specs[i].shape), ShapeText(shape)));
    }
    try {
      model.reshape(wanted);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kUnsupported, fmt::format("{}: {}", core::Join(words, ", "), OpenVinoWords(error.what())));
    }
  }

  void Compile(const std::shared_ptr<ov::Model>& model, const SessionOptions& options) {
    const OptionValues& o = options.engine;
    std::string device = o.Text("device");
    if (device.empty()) {
      device = options.device;
      for (char& c : device) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const std::string precision = o.IsGiven("inference_precision") ? o.Text("inference_precision") : options.precision;
    if (options.precision == "f32" && precision != "f32")
      throw Error(ErrorCode::kUsage, fmt::format("-o openvino.inference_precision={} contradicts --precision f32; add "
                                                 "--precision {}",
                                                 precision, precision == "f16" ? "f16" : "bf16"));
    ov::AnyMap settings;
    const std::string hint = o.Text("performance_hint");
    settings["PERFORMANCE_HINT"] = Upper(!hint.empty() ? hint : options.streams > 1 ? "throughput" : "latency");
    settings["INFERENCE_PRECISION_HINT"] = precision;
    const std::string streams = o.Text("streams");
    settings["NUM_STREAMS"] =
        streams == "auto" ? "AUTO" : std::to_string(core::ThreadsOf(o, "streams", options.streams));
    if (device == "CPU") {
      settings["INFERENCE_NUM_THREADS"] = std::to_string(core::ThreadsOf(o, "threads", options.threads));
      if (precision == "f32") {  // the plugin's defaults for language models are 8 bits
        settings["KV_CACHE_PRECISION"] = "f32";
        settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = "0";
      }
    }
    if (options.profile) settings["PERF_COUNT"] = "YES";
    const auto pass_on = [&](const char* option, const char* property, const std::string& value) {
      if (o.IsGiven(option)) settings[property] = value;
    };
    const auto yes_no = [&](const char* option) { return std::string(o.Bool(option) ? "YES" : "NO"); };
    pass_on("execution_mode", "EXECUTION_MODE_HINT", Upper(o.Text("execution_mode")));
    pass_on("cpu_pinning", "ENABLE_CPU_PINNING", yes_no("cpu_pinning"));
    pass_on("hyper_threading", "ENABLE_HYPER_THREADING", yes_no("hyper_threading"));
    pass_on("denormals_as_zero", "CPU_DENORMALS_OPTIMIZATION", yes_no("denormals_as_zero"));
    const std::string cores = o.Text("core_type");
    pass_on("core_type", "SCHEDULING_CORE_TYPE", cores == "any" ? "ANY_CORE" : Upper(cores) + "_ONLY");
    pass_on("cache_dir", "CACHE_DIR", o.Text("cache_dir"));
    try {
      compiled_ = OpenVinoCore().compile_model(model, device, settings);
    } catch (const std::exception& error) {
      const std::string_view text = error.what();
      const bool unsupported =
          text.find("nsupported operation") != text.npos || text.find("not supported") != text.npos;
      throw Error(unsupported       ? ErrorCode::kUnsupported
                  : device == "CPU" ? ErrorCode::kEngineFailed
                                    : ErrorCode::kUnavailable,
                  fmt::format("compiling for {}: {}", device, OpenVinoWords(text)));
    }
    const std::string runs_in = Property("INFERENCE_PRECISION_HINT");
    if ((precision == "bf16" || precision == "f16") && runs_in != precision && runs_in != kNotTold) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("asked for {}, but this {} computes in {} (so OpenVINO itself says)", precision, device,
                              runs_in));
    }
  }

  static std::string Upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  std::string Property(const std::string& name) const {
    try {
      const std::string value = compiled_.get_property(name).as<std::string>();
      return value.empty() ? kNotTold : value;
    } catch (const std::exception&) {
      return kNotTold;
    }
  }

  // Numbers and YES or NO as JSON has them.
  Json Typed(const std::string& name) const {
    const std::string value = Property(name);
    if (const auto number = core::ParseInt(value)) return *number;
    return value == "YES" ? Json(true) : value == "NO" ? Json(false) : Json(value);
  }

  // {"f32": {"Convolution": 53, ...}} and {"brgconv_avx2_f32": 53, ...}; constants are not executed and not counted.
  void AddLayers(Json& effective) const {
    try {
      std::map<std::string, std::map<std::string, int>> layers;
      std::map<std::string, int> kernels;
      for (const auto& node : compiled_.get_runtime_model()->get_ops()) {
        const ov::RTMap& facts = node->get_rt_info();
        const auto fact = [&](const char* key) {
          return facts.contains(key) ? facts.at(key).as<std::string>() : "unknown";
        };
        if (fact("layerType") == "Const") continue;
        ++layers[fact("runtimePrecision")][fact("layerType")];
        ++kernels[fact("primitiveType")];
      }
      effective["layers_by_precision"] = layers;
      effective["kernels"] = kernels;
    } catch (const std::exception&) {  // devices such as AUTO have no execution graph
      effective["layers_by_precision"] = kNotTold;
      effective["kernels"] = kNotTold;
    }
  }

  bool dynamic_;
  std::shared_ptr<OpenVinoProfiler> profiler_;
  ov::CompiledModel compiled_;
  std::vector<TensorSpec> inputs_, outputs_;
  size_t threads_started_ = 0;
};

std::unique_ptr<Session> Load(const Artifact& artifact, const SessionOptions& options) {
  return std::make_unique<OpenVinoSession>(artifact, options);
}

}  // namespace
}  // namespace bakeoff

BAKEOFF_ENGINE(bakeoff::Describe, bakeoff::Load, bakeoff::OpenVinoCensus);
