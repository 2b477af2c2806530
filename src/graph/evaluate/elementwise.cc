// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: elementwise operators with broadcasting, comparisons and Cast. Floating types are computed in
// double.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_map>

#include "graph/evaluate/kernel.h"
#include "graph/evaluate/numbers.h"

namespace bakeoff::graph {
namespace {

std::vector<int64_t> Broadcast(const Call& call, const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  std::vector<int64_t> dims(std::max(a.size(), b.size()));
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1, right = i < b.size() ? b[b.size() - 1 - i] : 1;
    call.Need(left == right || left == 1 || right == 1, "shapes that cannot be broadcast");
    dims[dims.size() - 1 - i] = left == 1 ? right : left;
  }
  return dims;
}

// For each element of `dims`, the index of the element of a tensor of shape `from` that it is made of.
std::vector<size_t> Spread(const Call& call, const std::vector<int64_t>& from, const std::vector<int64_t>& dims) {
  std::vector<size_t> index(CountOf(call, dims));
  std::vector<size_t> step(dims.size(), 0);
  size_t stride = 1;
  for (size_t i = 0; i < from.size(); ++i) {
    const size_t axis = dims.size() - 1 - i;
    const int64_t extent = from[from.size() - 1 - i];
    step[axis] = extent == 1 ? 0 : stride;
    stride *= static_cast<size_t>(extent);
  }
  std::vector<int64_t> at(dims.size(), 0);
  size_t here = 0;
  for (size_t& slot : index) {
    slot = here;
    for (size_t axis = dims.size(); axis-- > 0;) {
      here += step[axis];
      if (++at[axis] < dims[axis]) break;
      here -= step[axis] * static_cast<size_t>(dims[axis]);
      at[axis] = 0;
    }
  }
  return index;
}

using RealUnary = double (*)(double, const Node&);
using RealBinary = double (*)(double, double);
using WholeBinary = int64_t (*)(int64_t, int64_t);
using Compare = bool (*)(double, double);

double HardSigmoid(double x, const Node& node) {
  return std::clamp(node.Float("alpha", 0.2F) * x + node.Float("beta", 0.5F), 0.0, 1.0);
}

const std::unordered_map<std::string, RealUnary>& Unary() {
  static const std::unordered_map<std::string, RealUnary> table{
      {"Relu", [](double x, const Node&) { return x > 0 ? x : (x == x ? 0.0 : x); }},
      {"Sigmoid", [](double x, const Node&) { return 1 / (1 + std::exp(-x)); }},
      {"Tanh", [](double x, const Node&) { return std::tanh(x); }},
      {"Exp", [](double x, const Node&) { return std::exp(x); }},
      {"Log", [](double x, const Node&) { return std::log(x); }},
      {"Sqrt", [](double x, const Node&) { return std::sqrt(x); }},
      {"Neg", [](double x, const Node&) { return -x; }},
      {"Abs", [](double x, const Node&) { return std::fabs(x); }},
      {"Floor", [](double x, const Node&) { return std::floor(x); }},
      {"Ceil", [](double x, const Node&) { return std::ceil(x); }},
      {"Erf", [](double x, const Node&) { return std::erf(x); }},
      {"Reciprocal", [](double x, const Node&) { return 1 / x; }},
      {"HardSigmoid", HardSigmoid},
      {"HardSwish", [](double x, const Node&) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
      {"Elu", [](double x, const Node& node) { return x < 0 ? node.Float("alpha", 1) * std::expm1(x) : x; }},
      {"Softplus", [](double x, const Node&) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }},
      {"LeakyRelu", [](double x, const Node& node) { return x < 0 ? x * node.Float("alpha", 0.01F) : x; }},
  };
  return table;
}

struct Arithmetic {
  RealBinary real;
  WholeBinary whole;
};

// Whole numbers wrap, as the processors do; shape arithmetic never comes near.
int64_t Wrap(uint64_t value) {
  return static_cast<int64_t>(value);
}

const std::unordered_map<std::string, Arithmetic>& Binary() {
  static const std::unordered_map<std::string, Arithmetic> table{
      {"Add",
       {[](double a, double b) { return a + b; },
        [](int64_t a, int64_t b) { return Wrap(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }}},
      {"Sub",
       {[](double a, double b) { return a - b; },
        [](int64_t a, int64_t b) { return Wrap(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)); }}},
      {"Mul",
       {[](double a, double b) { return a * b; },
        [](int64_t a, int64_t b) { return Wrap(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)); }}},
      {"Div",
       {[](double a, double b) { return a / b; },
        [](int64_t a, int64_t b) { return b == -1 ? Wrap(0 - static_cast<uint64_t>(a)) : a / b; }}},
      {"Mod",
       {[](double a, double b) { return std::fmod(a, b); },
        [](int64_t a, int64_t b) { return b == -1 ? 0 : (a % b != 0 && (a < 0) != (b < 0) ? a % b + b : a % b); }}},
      {"Min", {[](double a, double b) { return std::min(a, b); }, [](int64_t a, int64_t b) { return std::min(a, b); }}},
      {"Max", {[](double a, double b) { return std::max(a, b); }, [](int64_t a, int64_t b) { return std::max(a, b); }}},
      {"PRelu", {[](double x, double slope) { return x < 0 ? x * slope : x; }, nullptr}},
      {"Pow", {[](double a, double b) { return std::pow(a, b); }, nullptr}},
  };
  return table;
}

