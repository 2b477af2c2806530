// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Activations.
#include <cmath>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

constexpr char kRelu[] = "Relu", kSigmoid[] = "Sigmoid", kTanh[] = "Tanh", kSoftsign[] = "Softsign", kSelu[] = "Selu";

template <const char* kOp>
void Plain(Emit& e) {
  e.Set(e.Op(kOp, {e.Value(0)}));
}

graph::Value* Clip(Emit& e, graph::Value* x, double low, double high) {
  const at::ScalarType type = e.Type(0);
  return e.Op("Clip", {x, e.Scalar(low, type), e.Scalar(high, type)});
}

void Relu6(Emit& e) {
  e.Set(Clip(e, e.Value(0), 0, 6));
}
void Hardtanh(Emit& e) {
  e.Set(Clip(e, e.Value(0), e.Real(1), e.Real(2)));
}

// Clip(x / 6 + 1/2, 0, 1)
graph::Value* HardSigmoidOf(Emit& e, graph::Value* x) {
  return e.Op("HardSigmoid", {x}, {{"alpha", 1.0F / 6}, {"beta", 0.5F}});
}
void Hardsigmoid(Emit& e) {
  e.Set(HardSigmoidOf(e, e.Value(0)));
}

void Hardswish(Emit& e) {
  graph::Value* x = e.Value(0);
  e.Set(e.opset() >= 14 ? e.Op("HardSwish", {x}) : e.Op("Mul", {x, HardSigmoidOf(e, x)}));
}

void Silu(Emit& e) {
  graph::Value* x = e.Value(0);
  e.Set(e.Op("Mul", {x, e.Op("Sigmoid", {x})}));
}

void Mish(Emit& e) {
  graph::Value* x = e.Value(0);
  e.Set(e.Op("Mul", {x, e.Op("Tanh", {e.Op("Softplus", {x})})}));
}

// Hendrycks, Gimpel 2016: exact, x/2 (1 + erf(x / sqrt 2)), or with tanh in erf's place.
void Gelu(Emit& e) {
  graph::Value* x = e.Value(0);
  const at::ScalarType type = e.Type(0);
  graph::Value* inner = nullptr;
  if (e.IsNone(1) || e.Text(1) == "none") {
    inner = e.Op("Erf", {e.Op("Div", {x, e.Scalar(std::sqrt(2.0), type)})});
  } else {
    graph::Value* cube = e.Op("Mul", {e.Op("Mul", {x, x}), x});
    graph::Value* sum = e.Op("Add", {x, e.Op("Mul", {cube, e.Scalar(0.044715, type)})});
    inner = e.Op("Tanh", {e.Op("Mul", {sum, e.Scalar(std::sqrt(2.0 / M_PI), type)})});
  }
  graph::Value* gate = e.Op("Mul", {x, e.Op("Add", {inner, e.Scalar(1, type)})});
  e.Set(e.Op("Mul", {gate, e.Scalar(0.5, type)}));
}

void LeakyRelu(Emit& e) {
  e.Set(e.Op("LeakyRelu", {e.Value(0)}, {{"alpha", static_cast<float>(e.Real(1))}}));
}

void Elu(Emit& e) {
  if (e.Real(2) != 1 || e.Real(3) != 1) throw Unsupported("scales other than 1");
  e.Set(e.Op("Elu", {e.Value(0)}, {{"alpha", static_cast<float>(e.Real(1))}}));
}

void Prelu(Emit& e) {
  graph::Value* slope = e.Value(1);
  // One slope a channel: ONNX broadcasts from the last axis, PyTorch from the second.
  const int64_t channels = e.In(1).tensor().numel(), rank = e.Rank(0);
  if (channels > 1 && rank > 2) {
    std::vector<int64_t> shape(static_cast<size_t>(rank) - 1, 1);
    shape[0] = channels;
    slope = e.Reshape(slope, shape);
  }
  e.Set(e.Op("PRelu", {e.Value(0), slope}));
}

void Softplus(Emit& e) {
  const double beta = e.Real(1);
  const at::ScalarType type = e.Type(0);
  // PyTorch is linear above the threshold, where softplus in f32 is so by itself.
  if (beta * e.Real(2) < 15) throw Unsupported("a threshold below 15");
  graph::Value* x = e.Value(0);
  if (beta == 1) return e.Set(e.Op("Softplus", {x}));
  graph::Value* scaled = e.Op("Softplus", {e.Op("Mul", {x, e.Scalar(beta, type)})});
  e.Set(e.Op("Div", {scaled, e.Scalar(beta, type)}));
}

template <bool kLog>
void Softmax(Emit& e) {
  graph::Value* x = e.As(0, e.ResultType());
  e.Set(e.Op(kLog ? "LogSoftmax" : "Softmax", {x}, {{"axis", e.Axis(1, e.Rank(0))}}));
}

void Glu(Emit& e) {
  const int64_t axis = e.Axis(1, e.Rank(0));
  const int64_t half = e.Sizes(0)[static_cast<size_t>(axis)] / 2;
  if (e.SizeVaries(0, axis)) throw Unsupported("the axis that is halved has a free extent");
  const auto parts = e.Split(e.Value(0), axis, {half, half});
  e.Set(e.Op("Mul", {parts[0], e.Op("Sigmoid", {parts[1]})}));
}

constexpr OperatorRow kRows[] = {
    {"aten::relu", Plain<kRelu>},
    {"aten::sigmoid", Plain<kSigmoid>},
    {"aten::tanh", Plain<kTanh>},
    {"aten::softsign", Plain<kSoftsign>},
    {"aten::selu", Plain<kSelu>},
    {"aten::relu6", Relu6},
    {"aten::hardtanh", Hardtanh},
    {"aten::hardsigmoid", Hardsigmoid},
    {"aten::hardswish", Hardswish},
    {"aten::silu", Silu},
    {"aten::mish", Mish},
    {"aten::gelu", Gelu},
    {"aten::leaky_relu", LeakyRelu},
    {"aten::elu", Elu},
    {"aten::prelu", Prelu},
    {"aten::_prelu_kernel", Prelu},
    {"aten::softplus", Softplus},
    {"aten::softmax", Softmax<false>},
    {"aten::_softmax", Softmax<false>},
    {"aten::log_softmax", Softmax<true>},
    {"aten::_log_softmax", Softmax<true>},
    {"aten::glu", Glu},
};

}  // namespace

std::span<const OperatorRow> ActivationOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
