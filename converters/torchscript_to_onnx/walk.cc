// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Interprets the program beside writing it: what a node's results are, which of them depend on an input, and what a
// write in place changes is seen, not guessed.
#include "converters/torchscript_to_onnx/walk.h"

#include <ATen/core/jit_type.h>
#include <fmt/format.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "bakeoff/error.h"
#include "converters/torchscript_to_onnx/result_shape.h"
#include "core/text.h"
#include "engines/torch_model.h"

namespace bakeoff::torchscript {
namespace {

using torch::jit::Node;

constexpr int64_t kMostLoops = 10'000;

// Their results depend on the sizes of a tensor, never on its numbers.
const std::set<std::string, std::less<>> kSizesOnly = {
    "aten::size",       "aten::dim",        "aten::numel",      "aten::len",       "aten::is_floating_point",
    "prim::dtype",      "prim::device",     "prim::layout",     "aten::new_zeros", "aten::new_ones",
    "aten::new_full",   "aten::zeros_like", "aten::ones_like",  "aten::full_like", "aten::new_empty",
    "aten::empty_like", "prim::is_cuda",    "aten::is_complex", "aten::stride",
};

// "relu_" is "relu" whose result takes its first argument's place.
std::string PlainName(const Node& node) {
  std::string name = node.kind().toQualString();
  if (name.ends_with('_') && !name.ends_with("__")) name.pop_back();
  return name;
}

bool WritesInPlace(const Node& node) {
  const auto* schema = node.maybeSchema();
  if (!schema || schema->arguments().empty()) return false;
  const auto* alias = schema->arguments()[0].alias_info();
  return alias && alias->isWrite();
}

std::string NodeName(const Node& node) {
  std::string name = node.scopeName();
  if (!node.outputs().empty()) name += (name.empty() ? "" : "/") + node.output(0)->debugName();
  return name.empty() ? node.kind().toQualString() : name;
}

bool Equal(const c10::IValue& a, const c10::IValue& b) {
  if (a.isTensor() && b.isTensor()) {
    if (!a.toTensor().defined() || !b.toTensor().defined()) return a.toTensor().defined() == b.toTensor().defined();
    return a.toTensor().sizes() == b.toTensor().sizes();
  }
  if (a.isTensorList() || a.isTuple()) return true;
  return a == b;
}

bool SameMemory(const Item& a, const Item& b) {
  return a.IsTensor() && b.IsTensor() && a.tensor().defined() && b.tensor().defined() && a.tensor().has_storage() &&
         b.tensor().has_storage() && a.tensor().is_alias_of(b.tensor());
}

bool SameGeometry(const Item& a, const Item& b) {
  return a.tensor().sizes() == b.tensor().sizes() && a.tensor().strides() == b.tensor().strides() &&
         a.tensor().storage_offset() == b.tensor().storage_offset();
}

bool UsedAfter(const torch::jit::Value* value, const Node& node) {
  return std::any_of(value->uses().begin(), value->uses().end(), [&](const torch::jit::Use& use) {
    return use.user != &node && (use.user->kind() == c10::prim::Return || !use.user->isBefore(&node));
  });
}

// Values that a node uses, those of its blocks included.
void AddUsed(const Node& node, std::vector<const torch::jit::Value*>& used) {
  used.insert(used.end(), node.inputs().begin(), node.inputs().end());
  for (const torch::jit::Block* block : node.blocks()) {
    for (const Node* inner : block->nodes()) AddUsed(*inner, used);
    AddUsed(*block->return_node(), used);
  }
}

// By node, the values of this block that nobody needs once it has run. Without them gone, a network would hold all that
// it ever computed, twice.
std::unordered_map<const Node*, std::vector<const torch::jit::Value*>> LastUses(const torch::jit::Block& block) {
  std::unordered_map<const Node*, std::vector<const torch::jit::Value*>> last;
  const auto results = block.return_node()->inputs();
  std::unordered_set<const torch::jit::Value*> needed(results.begin(), results.end());
  for (const Node* node : block.nodes().reverse()) {
    std::vector<const torch::jit::Value*> used(node->outputs().begin(), node->outputs().end());
    AddUsed(*node, used);
    for (const torch::jit::Value* value : used) {
      if (value->node()->owningBlock() == &block && needed.insert(value).second) last[node].push_back(value);
    }
  }
  return last;
}

}  // namespace

void Walk::Run(const torch::jit::Block& block) {
  const auto last = LastUses(block);
  for (const Node* node : block.nodes()) {
    Visit(*node);
    const auto done = last.find(node);
    if (done == last.end()) continue;
    for (const torch::jit::Value* value : done->second) items_.erase(value);
  }
}

void Walk::Visit(const Node& node) {
  if (Structure(node)) return;
  Execute(node);
}

// What the interpreter does itself: constants, lists, branches.
bool Walk::Structure(const Node& node) {
  switch (node.kind()) {
    case c10::prim::Constant: {
      const auto value = torch::jit::toIValue(node.output());
      const c10::IValue constant = value ? *value : c10::IValue();
      items_[node.output()] = {.seen = {constant, constant}};
      return true;
    }
    case c10::prim::ListConstruct:
    case c10::prim::TupleConstruct: {
      Item list;
      for (const torch::jit::Value* input : node.inputs()) {
        list.elements.push_back(At(input));
        list.varies |= At(input).varies;
      }
      for (size_t probe = 0; probe < kProbes; ++probe) {
        std::vector<c10::IValue> parts;
        for (const Item& element : list.elements) parts.push_back(element.seen[probe]);
        if (node.kind() == c10::prim::TupleConstruct) {
          list.seen[probe] = c10::ivalue::Tuple::create(std::move(parts));
          continue;
        }
        const auto type = node.output()->type()->expectRef<c10::ListType>().getElementType();
        c10::impl::GenericList typed(type);
        for (c10::IValue& part : parts) typed.push_back(std::move(part));
        list.seen[probe] = c10::IValue(std::move(typed));
      }
      items_[node.output()] = std::move(list);
      return true;
    }
    case c10::prim::ListUnpack:
    case c10::prim::TupleUnpack: {
      const Item list = At(node.input());
      for (size_t i = 0; i < node.outputs().size(); ++i) {
        Item part;
        if (i < list.elements.size()) {
          part = list.elements[i];
        } else {
          for (size_t probe = 0; probe < kProbes; ++probe) {
            const c10::IValue& whole = list.seen[probe];
            part.seen[probe] = whole.isTuple() ? whole.toTupleRef().elements()[i] : whole.toListRef()[i];
          }
        }
        items_[node.output(i)] = std::move(part);
      }
      return true;
    }
    case c10::prim::If:
      Branch(node);
      return true;
    case c10::prim::Loop:
      Loop(node);
      return true;
    default:
      return false;
  }
}

void Walk::Branch(const Node& node) {
  const Item& condition = At(node.input());
  if (condition.varies && !Equal(condition.seen[0], condition.seen[1])) {
    return Refuse(node, "which branch is taken depends on a free extent or on the data");
  }
  // A condition on data that both probes answer alike is still no constant.
  if (condition.varies) {
    return Refuse(node, "which branch is taken depends on the data");
  }
  const torch::jit::Block* taken = node.blocks()[condition.seen[0].toBool() ? 0 : 1];
  Run(*taken);
  for (size_t i = 0; i < node.outputs().size(); ++i) items_[node.output(i)] = At(taken->outputs()[i]);
}

// (most, condition, carried..): unrolled where both are known beforehand.
void Walk::Loop(const Node& node) {
  const torch::jit::Block* body = node.blocks()[0];
  std::vector<Item> carried;
  for (size_t i = 2; i < node.inputs().size(); ++i) carried.push_back(At(node.input(i)));
  Item condition = At(node.input(1));
  const Item& most = At(node.input(0));
  for (int64_t round = 0;; ++round) {
    if (most.varies || condition.varies || round > kMostLoops) {
      return Refuse(node, "how often the loop runs is not known beforehand");
    }
    if (round >= most.seen[0].toInt() || !condition.seen[0].toBool()) break;
    items_[body->inputs()[0]] = {.seen = {c10::IValue(round), c10::IValue(round)}};
    for (size_t i = 0; i < carried.size(); ++i) items_[body->inputs()[i + 1]] = carried[i];
    Run(*body);
    condition = At(body->outputs()[0]);
    for (size_t i = 0; i < carried.size(); ++i) carried[i] = At(body->outputs()[i + 1]);
  }
  for (size_t i = 0; i < carried.size(); ++i) items_[node.output(i)] = carried[i];
}

void Walk::Execute(const Node& node) {
  if (!node.maybeOperator()) {
    return Refuse(node, "LibTorch has no such operator here");
  }
  std::vector<Item> results(node.outputs().size());
  const bool in_place = WritesInPlace(node);
  const Item before = in_place ? At(node.input(0)) : Item();
  const bool varies = std::any_of(node.inputs().begin(), node.inputs().end(),
                                  [&](const torch::jit::Value* input) { return At(input).varies; });
  for (size_t probe = 0; probe < kProbes; ++probe) {
    torch::jit::Stack stack;
    for (const torch::jit::Value* input : node.inputs()) stack.push_back(At(input).seen[probe]);
    if (const auto shaped = varies ? ResultOfSameShape(node, stack) : std::nullopt) {
      results.at(0).seen[probe] = *shaped;
      continue;
    }
    try {
      node.getOperation()(stack);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kUsage, fmt::format("{} ({}) does not run on such inputs: {}", node.kind().toQualString(),
                                                 NodeName(node), core::Brief(TorchWords(error), 200)));
    }
    for (size_t i = 0; i < results.size(); ++i) results[i].seen[probe] = stack[stack.size() - results.size() + i];
  }
  const bool sizes_only = kSizesOnly.contains(node.kind().toQualString());
  for (Item& result : results) result.varies = varies && !(sizes_only && Equal(result.seen[0], result.seen[1]));
  const bool constant = std::none_of(results.begin(), results.end(), [](const Item& result) { return result.varies; });
  if (constant) {
    if (in_place) {
      // Others may hold the same memory: what they were written as is out of date.
      for (auto& [value, item] : items_) {
        if (!item.varies && SameMemory(item, results[0])) item.value = nullptr;
      }
    }
    for (size_t i = 0; i < results.size(); ++i) items_[node.output(i)] = std::move(results[i]);
    return;
  }
  Express(node, std::move(results));
  if (in_place) Mutate(node, before, At(node.output(0)));
}

