// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Element-wise operators: they run in whatever order their inputs lie.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {
namespace {

using graph::LayoutRule;

template <BuiltinOperator kCode>
void Unary(Lowering& to, const Node& node) {
  to.Op(kCode, {to.In(node, 0)}, to.Out(node));
}
template <BuiltinOperator kCode, typename Table>
void UnaryWith(Lowering& to, const Node& node) {
  to.Op(kCode, {to.In(node, 0)}, to.Out(node), Options(Table{}));
}

template <BuiltinOperator kCode, typename Table>
void Binary(Lowering& to, const Node& node) {
  const Value& as = *node.output(0);
  const Index a = to.Operand(node, 0, as), b = to.Operand(node, 1, as);
  to.Op(kCode, {a, b}, to.Out(node), Options(Table{}));
}

// Max, Min, Sum take any number of inputs.
template <BuiltinOperator kCode, typename Table>
void Chain(Lowering& to, const Node& node) {
  const Value& as = *node.output(0);
  Index result = to.Operand(node, 0, as);
  if (node.inputs().size() == 1) return to.Alias(node, result);
  for (size_t i = 1; i < node.inputs().size(); ++i) {
    const bool last = i + 1 == node.inputs().size();
    const Index next = last ? to.Out(node) : to.Temporary(node, TypeOf(as.type), Lowering::Lies(as));
    to.Op(kCode, {result, to.Operand(node, i, as)}, next, Options(Table{}));
    result = next;
  }
}

double Bound(const Node& node, size_t index, double otherwise) {
  if (!node.input(index)) return otherwise;
  const auto values = Reals(node.input(index), index == 1 ? "lower bound" : "upper bound");
  return values.size() == 1 ? values[0] : throw Refusal{"its bounds must be single numbers"};
}

void ClipTo(Lowering& to, const Node& node, Index input, double low, double high) {
  const Value& y = *node.output(0);
  if (y.type != graph::ElementType::kF32) throw Refusal{"only f32 is clipped"};
  if (low == 0 && high == 6) return to.Op(BuiltinOperator::RELU6, {input}, to.Out(node));
  if (low == -1 && high == 1) return to.Op(BuiltinOperator::RELU_N1_TO_1, {input}, to.Out(node));
  if (low == 0 && high >= std::numeric_limits<float>::max()) return to.Op(BuiltinOperator::RELU, {input}, to.Out(node));
  const bool above = low > std::numeric_limits<float>::lowest(), below = high < std::numeric_limits<float>::max();
  if (!above && !below) return to.Alias(node, input);
  if (above) {
    const Index raised = below ? to.Temporary(node, TypeOf(y.type), Lowering::Lies(y)) : to.Out(node);
    to.Op(BuiltinOperator::MAXIMUM, {input, to.program().AddFloat(static_cast<float>(low))}, raised,
          Options(tflite::MaximumMinimumOptionsT{}));
    input = raised;
  }
  if (below) {
    to.Op(BuiltinOperator::MINIMUM, {input, to.program().AddFloat(static_cast<float>(high))}, to.Out(node),
          Options(tflite::MaximumMinimumOptionsT{}));
  }
}

void Clip(Lowering& to, const Node& node) {
  const double infinity = std::numeric_limits<double>::infinity();
  ClipTo(to, node, to.In(node, 0), Bound(node, 1, -infinity), Bound(node, 2, infinity));
}

// max(0, min(1, alpha x + beta))
void HardSigmoid(Lowering& to, const Node& node) {
  const Value& y = *node.output(0);
  const auto step = [&] { return to.Temporary(node, TypeOf(y.type), Lowering::Lies(y)); };
  const Index scaled = step(), shifted = step();
  to.Op(BuiltinOperator::MUL, {to.In(node, 0), to.program().AddFloat(node.Float("alpha", 0.2F))}, scaled,
        Options(tflite::MulOptionsT{}));
  to.Op(BuiltinOperator::ADD, {scaled, to.program().AddFloat(node.Float("beta", 0.5F))}, shifted,
        Options(tflite::AddOptionsT{}));
  ClipTo(to, node, shifted, 0, 1);
}

void LeakyRelu(Lowering& to, const Node& node) {
  tflite::LeakyReluOptionsT options;
  options.alpha = node.Float("alpha", 0.01F);
  to.Op(BuiltinOperator::LEAKY_RELU, {to.In(node, 0)}, to.Out(node), Options(std::move(options)));
}

void Gelu(Lowering& to, const Node& node) {
  tflite::GeluOptionsT options;
  options.approximate = node.String("approximate", "none") == "tanh";
  to.Op(BuiltinOperator::GELU, {to.In(node, 0)}, to.Out(node), Options(std::move(options)));
}

// log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
void Softplus(Lowering& to, const Node& node) {
  const Value& y = *node.output(0);
  const auto step = [&] { return to.Temporary(node, TypeOf(y.type), Lowering::Lies(y)); };
  const Index x = to.In(node, 0), size = step(), negative = step(), power = step(), more = step(), log = step(),
              above = step();
  to.Op(BuiltinOperator::ABS, {x}, size, Options(tflite::AbsOptionsT{}));
  to.Op(BuiltinOperator::NEG, {size}, negative, Options(tflite::NegOptionsT{}));
  to.Op(BuiltinOperator::EXP, {negative}, power, Options(tflite::ExpOptionsT{}));
  to.Op(BuiltinOperator::ADD, {power, to.program().AddFloat(1)}, more, Options(tflite::AddOptionsT{}));
  to.Op(BuiltinOperator::LOG, {more}, log);
  to.Op(BuiltinOperator::MAXIMUM, {x, to.program().AddFloat(0)}, above, Options(tflite::MaximumMinimumOptionsT{}));
  to.Op(BuiltinOperator::ADD, {above, log}, to.Out(node), Options(tflite::AddOptionsT{}));
}

void Reciprocal(Lowering& to, const Node& node) {
  to.Op(BuiltinOperator::DIV, {to.program().AddFloat(1), to.In(node, 0)}, to.Out(node), Options(tflite::DivOptionsT{}));
}

void Pow(Lowering& to, const Node& node) {
  const Value& as = *node.output(0);
  const graph::Tensor* exponent = Constant(node.input(1));
  const double power = exponent && exponent->Count() == 1 ? Reals(node.input(1), "exponent")[0] : 0;
  const Index x = to.Operand(node, 0, as);
  if (power == 2) return to.Op(BuiltinOperator::MUL, {x, x}, to.Out(node), Options(tflite::MulOptionsT{}));
  if (power == 0.5) return to.Op(BuiltinOperator::SQRT, {x}, to.Out(node));
  const Index e =
      exponent && exponent->Count() == 1 ? to.program().AddFloat(static_cast<float>(power)) : to.Operand(node, 1, as);
  to.Op(BuiltinOperator::POW, {x, e}, to.Out(node), Options(tflite::PowOptionsT{}));
}

void Where(Lowering& to, const Node& node) {
  const Value& as = *node.output(0);
  const Index condition = to.Operand(node, 0, as), yes = to.Operand(node, 1, as), no = to.Operand(node, 2, as);
  to.Op(BuiltinOperator::SELECT_V2, {condition, yes, no}, to.Out(node), Options(tflite::SelectV2OptionsT{}));
}

void Cast(Lowering& to, const Node& node) {
  tflite::CastOptionsT options;
  options.in_data_type = TypeOf(node.input(0)->type);
  options.out_data_type = TypeOf(node.output(0)->type);
  if (options.in_data_type == options.out_data_type) return to.Alias(node, to.In(node, 0));
  to.Op(BuiltinOperator::CAST, {to.In(node, 0)}, to.Out(node), Options(std::move(options)));
}

void PRelu(Lowering& to, const Node& node) {
  if (!Constant(node.input(1))) throw Refusal{"its slopes must be a constant"};
  // x > 0 ? x : slope * x, as max(x, 0) + slope * min(x, 0): true for every slope.
  const Value& y = *node.output(0);
  const auto step = [&] { return to.Temporary(node, TypeOf(y.type), Lowering::Lies(y)); };
  const Index x = to.In(node, 0), above = step(), below = step(), scaled = step();
  to.Op(BuiltinOperator::RELU, {x}, above);
  to.Op(BuiltinOperator::MINIMUM, {x, to.program().AddFloat(0)}, below, Options(tflite::MaximumMinimumOptionsT{}));
  to.Op(BuiltinOperator::MUL, {below, to.Operand(node, 1, y)}, scaled, Options(tflite::MulOptionsT{}));
  to.Op(BuiltinOperator::ADD, {above, scaled}, to.Out(node), Options(tflite::AddOptionsT{}));
}

void BatchNormalization(Lowering& to, const Node& node) {
  const auto scale = Reals(node.input(1), "scale"), shift = Reals(node.input(2), "shift");
  const auto mean = Reals(node.input(3), "mean"), variance = Reals(node.input(4), "variance");
  const double epsilon = node.Float("epsilon", 1e-5F);
  const Value &x = *node.input(0), &y = *node.output(0);
  if (!x.shape || x.shape->size() < 2) throw Refusal{"the rank of its input is not known", kFixShapes};
  std::vector<float> factors, offsets;
  for (size_t i = 0; i < scale.size(); ++i) {
    const double factor = scale[i] / std::sqrt(variance[i] + epsilon);
    factors.push_back(static_cast<float>(factor));
    offsets.push_back(static_cast<float>(shift[i] - mean[i] * factor));
  }
  // Along the axis of channels, wherever it lies.
  std::vector<int64_t> dims(x.shape->size(), 1);
  dims[graph::PhysicalAxis(x, 1)] = static_cast<int64_t>(scale.size());
  const Index factor = to.program().AddConstant(y.name() + ".scale", graph::Tensor::F32(dims, std::move(factors)));
  const Index offset = to.program().AddConstant(y.name() + ".shift", graph::Tensor::F32(dims, std::move(offsets)));
  const Index scaled = to.Temporary(node, TypeOf(y.type), Lowering::Lies(y));
  to.Op(BuiltinOperator::MUL, {to.In(node, 0), factor}, scaled, Options(tflite::MulOptionsT{}));
  to.Op(BuiltinOperator::ADD, {scaled, offset}, to.Out(node), Options(tflite::AddOptionsT{}));
}

using B = BuiltinOperator;
constexpr Rule kRules[] = {
    {"Relu", LayoutRule::kAny, Unary<B::RELU>},
    {"Sigmoid", LayoutRule::kAny, Unary<B::LOGISTIC>},
    {"Tanh", LayoutRule::kAny, Unary<B::TANH>},
    {"Floor", LayoutRule::kAny, Unary<B::FLOOR>},
    {"Ceil", LayoutRule::kAny, Unary<B::CEIL>},
    {"Log", LayoutRule::kAny, Unary<B::LOG>},
    {"Sqrt", LayoutRule::kAny, Unary<B::SQRT>},
    {"Sin", LayoutRule::kAny, Unary<B::SIN>},
    {"Elu", LayoutRule::kAny, Unary<B::ELU>},
    {"Exp", LayoutRule::kAny, UnaryWith<B::EXP, tflite::ExpOptionsT>},
    {"Neg", LayoutRule::kAny, UnaryWith<B::NEG, tflite::NegOptionsT>},
    {"Abs", LayoutRule::kAny, UnaryWith<B::ABS, tflite::AbsOptionsT>},
    {"Not", LayoutRule::kAny, UnaryWith<B::LOGICAL_NOT, tflite::LogicalNotOptionsT>},
    {"HardSwish", LayoutRule::kAny, UnaryWith<B::HARD_SWISH, tflite::HardSwishOptionsT>},
    {"HardSigmoid", LayoutRule::kAny, HardSigmoid},
    {"LeakyRelu", LayoutRule::kAny, LeakyRelu},
    {"PRelu", LayoutRule::kAny, PRelu},
    {"Gelu", LayoutRule::kAny, Gelu},
    {"Softplus", LayoutRule::kAny, Softplus},
    {"Clip", LayoutRule::kAny, Clip},
    {"Reciprocal", LayoutRule::kAny, Reciprocal},
    {"Sub", LayoutRule::kAny, Binary<B::SUB, tflite::SubOptionsT>},
    {"Mul", LayoutRule::kAny, Binary<B::MUL, tflite::MulOptionsT>},
    {"Div", LayoutRule::kAny, Binary<B::DIV, tflite::DivOptionsT>},
    {"Add", LayoutRule::kAny, Binary<B::ADD, tflite::AddOptionsT>},
    {"Mod", LayoutRule::kAny, Binary<B::FLOOR_MOD, tflite::FloorModOptionsT>},
    {"Equal", LayoutRule::kAny, Binary<B::EQUAL, tflite::EqualOptionsT>},
    {"Less", LayoutRule::kAny, Binary<B::LESS, tflite::LessOptionsT>},
    {"LessOrEqual", LayoutRule::kAny, Binary<B::LESS_EQUAL, tflite::LessEqualOptionsT>},
    {"Greater", LayoutRule::kAny, Binary<B::GREATER, tflite::GreaterOptionsT>},
    {"GreaterOrEqual", LayoutRule::kAny, Binary<B::GREATER_EQUAL, tflite::GreaterEqualOptionsT>},
    {"And", LayoutRule::kAny, Binary<B::LOGICAL_AND, tflite::LogicalAndOptionsT>},
    {"Or", LayoutRule::kAny, Binary<B::LOGICAL_OR, tflite::LogicalOrOptionsT>},
    {"Max", LayoutRule::kAny, Chain<B::MAXIMUM, tflite::MaximumMinimumOptionsT>},
    {"Min", LayoutRule::kAny, Chain<B::MINIMUM, tflite::MaximumMinimumOptionsT>},
    {"Sum", LayoutRule::kAny, Chain<B::ADD, tflite::AddOptionsT>},
    {"Pow", LayoutRule::kAny, Pow},
    {"Where", LayoutRule::kAny, Where},
    {"Cast", LayoutRule::kAny, Cast},
    {"BatchNormalization", LayoutRule::kAny, BatchNormalization},
};

}  // namespace

std::span<const Rule> ElementwiseRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
