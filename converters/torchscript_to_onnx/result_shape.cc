// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The shape rules of what networks do most.
#include "converters/torchscript_to_onnx/result_shape.h"

#include <ATen/ExpandUtils.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <vector>

namespace bakeoff::torchscript {
namespace {

using torch::jit::Stack;
using Sizes = std::vector<int64_t>;
using Rule = std::optional<Sizes> (*)(const Stack& arguments);

const at::Tensor& TensorAt(const Stack& arguments, size_t index) {
  return arguments[index].toTensor();
}

struct Convolution {
  Sizes stride, padding, dilation, more;
  int64_t groups;
  bool transposed;
};

std::optional<Sizes> Convolved(const at::Tensor& x, const at::Tensor& weight, const Convolution& c) {
  const int64_t spatial = weight.dim() - 2;
  if (spatial < 1 || x.dim() != weight.dim()) return std::nullopt;
  for (const Sizes* list : {&c.stride, &c.padding, &c.dilation, &c.more}) {
    if (static_cast<int64_t>(list->size()) != spatial) return std::nullopt;
  }
  if (x.size(1) != (c.transposed ? weight.size(0) : weight.size(1) * c.groups)) return std::nullopt;
  Sizes result{x.size(0), c.transposed ? weight.size(1) * c.groups : weight.size(0)};
  for (int64_t axis = 0; axis < spatial; ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t reach = c.dilation[at] * (weight.size(axis + 2) - 1) + 1, in = x.size(axis + 2);
    const int64_t padded = in + 2 * c.padding[at];
    if (c.stride[at] < 1 || (!c.transposed && padded < reach)) return std::nullopt;
    result.push_back(c.transposed ? (in - 1) * c.stride[at] - 2 * c.padding[at] + reach + c.more[at]
                                  : (padded - reach) / c.stride[at] + 1);
  }
  if (std::any_of(result.begin(), result.end(), [](int64_t extent) { return extent < 1; })) return std::nullopt;
  return result;
}

// (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, ..)
std::optional<Sizes> AnyConvolution(const Stack& a) {
  const Convolution settings{.stride = a[3].toIntVector(),
                             .padding = a[4].toIntVector(),
                             .dilation = a[5].toIntVector(),
                             .more = a[7].toIntVector(),
                             .groups = a[8].toInt(),
                             .transposed = a[6].toBool()};
  return Convolved(TensorAt(a, 0), TensorAt(a, 1), settings);
}

// (input, weight, bias, stride, padding, dilation, groups)
std::optional<Sizes> PlainConvolution(const Stack& a) {
  if (!a[4].isIntList()) return std::nullopt;
  const Sizes stride = a[3].toIntVector();
  const Convolution settings{.stride = stride,
                             .padding = a[4].toIntVector(),
                             .dilation = a[5].toIntVector(),
                             .more = Sizes(stride.size(), 0),
                             .groups = a[6].toInt(),
                             .transposed = false};
  return Convolved(TensorAt(a, 0), TensorAt(a, 1), settings);
}

// (input, weight, bias)
std::optional<Sizes> Linear(const Stack& a) {
  const at::Tensor &x = TensorAt(a, 0), &weight = TensorAt(a, 1);
  if (x.dim() < 1 || weight.dim() != 2 || x.size(-1) != weight.size(1)) return std::nullopt;
  Sizes result = x.sizes().vec();
  result.back() = weight.size(0);
  return result;
}

std::optional<Sizes> Product(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() < 2 || b.dim() < 2 || a.size(-1) != b.size(-2)) return std::nullopt;
  const Sizes before = a.sizes().slice(0, static_cast<size_t>(a.dim() - 2)).vec();
  const Sizes other = b.sizes().slice(0, static_cast<size_t>(b.dim() - 2)).vec();
  for (size_t i = 1; i <= std::min(before.size(), other.size()); ++i) {
    const int64_t one = before[before.size() - i], two = other[other.size() - i];
    if (one != two && one != 1 && two != 1) return std::nullopt;
  }
  Sizes result = at::infer_size(before, other);
  result.push_back(a.size(-2));
  result.push_back(b.size(-1));
  return result;
}

std::optional<Sizes> MatMul(const Stack& a) {
  return Product(TensorAt(a, 0), TensorAt(a, 1));
}

// (self, first, second, ..): self takes the shape of the product.
std::optional<Sizes> AddMm(const Stack& a) {
  const auto sizes = Product(TensorAt(a, 1), TensorAt(a, 2));
  return sizes && at::is_expandable_to(TensorAt(a, 0).sizes(), *sizes) ? sizes : std::nullopt;
}

// (input, ..): as it is.
std::optional<Sizes> First(const Stack& a) {
  return TensorAt(a, 0).sizes().vec();
}

// (self, other, ..): both as large as the larger; a number has no size.
std::optional<Sizes> Both(const Stack& a) {
  const Sizes one = TensorAt(a, 0).sizes().vec();
  if (!a[1].isTensor()) return a[1].isScalar() ? std::optional(one) : std::nullopt;
  const Sizes other = TensorAt(a, 1).sizes().vec();
  return at::are_expandable(one, other) ? std::optional<Sizes>(at::infer_size(one, other)) : std::nullopt;
}

// (input, weight, bias, running_mean, running_var, training, ..)
std::optional<Sizes> BatchNorm(const Stack& a) {
  const at::Tensor& x = TensorAt(a, 0);
  if (a[5].toBool() || x.dim() < 2) return std::nullopt;
  for (size_t i = 1; i <= 4; ++i) {
    if (a[i].isTensor() && a[i].toTensor().numel() != x.size(1)) return std::nullopt;
  }
  return First(a);
}

// (tensors, axis)
std::optional<Sizes> Cat(const Stack& a) {
  if (!a[0].isTensorList() || a[0].toTensorList().empty()) return std::nullopt;
  const auto parts = a[0].toTensorVector();
  Sizes result = parts[0].sizes().vec();
  const auto rank = static_cast<int64_t>(result.size());
  const int64_t axis = a[1].toInt() < 0 ? a[1].toInt() + rank : a[1].toInt();
  if (axis < 0 || axis >= rank) return std::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].scalar_type() != parts[0].scalar_type() || parts[i].dim() != rank) return std::nullopt;
    for (int64_t k = 0; k < rank; ++k) {
      if (k != axis && parts[i].size(k) != result[static_cast<size_t>(k)]) return std::nullopt;
    }
    if (i > 0) result[static_cast<size_t>(axis)] += parts[i].size(axis);
  }
  return result;
}

