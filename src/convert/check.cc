// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What can be checked about a model without running it.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "bakeoff/error.h"
#include "convert/convert.h"
#include "graph/onnx.h"

namespace bakeoff::convert {
namespace {

// All bits of the exponent, and some below it.
template <typename Bits>
bool AnyNan(std::span<const std::byte> bytes, Bits exponent) {
  const Bits fraction = (exponent & (~exponent + 1)) - 1;
  for (size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + at, sizeof(Bits));
    if ((bits & exponent) == exponent && (bits & fraction) != 0) return true;
  }
  return false;
}

bool HasNan(const graph::Tensor& tensor) {
  const auto bytes = tensor.bytes.span();
  switch (tensor.type) {
    case graph::ElementType::kF16:
      return AnyNan<uint16_t>(bytes, 0x7C00);
    case graph::ElementType::kBF16:
      return AnyNan<uint16_t>(bytes, 0x7F80);
    case graph::ElementType::kF32:
      return AnyNan<uint32_t>(bytes, 0x7F800000);
    case graph::ElementType::kF64:
      return AnyNan<uint64_t>(bytes, 0x7FF0000000000000);
    default:
      return false;
  }
}

}  // namespace

void CheckArtifact(const Artifact& artifact, const std::string& called) {
  if (artifact.format != "onnx") return;
  const graph::Model model = graph::ReadOnnx(artifact.path);
  try {
    graph::CheckOnnx(model);
  } catch (const Error& error) {
    throw error.With(called);
  }
  for (const graph::Value& value : model.graph.values()) {
    if (value.constant() && HasNan(*value.constant())) {
      throw Error(
          ErrorCode::kInvalidModel,
          fmt::format("{}: the weights '{}' hold NaN; every answer of this model is worthless", called, value.name()));
    }
  }
}

}  // namespace bakeoff::convert
