// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Typed access to a node's attributes, and how nodes are named in messages.
#include "graph/node.h"

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "graph/graph.h"

namespace bakeoff::graph {

const char* AttributeKind(const Attribute& attribute) {
  static constexpr const char* kNames[] = {"int",  "float",  "string",  "tensor",  "graph",
                                           "ints", "floats", "strings", "tensors", "graphs"};
  static_assert(std::variant_size_v<Attribute> == std::size(kNames));
  return kNames[attribute.index()];
}

std::optional<std::vector<int64_t>> Value::StaticShape() const {
  if (!shape) return std::nullopt;
  std::vector<int64_t> extents;
  for (const Dim& dim : *shape) {
    const auto extent = dim.Value();
    if (!extent) return std::nullopt;
    extents.push_back(*extent);
  }
  return extents;
}

template <typename T>
const T* Node::Get(std::string_view attribute) const {
  const auto found = attributes.find(attribute);
  if (found == attributes.end()) return nullptr;
  if (const T* value = std::get_if<T>(&found->second)) return value;
  throw Error(ErrorCode::kInvalidModel,
              fmt::format("{}: attribute '{}' is of type {}, expected {}", Describe(), attribute,
                          AttributeKind(found->second), AttributeKind(Attribute(T{}))));
}

int64_t Node::Int(std::string_view attribute, int64_t fallback) const {
  const auto* value = Get<int64_t>(attribute);
  return value ? *value : fallback;
}

float Node::Float(std::string_view attribute, float fallback) const {
  const auto* value = Get<float>(attribute);
  return value ? *value : fallback;
}

std::string Node::String(std::string_view attribute, std::string_view fallback) const {
  const auto* value = Get<std::string>(attribute);
  return value ? *value : std::string(fallback);
}

std::vector<int64_t> Node::Ints(std::string_view attribute, std::vector<int64_t> fallback) const {
  const auto* value = Get<std::vector<int64_t>>(attribute);
  if (value) return *value;
  return fallback;
}

const Tensor* Node::TensorOf(std::string_view attribute) const {
  return Get<Tensor>(attribute);
}

std::string Node::Describe() const {
  const std::string kind = domain.empty() ? op : domain + "." + op;
  if (!name.empty()) return fmt::format("node '{}' ({})", name, kind);
  for (const Value* value : outputs_) {
    if (value) return fmt::format("the {} node that makes '{}'", kind, value->name());
  }
  return fmt::format("a {} node without name", kind);
}

}  // namespace bakeoff::graph
