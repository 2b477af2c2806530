// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The parts of a graph: nodes (operators) and values (the tensors between them).
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/attribute.h"
#include "graph/dim.h"
#include "graph/element_type.h"
#include "graph/tensor.h"

namespace bakeoff::graph {

class Node;
class Value;

struct Use {
  Node* node;
  size_t index;  // of the node's inputs

  bool operator==(const Use&) const = default;
};

// Physical axis i holds logical axis permutation[i]; empty is the identity. All operators are defined on logical axes.
using Permutation = std::vector<int>;

// A tensor that flows. Made and destroyed by its Graph, which also keeps names unique and uses right.
class Value {
 public:
  const std::string& name() const { return name_; }
  Node* producer() const { return producer_; }  // null for inputs and constants
  const std::vector<Use>& uses() const { return uses_; }
  bool IsInput() const { return is_input_; }
  bool IsOutput() const { return outputs_ > 0; }
  // The value itself where it never changes; null otherwise. An input may have one as its default.
  const Tensor* constant() const { return constant_ ? &*constant_ : nullptr; }
  // Where every extent is a number.
  std::optional<std::vector<int64_t>> StaticShape() const;

  ElementType type = ElementType::kUndefined;  // kUndefined: not known yet
  std::optional<SymbolicShape> shape;          // nullopt: not even the rank is known
  Permutation permutation;

 private:
  friend class Graph;
  std::string name_;
  Node* producer_ = nullptr;
  std::vector<Use> uses_;
  std::optional<Tensor> constant_;
  bool is_input_ = false;
  int outputs_ = 0;  // how often the graph's outputs name it
  std::list<Value>::iterator position_;
};

// One operator. Inputs and outputs change only through the Graph; an input or output that is left out is null.
class Node {
 public:
  std::span<Value* const> inputs() const { return inputs_; }
  std::span<Value* const> outputs() const { return outputs_; }
  Value* input(size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  Value* output(size_t index) const { return index < outputs_.size() ? outputs_[index] : nullptr; }
  // Operator of ONNX's own domain.
  bool Is(std::string_view op_type) const { return domain.empty() && op == op_type; }

  // The attribute or the fallback. Throw Error{kInvalidModel} naming the node where it has another type.
  int64_t Int(std::string_view attribute, int64_t fallback) const;
  float Float(std::string_view attribute, float fallback) const;
  std::string String(std::string_view attribute, std::string_view fallback) const;
  std::vector<int64_t> Ints(std::string_view attribute, std::vector<int64_t> fallback = {}) const;
  const Tensor* TensorOf(std::string_view attribute) const;  // null where it is absent

  // "node 'conv1' (Conv)", or by its first output where it has no name.
  std::string Describe() const;

  std::string name;    // may be empty or repeated: only for people
  std::string domain;  // "" is ai.onnx
  std::string op;
  Attributes attributes;

 private:
  friend class Graph;
  template <typename T>
  const T* Get(std::string_view attribute) const;

  std::vector<Value*> inputs_;
  std::vector<Value*> outputs_;
  std::list<Node>::iterator position_;
};

}  // namespace bakeoff::graph
