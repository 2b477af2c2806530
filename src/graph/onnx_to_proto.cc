// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A graph becomes ONNX messages.
#include "bakeoff/error.h"
#include "graph/onnx_proto.h"

namespace bakeoff::graph {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;

// Reshape targets, axes, scalars: what inference and checker want to read. Weights are larger.
constexpr size_t kSmallConstant = 1024;

void GraphToProto(const Graph& graph, bool main, Constants constants, GraphProto& proto);

void TensorToProto(const std::string& name, const Tensor& tensor, ::onnx::TensorProto& proto) {
  proto = TensorHeader(name, tensor);
  if (tensor.type != ElementType::kString) proto.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
}

struct AttributeWriter {
  AttributeProto& proto;
  Constants constants;

  void operator()(int64_t value) { Set(AttributeProto::INT).set_i(value); }
  void operator()(float value) { Set(AttributeProto::FLOAT).set_f(value); }
  void operator()(const std::string& value) { Set(AttributeProto::STRING).set_s(value); }
  void operator()(const Tensor& value) { TensorToProto("", value, *Set(AttributeProto::TENSOR).mutable_t()); }
  void operator()(const Subgraph& value) {
    GraphToProto(*value, false, constants, *Set(AttributeProto::GRAPH).mutable_g());
  }
  void operator()(const std::vector<int64_t>& values) {
    Set(AttributeProto::INTS).mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) {
    Set(AttributeProto::FLOATS).mutable_floats()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<std::string>& values) {
    Set(AttributeProto::STRINGS);
    for (const auto& value : values) proto.add_strings(value);
  }
  void operator()(const std::vector<Tensor>& values) {
    Set(AttributeProto::TENSORS);
    for (const auto& value : values) TensorToProto("", value, *proto.add_tensors());
  }
  void operator()(const std::vector<Subgraph>& values) {
    Set(AttributeProto::GRAPHS);
    for (const auto& value : values) GraphToProto(*value, false, constants, *proto.add_graphs());
  }

  AttributeProto& Set(AttributeProto::AttributeType type) {
    proto.set_type(type);
    return proto;
  }
};

void ValueToProto(const Value& value, ::onnx::ValueInfoProto& info) {
  info.set_name(value.name());
  if (value.type != ElementType::kUndefined) TypeToProto(value, *info.mutable_type());
}

void GraphToProto(const Graph& graph, bool main, Constants constants, GraphProto& proto) {
  proto.set_name(graph.name.empty() ? "graph" : graph.name);
  if (!graph.doc.empty()) proto.set_doc_string(graph.doc);
  for (const Value* input : graph.inputs()) ValueToProto(*input, *proto.add_input());
  for (const Value* output : graph.outputs()) ValueToProto(*output, *proto.add_output());
  for (const Node& node : graph.nodes()) {
    auto& node_proto = *proto.add_node();
    if (!node.name.empty()) node_proto.set_name(node.name);
    if (!node.domain.empty()) node_proto.set_domain(node.domain);
    node_proto.set_op_type(node.op);
    for (const Value* value : node.inputs()) node_proto.add_input(value ? value->name() : "");
    for (const Value* value : node.outputs()) node_proto.add_output(value ? value->name() : "");
    for (const auto& [name, attribute] : node.attributes) {
      auto& attribute_proto = *node_proto.add_attribute();
      attribute_proto.set_name(name);
      std::visit(AttributeWriter{attribute_proto, constants}, attribute);
    }
  }
  for (const Value& value : graph.values()) {
    if (value.constant()) {
      if (main && constants == Constants::kLeftOut) continue;
      const bool whole =
          !main || value.constant()->bytes.size() <= kSmallConstant || value.type == ElementType::kString;
      if (whole) {
        TensorToProto(value.name(), *value.constant(), *proto.add_initializer());
      } else if (!value.IsInput()) {
        ValueToProto(value, *proto.add_input());
      }
    } else if (value.producer() && !value.IsOutput() && value.shape && value.type != ElementType::kUndefined) {
      ValueToProto(value, *proto.add_value_info());
    }
  }
}

}  // namespace

void TypeToProto(const Value& value, ::onnx::TypeProto& type) {
  auto& tensor = *type.mutable_tensor_type();
  tensor.set_elem_type(static_cast<int32_t>(value.type));
  if (!value.shape) return;
  auto& shape = *tensor.mutable_shape();
  for (const Dim& dim : *value.shape) {
    auto& proto = *shape.add_dim();
    if (const auto extent = dim.Value()) {
      proto.set_dim_value(*extent);
    } else if (!dim.IsUnknown()) {
      proto.set_dim_param(dim.Text());
    }
  }
}

::onnx::ModelProto ToProto(const Model& model, Constants constants) {
  ::onnx::ModelProto proto;
  proto.set_ir_version(model.ir_version);
  for (const auto& [domain, version] : model.opsets) {
    auto& import = *proto.add_opset_import();
    import.set_domain(domain);
    import.set_version(version);
  }
  if (!model.producer.empty()) proto.set_producer_name(model.producer);
  if (!model.producer_version.empty()) proto.set_producer_version(model.producer_version);
  if (!model.domain.empty()) proto.set_domain(model.domain);
  if (!model.doc.empty()) proto.set_doc_string(model.doc);
  if (model.version != 0) proto.set_model_version(model.version);
  for (const auto& [key, value] : model.metadata) {
    auto& entry = *proto.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  GraphToProto(model.graph, true, constants, *proto.mutable_graph());
  return proto;
}

}  // namespace bakeoff::graph
