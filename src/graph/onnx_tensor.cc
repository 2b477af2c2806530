// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Constant tensors from and to ONNX messages, external data included.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "bakeoff/error.h"
#include "core/text.h"
#include "graph/onnx_proto.h"

namespace bakeoff::graph {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX's raw data is little-endian, and so are our tensors");

[[noreturn]] void Invalid(const std::string& what, const std::string& text) {
  throw Error(ErrorCode::kInvalidModel, what + ": " + text);
}

// The typed fields hold small types in wider integers; ours are packed as in raw_data.
template <typename To, typename Field>
Bytes Narrow(const Field& field) {
  std::vector<To> values;
  values.reserve(field.size());
  for (const auto value : field) values.push_back(static_cast<To>(value));
  return Bytes::OwnAs(std::move(values));
}

Bytes TypedBytes(const ::onnx::TensorProto& proto, ElementType type) {
  switch (type) {
    case ElementType::kF32:
    case ElementType::kC64:
      return Narrow<float>(proto.float_data());
    case ElementType::kF64:
    case ElementType::kC128:
      return Narrow<double>(proto.double_data());
    case ElementType::kI64:
      return Narrow<int64_t>(proto.int64_data());
    case ElementType::kU32:
      return Narrow<uint32_t>(proto.uint64_data());
    case ElementType::kU64:
      return Narrow<uint64_t>(proto.uint64_data());
    case ElementType::kI32:
      return Narrow<int32_t>(proto.int32_data());
    case ElementType::kF16:
    case ElementType::kBF16:
    case ElementType::kU16:
    case ElementType::kI16:
      return Narrow<uint16_t>(proto.int32_data());
    default:
      return Narrow<uint8_t>(proto.int32_data());
  }
}

uint64_t Number(const std::string& what, const std::string& key, const std::string& text) {
  const auto value = core::ParseInt(text);
  if (!value || *value < 0) Invalid(what, fmt::format("external data has {} '{}', which is no size", key, text));
  return static_cast<uint64_t>(*value);
}

Bytes ExternalBytes(const ::onnx::TensorProto& proto, const std::filesystem::path& folder, const std::string& what,
                    std::optional<uint64_t> wanted) {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = Number(what, "offset", entry.value());
    if (entry.key() == "length") length = Number(what, "length", entry.value());
  }
  const std::filesystem::path relative(location);
  // A model from elsewhere must not be able to name any file of this machine.
  const bool inside = !location.empty() && location.find('\0') == std::string::npos && relative.is_relative() &&
                      std::none_of(relative.begin(), relative.end(), [](const auto& part) { return part == ".."; });
  if (!inside) Invalid(what, fmt::format("external data '{}' does not lie in the model's folder", location));
  if (!wanted) Invalid(what, "external data of a type without a size");
  if (length && *length != *wanted) {
    Invalid(what, fmt::format("type and shape need {} bytes, the external data is said to have {}", *wanted, *length));
  }
  try {
    Bytes bytes = Bytes::Map(folder / relative, offset, *wanted);
    // Typed views need aligned elements; files rarely have others.
    return reinterpret_cast<uintptr_t>(bytes.data()) % 16 == 0 ? bytes : Bytes::Copy(bytes.span());
  } catch (const Error& error) {
    const char* advice = error.code() == ErrorCode::kNotFound ? "; bring that file too" : "";
    throw Error(ErrorCode::kInvalidModel, error.text() + advice).With(what + ": external data");
  }
}

}  // namespace

Tensor TensorFromProto(::onnx::TensorProto&& proto, const std::filesystem::path& folder, const std::string& what) {
  Tensor tensor;
  if (proto.data_type() <= 0 || proto.data_type() > kLastElementType) {
    Invalid(what, fmt::format("unknown element type {}", proto.data_type()));
  }
  if (proto.has_segment()) throw Error(ErrorCode::kUnsupported, what + ": tensors in segments");
  tensor.type = static_cast<ElementType>(proto.data_type());
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  uint64_t count = 1;
  for (const int64_t extent : tensor.dims) {
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(extent), &count)) {
      CheckTensor(what, tensor);  // says which shape
    }
  }
  if (proto.data_location() == ::onnx::TensorProto::EXTERNAL) {
    tensor.bytes = ExternalBytes(proto, folder, what, ByteCount(tensor.type, count));
  } else if (tensor.type == ElementType::kString) {
    tensor.strings.assign(std::make_move_iterator(proto.mutable_string_data()->begin()),
                          std::make_move_iterator(proto.mutable_string_data()->end()));
  } else if (proto.has_raw_data()) {
    tensor.bytes = Bytes::Own(std::move(*proto.mutable_raw_data()));
  } else {
    tensor.bytes = TypedBytes(proto, tensor.type);
  }
  CheckTensor(what, tensor);
  return tensor;
}

::onnx::TensorProto TensorHeader(const std::string& name, const Tensor& tensor) {
  ::onnx::TensorProto proto;
  for (const int64_t extent : tensor.dims) proto.add_dims(extent);
  proto.set_data_type(static_cast<int32_t>(tensor.type));
  if (!name.empty()) proto.set_name(name);
  for (const std::string& text : tensor.strings) proto.add_string_data(text);
  return proto;
}

}  // namespace bakeoff::graph
