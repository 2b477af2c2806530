// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// For tests: small ONNX messages, whole and broken in a stated way.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/test_folder.h"
#include "onnx/onnx_pb.h"

namespace bakeoff::graph {

using core::TestFolder;

inline std::filesystem::path Put(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

inline std::filesystem::path Put(const std::filesystem::path& path, const ::onnx::ModelProto& proto) {
  return Put(path, proto.SerializeAsString());
}

inline void SetTensorType(::onnx::ValueInfoProto& info, const std::string& name, int type,
                          std::initializer_list<int64_t> dims) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const int64_t dim : dims) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
}

inline ::onnx::NodeProto& AddNode(::onnx::GraphProto& graph, const std::string& name, const std::string& op,
                                  std::initializer_list<const char*> inputs,
                                  std::initializer_list<const char*> outputs) {
  auto& node = *graph.add_node();
  node.set_name(name);
  node.set_op_type(op);
  for (const char* input : inputs) node.add_input(input);
  for (const char* output : outputs) node.add_output(output);
  return node;
}

// x[1,4] -> Add(x, w[4]) "plus" -> s -> Relu "rectify" -> y
inline ::onnx::ModelProto SmallProto() {
  ::onnx::ModelProto proto;
  proto.set_ir_version(8);
  auto& import = *proto.add_opset_import();
  import.set_domain("");
  import.set_version(17);
  auto& graph = *proto.mutable_graph();
  graph.set_name("small");
  SetTensorType(*graph.add_input(), "x", 1, {1, 4});
  SetTensorType(*graph.add_output(), "y", 1, {1, 4});
  auto& weight = *graph.add_initializer();
  weight.set_name("w");
  weight.set_data_type(1);
  weight.add_dims(4);
  const float values[] = {1, -2, 3, -4};
  weight.set_raw_data(values, sizeof(values));
  AddNode(graph, "plus", "Add", {"x", "w"}, {"s"});
  AddNode(graph, "rectify", "Relu", {"s"}, {"y"});
  return proto;
}

// As SmallProto(), with the weights in a file of this name at this place.
inline ::onnx::ModelProto ExternalProto(const std::string& location, const std::string& offset = "0",
                                        const std::string& length = "16") {
  auto proto = SmallProto();
  auto& weight = *proto.mutable_graph()->mutable_initializer(0);
  weight.clear_raw_data();
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : {std::pair{"location", location}, {"offset", offset}, {"length", length}}) {
    auto& entry = *weight.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return proto;
}

}  // namespace bakeoff::graph
