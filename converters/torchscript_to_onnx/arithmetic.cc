// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Element by element: arithmetic, comparisons, selection, conversions. Types are promoted as PyTorch does it.
#include <ATen/Functions.h>

#include <cmath>
#include <string>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

// The type in which two operands meet. Numbers have less weight than tensors.
at::ScalarType Common(const Item& a, const Item& b) {
  const auto number = [](const c10::IValue& value) { return value.toScalar(); };
  const c10::IValue &x = a.seen[0], &y = b.seen[0];
  if (x.isTensor() && y.isTensor()) return at::result_type(x.toTensor(), y.toTensor());
  if (x.isTensor()) return at::result_type(x.toTensor(), number(y));
  if (y.isTensor()) return at::result_type(number(x), y.toTensor());
  return at::result_type(number(x), number(y));
}

constexpr char kAdd[] = "Add", kSub[] = "Sub", kMul[] = "Mul", kEqual[] = "Equal", kLess[] = "Less",
               kGreater[] = "Greater", kLessOrEqual[] = "LessOrEqual", kGreaterOrEqual[] = "GreaterOrEqual",
               kAnd[] = "And", kOr[] = "Or", kXor[] = "Xor", kSqrt[] = "Sqrt", kExp[] = "Exp", kLog[] = "Log",
               kErf[] = "Erf", kSin[] = "Sin", kCos[] = "Cos", kNeg[] = "Neg", kAbs[] = "Abs", kFloor[] = "Floor",
               kCeil[] = "Ceil", kRound[] = "Round", kSign[] = "Sign", kReciprocal[] = "Reciprocal", kMax[] = "Max",
               kMin[] = "Min";

// add, sub and rsub have a factor for the second operand.
graph::Value* Scaled(Emit& e, size_t operand, size_t factor, at::ScalarType type) {
  graph::Value* value = e.As(operand, type);
  if (factor >= e.Arguments() || e.IsNone(factor) || (e.IsConstant(factor) && e.Real(factor) == 1)) return value;
  return e.Op("Mul", {value, e.As(factor, type)});
}

template <const char* kOp>
void Sum(Emit& e) {
  const at::ScalarType type = Common(e.In(0), e.In(1));
  e.Set(e.Op(kOp, {e.As(0, type), Scaled(e, 1, 2, type)}));
}

// other - alpha * self
void Rsub(Emit& e) {
  const at::ScalarType type = Common(e.In(0), e.In(1));
  e.Set(e.Op("Sub", {e.As(1, type), Scaled(e, 0, 2, type)}));
}

template <const char* kOp>
void Binary(Emit& e) {
  const at::ScalarType type = Common(e.In(0), e.In(1));
  e.Set(e.Op(kOp, {e.As(0, type), e.As(1, type)}));
}

template <const char* kOp>
void Logical(Emit& e) {
  e.Set(e.Op(kOp, {e.As(0, at::kBool), e.As(1, at::kBool)}));
}

// & | ^ of truth values; on whole numbers they are other operators.
template <const char* kOp>
void Bitwise(Emit& e) {
  if (Common(e.In(0), e.In(1)) != at::kBool) throw Unsupported("bits of whole numbers");
  Logical<kOp>(e);
}

void NotEqual(Emit& e) {
  Binary<kEqual>(e);
  e.Set(e.Op("Not", {e.Results()[0].value}));
}

void Not(Emit& e) {
  if (e.node().kind() == c10::Symbol::fromQualString("aten::bitwise_not") && e.Type(0) != at::kBool)
    throw Unsupported("bits of whole numbers");
  e.Set(e.Op("Not", {e.As(0, at::kBool)}));
}

// (a - a mod b) / b: towards minus infinity, as ONNX's Mod takes the divisor's sign and its Div cuts.
graph::Value* FloorDivision(Emit& e, graph::Value* a, graph::Value* b, at::ScalarType type) {
  if (at::isFloatingType(type)) return e.Op("Floor", {e.Op("Div", {a, b})});
  return e.Op("Div", {e.Op("Sub", {a, e.Op("Mod", {a, b})}), b});
}

void FloorDivide(Emit& e) {
  const at::ScalarType type = Common(e.In(0), e.In(1));
  e.Set(FloorDivision(e, e.As(0, type), e.As(1, type), type));
}

void Div(Emit& e) {
  if (!e.IsNone(2)) {
    const std::string mode = e.Text(2);
    if (mode == "floor") return FloorDivide(e);
    const at::ScalarType type = Common(e.In(0), e.In(1));
    if (at::isFloatingType(type)) throw Unsupported("rounding towards zero of floating numbers");
    return e.Set(e.Op("Div", {e.As(0, type), e.As(1, type)}));
  }
  const at::ScalarType type = e.ResultType();
  e.Set(e.Op("Div", {e.As(0, type), e.As(1, type)}));
}

void Remainder(Emit& e) {
  const at::ScalarType type = Common(e.In(0), e.In(1));
  graph::Value *a = e.As(0, type), *b = e.As(1, type);
  if (!at::isFloatingType(type)) return e.Set(e.Op("Mod", {a, b}));
  e.Set(e.Op("Sub", {a, e.Op("Mul", {FloorDivision(e, a, b, type), b})}));
}

void Pow(Emit& e) {
  const at::ScalarType type = e.ResultType();
  if (!e.In(1).IsTensor() && e.IsConstant(1)) {
    const double exponent = e.Real(1);
    graph::Value* x = e.As(0, type);
    if (exponent == 2) return e.Set(e.Op("Mul", {x, x}));
    if (exponent == 1) return e.Set(x);
    if (exponent == 0.5) return e.Set(e.Op("Sqrt", {x}));
    if (exponent == -1) return e.Set(e.Op("Reciprocal", {x}));
  }
  e.Set(e.Op("Pow", {e.As(0, type), e.As(1, type)}));
}

