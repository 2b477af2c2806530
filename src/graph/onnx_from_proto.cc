// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX messages become a graph: names become links, weights are moved.
#include <fmt/format.h>

#include <unordered_map>

#include "bakeoff/error.h"
#include "graph/onnx_proto.h"

namespace bakeoff::graph {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TypeProto;

// The graphs around a subgraph, innermost first.
struct Scope {
  Graph* graph;
  const Scope* outer;

  Value* Find(const std::string& name) const {
    for (const Scope* scope = this; scope; scope = scope->outer) {
      if (Value* value = scope->graph->Find(name)) return value;
    }
    return nullptr;
  }
};

std::string Domain(const std::string& domain) {
  return domain == "ai.onnx" ? std::string() : domain;
}

std::string NodeText(const NodeProto& node) {
  if (node.name().empty()) {
    return fmt::format("the {} node that makes '{}'", node.op_type(), node.output_size() ? node.output(0) : "");
  }
  return fmt::format("node '{}' ({})", node.name(), node.op_type());
}

SymbolicShape ShapeFromProto(const ::onnx::TensorShapeProto& proto, const std::string& name) {
  SymbolicShape shape;
  for (const auto& dim : proto.dim()) {
    if (dim.has_dim_value()) {
      // Some exporters write free extents as -1; 0 stands for itself.
      if (dim.dim_value() < -1) {
        throw Error(ErrorCode::kInvalidModel, fmt::format("tensor '{}' has the extent {}", name, dim.dim_value()));
      }
      shape.push_back(dim.dim_value() == -1 ? Dim() : Dim(dim.dim_value()));
    } else {
      shape.push_back(Dim::Parse(dim.dim_param()));
    }
  }
  return shape;
}

// Types that are no tensors stay unknown.
void ReadType(const TypeProto& type, Value& value) {
  if (!type.has_tensor_type()) return;
  const auto& tensor = type.tensor_type();
  if (tensor.elem_type() > 0 && tensor.elem_type() <= kLastElementType) {
    value.type = static_cast<ElementType>(tensor.elem_type());
  }
  if (tensor.has_shape()) value.shape = ShapeFromProto(tensor.shape(), value.name());
}

void RequireTensor(const ::onnx::ValueInfoProto& info, const char* role) {
  if (info.type().value_case() != TypeProto::kTensorType && info.type().value_case() != TypeProto::VALUE_NOT_SET) {
    throw Error(
        ErrorCode::kUnsupported,
        fmt::format("{} '{}' is a sequence, map, optional or sparse tensor; only tensors are read", role, info.name()));
  }
}

class GraphReader {
 public:
  GraphReader(GraphProto& proto, Graph& graph, const Scope* outer, const std::filesystem::path& folder)
      : proto_(proto), graph_(graph), scope_{&graph, outer}, folder_(folder) {}

  void Read() {
    graph_.name = proto_.name();
    graph_.doc = proto_.doc_string();
    ReadConstantsAndInputs();
    for (const NodeProto& node : proto_.node()) {
      for (const std::string& output : node.output()) {
        if (!output.empty()) AddOutputOf(node, output);
      }
    }
    for (const auto& info : proto_.value_info()) {
      Value* value = graph_.Find(info.name());
      if (value && !value->constant()) ReadType(info.type(), *value);
    }
    ReadOutputs();
    for (NodeProto& node : *proto_.mutable_node()) ReadNode(node);
    graph_.Sort();
  }

 private:
  void ReadConstantsAndInputs() {
    if (proto_.sparse_initializer_size() > 0) {
      throw Error(ErrorCode::kUnsupported, fmt::format("tensor '{}' is stored as a sparse tensor",
                                                       proto_.sparse_initializer(0).values().name()));
    }
    for (const auto& info : proto_.input()) {
      RequireTensor(info, "input");
      if (info.name().empty()) throw Error(ErrorCode::kInvalidModel, "an input has no name");
      ReadType(info.type(), graph_.AddInput(info.name(), ElementType::kUndefined, {}));
    }
    for (auto& proto : *proto_.mutable_initializer()) {
      const std::string name = proto.name();
      if (name.empty()) throw Error(ErrorCode::kInvalidModel, "a constant tensor has no name");
      Tensor tensor = TensorFromProto(std::move(proto), folder_, fmt::format("tensor '{}'", name));
      Value* input = graph_.Find(name);
      if (input && input->IsInput() && !input->constant()) {
        graph_.SetConstant(*input, std::move(tensor));
      } else {
        graph_.AddConstant(name, std::move(tensor));
      }
    }
  }

