// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tables of a TFLite file. Weights go from where they lie straight into the file's buffer.
#include "write_tflite.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/model_description.h"
#include "metadata.h"

namespace bakeoff::to_tflite {
namespace {

using channels_last::BuiltinOperator;
using channels_last::BuiltinOptionsUnion;
using channels_last::Index;
using channels_last::OperatorRow;
using channels_last::Port;
using channels_last::Program;
using channels_last::StoredConstant;
using channels_last::TensorRow;
using channels_last::TensorType;
using tflite::Activation;

constexpr uint32_t kFormatVersion = 3;
// Offsets are signed 32-bit numbers.
constexpr uint64_t kMostBytes = (uint64_t{1} << 31) - (uint64_t{1} << 20);

// The activation field of operators that have one.
Activation* ActivationOf(BuiltinOptionsUnion& options) {
  if (auto* conv = options.AsConv2DOptions()) return &conv->activation;
  if (auto* depthwise = options.AsDepthwiseConv2DOptions()) return &depthwise->activation;
  if (auto* dense = options.AsFullyConnectedOptions()) return &dense->activation;
  if (auto* add = options.AsAddOptions()) return &add->activation;
  if (auto* mul = options.AsMulOptions()) return &mul->activation;
  if (auto* sub = options.AsSubOptions()) return &sub->activation;
  return nullptr;
}

Activation Fusable(BuiltinOperator code) {
  if (code == BuiltinOperator::RELU) return Activation::RELU;
  return code == BuiltinOperator::RELU6 ? Activation::RELU6 : Activation::NONE;
}

// An activation behind an operator that has one of its own, and whose result nothing else needs.
void FuseActivations(std::vector<OperatorRow>& operators, const std::vector<Port>& outputs) {
  std::map<Index, size_t> uses, maker;
  for (const Port& port : outputs) uses[port.tensor] += 2;
  for (size_t i = 0; i < operators.size(); ++i) {
    for (const Index input : operators[i].inputs) ++uses[input];
    for (const Index output : operators[i].outputs) maker[output] = i;
  }
  std::vector<bool> gone(operators.size(), false);
  for (size_t i = 0; i < operators.size(); ++i) {
    const Activation activation = Fusable(operators[i].code);
    if (activation == Activation::NONE || uses[operators[i].inputs[0]] != 1) continue;
    const auto made = maker.find(operators[i].inputs[0]);
    if (made == maker.end()) continue;
    Activation* field = ActivationOf(operators[made->second].options);
    if (!field || *field != Activation::NONE) continue;
    *field = activation;
    operators[made->second].outputs = operators[i].outputs;
    maker[operators[i].outputs[0]] = made->second;
    gone[i] = true;
  }
  size_t kept = 0;
  for (size_t i = 0; i < operators.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) operators[kept] = std::move(operators[i]);
    ++kept;
  }
  operators.resize(kept);
}

// The file's tensors and operators: those of the program, and what widens weights of 16 bits.
struct Tables {
  std::vector<TensorRow> tensors;
  std::vector<bool> half;  // by tensor: stored in 16 bits
  std::vector<OperatorRow> operators;
};

Tables TablesOf(const Program& program) {
  Tables tables{program.tensors(), std::vector<bool>(program.tensors().size(), false), {}};
  std::vector<OperatorRow> operators = program.operators();
  FuseActivations(operators, program.outputs);
  std::map<Index, Index> wide;
  for (OperatorRow& row : operators) {
    for (Index& input : row.inputs) {
      if (input < 0 || !program.ConstantOf(input) || !program.ConstantOf(input)->half) continue;
      const auto [found, first] = wide.try_emplace(input, static_cast<Index>(tables.tensors.size()));
      if (first) {
        const TensorRow narrow = tables.tensors[static_cast<size_t>(input)];
        tables.half[static_cast<size_t>(input)] = true;
        tables.tensors.push_back({narrow.name + ".f32", TensorType::FLOAT32, narrow.extents});
        tables.half.push_back(false);
        tables.operators.push_back({BuiltinOperator::DEQUANTIZE,
                                    3,
                                    {input},
                                    {found->second},
                                    channels_last::Options(tflite::DequantizeOptionsT{})});
      }
      input = found->second;
    }
    tables.operators.push_back(std::move(row));
  }
  return tables;
}

std::unique_ptr<tflite::TensorT> TensorOf(const TensorRow& row, bool half) {
  auto tensor = std::make_unique<tflite::TensorT>();
  tensor->name = row.name;
  tensor->type = half ? TensorType::FLOAT16 : row.type;
  tensor->has_rank = true;
  tensor->buffer = row.constant < 0 ? 0 : static_cast<uint32_t>(row.constant + 1);
  tensor->shape = row.extents;
  if (std::count(row.extents.begin(), row.extents.end(), -1) > 0) {
    tensor->shape_signature = row.extents;
    std::replace(tensor->shape.begin(), tensor->shape.end(), -1, 1);
  }
  return tensor;
}

}  // namespace

