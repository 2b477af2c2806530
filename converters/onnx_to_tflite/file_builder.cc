// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tables of a TFLite file. Weights go from where they lie straight into the file's buffer.
#include "file_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "core/files.h"

namespace bakeoff::to_tflite {
namespace {

using tflite::Activation;
using tflite::BuiltinOptions;

constexpr uint32_t kFormatVersion = 3;
// Offsets are signed 32-bit numbers.
constexpr uint64_t kMostBytes = (uint64_t{1} << 31) - (uint64_t{1} << 20);

int64_t Product(const std::vector<int64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

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

template <typename T>
void Permute(const T* from, T* to, const std::vector<int64_t>& dims, const std::vector<int>& order) {
  const size_t rank = dims.size();
  std::vector<int64_t> strides(rank, 1), extents, steps;
  for (size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  for (const int axis : order) {
    extents.push_back(dims[static_cast<size_t>(axis)]);
    steps.push_back(strides[static_cast<size_t>(axis)]);
  }
  const int64_t count = Product(dims), inner = extents.empty() ? 1 : extents.back(),
                step = steps.empty() ? 1 : steps.back();
  if (count == 0) return;
  std::vector<int64_t> at(rank, 0);
  for (int64_t done = 0; done < count; done += inner) {
    int64_t start = 0;
    for (size_t axis = 0; axis + 1 < rank; ++axis) start += at[axis] * steps[axis];
    for (int64_t i = 0; i < inner; ++i) *to++ = from[start + i * step];
    for (size_t axis = rank - 1; axis-- > 0;) {
      if (++at[axis] < extents[axis]) break;
      at[axis] = 0;
    }
  }
}

template <typename T>
void Place(const graph::Tensor& tensor, const std::vector<int64_t>& dims, const std::vector<int>& order, uint8_t* to) {
  Permute(reinterpret_cast<const T*>(tensor.bytes.data()), reinterpret_cast<T*>(to), dims, order);
}

}  // namespace

TensorType TypeOf(graph::ElementType type) {
  using graph::ElementType;
  switch (type) {
    case ElementType::kF32:
      return TensorType::FLOAT32;
    case ElementType::kF64:
      return TensorType::FLOAT64;
    case ElementType::kI8:
      return TensorType::INT8;
    case ElementType::kU8:
      return TensorType::UINT8;
    case ElementType::kI16:
      return TensorType::INT16;
    case ElementType::kI32:
      return TensorType::INT32;
    case ElementType::kI64:
      return TensorType::INT64;
    case ElementType::kBool:
      return TensorType::BOOL;
    default:
      throw Error(ErrorCode::kUnsupported, fmt::format("elements of type {}, which TFLite's operators do not take",
                                                       graph::ElementTypeName(type)));
  }
}

FileBuilder::FileBuilder(bool half_weights) : half_weights_(half_weights) {}

uint64_t FileBuilder::ConstantRow::Bytes() const {
  return half ? tensor.bytes.size() / 2 : tensor.bytes.size();
}

Index FileBuilder::AddTensor(const std::string& name, TensorType type, std::vector<int32_t> extents) {
  tensors_.push_back({name, type, std::move(extents)});
  return static_cast<Index>(tensors_.size() - 1);
}

Index FileBuilder::AddConstant(const std::string& name, const graph::Tensor& tensor, std::vector<int64_t> dims,
                               std::vector<int> order, bool weights) {
  const bool half = weights && half_weights_ && tensor.type == graph::ElementType::kF32;
  const std::string key =
      fmt::format("{} {} {} {} {} {}", static_cast<const void*>(tensor.bytes.data()), tensor.bytes.size(),
                  static_cast<int>(tensor.type), fmt::join(dims, "x"), fmt::join(order, ","), half);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  std::vector<int32_t> extents;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    extents.push_back(static_cast<int32_t>(dims[order.empty() ? axis : static_cast<size_t>(order[axis])]));
  constants_.push_back({tensor, std::move(dims), std::move(order), half});
  Index index = AddTensor(name, half ? TensorType::FLOAT16 : TypeOf(tensor.type), extents);
  tensors_.back().constant = static_cast<Index>(constants_.size() - 1);
  if (half) {
    const Index wide = AddTensor(name + ".f32", TensorType::FLOAT32, extents);
    AddOperator(BuiltinOperator::DEQUANTIZE, {index}, {wide}, Options(tflite::DequantizeOptionsT{}), 3);
    index = wide;
  }
  known_[key] = index;
  return index;
}

Index FileBuilder::AddInts(const std::vector<int32_t>& values) {
  const std::string key = fmt::format("ints {}", fmt::join(values, ","));
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  graph::Tensor tensor{
      graph::ElementType::kI32, {static_cast<int64_t>(values.size())}, graph::Bytes::OwnAs(values), {}};
  return known_[key] = AddConstant(fmt::format("ints.{}", constants_.size()), tensor);
}

Index FileBuilder::AddInt(int32_t value) {
  const std::string key = fmt::format("int {}", value);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  graph::Tensor tensor{graph::ElementType::kI32, {}, graph::Bytes::OwnAs(std::vector<int32_t>{value}), {}};
  return known_[key] = AddConstant(fmt::format("int.{}", value), tensor);
}

Index FileBuilder::AddFloat(float value) {
  const std::string key = fmt::format("float {:a}", value);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  return known_[key] = AddConstant(fmt::format("float.{}", constants_.size()), graph::Tensor::Scalar(value));
}

void FileBuilder::AddOperator(BuiltinOperator code, std::vector<Index> inputs, std::vector<Index> outputs,
                              BuiltinOptionsUnion options, int version) {
  operators_.push_back({code, version, std::move(inputs), std::move(outputs), std::move(options)});
}

size_t FileBuilder::transposes() const {
  return static_cast<size_t>(std::count_if(operators_.begin(), operators_.end(), [](const OperatorRow& row) {
    return row.code == BuiltinOperator::TRANSPOSE;
  }));
}

// An activation behind an operator that has one of its own, and whose result nothing else needs.
void FileBuilder::FuseActivations(const std::vector<Port>& outputs) {
  std::map<Index, size_t> uses, maker;
  for (const Port& port : outputs) uses[port.tensor] += 2;
  for (size_t i = 0; i < operators_.size(); ++i) {
    for (const Index input : operators_[i].inputs) ++uses[input];
    for (const Index output : operators_[i].outputs) maker[output] = i;
  }
  std::vector<bool> gone(operators_.size(), false);
  for (size_t i = 0; i < operators_.size(); ++i) {
    const Activation activation = Fusable(operators_[i].code);
    if (activation == Activation::NONE || uses[operators_[i].inputs[0]] != 1) continue;
    const auto made = maker.find(operators_[i].inputs[0]);
    if (made == maker.end()) continue;
    Activation* field = ActivationOf(operators_[made->second].options);
    if (!field || *field != Activation::NONE) continue;
    *field = activation;
    operators_[made->second].outputs = operators_[i].outputs;
    maker[operators_[i].outputs[0]] = made->second;
    gone[i] = true;
  }
  size_t kept = 0;
  for (size_t i = 0; i < operators_.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) operators_[kept] = std::move(operators_[i]);
    ++kept;
  }
  operators_.resize(kept);
}

void FileBuilder::Fill(const ConstantRow& row, uint8_t* to) {
  const graph::Tensor& tensor = row.tensor;
  const size_t element = tensor.Count() > 0 ? tensor.bytes.size() / static_cast<size_t>(tensor.Count()) : 1;
  if (row.half) {
    std::vector<float> wide(static_cast<size_t>(tensor.Count()));
    if (row.order.empty()) {
      std::memcpy(wide.data(), tensor.bytes.data(), tensor.bytes.size());
    } else {
      Place<float>(tensor, row.dims, row.order, reinterpret_cast<uint8_t*>(wide.data()));
    }
    auto* narrow = reinterpret_cast<uint16_t*>(to);
    for (const float value : wide) *narrow++ = core::HalfFromFloat(value);
    return;
  }
  if (row.order.empty()) {
    if (tensor.bytes.size() > 0) std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
  } else if (element == 4) {
    Place<uint32_t>(tensor, row.dims, row.order, to);
  } else if (element == 8) {
    Place<uint64_t>(tensor, row.dims, row.order, to);
  } else if (element == 2) {
    Place<uint16_t>(tensor, row.dims, row.order, to);
  } else {
    Place<uint8_t>(tensor, row.dims, row.order, to);
  }
}

void FileBuilder::Write(const std::filesystem::path& path, const std::vector<Port>& inputs,
                        const std::vector<Port>& outputs) {
  FuseActivations(outputs);
  uint64_t bytes = 0;
  for (const ConstantRow& row : constants_) bytes += row.Bytes() + 64;
  if (bytes > kMostBytes) {
    throw Error(ErrorCode::kUnsupported, fmt::format("{} bytes of weights; a TFLite file holds less than 2 GB{}", bytes,
                                                     half_weights_ ? "" : "; --precision f16 halves them"));
  }
  flatbuffers::FlatBufferBuilder builder(bytes + 1024 * (tensors_.size() + operators_.size() + 64));
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers{tflite::CreateBuffer(builder)};
  for (const ConstantRow& row : constants_) {
    uint8_t* data = nullptr;
    builder.ForceVectorAlignment(row.Bytes(), 1, 16);
    const auto vector = builder.CreateUninitializedVector<uint8_t>(row.Bytes(), &data);
    Fill(row, data);
    buffers.push_back(tflite::CreateBuffer(builder, vector));
  }
  tflite::SubGraphT graph;
  graph.name = "main";
  for (const TensorRow& row : tensors_) {
    auto tensor = std::make_unique<tflite::TensorT>();
    tensor->name = row.name;
    tensor->type = row.type;
    tensor->has_rank = true;
    tensor->buffer = row.constant < 0 ? 0 : static_cast<uint32_t>(row.constant + 1);
    tensor->shape = row.extents;
    if (std::count(row.extents.begin(), row.extents.end(), -1) > 0) {
      tensor->shape_signature = row.extents;
      std::replace(tensor->shape.begin(), tensor->shape.end(), -1, 1);
    }
    graph.tensors.push_back(std::move(tensor));
  }
  std::vector<std::pair<BuiltinOperator, int>> codes;
  for (const OperatorRow& row : operators_) {
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
  for (const Port& port : inputs) graph.inputs.push_back(port.tensor);
  for (const Port& port : outputs) graph.outputs.push_back(port.tensor);
  const std::vector signatures{tflite::CreateSignatureDef(builder, builder.CreateVector(maps(inputs)),
                                                          builder.CreateVector(maps(outputs)),
                                                          builder.CreateString("serving_default"), 0)};
  const std::vector graphs{tflite::CreateSubGraph(builder, &graph)};
  const auto model = tflite::CreateModel(builder, kFormatVersion, builder.CreateVector(operator_codes),
                                         builder.CreateVector(graphs), builder.CreateString("made by bakeoff"),
                                         builder.CreateVector(buffers), 0, 0, builder.CreateVector(signatures));
  builder.Finish(model, tflite::ModelIdentifier());
  core::WriteFileAtomically(path, {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}

}  // namespace bakeoff::to_tflite