const std::unordered_map<std::string, Compare>& Comparisons() {
  static const std::unordered_map<std::string, Compare> table{
      {"Equal", [](double a, double b) { return a == b; }},
      {"Less", [](double a, double b) { return a < b; }},
      {"Greater", [](double a, double b) { return a > b; }},
      {"LessOrEqual", [](double a, double b) { return a <= b; }},
      {"GreaterOrEqual", [](double a, double b) { return a >= b; }},
      {"And", [](double a, double b) { return a != 0 && b != 0; }},
      {"Or", [](double a, double b) { return a != 0 || b != 0; }},
  };
  return table;
}

Tensor Apply(const Call& call, const Arithmetic& arithmetic, const Tensor& a, const Tensor& b) {
  call.Need(a.type == b.type, "inputs of different types");
  const auto dims = Broadcast(call, a.dims, b.dims);
  const auto left = Spread(call, a.dims, dims), right = Spread(call, b.dims, dims);
  if (IsReal(a.type)) {
    const auto x = Reals(call, a), y = Reals(call, b);
    std::vector<double> result(left.size());
    for (size_t i = 0; i < result.size(); ++i) result[i] = arithmetic.real(x[left[i]], y[right[i]]);
    return FromReals(a.type, dims, result);
  }
  if (!arithmetic.whole) call.Unknown("whole numbers");
  const auto x = Wholes(call, a), y = Wholes(call, b);
  const bool divides = call.node.op == "Div" || call.node.op == "Mod";
  if (divides && call.node.Int("fmod", 0) != 0) call.Unknown("fmod of whole numbers");
  std::vector<int64_t> result(left.size());
  for (size_t i = 0; i < result.size(); ++i) {
    if (divides && y[right[i]] == 0) call.Unknown("division by zero");
    result[i] = arithmetic.whole(x[left[i]], y[right[i]]);
  }
  return FromWholes(a.type, dims, result);
}

Tensor Clip(const Call& call) {
  const Tensor& x = call.In(0);
  const auto bound = [&](size_t index, double fallback) {
    const Tensor* tensor = call.Maybe(index);
    return tensor && tensor->Count() == 1 ? Reals(call, *tensor)[0] : fallback;
  };
  const double low = bound(1, -std::numeric_limits<double>::infinity()),
               high = bound(2, std::numeric_limits<double>::infinity());
  auto values = Reals(call, x);
  for (double& value : values) value = std::min(std::max(value, low), high);
  return FromReals(x.type, x.dims, values);
}

