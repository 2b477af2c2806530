// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Collects tensors, constants and operators.
#include "converters/channels_last/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bakeoff/error.h"

namespace bakeoff::channels_last {

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
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("elements of type {}, which its operators do not take", graph::ElementTypeName(type)));
  }
}

Index Program::AddTensor(const std::string& name, TensorType type, std::vector<int32_t> extents) {
  tensors_.push_back({name, type, std::move(extents)});
  return static_cast<Index>(tensors_.size() - 1);
}

Index Program::AddConstant(const std::string& name, const graph::Tensor& tensor, std::vector<int64_t> dims,
                           std::vector<int> order, bool weights) {
  const bool half = weights && half_weights_ && tensor.type == graph::ElementType::kF32;
  const std::string key =
      fmt::format("{} {} {} {} {} {}", static_cast<const void*>(tensor.bytes.data()), tensor.bytes.size(),
                  static_cast<int>(tensor.type), fmt::join(dims, "x"), fmt::join(order, ","), half);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  StoredConstant constant{tensor, std::move(dims), std::move(order), half};
  std::vector<int32_t> extents;
  for (const int64_t extent : constant.Extents()) extents.push_back(static_cast<int32_t>(extent));
  constants_.push_back(std::move(constant));
  const Index index = AddTensor(name, TypeOf(tensor.type), std::move(extents));
  tensors_.back().constant = static_cast<Index>(constants_.size() - 1);
  return known_[key] = index;
}

Index Program::AddInts(const std::vector<int32_t>& values) {
  const std::string key = fmt::format("ints {}", fmt::join(values, ","));
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  graph::Tensor tensor{
      graph::ElementType::kI32, {static_cast<int64_t>(values.size())}, graph::Bytes::OwnAs(values), {}};
  return known_[key] = AddConstant(fmt::format("ints.{}", constants_.size()), tensor);
}

Index Program::AddInt(int32_t value) {
  const std::string key = fmt::format("int {}", value);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  graph::Tensor tensor{graph::ElementType::kI32, {}, graph::Bytes::OwnAs(std::vector<int32_t>{value}), {}};
  return known_[key] = AddConstant(fmt::format("int.{}", value), tensor);
}

Index Program::AddFloat(float value) {
  const std::string key = fmt::format("float {:a}", value);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  return known_[key] = AddConstant(fmt::format("float.{}", constants_.size()), graph::Tensor::Scalar(value));
}

void Program::AddOperator(BuiltinOperator code, std::vector<Index> from, std::vector<Index> to,
                          BuiltinOptionsUnion options, int version) {
  operators_.push_back({code, version, std::move(from), std::move(to), std::move(options)});
}

const StoredConstant* Program::ConstantOf(Index tensor) const {
  const Index constant = At(tensor).constant;
  return constant == kAbsent ? nullptr : &constants_[static_cast<size_t>(constant)];
}

size_t Program::transposes() const {
  return static_cast<size_t>(std::count_if(operators_.begin(), operators_.end(), [](const OperatorRow& row) {
    return row.code == BuiltinOperator::TRANSPOSE;
  }));
}

}  // namespace bakeoff::channels_last