// An operator that writes in place gives its first argument back.
const std::map<std::string_view, Rule> kRules = {
    {"aten::batch_norm", BatchNorm},
    {"aten::cat", Cat},
    {"aten::add", Both},
    {"aten::add_", Both},
    {"aten::sub", Both},
    {"aten::mul", Both},
    {"aten::mul_", Both},
    {"aten::relu", First},
    {"aten::relu_", First},
    {"aten::hardtanh", First},
    {"aten::hardtanh_", First},
    {"aten::hardswish", First},
    {"aten::hardswish_", First},
    {"aten::hardsigmoid", First},
    {"aten::sigmoid", First},
    {"aten::silu", First},
    {"aten::silu_", First},
    {"aten::gelu", First},
    {"aten::tanh", First},
    {"aten::_convolution", AnyConvolution},
    {"aten::convolution", AnyConvolution},
    {"aten::conv1d", PlainConvolution},
    {"aten::conv2d", PlainConvolution},
    {"aten::conv3d", PlainConvolution},
    {"aten::linear", Linear},
    {"aten::matmul", MatMul},
    {"aten::bmm", MatMul},
    {"aten::addmm", AddMm},
};

// Zeros that take no memory as long as nobody writes to them: large pieces of calloc() come from the system as they
// are.
at::Tensor Zeros(const Sizes& sizes, at::ScalarType type) {
  const auto bytes = static_cast<size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
  void* memory = bytes == 0 ? nullptr : std::calloc(1, bytes);
  if (!memory) return at::zeros(sizes, at::TensorOptions(type));
  return at::from_blob(memory, sizes, std::free, at::TensorOptions(type));
}

}  // namespace

std::optional<at::Tensor> ResultOfSameShape(const torch::jit::Node& node, const Stack& arguments) {
  const auto rule = kRules.find(node.kind().toQualString());
  if (rule == kRules.end()) return std::nullopt;
  std::optional<at::ScalarType> type;
  if (arguments[0].isTensorList() && !arguments[0].toTensorList().empty())
    type = arguments[0].toTensorVector()[0].scalar_type();
  if (type && !at::isFloatingType(*type)) return std::nullopt;
  for (const c10::IValue& argument : arguments) {
    if (!argument.isTensor()) continue;
    const at::Tensor& tensor = argument.toTensor();
    if (!tensor.defined() || !at::isFloatingType(tensor.scalar_type())) return std::nullopt;
    if (type.value_or(tensor.scalar_type()) != tensor.scalar_type()) return std::nullopt;
    type = tensor.scalar_type();
  }
  const auto sizes = type ? rule->second(arguments) : std::nullopt;
  if (!sizes) return std::nullopt;
  if (rule->first.ends_with('_')) {
    const at::Tensor& self = TensorAt(arguments, 0);
    return self.sizes() == at::IntArrayRef(*sizes) ? std::optional(self) : std::nullopt;
  }
  return Zeros(*sizes, *type);
}

}  // namespace bakeoff::torchscript
