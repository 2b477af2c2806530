// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The error function: an operator where the target has one, else a formula.
#include <array>

#include "converters/channels_last/lowering.h"

namespace bakeoff::channels_last {
namespace {

// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: for x >= 0 and t = 1 / (1 + p x),
// erf x = 1 - (a1 t + a2 t^2 + .. + a5 t^5) exp(-x^2) but for 1.5e-7 at most.
constexpr float kP = 0.3275911F;
constexpr std::array<float, 5> kA{0.254829592F, -0.284496736F, 1.421413741F, -1.453152027F, 1.061405429F};

// One node of ONNX as many operators of the same extents.
class Steps {
 public:
  Steps(Lowering& to, const Node& node)
      : to_(to), node_(node), type_(TypeOf(node.output(0)->type)), extents_(Lowering::Lies(*node.output(0))) {}

  template <typename Table>
  Index Do(BuiltinOperator code, std::vector<Index> inputs, Table options) {
    const Index result = to_.Temporary(node_, type_, extents_);
    to_.Op(code, std::move(inputs), result, Options(std::move(options)));
    return result;
  }
  Index Times(Index a, Index b) { return Do(BuiltinOperator::MUL, {a, b}, tflite::MulOptionsT{}); }
  Index Plus(Index a, float b) { return Do(BuiltinOperator::ADD, {a, Number(b)}, tflite::AddOptionsT{}); }
  Index Negative(Index a) { return Do(BuiltinOperator::NEG, {a}, tflite::NegOptionsT{}); }
  Index Number(float value) { return to_.program().AddFloat(value); }

 private:
  Lowering& to_;
  const Node& node_;
  TensorType type_;
  std::vector<int32_t> extents_;
};

void Erf(Lowering& to, const Node& node) {
  const Index x = to.In(node, 0);
  if (to.target().has_erf) return to.Op(kErf, {x}, to.Out(node));
  if (node.output(0)->type != graph::ElementType::kF32) throw Refusal{"only f32 is converted"};
  Steps steps(to, node);
  const Index size = steps.Do(BuiltinOperator::ABS, {x}, tflite::AbsOptionsT{});
  const Index below = steps.Plus(steps.Times(size, steps.Number(kP)), 1);
  const Index t = steps.Do(BuiltinOperator::DIV, {steps.Number(1), below}, tflite::DivOptionsT{});
  Index sum = steps.Times(t, steps.Number(kA.back()));
  for (size_t i = kA.size() - 1; i-- > 0;) sum = steps.Times(steps.Plus(sum, kA[i]), t);
  const Index bell = steps.Do(BuiltinOperator::EXP, {steps.Negative(steps.Times(x, x))}, tflite::ExpOptionsT{});
  const Index above = steps.Do(BuiltinOperator::SUB, {steps.Number(1), steps.Times(sum, bell)}, tflite::SubOptionsT{});
  const Index is_negative = to.Temporary(node, TensorType::BOOL, Lowering::Lies(*node.output(0)));
  to.Op(BuiltinOperator::LESS, {x, steps.Number(0)}, is_negative, Options(tflite::LessOptionsT{}));
  to.Op(BuiltinOperator::SELECT_V2, {is_negative, steps.Negative(above), above}, to.Out(node),
        Options(tflite::SelectV2OptionsT{}));
}

constexpr Rule kRules[] = {{"Erf", graph::LayoutRule::kAny, Erf}};

}  // namespace

std::span<const Rule> ErrorFunctionRules() {
  return kRules;
}

}  // namespace bakeoff::channels_last
