// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenCV: a cv::dnn network on the CPU, setInput() and forward(). The names and shapes of its inputs and outputs come
// from our reader of ONNX files: cv::dnn does not tell them.
#include <dlfcn.h>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "bare.h"
#include "core/onnx_ports.h"

namespace bakeoff::bench {
namespace {

struct Loaded {
  cv::dnn::Net net;
  std::vector<cv::Mat> inputs, results;
  std::vector<std::string> input_names, output_names;

  void Run() {
    for (size_t i = 0; i < inputs.size(); ++i) net.setInput(inputs[i], input_names[i]);
    net.forward(results, output_names);
  }
};

}  // namespace

BareModel LoadBare(const BareJob& job) {
  const core::OnnxPorts ports = core::ReadOnnxPorts(job.model);
  cv::setNumThreads(job.threads);
  // OpenBLAS comes with OpenCV's package, or not.
  if (void* const set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<void (*)(int)>(set)(job.threads);
  auto loaded = std::make_shared<Loaded>();
  loaded->net = cv::dnn::readNetFromONNX(job.model);
  loaded->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
  loaded->net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  BareModel model{{}, [loaded] { loaded->Run(); }, loaded};
  for (const TensorSpec& input : ports.inputs) {
    std::vector<int> sizes(input.shape.begin(), input.shape.end());
    for (int& extent : sizes) extent = extent < 0 ? 1 : extent;
    cv::Mat& mat = loaded->inputs.emplace_back(sizes, CV_32F);
    loaded->input_names.push_back(input.name);
    model.inputs.emplace_back(mat.ptr<float>(), mat.total());
  }
  for (const TensorSpec& output : ports.outputs) loaded->output_names.push_back(output.name);
  return model;
}

}  // namespace bakeoff::bench
