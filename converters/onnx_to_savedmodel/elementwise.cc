// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Element-wise operators; those that TensorFlow has not are written out.
#include <cmath>

#include "translate.h"

namespace bakeoff::to_savedmodel {
namespace {

// Those that only have another name.
struct Name {
  BuiltinOperator code;
  const char* op;
};
constexpr Name kNames[] = {
    {BuiltinOperator::RELU, "Relu"},        {BuiltinOperator::RELU6, "Relu6"},
    {BuiltinOperator::LOGISTIC, "Sigmoid"}, {BuiltinOperator::TANH, "Tanh"},
    {BuiltinOperator::FLOOR, "Floor"},      {BuiltinOperator::CEIL, "Ceil"},
    {BuiltinOperator::LOG, "Log"},          {BuiltinOperator::SQRT, "Sqrt"},
    {BuiltinOperator::RSQRT, "Rsqrt"},      {BuiltinOperator::SIN, "Sin"},
    {BuiltinOperator::ELU, "Elu"},          {BuiltinOperator::EXP, "Exp"},
    {BuiltinOperator::NEG, "Neg"},          {BuiltinOperator::ABS, "Abs"},
    {BuiltinOperator::ADD, "AddV2"},        {BuiltinOperator::SUB, "Sub"},
    {BuiltinOperator::MUL, "Mul"},          {BuiltinOperator::FLOOR_MOD, "FloorMod"},
    {BuiltinOperator::MAXIMUM, "Maximum"},  {BuiltinOperator::MINIMUM, "Minimum"},
    {BuiltinOperator::POW, "Pow"},          {BuiltinOperator::EQUAL, "Equal"},
    {BuiltinOperator::LESS, "Less"},        {BuiltinOperator::LESS_EQUAL, "LessEqual"},
    {BuiltinOperator::GREATER, "Greater"},  {BuiltinOperator::GREATER_EQUAL, "GreaterEqual"},
    {channels_last::kErf, "Erf"},
};

// Written as they are.
void Same(Translator& to, const OperatorRow& row) {
  for (const Name& name : kNames) {
    if (name.code == row.code) to.Result(name.op, to.Refs(row), to.TypeT(row.inputs[0]));
  }
}

void Divide(Translator& to, const OperatorRow& row) {
  const bool real = to.program().Type(row.inputs[0]) == TensorType::FLOAT32;
  to.Result(real ? "RealDiv" : "TruncateDiv", to.Refs(row), to.TypeT(row.inputs[0]));
}

void Logical(Translator& to, const OperatorRow& row) {
  const char* op = row.code == BuiltinOperator::LOGICAL_AND  ? "LogicalAnd"
                   : row.code == BuiltinOperator::LOGICAL_OR ? "LogicalOr"
                                                             : "LogicalNot";
  to.Result(op, to.Refs(row), {});
}

void Select(Translator& to, const OperatorRow& row) {
  to.Result("SelectV2", to.Refs(row), to.TypeT(row.inputs[1]));
}

void Cast(Translator& to, const OperatorRow& row) {
  to.Result("Cast", to.Refs(row),
            Attributes().Type("SrcT", to.Type(row.inputs[0])).Type("DstT", to.Type(row.outputs[0])));
}

void LeakyRelu(Translator& to, const OperatorRow& row) {
  to.Result("LeakyRelu", to.Refs(row), to.TypeT(row.inputs[0]).Float("alpha", row.options.AsLeakyReluOptions()->alpha));
}

void ClipToOne(Translator& to, const OperatorRow& row) {
  const Attributes type = to.TypeT(row.inputs[0]);
  const std::string above = to.Step("Maximum", {to.Ref(row.inputs[0]), to.Number(-1)}, type);
  to.Result("Minimum", {above, to.Number(1)}, type);
}

// x * relu6(x + 3) / 6
void HardSwish(Translator& to, const OperatorRow& row) {
  const Attributes type = to.TypeT(row.inputs[0]);
  const std::string x = to.Ref(row.inputs[0]);
  const std::string clipped = to.Step("Relu6", {to.Step("AddV2", {x, to.Number(3)}, type)}, type);
  to.Result("Mul", {x, to.Step("Mul", {clipped, to.Number(1.0F / 6)}, type)}, type);
}

// x / 2 * (1 + erf(x / sqrt 2)), or with erf(x / sqrt 2) approximated by tanh(sqrt(2 / pi) (x + 0.044715 x^3)).
void Gelu(Translator& to, const OperatorRow& row) {
  const Attributes type = to.TypeT(row.inputs[0]);
  const std::string x = to.Ref(row.inputs[0]);
  std::string bent;
  if (row.options.AsGeluOptions()->approximate) {
    const std::string square = to.Step("Mul", {x, x}, type);
    const std::string factor =
        to.Step("AddV2", {to.Step("Mul", {square, to.Number(0.044715F)}, type), to.Number(1)}, type);
    const std::string inner = to.Step("Mul", {to.Step("Mul", {x, factor}, type), to.Number(0.7978845608F)}, type);
    bent = to.Step("Tanh", {inner}, type);
  } else {
    bent = to.Step("Erf", {to.Step("Mul", {x, to.Number(static_cast<float>(std::sqrt(0.5)))}, type)}, type);
  }
  const std::string half = to.Step("Mul", {x, to.Number(0.5F)}, type);
  to.Result("Mul", {half, to.Step("AddV2", {bent, to.Number(1)}, type)}, type);
}

using B = BuiltinOperator;
constexpr Rule kOthers[] = {
    {B::DIV, Divide},           {B::LOGICAL_AND, Logical}, {B::LOGICAL_OR, Logical},   {B::LOGICAL_NOT, Logical},
    {B::SELECT_V2, Select},     {B::CAST, Cast},           {B::LEAKY_RELU, LeakyRelu}, {B::RELU_N1_TO_1, ClipToOne},
    {B::HARD_SWISH, HardSwish}, {B::GELU, Gelu},
};

}  // namespace

std::span<const Rule> ElementwiseRules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all(std::begin(kOthers), std::end(kOthers));
    for (const Name& name : kNames) all.push_back({name.code, Same});
    return all;
  }();
  return rules;
}

}  // namespace bakeoff::to_savedmodel
