// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads an ORT file, which is an ONNX model as a flatbuffer: its tables become ONNX messages, which are read as always.
#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>

#include "bakeoff/error.h"
#include "core/files.h"
#include "graph/onnx.h"
#include "graph/onnx_proto.h"
#include "ort/schema_generated.h"

namespace bakeoff::graph {
namespace {

constexpr size_t kMostBytes = size_t{2} << 30;  // a flatbuffer's offsets reach no further
constexpr int kMostDepth = 64;                  // bodies inside bodies

std::string Text(const flatbuffers::String* text) {
  return text ? text->str() : "";
}

// Calls visit for every element that is there.
template <typename List, typename Visit>
void Each(const List* list, Visit visit) {
  if (!list) return;
  for (const auto* element : *list) {
    if (element) visit(*element);
  }
}

void ConvertTensor(const ort::Tensor& from, ::onnx::TensorProto& to) {
  to.set_name(Text(from.name()));
  to.set_data_type(from.element());
  if (from.dims()) to.mutable_dims()->Add(from.dims()->begin(), from.dims()->end());
  Each(from.strings(), [&](const flatbuffers::String& text) { to.add_string_data(text.str()); });
  if (from.raw()) to.set_raw_data(from.raw()->data(), from.raw()->size());
  if (from.external_offset() >= 0)
    throw Error(ErrorCode::kUnsupported,
                fmt::format("tensor '{}' lies in another file, which is not read for this format", to.name()));
}

void ConvertType(const ort::ValueInfo& from, ::onnx::ValueInfoProto& to) {
  to.set_name(Text(from.name()));
  if (!from.type()) return;
  if (from.type()->value_type() == ort::TypeValue::SequenceType) to.mutable_type()->mutable_sequence_type();
  if (from.type()->value_type() == ort::TypeValue::MapType) to.mutable_type()->mutable_map_type();
  const auto* tensor = from.type()->value_as_TensorType();
  if (!tensor) return;
  auto* type = to.mutable_type()->mutable_tensor_type();
  type->set_elem_type(tensor->element());
  if (!tensor->shape()) return;
  auto* shape = type->mutable_shape();
  Each(tensor->shape()->dimensions(), [&](const ort::Dimension& dimension) {
    auto* dim = shape->add_dim();
    const auto* extent = dimension.extent();
    if (extent && extent->kind() == ort::ExtentKind::VALUE) dim->set_dim_value(extent->value());
    if (extent && extent->kind() == ort::ExtentKind::NAME) dim->set_dim_param(Text(extent->name()));
  });
}

void ConvertGraph(const ort::Graph& from, ::onnx::GraphProto& to, int depth);

void ConvertAttribute(const ort::Attribute& from, ::onnx::AttributeProto& to, int depth) {
  to.set_name(Text(from.name()));
  const int kind = static_cast<int>(from.kind());
  if (!::onnx::AttributeProto::AttributeType_IsValid(kind))
    throw Error(ErrorCode::kInvalidModel, fmt::format("the attribute '{}' is of the unknown kind {}", to.name(), kind));
  to.set_type(static_cast<::onnx::AttributeProto::AttributeType>(kind));
  to.set_f(from.f());
  to.set_i(from.i());
  to.set_s(Text(from.s()));
  if (from.t()) ConvertTensor(*from.t(), *to.mutable_t());
  if (from.g()) ConvertGraph(*from.g(), *to.mutable_g(), depth + 1);
  if (from.floats()) to.mutable_floats()->Add(from.floats()->begin(), from.floats()->end());
  if (from.ints()) to.mutable_ints()->Add(from.ints()->begin(), from.ints()->end());
  Each(from.strings(), [&](const flatbuffers::String& text) { to.add_strings(text.str()); });
  Each(from.tensors(), [&](const ort::Tensor& tensor) { ConvertTensor(tensor, *to.add_tensors()); });
  Each(from.graphs(), [&](const ort::Graph& graph) { ConvertGraph(graph, *to.add_graphs(), depth + 1); });
}

// Domains of the nodes, bodies included.
void CollectDomains(const ::onnx::GraphProto& graph, std::set<std::string>& domains) {
  for (const auto& node : graph.node()) {
    domains.insert(node.domain());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) CollectDomains(attribute.g(), domains);
      for (const auto& body : attribute.graphs()) CollectDomains(body, domains);
    }
  }
}

