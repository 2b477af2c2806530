// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads a model, gives it shapes, and counts what its convolutions and matrix products multiply and add.
#include "openvino_census.h"

#include <fmt/format.h>

#include <map>
#include <openvino/op/constant.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/group_conv.hpp>
#include <openvino/op/matmul.hpp>
#include <set>

#include "core/shapes.h"
#include "openvino_model.h"

namespace bakeoff {
namespace {

int64_t Product(const ov::Shape& shape, size_t from = 0) {
  int64_t product = 1;
  for (size_t i = from; i < shape.size(); ++i) product *= static_cast<int64_t>(shape[i]);
  return product;
}

// Of one operator whose shapes are known: the elements of its result, times the products behind each of them. 0 where
// it is no sum of products.
int64_t MultiplyAdds(const ov::Node& node) {
  const int64_t results = Product(node.get_output_shape(0));
  // Weights: out, in, space; with groups: group, out of it, in of it, space.
  if (ov::is_type<ov::op::v1::Convolution>(&node)) return results * Product(node.get_input_shape(1), 1);
  if (ov::is_type<ov::op::v1::GroupConvolution>(&node)) return results * Product(node.get_input_shape(1), 2);
  if (const auto* product = ov::as_type<const ov::op::v0::MatMul>(&node)) {
    const ov::Shape& left = node.get_input_shape(0);
    const size_t last = left.size() - 1;
    return results * static_cast<int64_t>(left[product->get_transpose_a() && last > 0 ? last - 1 : last]);
  }
  // Transposed ones: every element of the input is spread over a window of every output channel.
  if (ov::is_type<ov::op::v1::ConvolutionBackpropData>(&node))
    return Product(node.get_input_shape(0)) * Product(node.get_input_shape(1), 1);
  if (ov::is_type<ov::op::v1::GroupConvolutionBackpropData>(&node))
    return Product(node.get_input_shape(0)) * Product(node.get_input_shape(1), 2);
  return 0;
}

template <typename Ports>
std::vector<TensorSpec> SpecsOf(const Ports& ports, const char* kind) {
  std::vector<TensorSpec> specs;
  for (const auto& port : ports) specs.push_back(OpenVinoSpec(port, kind));
  return specs;
}

Json PortsJson(const std::vector<TensorSpec>& specs) {
  Json ports = Json::array();
  for (const TensorSpec& spec : specs)
    ports.push_back({{"name", spec.name}, {"type", std::string(DTypeName(spec.type))}, {"shape", spec.shape}});
  return ports;
}

}  // namespace

Json OpenVinoCensus(const Artifact& artifact, const SessionOptions& options) {
  std::shared_ptr<ov::Model> model;
  try {
    model = OpenVinoCore().read_model(artifact.path);
  } catch (const ov::Exception& error) {
    throw OpenVinoReadError(error, artifact);
  }
  const auto inputs = SpecsOf(model->inputs(), "input"), outputs = SpecsOf(model->outputs(), "output");
  const auto shapes = core::CompleteShapes(inputs, options.shapes, options.batch);
  std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = shapes.at(inputs[i].name);
    wanted.emplace(model->input(i), ov::Shape(shape.begin(), shape.end()));
  }
  try {
    model->reshape(wanted);
  } catch (const ov::Exception& error) {
    throw Error(ErrorCode::kUnsupported,
                artifact.path + ": does not take these shapes: " + OpenVinoWords(error.what()));
  }
  std::map<std::string, int64_t> operators, bytes;
  int64_t parameters = 0, sum = 0;
  bool all = true;
  for (const auto& node : model->get_ordered_ops()) {
    const std::string type = node->get_type_name();
    if (const auto* constant = ov::as_type<const ov::op::v0::Constant>(node.get())) {
      parameters += Product(constant->get_shape());
      bytes[constant->get_element_type().get_type_name()] += static_cast<int64_t>(constant->get_byte_size());
      continue;
    }
    if (type == "Parameter" || type == "Result") continue;
    ++operators[type];
    const auto known = [&](const auto& port) { return port.get_partial_shape().is_static(); };
    const auto ports = node->inputs();
    const auto results = node->outputs();
    if (std::ranges::all_of(ports, known) && std::ranges::all_of(results, known)) {
      sum += MultiplyAdds(*node);
    } else if (type.find("Convolution") != std::string::npos || type == "MatMul") {
      all = false;
    }
  }
  return {{"inputs", PortsJson(inputs)},
          {"outputs", PortsJson(outputs)},
          {"shapes", shapes},
          {"notes", Json::array()},
          {"census",
           {{"operators", operators},
            {"parameters", parameters},
            {"bytes_by_type", bytes},
            {"quantised", false},
            {"multiply_adds", all ? Json(sum) : Json()},
            {"not_counted", Json::array()}}}};
}

}  // namespace bakeoff
