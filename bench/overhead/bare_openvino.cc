// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// OpenVINO: a model compiled for a batch of 1, one request, infer().
#include <openvino/openvino.hpp>

#include "bare.h"

namespace bakeoff::bench {

BareModel LoadBare(const BareJob& job) {
  static ov::Core core;
  const auto network = core.read_model(job.model);
  std::map<ov::Output<ov::Node>, ov::PartialShape> shapes;
  for (const auto& input : network->inputs()) {
    ov::PartialShape shape = input.get_partial_shape();
    if (shape.size() > 0 && shape[0].is_dynamic()) shape[0] = 1;
    shapes[input] = shape;
  }
  network->reshape(shapes);
  auto compiled = core.compile_model(network, "CPU", ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                                     ov::num_streams(1), ov::inference_num_threads(job.threads),
                                     ov::hint::inference_precision(ov::element::f32));
  auto request = std::make_shared<ov::InferRequest>(compiled.create_infer_request());
  BareModel model{{}, [request] { request->infer(); }, request};
  for (size_t i = 0; i < compiled.inputs().size(); ++i) {
    ov::Tensor tensor = request->get_input_tensor(i);
    model.inputs.emplace_back(tensor.data<float>(), tensor.get_size());
  }
  return model;
}

}  // namespace bakeoff::bench
