// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The onnx library's checker and shape inference, applied to a graph without copying its weights.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "bakeoff/error.h"
#include "graph/onnx.h"
#include "graph/onnx_proto.h"
#include "onnx/checker.h"
#include "onnx/defs/schema.h"
#include "onnx/shape_inference/implementation.h"

namespace bakeoff::graph {
namespace {

// The library's texts have several paragraphs; the first line says what is wrong.
std::string FirstLines(const std::string& text) {
  std::string line = text.substr(0, std::min(text.find("\n\n"), text.find("\n==>")));
  std::replace(line.begin(), line.end(), '\n', ' ');
  constexpr size_t kLongest = 400;
  return line.size() > kLongest ? line.substr(0, kLongest) + "..." : line;
}

// Domains whose operators the library defines; others (of vendors) are nobody's to check.
bool IsStandard(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx.ml";
}

int64_t NewestOf(const std::string& domain) {
  const auto& ranges = ::onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto found = ranges.find(domain);
  return found == ranges.end() ? 0 : found->second.second;
}

void CheckOperators(const Graph& graph, const Model& model) {
  for (const Node& node : graph.nodes()) {
    if (IsStandard(node.domain)) {
      const auto import = model.opsets.find(node.domain);
      if (import == model.opsets.end()) {
        throw Error(ErrorCode::kInvalidModel,
                    fmt::format("{}: the model imports no opset for the domain '{}'", node.Describe(), node.domain));
      }
      if (!::onnx::OpSchemaRegistry::Schema(node.op, static_cast<int>(import->second), node.domain)) {
        throw Error(ErrorCode::kInvalidModel,
                    fmt::format("{}: {} opset {} has no operator {}", node.Describe(),
                                node.domain.empty() ? "ai.onnx" : node.domain, import->second, node.op));
      }
    }
    ForEachSubgraph(node, [&](const Graph& body) { CheckOperators(body, model); });
  }
}

void CheckOpsets(const Model& model) {
  for (const auto& [domain, version] : model.opsets) {
    if (!IsStandard(domain)) continue;
    const std::string shown = domain.empty() ? "ai.onnx" : domain;
    if (version < 1) throw Error(ErrorCode::kInvalidModel, fmt::format("{} has no opset {}", shown, version));
    if (version > NewestOf(domain)) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{} opset {} is not known; the newest known is {}", shown, version, NewestOf(domain)));
    }
  }
}

// Runs `act`, which calls the library, and gives its failures our type.
template <typename Act>
void Guarded(const char* what, Act act) {
  try {
    act();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: {}", what, FirstLines(error.what())));
  }
}

// What the file says stays wherever inference knows less.
void Merge(const ::onnx::TypeProto& type, Value& value) {
  if (!type.has_tensor_type() || value.constant()) return;
  const auto& tensor = type.tensor_type();
  if (value.type == ElementType::kUndefined && tensor.elem_type() > 0 && tensor.elem_type() <= kLastElementType) {
    value.type = static_cast<ElementType>(tensor.elem_type());
  }
  if (!tensor.has_shape()) return;
  const size_t rank = static_cast<size_t>(tensor.shape().dim_size());
  if (!value.shape || value.shape->size() != rank) value.shape = SymbolicShape(rank);
  for (size_t axis = 0; axis < rank; ++axis) {
    const auto& dim = tensor.shape().dim(static_cast<int>(axis));
    Dim& known = (*value.shape)[axis];
    if (dim.has_dim_value() && dim.dim_value() >= 0) {
      known = Dim(dim.dim_value());
    } else if (known.IsUnknown() && dim.has_dim_param()) {
      known = Dim::Parse(dim.dim_param());
    }
  }
}

void MergeGraph(const ::onnx::GraphProto& proto, Graph& graph) {
  const auto take = [&graph](const auto& infos) {
    for (const auto& info : infos) {
      if (Value* value = graph.Find(info.name())) Merge(info.type(), *value);
    }
  };
  take(proto.value_info());
  take(proto.output());
  int index = 0;
  for (const Node& node : graph.nodes()) {
    // The message has nodes and attributes in the graph's order.
    const auto& node_proto = proto.node(index++);
    int at = 0;
    for (const auto& [name, attribute] : node.attributes) {
      const auto& attribute_proto = node_proto.attribute(at++);
      if (const auto* body = std::get_if<Subgraph>(&attribute)) MergeGraph(attribute_proto.g(), **body);
    }
  }
}

}  // namespace

int64_t NewestOpset() {
  return NewestOf("");
}

void CheckOnnx(const Model& model) {
  model.graph.Validate();
  CheckOpsets(model);
  CheckOperators(model.graph, model);
  const ::onnx::ModelProto proto = ToProto(model, Constants::kSkeleton);
  Guarded("the ONNX checker says", [&] { ::onnx::checker::check_model(proto); });
}

void InferShapes(Model& model, Inference inference) {
  ::onnx::ModelProto proto = ToProto(model, Constants::kSkeleton);
  const bool strict = inference == Inference::kStrict;
  try {
    Guarded("shape inference says", [&] {
      const ::onnx::ShapeInferenceOptions options(strict, strict ? 1 : 0, true);
      ::onnx::shape_inference::InferShapes(proto, ::onnx::OpSchemaRegistry::Instance(), options);
    });
  } catch (const Error&) {
    if (strict) throw;
  }
  MergeGraph(proto.graph(), model.graph);
}

}  // namespace bakeoff::graph
