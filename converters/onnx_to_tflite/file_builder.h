// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Collects tensors, constants and operators of a TFLite file and writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graph/tensor.h"
#include "tflite/schema_generated.h"

namespace bakeoff::to_tflite {

using Index = int32_t;
using tflite::BuiltinOperator;
using tflite::BuiltinOptionsUnion;
using tflite::TensorType;

inline constexpr Index kAbsent = -1;

// Options of an operator, from the object form of its table.
template <typename T>
BuiltinOptionsUnion Options(T table) {
  BuiltinOptionsUnion options;
  options.Set(std::move(table));
  return options;
}

class FileBuilder {
 public:
  // half_weights: float constants marked as weights are stored in 16 bits, with an operator that widens them.
  explicit FileBuilder(bool half_weights);

  // -1 for a free extent.
  Index AddTensor(const std::string& name, TensorType type, std::vector<int32_t> extents);
  // The tensor's elements under new extents: axis i of the result is axis order[i] of `dims`; an empty order keeps
  // them. `dims` has as many elements as the tensor. The bytes are shared, not copied. Equal requests give the same
  // index.
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

  const std::vector<int32_t>& Extents(Index tensor) const { return tensors_.at(static_cast<size_t>(tensor)).extents; }
  TensorType Type(Index tensor) const { return tensors_.at(static_cast<size_t>(tensor)).type; }
  bool IsConstant(Index tensor) const { return tensors_.at(static_cast<size_t>(tensor)).constant >= 0; }
  void Rename(Index tensor, const std::string& name) { tensors_.at(static_cast<size_t>(tensor)).name = name; }
  Index LastOutput() const { return operators_.back().outputs.front(); }
  size_t operators() const { return operators_.size(); }
  size_t transposes() const;

  struct Port {
    std::string name;
    Index tensor;
  };
  // Throws Error: kUnsupported above what the format's 32-bit offsets can reach, kUnavailable (disk).
  void Write(const std::filesystem::path& path, const std::vector<Port>& inputs, const std::vector<Port>& outputs);

 private:
  struct TensorRow {
    std::string name;
    TensorType type;
    std::vector<int32_t> extents;
    Index constant = kAbsent;  // into constants_
  };
  struct ConstantRow {
    graph::Tensor tensor;
    std::vector<int64_t> dims;
    std::vector<int> order;
    bool half;
    uint64_t Bytes() const;
  };
  struct OperatorRow {
    BuiltinOperator code;
    int version;
    std::vector<Index> inputs, outputs;
    BuiltinOptionsUnion options;
  };

  void FuseActivations(const std::vector<Port>& outputs);
  static void Fill(const ConstantRow& row, uint8_t* to);

  bool half_weights_;
  std::vector<TensorRow> tensors_;
  std::vector<ConstantRow> constants_;
  std::vector<OperatorRow> operators_;
  std::map<std::string, Index> known_;
};

// The type that the file has for it. Throws Error{kUnsupported}.
TensorType TypeOf(graph::ElementType type);

}  // namespace bakeoff::to_tflite
