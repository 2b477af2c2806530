// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The OpenCV engine: ONNX models through cv::dnn on the CPU.
//
// A cv::dnn network sizes its buffers for the shape it last saw and runs one inference at a time, so every request has
// a network of its own, read from the file again. cv::dnn takes tensors of at most 32 bits: 64-bit integers and
// booleans go in as 32-bit integers, a conversion that Run() pays for and Effective() names.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <regex>

#include "bakeoff/engine.h"
#include "core/onnx_ports.h"
#include "core/shapes.h"
#include "core/text.h"

namespace {

using namespace bakeoff;

// The depth that cv::dnn works with for a type; -1 where it has none.
int DepthFor(DType type) {
  switch (type) {
    case DType::kF32:
      return CV_32F;
    case DType::kF16:
      return CV_16F;
    case DType::kU8:
      return CV_8U;
    case DType::kI8:
      return CV_8S;
    case DType::kI32:
    case DType::kI64:
    case DType::kBool:
      return CV_32S;
    default:
      return -1;
  }
}

bool Converted(DType type) {
  return type == DType::kI64 || type == DType::kBool;
}

// OpenCV's own words without its source lines. A node that it cannot build comes as "Node
// [Type@domain]:(onnx_node!name)".
std::string Words(const cv::Exception& error) {
  std::string words = error.err.empty() ? error.what() : error.err;
  std::string node;
  std::smatch found;
  if (std::regex_search(
          words, found,
          std::regex(R"(Node \[([^\]@]*)@?([^\]]*)\]:\((?:onnx_node_output_\d+!|onnx_node!)?([^)]*)\))"))) {
    node = fmt::format("node '{}', operator {} of {}: ", found[3].str(), found[1].str(), found[2].str());
  }
  // What follows the last "error: (-2:Kind)" is the innermost complaint.
  const std::regex inner(R"(error: \(-?\d+:[^)]*\)\s*)");
  size_t begin = 0;
  for (std::sregex_iterator at(words.begin(), words.end(), inner), end; at != end; ++at) {
    begin = static_cast<size_t>(at->position() + at->length());
  }
  words.erase(0, begin);
  if (const size_t place = words.rfind(" in function '"); place != std::string::npos) words.resize(place);
  return node + core::Brief(words, 200);
}

// What every request of a session is made from.
struct Plan {
  std::string path;
  std::vector<TensorSpec> inputs, outputs;
  int target = cv::dnn::DNN_TARGET_CPU;
  bool fusion = true, winograd = true;
  std::shared_ptr<Profile> profile{};
};

// "onnx_node!features/conv1" as the importer calls a layer: the model's own name for it.
std::string NodeName(const std::string& layer) {
  const size_t mark = layer.find('!');
  return mark == std::string::npos || mark + 1 == layer.size() || !layer.starts_with("onnx_node")
             ? layer
             : layer.substr(mark + 1);
}

// cv::dnn takes the time of every layer in every run, and keeps those of the last; 0 for one that was fused into
// another.
void TakeProfile(cv::dnn::Net& net, Profile& profile) {
  std::vector<double> ticks;
  net.getPerfProfile(ticks);
  for (size_t i = 0; i < ticks.size(); ++i) {
    if (ticks[i] <= 0) continue;
    // Numbers of layers begin with 1 here: 0 is the input.
    const auto layer = net.getLayer(static_cast<int>(i) + 1);
    OperatorRun op;
    op.run = profile.run;
    op.name = NodeName(layer->name);
    op.type = layer->type;
    op.begin_ns = -1;
    op.time_ns = static_cast<int64_t>(ticks[i] * 1e9 / cv::getTickFrequency());
    profile.operators.push_back(std::move(op));
  }
}

template <typename To, typename From>
void Cast(const cv::Mat& from, void* to) {
  std::transform(from.ptr<From>(), from.ptr<From>() + from.total(), static_cast<To*>(to),
                 [](From value) { return static_cast<To>(value); });
}

class OpenCvRequest final : public Request {
 public:
  OpenCvRequest(const Plan& plan, const std::map<std::string, Shape>& shapes) : plan_(plan) {
    try {
      net_ = cv::dnn::readNetFromONNX(plan.path);
      net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
      net_.setPreferableTarget(plan.target);
      net_.enableFusion(plan.fusion);
      net_.enableWinograd(plan.winograd);
    } catch (const cv::Exception& error) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: cv::dnn cannot build the network: {}", plan.path, Words(error)));
    }
    for (const TensorSpec& spec : plan.inputs) {
      const Shape& shape = shapes.at(spec.name);
      const std::vector<int> sizes(shape.begin(), shape.end());
      mats_.emplace_back(sizes, DepthFor(spec.type));
      wide_.emplace_back(Converted(spec.type) ? mats_.back().total() * DTypeSize(spec.type) : 0);
      inputs_.push_back(View(spec.type, shape, wide_.back().empty() ? mats_.back().data : wide_.back().data()));
    }
    for (const TensorSpec& spec : plan.outputs) output_names_.push_back(spec.name);
  }

