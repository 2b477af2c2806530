// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Elements from where they lie to where they are stored.
#include "converters/channels_last/stored_constant.h"

#include <cstring>
#include <functional>
#include <numeric>

#include "core/elements.h"

namespace bakeoff::channels_last {
namespace {

template <typename T>
void Permute(const T* from, T* to, const std::vector<int64_t>& dims, const std::vector<int>& order) {
  const size_t rank = dims.size();
  std::vector<int64_t> strides(rank, 1), extents, steps;
  for (size_t axis = rank; axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  for (const int axis : order) {
    extents.push_back(dims[static_cast<size_t>(axis)]);
    steps.push_back(strides[static_cast<size_t>(axis)]);
  }
  const int64_t count = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>()),
                inner = extents.empty() ? 1 : extents.back(), step = steps.empty() ? 1 : steps.back();
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
void Place(const StoredConstant& constant, uint8_t* to) {
  Permute(reinterpret_cast<const T*>(constant.tensor.bytes.data()), reinterpret_cast<T*>(to), constant.dims,
          constant.order);
}

}  // namespace

std::vector<int64_t> StoredConstant::Extents() const {
  std::vector<int64_t> extents;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    extents.push_back(dims[order.empty() ? axis : static_cast<size_t>(order[axis])]);
  return extents;
}

uint64_t StoredConstant::Bytes() const {
  return half ? tensor.bytes.size() / 2 : tensor.bytes.size();
}

void StoredConstant::Fill(uint8_t* to) const {
  if (half) {
    std::vector<float> wide(static_cast<size_t>(tensor.Count()));
    StoredConstant{tensor, dims, order}.Fill(reinterpret_cast<uint8_t*>(wide.data()));
    auto* narrow = reinterpret_cast<uint16_t*>(to);
    for (const float value : wide) *narrow++ = core::HalfFromFloat(value);
    return;
  }
  const size_t element = tensor.Count() > 0 ? tensor.bytes.size() / static_cast<size_t>(tensor.Count()) : 1;
  if (order.empty()) {
    if (tensor.bytes.size() > 0) std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
  } else if (element == 4) {
    Place<uint32_t>(*this, to);
  } else if (element == 8) {
    Place<uint64_t>(*this, to);
  } else if (element == 2) {
    Place<uint16_t>(*this, to);
  } else {
    Place<uint8_t>(*this, to);
  }
}

StoredConstant StoredConstant::Reordered(const std::vector<int>& then) const {
  StoredConstant result = *this;
  result.order.clear();
  for (const int axis : then) result.order.push_back(order.empty() ? axis : order.at(static_cast<size_t>(axis)));
  return result;
}

}  // namespace bakeoff::channels_last
