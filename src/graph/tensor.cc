// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Constant tensors: typed views and the agreement of bytes with type and extents.
#include "graph/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bakeoff/error.h"

namespace bakeoff::graph {
namespace {

template <typename T>
std::span<const T> ViewAs(const Tensor& tensor, ElementType wanted) {
  if (tensor.type != wanted) {
    throw Error(ErrorCode::kInternal,
                fmt::format("a tensor of {} was read as {}", ElementTypeName(tensor.type), ElementTypeName(wanted)));
  }
  return {reinterpret_cast<const T*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(T)};
}

template <typename T>
Tensor Make(ElementType type, std::vector<int64_t> dims, std::vector<T> values) {
  Tensor tensor{.type = type, .dims = {}, .bytes = Bytes::OwnAs(std::move(values)), .strings = {}};
  tensor.dims = std::move(dims);
  CheckTensor("a new tensor", tensor);
  return tensor;
}

}  // namespace

int64_t Tensor::Count() const {
  uint64_t count = 1;
  for (const int64_t extent : dims) count *= static_cast<uint64_t>(extent);
  return static_cast<int64_t>(count);
}

std::span<const float> Tensor::Floats() const {
  return ViewAs<float>(*this, ElementType::kF32);
}
std::span<const int64_t> Tensor::Ints() const {
  return ViewAs<int64_t>(*this, ElementType::kI64);
}

Tensor Tensor::F32(std::vector<int64_t> dims, std::vector<float> values) {
  return Make(ElementType::kF32, std::move(dims), std::move(values));
}

Tensor Tensor::I64(std::vector<int64_t> dims, std::vector<int64_t> values) {
  return Make(ElementType::kI64, std::move(dims), std::move(values));
}

void CheckTensor(std::string_view what, const Tensor& tensor) {
  uint64_t count = 1;
  for (const int64_t extent : tensor.dims) {
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(extent), &count)) {
      throw Error(ErrorCode::kInvalidModel, fmt::format("{}: impossible shape {}", what, fmt::join(tensor.dims, "x")));
    }
  }
  if (tensor.type == ElementType::kString) {
    if (tensor.strings.size() == count) return;
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: shape {} needs {} strings, the file has {}", what,
                                                      fmt::join(tensor.dims, "x"), count, tensor.strings.size()));
  }
  const auto wanted = ByteCount(tensor.type, count);
  if (!wanted) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("{}: no element type, or a shape {} beyond all memory", what, fmt::join(tensor.dims, "x")));
  }
  if (*wanted != tensor.bytes.size()) {
    throw Error(
        ErrorCode::kInvalidModel,
        fmt::format("{}: {} of shape {} needs {} bytes, the file has {}", what, ElementTypeName(tensor.type),
                    tensor.dims.empty() ? std::string("scalar") : fmt::format("{}", fmt::join(tensor.dims, "x")),
                    *wanted, tensor.bytes.size()));
  }
}

}  // namespace bakeoff::graph