  Tensors Inputs() override { return inputs_; }

  void Run() override {
    try {
      for (size_t i = 0; i < mats_.size(); ++i) {
        if (!wide_[i].empty()) Narrow(i);
        net_.setInput(mats_[i], plan_.inputs[i].name);
      }
      net_.forward(results_, output_names_);
      if (plan_.profile && plan_.profile->run > 0) TakeProfile(net_, *plan_.profile);
    } catch (const cv::Exception& error) {
      throw Error(ErrorCode::kUnsupported, fmt::format("{}: cv::dnn cannot run it: {}", plan_.path, Words(error)));
    }
  }

  // Here, outside the clock, results get the type that the model declares.
  Tensors Outputs() override {
    Tensors views;
    kept_.assign(results_.size(), {});
    for (size_t i = 0; i < results_.size(); ++i) views.push_back(ViewOf(i));
    return views;
  }

 private:
  void Narrow(size_t i) {
    auto* to = mats_[i].ptr<int32_t>();
    const size_t count = mats_[i].total();
    if (plan_.inputs[i].type == DType::kBool) {
      std::copy_n(wide_[i].data(), count, to);
    } else {
      std::transform(
          reinterpret_cast<const int64_t*>(wide_[i].data()), reinterpret_cast<const int64_t*>(wide_[i].data()) + count,
          to, [](int64_t value) { return static_cast<int32_t>(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX)); });
    }
  }

  TensorView ViewOf(size_t i) {
    cv::Mat& mat = results_[i];
    if (!mat.isContinuous()) mat = mat.clone();
    const TensorSpec& spec = plan_.outputs[i];
    Shape shape(mat.size.p, mat.size.p + mat.dims);
    // cv::Mat has no fewer than two axes: what the model declares with fewer is given back with fewer.
    while (shape.size() > std::max<size_t>(spec.shape.size(), 1) && !spec.shape.empty() && shape.back() == 1)
      shape.pop_back();
    if (mat.depth() == DepthFor(spec.type) && !Converted(spec.type)) return View(spec.type, std::move(shape), mat.data);
    kept_[i].resize(mat.total() * DTypeSize(spec.type));
    const bool real = mat.depth() == CV_32F;
    if (!real && mat.depth() != CV_32S)
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: cv::dnn gives output '{}' as {}, the model declares {}", plan_.path, spec.name,
                              cv::typeToString(mat.type()), DTypeName(spec.type)));
    switch (spec.type) {
      case DType::kI64:
        real ? Cast<int64_t, float>(mat, kept_[i].data()) : Cast<int64_t, int32_t>(mat, kept_[i].data());
        break;
      case DType::kI32:
        Cast<int32_t, float>(mat, kept_[i].data());
        break;
      case DType::kF32:
        Cast<float, int32_t>(mat, kept_[i].data());
        break;
      case DType::kBool:
        real ? Cast<bool, float>(mat, kept_[i].data()) : Cast<bool, int32_t>(mat, kept_[i].data());
        break;
      default:
        throw Error(ErrorCode::kUnsupported,
                    fmt::format("{}: cv::dnn gives output '{}' as {}, the model declares {}", plan_.path, spec.name,
                                cv::typeToString(mat.type()), DTypeName(spec.type)));
    }
    return View(spec.type, std::move(shape), kept_[i].data());
  }

  const Plan plan_;
  cv::dnn::Net net_;
  std::vector<cv::Mat> mats_, results_;
  std::vector<std::vector<unsigned char>> wide_, kept_;  // tensors of types that cv::dnn has not
  std::vector<std::string> output_names_;
  Tensors inputs_;
};

