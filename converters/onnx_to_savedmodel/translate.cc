// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The walk over the program.
#include "translate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "bakeoff/converter.h"

namespace bakeoff::to_savedmodel {
namespace {

const std::map<BuiltinOperator, const Rule*>& Table() {
  static const auto table = [] {
    std::map<BuiltinOperator, const Rule*> rules;
    for (const auto family : {WindowRules(), ElementwiseRules(), DenseRules(), MovementRules(), ReductionRules()}) {
      for (const Rule& rule : family) rules.emplace(rule.code, &rule);
    }
    return rules;
  }();
  return table;
}

}  // namespace

Translator::Translator(const Program& program, GraphDef& graph)
    : program_(program), graph_(graph), refs_(program.tensors().size()) {}

std::string Translator::Ref(Index tensor) {
  std::string& ref = refs_.at(static_cast<size_t>(tensor));
  if (!ref.empty()) return ref;
  const channels_last::StoredConstant* constant = program_.ConstantOf(tensor);
  const std::string& name = program_.tensors()[static_cast<size_t>(tensor)].name;
  if (!constant) throw Error(ErrorCode::kInternal, fmt::format("'{}' is used before it is made", name));
  ref = Constant(name, *constant);
  return ref;
}

std::string Translator::Constant(const std::string& wish, const channels_last::StoredConstant& constant) {
  if (!constant.half) return graph_.AddConst(wish, TypeOf(channels_last::TypeOf(constant.tensor.type)), constant);
  const std::string narrow = graph_.AddConst(wish + ".f16", DataType::kF16, constant);
  return graph_.Add("Cast", wish, {narrow}, Attributes().Type("SrcT", DataType::kF16).Type("DstT", DataType::kF32));
}

std::string Translator::Number(float value) {
  return graph_.AddConst("number", DataType::kF32, {graph::Tensor::Scalar(value), {}});
}

std::string Translator::Numbers(const std::vector<int32_t>& values) {
  const std::vector<int64_t> dims{static_cast<int64_t>(values.size())};
  return graph_.AddConst("numbers", DataType::kI32,
                         {{graph::ElementType::kI32, dims, graph::Bytes::OwnAs(values), {}}, dims});
}

std::string Translator::Scalar(int32_t value) {
  return graph_.AddConst("axis", DataType::kI32,
                         {{graph::ElementType::kI32, {}, graph::Bytes::OwnAs(std::vector<int32_t>{value}), {}}, {}});
}

std::vector<std::string> Translator::Refs(const OperatorRow& row) {
  std::vector<std::string> refs;
  for (const Index input : row.inputs) refs.push_back(Ref(input));
  return refs;
}

std::string Translator::Step(std::string_view op, const std::vector<std::string>& inputs,
                             const Attributes& attributes) {
  const auto result = static_cast<size_t>(current_->outputs.at(0));
  return graph_.Add(op, fmt::format("{}.{}", program_.tensors()[result].name, op), inputs, attributes);
}

void Translator::Result(std::string_view op, const std::vector<std::string>& inputs, const Attributes& attributes) {
  const std::vector<Index>& made = current_->outputs;
  const std::string name = graph_.Add(op, program_.tensors()[static_cast<size_t>(made.at(0))].name, inputs, attributes);
  for (size_t i = 0; i < made.size(); ++i)
    refs_[static_cast<size_t>(made[i])] = i == 0 ? name : fmt::format("{}:{}", name, i);
}

SignaturePort Translator::PortOf(const channels_last::Port& port) const {
  return {port.name, refs_[static_cast<size_t>(port.tensor)], Type(port.tensor), program_.Extents(port.tensor)};
}

void Translator::Run() {
  for (const channels_last::Port& port : program_.inputs) {
    refs_[static_cast<size_t>(port.tensor)] =
        graph_.Add("Placeholder", port.name, {},
                   Attributes().Type("dtype", Type(port.tensor)).Shape("shape", program_.Extents(port.tensor)));
    inputs_.push_back(PortOf(port));
  }
  std::vector<UnsupportedOperator> problems;
  for (const OperatorRow& row : program_.operators()) {
    current_ = &row;
    const auto rule = Table().find(row.code);
    if (rule != Table().end()) {
      rule->second->write(*this, row);
      continue;
    }
    const auto result = static_cast<size_t>(row.outputs.at(0));
    problems.push_back({tflite::EnumNameBuiltinOperator(row.code), program_.tensors()[result].name,
                        "no rule names TensorFlow's operator for it", "", ""});
    for (const Index output : row.outputs) refs_[static_cast<size_t>(output)] = "refused";
  }
  if (!problems.empty()) throw UnsupportedOperators("onnx-savedmodel", problems);
  for (const channels_last::Port& port : program_.outputs) outputs_.push_back(PortOf(port));
}

}  // namespace bakeoff::to_savedmodel