void ConvertNode(const ort::Node& from, ::onnx::NodeProto& to, int depth) {
  to.set_name(Text(from.name()));
  to.set_domain(Text(from.domain()));
  to.set_op_type(Text(from.op()));
  Each(from.inputs(), [&](const flatbuffers::String& name) { to.add_input(name.str()); });
  Each(from.outputs(), [&](const flatbuffers::String& name) { to.add_output(name.str()); });
  Each(from.attributes(),
       [&](const ort::Attribute& attribute) { ConvertAttribute(attribute, *to.add_attribute(), depth); });
}

void ConvertGraph(const ort::Graph& from, ::onnx::GraphProto& to, int depth) {
  if (depth > kMostDepth)
    throw Error(ErrorCode::kInvalidModel, fmt::format("graphs are nested more than {} deep", kMostDepth));
  if (from.sparse_initializers() && from.sparse_initializers()->size() > 0)
    throw Error(ErrorCode::kUnsupported, "a tensor is stored as a sparse tensor");
  Each(from.initializers(), [&](const ort::Tensor& tensor) { ConvertTensor(tensor, *to.add_initializer()); });
  Each(from.nodes(), [&](const ort::Node& node) { ConvertNode(node, *to.add_node(), depth); });
  // Types stand in one list; ONNX has three, by what a value is.
  std::set<std::string> inputs, outputs;
  Each(from.inputs(), [&](const flatbuffers::String& name) { inputs.insert(name.str()); });
  Each(from.outputs(), [&](const flatbuffers::String& name) { outputs.insert(name.str()); });
  std::map<std::string, const ort::ValueInfo*> values;
  Each(from.values(), [&](const ort::ValueInfo& value) {
    const std::string name = Text(value.name());
    values[name] = &value;
    if (!name.empty() && !inputs.contains(name) && !outputs.contains(name)) ConvertType(value, *to.add_value_info());
  });
  const auto add = [&](const flatbuffers::String& name, ::onnx::ValueInfoProto& to_value) {
    to_value.set_name(name.str());
    if (const auto found = values.find(name.str()); found != values.end()) ConvertType(*found->second, to_value);
  };
  Each(from.inputs(), [&](const flatbuffers::String& name) { add(name, *to.add_input()); });
  Each(from.outputs(), [&](const flatbuffers::String& name) { add(name, *to.add_output()); });
}

::onnx::ModelProto Convert(const ort::Model& from) {
  ::onnx::ModelProto to;
  to.set_ir_version(from.ir_version());
  to.set_producer_name(Text(from.producer_name()));
  to.set_producer_version(Text(from.producer_version()));
  to.set_model_version(from.model_version());
  if (!from.graph()) throw Error(ErrorCode::kInvalidModel, "the file holds no graph");
  ConvertGraph(*from.graph(), *to.mutable_graph(), 0);
  std::set<std::string> used{""};
  CollectDomains(to.graph(), used);
  Each(from.opsets(), [&](const ort::Opset& opset) {
    // The runtime writes down every domain that it knows.
    if (!used.contains(Text(opset.domain()))) return;
    auto* import = to.add_opset_import();
    import->set_domain(Text(opset.domain()));
    import->set_version(opset.version());
  });
  return to;
}

}  // namespace

Model ReadOrt(const std::filesystem::path& path) {
  const std::string bytes = core::ReadFile(path, kMostBytes);
  try {
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    if (!ort::VerifyFileBuffer(verifier) || !ort::GetFile(bytes.data())->model())
      throw Error(ErrorCode::kInvalidModel,
                  "an ORT file that is damaged or cut short: an offset in it leads outside the file");
    return FromProto(Convert(*ort::GetFile(bytes.data())->model()), path.parent_path());
  } catch (const Error& error) {
    throw error.With(path.string());
  }
}

}  // namespace bakeoff::graph
