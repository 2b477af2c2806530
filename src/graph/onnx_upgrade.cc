// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Operators of an older opset become those of a newer one, by the onnx library's version converter, which never sees
// the weights.
#include <fmt/format.h>

#include <unordered_set>

#include "bakeoff/error.h"
#include "core/text.h"
#include "graph/onnx.h"
#include "graph/onnx_proto.h"
#include "onnx/version_converter/convert.h"

namespace bakeoff::graph {
namespace {

// What stands for weights among the inputs becomes constants without elements, until they get their own again.
void MakeConstants(::onnx::GraphProto& graph, const std::unordered_set<std::string>& inputs) {
  google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto> kept;
  for (auto& input : *graph.mutable_input()) {
    if (inputs.contains(input.name())) {
      *kept.Add() = std::move(input);
      continue;
    }
    auto& constant = *graph.add_initializer();
    constant.set_name(input.name());
    constant.set_data_type(::onnx::TensorProto::FLOAT);
    constant.add_dims(0);
  }
  graph.mutable_input()->Swap(&kept);
}

// Up to opset 10, places were scaled alone and then cut to the pixel before; the converter leaves that unsaid, which
// since opset 11 means something else.
constexpr int64_t kResizeSaysHow = 11;

void SayHowItResizes(Graph& graph) {
  for (Node& node : graph.nodes()) {
    if (node.op != "Resize" || !node.domain.empty()) continue;
    node.attributes.emplace("coordinate_transformation_mode", std::string("asymmetric"));
    node.attributes.emplace("nearest_mode", std::string("floor"));
  }
}

}  // namespace

void UpgradeOpset(Model& model, int64_t opset) {
  const int64_t before = model.Opset();
  if (before >= opset) return;
  std::unordered_set<std::string> inputs;
  for (const Value* input : model.graph.inputs()) inputs.insert(input->name());
  ::onnx::ModelProto proto = ToProto(model, Constants::kSkeleton);
  // Older files repeat every constant among the inputs; since IR 4 they need not.
  proto.set_ir_version(std::max(model.ir_version, kDefaultIrVersion));
  try {
    proto = ::onnx::version_conversion::ConvertVersion(proto, static_cast<int>(opset));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("opset {} of ai.onnx cannot be made {}: {}; save the model with opset {} or newer", before,
                            opset, core::Brief(error.what(), 300), opset));
  }
  MakeConstants(*proto.mutable_graph(), inputs);
  Model upgraded = FromProto(std::move(proto), {});
  for (const Value& value : model.graph.values()) {
    if (!value.constant()) continue;
    Value* same = upgraded.graph.Find(value.name());
    if (same && !same->producer()) upgraded.graph.SetConstant(*same, *value.constant());
  }
  if (before < kResizeSaysHow) SayHowItResizes(upgraded.graph);
  upgraded.opsets = std::move(model.opsets);
  upgraded.opsets[""] = opset;
  upgraded.producer = std::move(model.producer);
  upgraded.producer_version = std::move(model.producer_version);
  upgraded.domain = std::move(model.domain);
  upgraded.doc = std::move(model.doc);
  upgraded.version = model.version;
  upgraded.metadata = std::move(model.metadata);
  model = std::move(upgraded);
  InferShapes(model, Inference::kLenient);
}

}  // namespace bakeoff::graph