template <const char* kOp>
void Unary(Emit& e) {
  e.Set(e.Op(kOp, {e.As(0, e.ResultType())}));
}

void Rsqrt(Emit& e) {
  e.Set(e.Op("Reciprocal", {e.Op("Sqrt", {e.As(0, e.ResultType())})}));
}

void Log2(Emit& e) {
  const at::ScalarType type = e.ResultType();
  e.Set(e.Op("Div", {e.Op("Log", {e.As(0, type)}), e.Scalar(M_LN2, type)}));
}

void Clamp(Emit& e) {
  const at::ScalarType type = e.ResultType();
  const bool low = !e.IsNone(1), high = !e.IsNone(2);
  const bool scalars = (!low || !e.In(1).IsTensor() || e.In(1).tensor().dim() == 0) &&
                       (!high || !e.In(2).IsTensor() || e.In(2).tensor().dim() == 0);
  graph::Value* x = e.As(0, type);
  if (scalars) return e.Set(e.Op("Clip", {x, low ? e.As(1, type) : nullptr, high ? e.As(2, type) : nullptr}));
  if (low) x = e.Op("Max", {x, e.As(1, type)});
  if (high) x = e.Op("Min", {x, e.As(2, type)});
  e.Set(x);
}

template <const char* kOp>
void ClampOneSide(Emit& e) {
  const at::ScalarType type = e.ResultType();
  e.Set(e.Op(kOp, {e.As(0, type), e.As(1, type)}));
}

void Where(Emit& e) {
  const at::ScalarType type = e.ResultType();
  e.Set(e.Op("Where", {e.As(0, at::kBool), e.As(1, type), e.As(2, type)}));
}

void MaskedFill(Emit& e) {
  const at::ScalarType type = e.ResultType();
  e.Set(e.Op("Where", {e.As(1, at::kBool), e.As(2, type), e.As(0, type)}));
}

// Copies, changes of memory and of gradients; only the type may be another.
void Convert(Emit& e) {
  e.Set(e.As(0, e.ResultType()));
}

constexpr OperatorRow kRows[] = {
    {"aten::add", Sum<kAdd>},
    {"aten::sub", Sum<kSub>},
    {"aten::rsub", Rsub},
    {"aten::mul", Binary<kMul>},
    {"aten::div", Div},
    {"aten::true_divide", Div},
    {"aten::floor_divide", FloorDivide},
    {"aten::floordiv", FloorDivide},
    {"aten::remainder", Remainder},
    {"aten::pow", Pow},
    {"aten::square", [](Emit& e) { e.Set(e.Op("Mul", {e.Value(0), e.Value(0)})); }},
    {"aten::maximum", Binary<kMax>},
    {"aten::minimum", Binary<kMin>},
    {"aten::eq", Binary<kEqual>},
    {"aten::ne", NotEqual},
    {"aten::lt", Binary<kLess>},
    {"aten::gt", Binary<kGreater>},
    {"aten::le", Binary<kLessOrEqual>},
    {"aten::ge", Binary<kGreaterOrEqual>},
    {"aten::logical_and", Logical<kAnd>},
    {"aten::logical_or", Logical<kOr>},
    {"aten::logical_xor", Logical<kXor>},
    {"aten::logical_not", Not},
    {"aten::bitwise_not", Not},
    {"aten::__and__", Bitwise<kAnd>},
    {"aten::__or__", Bitwise<kOr>},
    {"aten::bitwise_and", Bitwise<kAnd>},
    {"aten::bitwise_or", Bitwise<kOr>},
    {"aten::sqrt", Unary<kSqrt>},
    {"aten::rsqrt", Rsqrt},
    {"aten::exp", Unary<kExp>},
    {"aten::log", Unary<kLog>},
    {"aten::log2", Log2},
    {"aten::erf", Unary<kErf>},
    {"aten::sin", Unary<kSin>},
    {"aten::cos", Unary<kCos>},
    {"aten::neg", Unary<kNeg>},
    {"aten::abs", Unary<kAbs>},
    {"aten::floor", Unary<kFloor>},
    {"aten::ceil", Unary<kCeil>},
    {"aten::round", Unary<kRound>},
    {"aten::sign", Unary<kSign>},
    {"aten::reciprocal", Unary<kReciprocal>},
    {"aten::clamp", Clamp},
    {"aten::clip", Clamp},
    {"aten::clamp_min", ClampOneSide<kMax>},
    {"aten::clamp_max", ClampOneSide<kMin>},
    {"aten::where", Where},
    {"aten::masked_fill", MaskedFill},
    {"aten::to", Convert},
    {"aten::type_as", Convert},
    {"aten::float", Convert},
    {"aten::contiguous", Convert},
    {"aten::clone", Convert},
    {"aten::detach", Convert},
    {"aten::alias", Convert},
    {"aten::lift_fresh", Convert},
    {"aten::dropout", Convert},
    {"aten::feature_dropout", Convert},
    {"aten::alpha_dropout", Convert},
    {"aten::Int", Convert},
    {"aten::Float", Convert},
    {"aten::Bool", Convert},
    {"aten::ScalarImplicit", Convert},
    {"aten::IntImplicit", Convert},
    {"aten::scalar_tensor", Convert},
    {"prim::NumToTensor", Convert},
};

}  // namespace

std::span<const OperatorRow> ArithmeticOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
