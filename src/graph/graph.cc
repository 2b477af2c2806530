// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Editing a graph: names stay unique and uses stay right.
#include "graph/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"

namespace bakeoff::graph {
namespace {

[[noreturn]] void Misuse(const std::string& text) {
  throw Error(ErrorCode::kInternal, "graph: " + text);
}

}  // namespace

Value* Graph::Find(std::string_view value_name) const {
  const auto found = by_name_.find(std::string(value_name));
  return found == by_name_.end() ? nullptr : found->second;
}

Value& Graph::AddValue(std::string value_name, ElementType type, std::optional<SymbolicShape> shape) {
  if (value_name.empty()) value_name = UniqueName("value");
  if (by_name_.contains(value_name)) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("two tensors have the name '{}'", value_name));
  }
  Value& value = values_.emplace_back();
  value.position_ = std::prev(values_.end());
  value.name_ = std::move(value_name);
  value.type = type;
  value.shape = std::move(shape);
  by_name_.emplace(value.name_, &value);
  return value;
}

Value& Graph::AddInput(std::string value_name, ElementType type, std::optional<SymbolicShape> shape) {
  Value& value = AddValue(std::move(value_name), type, std::move(shape));
  value.is_input_ = true;
  inputs_.push_back(&value);
  return value;
}

Value& Graph::AddConstant(std::string value_name, Tensor tensor) {
  Value& value = AddValue(std::move(value_name));
  SetConstant(value, std::move(tensor));
  return value;
}

void Graph::AddOutput(Value& value) {
  outputs_.push_back(&value);
  ++value.outputs_;
}

void Graph::SetConstant(Value& value, std::optional<Tensor> tensor) {
  if (value.producer_) Misuse(fmt::format("'{}' has a producer and cannot be a constant", value.name_));
  if (tensor) {
    CheckTensor(fmt::format("tensor '{}'", value.name_), *tensor);
    value.type = tensor->type;
    value.shape = SymbolicShape(tensor->dims.begin(), tensor->dims.end());
  }
  value.constant_ = std::move(tensor);
}

Node& Graph::AddNode(std::string op, std::vector<Value*> inputs, std::vector<Value*> outputs, std::string node_name,
                     Node* before) {
  for (const Value* value : outputs) {
    if (value && (value->producer_ || value->is_input_ || value->constant_)) {
      throw Error(ErrorCode::kInvalidModel, fmt::format("two sources make the tensor '{}'", value->name_));
    }
  }
  const auto position = nodes_.emplace(before ? before->position_ : nodes_.end());
  Node& node = *position;
  node.position_ = position;
  node.op = std::move(op);
  node.name = std::move(node_name);
  node.inputs_ = std::move(inputs);
  node.outputs_ = std::move(outputs);
  for (size_t i = 0; i < node.inputs_.size(); ++i) {
    if (node.inputs_[i]) node.inputs_[i]->uses_.push_back({&node, i});
  }
  for (Value* value : node.outputs_) {
    if (!value) continue;
    if (value->producer_) {
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("{} makes the tensor '{}' twice", node.Describe(), value->name_));
    }
    value->producer_ = &node;
  }
  return node;
}

void Graph::SetInput(Node& node, size_t index, Value* value) {
  if (index >= node.inputs_.size()) node.inputs_.resize(index + 1);
  Value*& slot = node.inputs_[index];
  if (slot) std::erase(slot->uses_, Use{&node, index});
  slot = value;
  if (slot) slot->uses_.push_back({&node, index});
}

void Graph::DropTrailingInputs(Node& node) {
  while (!node.inputs_.empty() && !node.inputs_.back()) node.inputs_.pop_back();
}

void Graph::RedirectUses(Value& old, Value& with) {
  if (&old == &with) return;
  for (const Use& use : old.uses_) use.node->inputs_[use.index] = &with;
  with.uses_.insert(with.uses_.end(), old.uses_.begin(), old.uses_.end());
  old.uses_.clear();
}

bool Graph::Replace(Value& old, Value& with) {
  if (&old == &with) return true;
  if (old.IsOutput()) {
    const bool ours = by_name_.contains(with.name_) && by_name_.at(with.name_) == &with;
    if (!ours || with.is_input_ || with.IsOutput() || with.constant_) return false;
    std::replace(outputs_.begin(), outputs_.end(), &old, &with);
    std::swap(old.outputs_, with.outputs_);
    std::swap(by_name_.at(old.name_), by_name_.at(with.name_));
    std::swap(old.name_, with.name_);
  }
  RedirectUses(old, with);
  return true;
}

void Graph::Rename(Value& value, std::string value_name) {
  if (value.name_ == value_name) return;
  if (by_name_.contains(value_name)) {
    throw Error(ErrorCode::kInvalidModel, fmt::format("two tensors have the name '{}'", value_name));
  }
  by_name_.erase(value.name_);
  value.name_ = std::move(value_name);
  by_name_.emplace(value.name_, &value);
}

void Graph::Unlink(Node& node) {
  ForEachSubgraph(node, [this](Graph& body) {
    for (Node& inner : body.nodes_) Unlink(inner);
  });
  for (size_t i = 0; i < node.inputs_.size(); ++i) {
    if (node.inputs_[i]) std::erase(node.inputs_[i]->uses_, Use{&node, i});
  }
}

void Graph::RemoveNode(Node& node) {
  for (const Value* value : node.outputs_) {
    if (value && (!value->uses_.empty() || value->IsOutput())) {
      Misuse(fmt::format("{} cannot be removed: '{}' is still used", node.Describe(), value->name_));
    }
  }
  Unlink(node);
  for (Value* value : node.outputs_) {
    if (!value) continue;
    value->producer_ = nullptr;
    RemoveValue(*value);
  }
  nodes_.erase(node.position_);
}

void Graph::RemoveValue(Value& value) {
  if (value.producer_ || !value.uses_.empty() || value.IsOutput())
    Misuse(fmt::format("'{}' is still in use", value.name_));
  std::erase(inputs_, &value);
  by_name_.erase(value.name_);
  values_.erase(value.position_);
}

std::string Graph::UniqueName(std::string_view prefix) {
  std::string candidate(prefix);
  while (by_name_.contains(candidate)) candidate = fmt::format("{}_{}", prefix, ++next_name_);
  return candidate;
}

}  // namespace bakeoff::graph