Tensor Where(const Call& call) {
  const Tensor &condition = call.In(0), &yes = call.In(1), &no = call.In(2);
  call.Need(yes.type == no.type, "inputs of different types");
  const auto dims = Broadcast(call, Broadcast(call, condition.dims, yes.dims), no.dims);
  const auto which = Spread(call, condition.dims, dims), left = Spread(call, yes.dims, dims),
             right = Spread(call, no.dims, dims);
  const auto choose = Wholes(call, condition);
  if (IsReal(yes.type)) {
    const auto x = Reals(call, yes), y = Reals(call, no);
    std::vector<double> result(which.size());
    for (size_t i = 0; i < result.size(); ++i) result[i] = choose[which[i]] ? x[left[i]] : y[right[i]];
    return FromReals(yes.type, dims, result);
  }
  const auto x = Wholes(call, yes), y = Wholes(call, no);
  std::vector<int64_t> result(which.size());
  for (size_t i = 0; i < result.size(); ++i) result[i] = choose[which[i]] ? x[left[i]] : y[right[i]];
  return FromWholes(yes.type, dims, result);
}

Tensor Cast(const Call& call) {
  const Tensor& x = call.In(0);
  const int64_t to = call.node.Int("to", 0);
  call.Need(to > 0 && to <= kLastElementType, "no element type to cast to");
  const auto type = static_cast<ElementType>(to);
  if (type == x.type) return x;
  if (IsReal(x.type) && !IsReal(type)) {
    std::vector<int64_t> wholes;
    for (const double value : Reals(call, x)) {
      if (!(std::fabs(value) < 9e18)) call.Unknown("a number that the type cannot hold");
      wholes.push_back(type == ElementType::kBool ? value != 0 : static_cast<int64_t>(value));
    }
    return FromWholes(type, x.dims, wholes);
  }
  if (IsReal(x.type)) return FromReals(type, x.dims, Reals(call, x));
  const auto wholes = Wholes(call, x);
  if (!IsReal(type)) return FromWholes(type, x.dims, wholes);
  return FromReals(type, x.dims, std::vector<double>(wholes.begin(), wholes.end()));
}

}  // namespace

std::optional<Results> EvaluateElementwise(const Call& call) {
  const std::string& op = call.node.op;
  if (const auto unary = Unary().find(op); unary != Unary().end()) {
    const Tensor& x = call.In(0);
    if (!IsReal(x.type)) {
      if (op != "Neg" && op != "Abs") call.Unknown("whole numbers");
      auto wholes = Wholes(call, x);
      for (int64_t& value : wholes) value = op == "Neg" || value < 0 ? Wrap(0 - static_cast<uint64_t>(value)) : value;
      return Results{FromWholes(x.type, x.dims, wholes)};
    }
    auto values = Reals(call, x);
    for (double& value : values) value = unary->second(value, call.node);
    return Results{FromReals(x.type, x.dims, values)};
  }
  if (const auto binary = Binary().find(op); binary != Binary().end()) {
    Tensor sum = call.In(0);
    if (call.inputs.size() > 2 && op != "Min" && op != "Max") call.Bad("more than two inputs");
    for (size_t i = 1; i < call.inputs.size(); ++i) sum = Apply(call, binary->second, sum, call.In(i));
    return Results{std::move(sum)};
  }
  if (const auto compare = Comparisons().find(op); compare != Comparisons().end()) {
    const Tensor &a = call.In(0), &b = call.In(1);
    const auto dims = Broadcast(call, a.dims, b.dims);
    const auto left = Spread(call, a.dims, dims), right = Spread(call, b.dims, dims);
    std::vector<int64_t> result(left.size());
    if (IsReal(a.type)) {
      const auto x = Reals(call, a), y = Reals(call, b);
      for (size_t i = 0; i < result.size(); ++i) result[i] = compare->second(x[left[i]], y[right[i]]);
    } else {
      const auto x = Wholes(call, a), y = Wholes(call, b);
      // As double: exact below 2^53, which sizes never reach.
      for (size_t i = 0; i < result.size(); ++i)
        result[i] = compare->second(static_cast<double>(x[left[i]]), static_cast<double>(y[right[i]]));
    }
    return Results{FromWholes(ElementType::kBool, dims, result)};
  }
  if (op == "Not") {
    auto values = Wholes(call, call.In(0));
    for (int64_t& value : values) value = value == 0;
    return Results{FromWholes(ElementType::kBool, call.In(0).dims, values)};
  }
  if (op == "Clip") return Results{Clip(call)};
  if (op == "Where") return Results{Where(call)};
  if (op == "Cast") return Results{Cast(call)};
  return std::nullopt;
}

}  // namespace bakeoff::graph
