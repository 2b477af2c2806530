// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A network for a runtime whose convolutions want channels last: tensors as they lie, constants, operators in order.
//
// Its operators are TFLite's, which are TensorFlow's with few exceptions: WriteTflite() writes them as they are, the
// SavedModel hop names TensorFlow's operator for each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "converters/channels_last/stored_constant.h"
#include "tflite/schema_generated.h"

namespace bakeoff::channels_last {

using Index = int32_t;
using tflite::BuiltinOperator;
using tflite::BuiltinOptionsUnion;
using tflite::TensorType;

inline constexpr Index kAbsent = -1;
// The error function, which TFLite has no operator for: only in programs for targets that have it.
inline constexpr BuiltinOperator kErf = BuiltinOperator::CUSTOM;

// Options of an operator, from the object form of its table.
template <typename T>
BuiltinOptionsUnion Options(T table) {
  BuiltinOptionsUnion options;
  options.Set(std::move(table));
  return options;
}

struct TensorRow {
  std::string name;
  TensorType type;               // as operators see it: f32 for a constant that is stored in 16 bits
  std::vector<int32_t> extents;  // -1 for a free one
  Index constant = kAbsent;      // into Program::constants()
};

struct OperatorRow {
  BuiltinOperator code;
  int version;  // of TFLite's operator
  std::vector<Index> inputs, outputs;
  BuiltinOptionsUnion options;
};

// An input or output of the network.
struct Port {
  std::string name;
  Index tensor;
};

class Program {
 public:
  // half_weights: float constants marked as weights are stored in 16 bits.
  explicit Program(bool half_weights) : half_weights_(half_weights) {}

  // -1 for a free extent.
  Index AddTensor(const std::string& name, TensorType type, std::vector<int32_t> extents);
  // The tensor's elements under new extents: see StoredConstant. The bytes are shared, not copied. Equal requests give
  // the same index.
  Index AddConstant(const std::string& name, const graph::Tensor& tensor, std::vector<int64_t> dims,
                    std::vector<int> order = {}, bool weights = false);
  Index AddConstant(const std::string& name, const graph::Tensor& tensor) {
    return AddConstant(name, tensor, tensor.dims);
  }
  Index AddInts(const std::vector<int32_t>& values);  // one axis
  Index AddInt(int32_t value);                        // scalar
  Index AddFloat(float value);                        // scalar

  void AddOperator(BuiltinOperator code, std::vector<Index> inputs, std::vector<Index> outputs,
                   BuiltinOptionsUnion options = {}, int version = 1);

  const std::vector<int32_t>& Extents(Index tensor) const { return At(tensor).extents; }
  TensorType Type(Index tensor) const { return At(tensor).type; }
  // Null for a tensor that flows.
  const StoredConstant* ConstantOf(Index tensor) const;
  void Rename(Index tensor, const std::string& name) { tensors_.at(static_cast<size_t>(tensor)).name = name; }
  Index LastOutput() const { return operators_.back().outputs.front(); }
  size_t transposes() const;
  bool half_weights() const { return half_weights_; }

  const std::vector<TensorRow>& tensors() const { return tensors_; }
  const std::vector<StoredConstant>& constants() const { return constants_; }
  const std::vector<OperatorRow>& operators() const { return operators_; }
  std::vector<Port> inputs, outputs;

 private:
  const TensorRow& At(Index tensor) const { return tensors_.at(static_cast<size_t>(tensor)); }

  bool half_weights_;
  std::vector<TensorRow> tensors_;
  std::vector<StoredConstant> constants_;
  std::vector<OperatorRow> operators_;
  std::map<std::string, Index> known_;
};

// The type that operators have for it. Throws Error{kUnsupported}.
TensorType TypeOf(graph::ElementType type);

}  // namespace bakeoff::channels_last
