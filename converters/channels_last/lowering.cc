// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Walks the graph, hands nodes to their families and collects what they refuse.
#include "converters/channels_last/lowering.h"

#include <fmt/format.h>

#include <map>
#include <numeric>
#include <string_view>

#include "bakeoff/error.h"
#include "core/elements.h"
#include "graph/element_type.h"

namespace bakeoff::channels_last {
namespace {

const std::map<std::string_view, const Rule*>& Table() {
  static const auto table = [] {
    std::map<std::string_view, const Rule*> rules;
    for (const auto family :
         {ConvolutionRules(), TransposedConvolutionRules(), PoolingRules(), ResizeRules(), ElementwiseRules(),
          ErrorFunctionRules(), DenseRules(), MovementRules(), ReductionRules()}) {
      for (const Rule& rule : family) rules.emplace(rule.op, &rule);
    }
    return rules;
  }();
  return table;
}

std::string NameOf(const Node& node) {
  if (!node.name.empty()) return node.name;
  return node.output(0) ? node.output(0)->name() : std::string("?");
}

}  // namespace

const graph::Tensor* Constant(const Value* value) {
  return value && !value->IsInput() ? value->constant() : nullptr;
}

std::vector<double> Reals(const Value* value, const char* what) {
  const graph::Tensor* tensor = Constant(value);
  const auto type = tensor ? graph::ToDType(tensor->type) : std::nullopt;
  if (!type) throw Refusal{fmt::format("its {} must be a constant", what)};
  return core::ToDoubles(*type, tensor->bytes.span());
}

std::vector<int64_t> Ints(const Value* value, const char* what) {
  const graph::Tensor* tensor = Constant(value);
  if (tensor && tensor->type == graph::ElementType::kI64) return {tensor->Ints().begin(), tensor->Ints().end()};
  std::vector<int64_t> whole;
  for (const double number : Reals(value, what)) whole.push_back(static_cast<int64_t>(number));
  return whole;
}

const Rule* FindRule(const Node& node) {
  const auto found = node.domain.empty() ? Table().find(node.op) : Table().end();
  return found == Table().end() ? nullptr : found->second;
}

graph::LayoutRule LayoutRuleFor(const Node& node) {
  // FULLY_CONNECTED sums over what lies last; only BATCH_MATMUL can exchange the last two axes.
  const graph::Tensor* matrix = node.Is("MatMul") ? Constant(node.input(1)) : nullptr;
  if (matrix && matrix->dims.size() == 2) return graph::LayoutRule::kRowsLast;
  const Rule* rule = FindRule(node);
  return rule ? rule->layout : graph::LayoutRule::kLogical;
}

std::vector<int32_t> Lowering::Lies(const Value& value) {
  if (!value.shape) throw Refusal{fmt::format("the rank of '{}' is not known", value.name()), kFixShapes};
  std::vector<int32_t> extents;
  for (const int axis : graph::FullPermutation(value.permutation, value.shape->size()))
    extents.push_back(static_cast<int32_t>((*value.shape)[static_cast<size_t>(axis)].Value().value_or(-1)));
  return extents;
}

Index Lowering::In(const Node& node, size_t index) {
  const Value* value = node.input(index);
  if (!value) throw Refusal{fmt::format("its input {} is missing", index)};
  if (const auto found = tensors_.find(value); found != tensors_.end()) return found->second;
  if (const graph::Tensor* tensor = Constant(value)) return program_.AddConstant(value->name(), *tensor);
  throw Refusal{fmt::format("its input '{}' has not been converted", value->name())};
}

Index Lowering::ConstantLike(const Value& value, const Value& as, bool keep_rank) {
  const graph::Tensor& tensor = *Constant(&value);
  const bool scalar = tensor.Count() == 1 && !keep_rank;
  if (as.permutation.empty() || scalar) {
    // One element fits everywhere, whatever rank it is written with.
    return program_.AddConstant(value.name(), tensor, scalar ? std::vector<int64_t>{} : tensor.dims);
  }
  std::vector<int64_t> dims = tensor.dims;
  if (dims.size() > as.permutation.size()) return program_.AddConstant(value.name(), tensor);
  dims.insert(dims.begin(), as.permutation.size() - dims.size(), 1);
  return program_.AddConstant(value.name(), tensor, dims, as.permutation);
}

Index Lowering::Operand(const Node& node, size_t index, const Value& as) {
  const Value* value = node.input(index);
  if (value && Constant(value) && !tensors_.contains(value)) return ConstantLike(*value, as);
  return In(node, index);
}

Index Lowering::Out(const Node& node, size_t index) {
  const Value* value = node.output(index);
  if (!value) throw Refusal{fmt::format("its output {} is missing", index)};
  const Index tensor = program_.AddTensor(value->name(), TypeOf(value->type), Lies(*value));
  tensors_[value] = tensor;
  return tensor;
}

void Lowering::Alias(const Node& node, Index tensor, size_t index) {
  tensors_[node.output(index)] = tensor;
}

Index Lowering::Temporary(const Node& node, TensorType type, std::vector<int32_t> extents) {
  return program_.AddTensor(fmt::format("{}.step{}", NameOf(node), program_.operators().size()), type,
                            std::move(extents));
}

void Lowering::LowerNode(const Node& node) {
  if (absorbed_.contains(&node)) return;
  const Rule* rule = FindRule(node);
  if (!rule) throw Refusal{fmt::format("the converter to {} has no rule for it", target_.title)};
  for (const Value* value : node.inputs()) {
    if (value && !Constant(value) && !tensors_.contains(value))
      throw Refusal{""};  // what it depends on was refused, which is enough
  }
  rule->lower(*this, node);
}

// Names are the graph's outputs', and no two outputs may be one tensor.
void Lowering::Leave(const Value& output) {
  const auto found = tensors_.find(&output);
  Index tensor = found != tensors_.end() ? found->second : kAbsent;
  if (tensor == kAbsent && Constant(&output)) tensor = program_.AddConstant(output.name(), *Constant(&output));
  const auto taken = [&](const std::vector<Port>& ports) {
    for (const Port& port : ports) {
      if (port.tensor == tensor) return true;
    }
    return false;
  };
  if (taken(program_.inputs) || taken(program_.outputs) || program_.ConstantOf(tensor)) {
    const Index copy = program_.AddTensor(output.name(), program_.Type(tensor), program_.Extents(tensor));
    tflite::ReshapeOptionsT options;
    options.new_shape = program_.Extents(tensor);
    Op(BuiltinOperator::RESHAPE, {tensor, program_.AddInts(options.new_shape)}, copy, Options(std::move(options)));
    tensor = copy;
  }
  program_.Rename(tensor, output.name());
  program_.outputs.push_back({output.name(), tensor});
}

void Lowering::Run() {
  std::vector<UnsupportedOperator> problems;
  for (const Value* input : model_.graph.inputs()) {
    if (input->constant()) continue;
    const Index tensor = program_.AddTensor(input->name(), TypeOf(input->type), Lies(*input));
    tensors_[input] = tensor;
    program_.inputs.push_back({input->name(), tensor});
  }
  for (const Node& node : model_.graph.nodes()) {
    const std::string op = node.domain.empty() ? node.op : node.domain + "." + node.op;
    try {
      LowerNode(node);
    } catch (const Refusal& refusal) {
      if (!refusal.why.empty()) problems.push_back({op, NameOf(node), refusal.why, "", refusal.advice});
    } catch (const Error& error) {
      problems.push_back({op, NameOf(node), error.text(), "", ""});
    }
  }
  if (!problems.empty()) throw UnsupportedOperators(target_.hop, problems);
  for (const Value* output : model_.graph.outputs()) Leave(*output);
}

}  // namespace bakeoff::channels_last