  void AddOutputOf(const NodeProto& node, const std::string& output) {
    try {
      graph_.AddValue(output);
    } catch (const Error& error) {
      throw error.With(NodeText(node));
    }
  }

  void ReadOutputs() {
    for (const auto& info : proto_.output()) {
      RequireTensor(info, "output");
      Value* value = graph_.Find(info.name());
      if (!value)
        throw Error(ErrorCode::kInvalidModel, fmt::format("output '{}' of the graph is made by no node", info.name()));
      if (!value->constant()) ReadType(info.type(), *value);
      graph_.AddOutput(*value);
    }
  }

  void ReadNode(NodeProto& proto) {
    const std::string text = NodeText(proto);
    if (proto.op_type().empty()) throw Error(ErrorCode::kInvalidModel, text + " has no operator");
    std::vector<Value*> inputs, outputs;
    for (const std::string& name : proto.input()) {
      Value* value = name.empty() ? nullptr : scope_.Find(name);
      if (!value && !name.empty()) {
        throw Error(ErrorCode::kInvalidModel, fmt::format("{} uses the tensor '{}', which nothing makes", text, name));
      }
      inputs.push_back(value);
    }
    for (const std::string& name : proto.output()) outputs.push_back(name.empty() ? nullptr : graph_.Find(name));
    Node& node = graph_.AddNode(proto.op_type(), std::move(inputs), std::move(outputs), proto.name());
    node.domain = Domain(proto.domain());
    for (AttributeProto& attribute : *proto.mutable_attribute()) {
      const bool first = node.attributes.emplace(attribute.name(), ReadAttribute(attribute, text)).second;
      if (!first)
        throw Error(ErrorCode::kInvalidModel, fmt::format("{} has the attribute '{}' twice", text, attribute.name()));
    }
  }

  Subgraph ReadSubgraph(GraphProto& proto) {
    auto body = std::make_unique<Graph>();
    GraphReader(proto, *body, &scope_, folder_).Read();
    return body;
  }

  Attribute ReadAttribute(AttributeProto& proto, const std::string& text) {
    const std::string what = fmt::format("{}: attribute '{}'", text, proto.name());
    switch (proto.type()) {
      case AttributeProto::INT:
        return proto.i();
      case AttributeProto::FLOAT:
        return proto.f();
      case AttributeProto::STRING:
        return std::move(*proto.mutable_s());
      case AttributeProto::TENSOR:
        return TensorFromProto(std::move(*proto.mutable_t()), folder_, what);
      case AttributeProto::GRAPH:
        return ReadSubgraph(*proto.mutable_g());
      case AttributeProto::INTS:
        return std::vector<int64_t>(proto.ints().begin(), proto.ints().end());
      case AttributeProto::FLOATS:
        return std::vector<float>(proto.floats().begin(), proto.floats().end());
      case AttributeProto::STRINGS:
        return std::vector<std::string>(proto.strings().begin(), proto.strings().end());
      case AttributeProto::TENSORS: {
        std::vector<Tensor> tensors;
        for (auto& tensor : *proto.mutable_tensors())
          tensors.push_back(TensorFromProto(std::move(tensor), folder_, what));
        return tensors;
      }
      case AttributeProto::GRAPHS: {
        std::vector<Subgraph> bodies;
        for (auto& body : *proto.mutable_graphs()) bodies.push_back(ReadSubgraph(body));
        return bodies;
      }
      case AttributeProto::UNDEFINED:
        throw Error(ErrorCode::kInvalidModel, what + " has no type");
      default:
        throw Error(ErrorCode::kUnsupported, what + " is a sparse tensor or a type, which are not read");
    }
  }

  GraphProto& proto_;
  Graph& graph_;
  Scope scope_;
  const std::filesystem::path& folder_;
};

}  // namespace

Model FromProto(::onnx::ModelProto&& proto, const std::filesystem::path& folder) {
  Model model;
  model.ir_version = proto.ir_version();
  model.opsets.clear();
  for (const auto& import : proto.opset_import()) {
    const bool first = model.opsets.emplace(Domain(import.domain()), import.version()).second;
    if (!first) throw Error(ErrorCode::kInvalidModel, fmt::format("two opsets for the domain '{}'", import.domain()));
  }
  model.producer = proto.producer_name();
  model.producer_version = proto.producer_version();
  model.domain = proto.domain();
  model.doc = proto.doc_string();
  model.version = proto.model_version();
  for (const auto& entry : proto.metadata_props()) model.metadata.emplace(entry.key(), entry.value());
  GraphReader(*proto.mutable_graph(), model.graph, nullptr, folder).Read();
  return model;
}

}  // namespace bakeoff::graph