size_t WriteTflite(const Program& program, const Json& description, const std::filesystem::path& path) {
  uint64_t bytes = 0;
  for (const StoredConstant& constant : program.constants()) bytes += constant.Bytes() + 64;
  if (bytes > kMostBytes) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} bytes of weights; a TFLite file holds less than 2 GB{}", bytes,
                                                     program.half_weights() ? "" : "; --precision f16 halves them"));
  }
  const Tables tables = TablesOf(program);
  flatbuffers::FlatBufferBuilder builder(bytes + 1024 * (tables.tensors.size() + tables.operators.size() + 64));
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers{tflite::CreateBuffer(builder)};
  for (const StoredConstant& constant : program.constants()) {
    uint8_t* data = nullptr;
    builder.ForceVectorAlignment(constant.Bytes(), 1, 16);
    const auto vector = builder.CreateUninitializedVector<uint8_t>(constant.Bytes(), &data);
    constant.Fill(data);
    buffers.push_back(tflite::CreateBuffer(builder, vector));
  }
  std::vector<flatbuffers::Offset<tflite::Metadata>> metadata;
  const auto add = [&](const char* name, const std::string& content) {
    if (content.empty()) return;
    const auto* text = reinterpret_cast<const uint8_t*>(content.data());
    builder.ForceVectorAlignment(content.size(), 1, 16);
    const auto vector = builder.CreateVector(text, content.size());
    metadata.push_back(tflite::CreateMetadataDirect(builder, name, static_cast<uint32_t>(buffers.size())));
    buffers.push_back(tflite::CreateBuffer(builder, vector));
  };
  add(kMetadataName, MetadataOf(description));
  if (description.is_object()) add(core::kDescriptionKey, core::DescriptionText(description));
  tflite::SubGraphT graph;
  graph.name = "main";
  for (size_t i = 0; i < tables.tensors.size(); ++i)
    graph.tensors.push_back(TensorOf(tables.tensors[i], tables.half[i]));
  std::vector<std::pair<BuiltinOperator, int>> codes;
  for (const OperatorRow& row : tables.operators) {
    const std::pair code{row.code, row.version};
    auto found = std::find(codes.begin(), codes.end(), code);
    if (found == codes.end()) found = codes.insert(codes.end(), code);
    auto one = std::make_unique<tflite::OperatorT>();
    one->opcode_index = static_cast<uint32_t>(found - codes.begin());
    one->inputs = row.inputs;
    one->outputs = row.outputs;
    one->builtin_options = row.options;
    graph.operators.push_back(std::move(one));
  }
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> operator_codes;
  for (const auto& [code, version] : codes) {
    const auto old = static_cast<int8_t>(std::min(static_cast<int>(code), 127));
    operator_codes.push_back(tflite::CreateOperatorCode(builder, old, 0, version, code));
  }
  const auto maps = [&](const std::vector<Port>& ports) {
    std::vector<flatbuffers::Offset<tflite::TensorMap>> rows;
    for (const Port& port : ports)
      rows.push_back(tflite::CreateTensorMapDirect(builder, port.name.c_str(), static_cast<uint32_t>(port.tensor)));
    return rows;
  };
  for (const Port& port : program.inputs) graph.inputs.push_back(port.tensor);
  for (const Port& port : program.outputs) graph.outputs.push_back(port.tensor);
  const std::vector signatures{tflite::CreateSignatureDef(builder, builder.CreateVector(maps(program.inputs)),
                                                          builder.CreateVector(maps(program.outputs)),
                                                          builder.CreateString("serving_default"), 0)};
  const std::vector graphs{tflite::CreateSubGraph(builder, &graph)};
  const auto model =
      tflite::CreateModel(builder, kFormatVersion, builder.CreateVector(operator_codes), builder.CreateVector(graphs),
                          builder.CreateString("made by bakeoff"), builder.CreateVector(buffers), 0,
                          builder.CreateVector(metadata), builder.CreateVector(signatures));
  builder.Finish(model, tflite::ModelIdentifier());
  const std::string_view content{reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
  core::WriteFileAtomically(path, content, LabelsArchive(description, content.size()));
  return tables.operators.size();
}

}  // namespace bakeoff::to_tflite
