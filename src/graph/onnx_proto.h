// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Between the graph and the onnx library's messages. Only for the files onnx_*.cc.
#pragma once

#include <filesystem>
#include <string>

#include "graph/model.h"
#include "onnx/onnx_pb.h"

namespace bakeoff::graph {

// Takes the messages apart: weights are moved out of them. External data is looked for in `folder`.
Model FromProto(::onnx::ModelProto&& proto, const std::filesystem::path& folder);
Tensor TensorFromProto(::onnx::TensorProto&& proto, const std::filesystem::path& folder, const std::string& what);

// What becomes of the main graph's constants; those of subgraphs are always written whole.
enum class Constants {
  kLeftOut,   // the caller writes them itself
  kSkeleton,  // small ones whole, large ones as further inputs: enough for checker and inference, without the weights
};

::onnx::ModelProto ToProto(const Model& model, Constants constants);
// Everything but the bytes, which belong into raw_data; strings are included.
::onnx::TensorProto TensorHeader(const std::string& name, const Tensor& tensor);
void TypeToProto(const Value& value, ::onnx::TypeProto& type);

}  // namespace bakeoff::graph