void Walk::Express(const Node& node, std::vector<Item> results) {
  const OperatorRow* row = FindOperator(PlainName(node));
  if (!row) return Refuse(node, "no such operator is known here", std::move(results));
  std::vector<Item*> inputs;
  for (const torch::jit::Value* input : node.inputs()) inputs.push_back(&items_.at(input));
  Emit emit(build_, model_.Opset(), node, std::move(inputs), results);
  try {
    row->emit(emit);
  } catch (const Error& error) {
    return Refuse(node, error.text(), std::move(results));
  } catch (const c10::Error& error) {
    return Refuse(node, core::Brief(TorchWords(error), 120), std::move(results));
  }
  results = std::move(emit.Results());
  for (size_t i = 0; i < results.size(); ++i) {
    // The symbol table of a conversion is for people: a node says which operator it came from.
    if (results[i].value && results[i].value->producer() && results[i].value->producer()->name.empty())
      results[i].value->producer()->name = NodeName(node);
    items_[node.output(i)] = std::move(results[i]);
  }
}

// Whoever holds the memory that was written to sees the result from now on.
void Walk::Mutate(const Node& node, const Item& before, const Item& after) {
  for (auto& [value, item] : items_) {
    if (value == node.output(0) || !SameMemory(item, before)) continue;
    if (SameGeometry(item, before)) {
      item.value = after.value;
      item.varies = true;
    } else if (UsedAfter(value, node)) {
      refusals_.push_back({node.kind().toQualString(), NodeName(node),
                           fmt::format("it writes into a part of '{}', which is used later", value->debugName())});
      return;
    }
  }
}

void Walk::Refuse(const Node& node, const std::string& reason, std::vector<Item> results) {
  results.resize(node.outputs().size());
  refusals_.push_back({node.kind().toQualString(), NodeName(node), reason});
  // Placeholders, so that the nodes behind are looked at too.
  for (size_t i = 0; i < results.size(); ++i) {
    Item& result = results[i];
    result.varies = true;
    result.value = &model_.graph.AddValue("");
    if (result.seen[0].isTensorList()) {
      for (size_t k = 0; k < result.seen[0].toListRef().size(); ++k) {
        Item element{.seen = {result.seen[0].toListRef()[k], result.seen[1].toListRef()[k]}, .varies = true};
        element.value = &model_.graph.AddValue("");
        result.elements.push_back(std::move(element));
      }
    }
    items_[node.output(i)] = std::move(result);
  }
  // Nothing behind a branch or loop that was not run can be looked at.
  if (!node.blocks().empty() || !node.maybeOperator()) throw Error(ErrorCode::kUnsupported, "");
}

}  // namespace bakeoff::torchscript