// OpenBLAS comes with OpenCV's package, or not: asked for by name at run time.
template <typename Function>
Function OpenBlas(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

// From the build report: OpenCV has no call for it.
std::string ThreadPool() {
  const std::string report = cv::getBuildInformation();
  const size_t begin = report.find("Parallel framework:");
  if (begin == std::string::npos) return kNotTold;
  const size_t end = report.find('\n', begin);
  return std::string(core::Trim(std::string_view(report).substr(begin + 19, end - begin - 19)));
}

class OpenCvSession final : public Session {
 public:
  OpenCvSession(Plan plan, const SessionOptions& options)
      : plan_(std::move(plan)),
        shapes_(core::CompleteShapes(plan_.inputs, options.shapes, options.batch)),
        first_(std::make_unique<OpenCvRequest>(plan_, shapes_)) {}

  std::vector<TensorSpec> Inputs() const override { return plan_.inputs; }
  std::vector<TensorSpec> Outputs() const override { return plan_.outputs; }

  Json Effective() const override {
    Json effective = {{"runtime", std::string("OpenCV ") + cv::getVersionString()},
                      {"provider", "cv::dnn"},
                      {"threads", cv::getNumThreads()},
                      {"thread_pool", ThreadPool()},
                      {"cpu_instructions", cv::getCPUFeaturesLine()},
                      {"precision", kNotTold},
                      {"nodes_delegated", kNotTold}};
    if (const auto threads = OpenBlas<int (*)()>("openblas_get_num_threads")) effective["openblas_threads"] = threads();
    Json copies = Json::array({"every input is copied into the network's own buffer"});
    for (const TensorSpec& input : plan_.inputs) {
      if (Converted(input.type))
        copies.push_back(fmt::format("input '{}' is converted from {} to i32", input.name, DTypeName(input.type)));
    }
    effective["timed_copies"] = copies;
    return effective;
  }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    if (first_ && shapes == shapes_) return std::move(first_);
    return std::make_unique<OpenCvRequest>(plan_, shapes);
  }

 private:
  Plan plan_;
  std::map<std::string, Shape> shapes_;
  std::unique_ptr<OpenCvRequest> first_;
};

EngineInfo DescribeOpenCv() {
  EngineInfo info;
  info.name = "opencv";
  info.version = cv::getVersionString();
  info.reads = {"onnx"};
  info.precisions = {"f32", "f16"};
  info.profile = "cv::dnn's layer times";
  info.options = {{"target", "", "cv::dnn's target; without it by --precision: f32 cpu, f16 cpu_fp16.", "cpu|cpu_fp16"},
                  {"fusion", "true", "Let cv::dnn fuse layers.", ""},
                  {"winograd", "true", "Let cv::dnn use Winograd convolutions.", ""}};
  return info;
}

int TargetFor(const SessionOptions& options) {
  const std::string& asked = options.engine.Text("target");
  const bool half = asked.empty() ? options.precision == "f16" : asked == "cpu_fp16";
  if (half != (options.precision == "f16"))
    throw Error(ErrorCode::kUsage,
                fmt::format("-o opencv.target={} contradicts --precision {}", asked, options.precision));
  if (!half) return cv::dnn::DNN_TARGET_CPU;
  const auto targets = cv::dnn::getAvailableTargets(cv::dnn::DNN_BACKEND_OPENCV);
  if (std::find(targets.begin(), targets.end(), cv::dnn::DNN_TARGET_CPU_FP16) == targets.end()) {
    throw Error(ErrorCode::kUnsupported, "OpenCV has no cpu_fp16 target on this CPU; use --precision f32");
  }
  return cv::dnn::DNN_TARGET_CPU_FP16;
}

std::unique_ptr<Session> LoadOpenCv(const Artifact& artifact, const SessionOptions& options) {
  core::OnnxPorts ports = core::ReadOnnxPorts(artifact.path);
  core::NeedWeightFiles(artifact.path, ports);
  for (const TensorSpec& input : ports.inputs) {
    if (DepthFor(input.type) < 0)
      throw Error(ErrorCode::kUnsupported, fmt::format("{}: input '{}' is {}, cv::dnn has no such tensors",
                                                       artifact.path, input.name, DTypeName(input.type)));
    if (input.shape.empty())
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: input '{}' is a scalar, cv::dnn has no such tensors", artifact.path, input.name));
  }
  // OpenCV has one pool for the process: requests in flight share it, one that finds it taken runs on its own thread.
  const int threads = std::max(1, options.threads / std::max(1, options.streams));
  cv::setNumThreads(threads);
  if (const auto set = OpenBlas<void (*)(int)>("openblas_set_num_threads")) set(threads);
  Plan plan{artifact.path,      std::move(ports.inputs),       std::move(ports.outputs),
            TargetFor(options), options.engine.Bool("fusion"), options.engine.Bool("winograd"),
            options.profile};
  return std::make_unique<OpenCvSession>(std::move(plan), options);
}

}  // namespace

BAKEOFF_ENGINE(DescribeOpenCv, LoadOpenCv);
