// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Shapes: sizes, reshapes, orders of axes, joining and cutting.
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

graph::Value* SizeScalar(Emit& e, int64_t axis) {
  return e.Op("Gather", {e.Op("Shape", {e.Value(0)}), e.Scalar(static_cast<double>(axis), at::kLong)},
              {{"axis", int64_t{0}}});
}

// (self, dim), or (self) for the list of all. Reached only where the extent is free.
void Size(Emit& e) {
  Item& result = e.Results()[0];
  if (!result.seen[0].isIntList()) {
    const int64_t axis = e.Axis(1, e.Rank(0));
    result.size = SizeOf{e.Value(0), axis};
    return e.Set(SizeScalar(e, axis));
  }
  result.elements.clear();
  for (int64_t axis = 0; axis < e.Rank(0); ++axis) {
    Item extent{.seen = {e.In(0).tensor(0).size(axis), e.In(0).tensor(1).size(axis)}};
    extent.varies = e.SizeVaries(0, axis);
    if (extent.varies) {
      extent.value = SizeScalar(e, axis);
      extent.size = SizeOf{e.Value(0), axis};
    }
    result.elements.push_back(std::move(extent));
  }
}

void Numel(Emit& e) {
  e.Set(e.Op("Size", {e.Value(0)}));
}

void Length(Emit& e) {
  e.Set(SizeScalar(e, 0));
}

// (self, shape)
void Reshape(Emit& e) {
  e.Set(e.Op("Reshape", {e.Value(0), e.ShapeOf(e.List(1), e.Value(0))}));
}

// (self, other): the shape of another tensor.
void ReshapeAs(Emit& e) {
  e.Set(e.Op("Reshape", {e.Value(0), e.Op("Shape", {e.Value(1)})}));
}

// (self, start, end)
void Flatten(Emit& e) {
  const int64_t rank = e.Rank(0);
  if (rank == 0) return e.Set(e.Reshape(e.Value(0), {1}));
  const int64_t start = e.Axis(1, rank), end = e.Axis(2, rank);
  if (start == end) return e.Set(e.Value(0));
  if (start == 1 && end == rank - 1) return e.Set(e.Op("Flatten", {e.Value(0)}, {{"axis", int64_t{1}}}));
  // 0 keeps the extents before; those behind must be known, or all be in the flattened part.
  std::vector<int64_t> shape(static_cast<size_t>(start), 0);
  shape.push_back(-1);
  bool known = true;
  for (int64_t axis = end + 1; axis < rank; ++axis) {
    known &= !e.SizeVaries(0, axis);
    shape.push_back(e.Sizes(0)[static_cast<size_t>(axis)]);
  }
  if (known) return e.Set(e.Reshape(e.Value(0), shape));
  std::vector<graph::Value*> parts{e.I64(std::vector<int64_t>(shape.begin(), shape.begin() + start + 1))};
  for (int64_t axis = end + 1; axis < rank; ++axis) parts.push_back(e.SizeVector(0, axis));
  e.Set(e.Op("Reshape", {e.Value(0), e.Op("Concat", parts, {{"axis", int64_t{0}}})}));
}

// (self, dim, sizes)
void Unflatten(Emit& e) {
  const int64_t rank = e.Rank(0), axis = e.Axis(1, rank);
  std::vector<int64_t> shape(static_cast<size_t>(axis), 0);
  const std::vector<int64_t> sizes = e.Ints(2);
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  for (int64_t behind = axis + 1; behind < rank; ++behind) {
    if (e.SizeVaries(0, behind)) throw Unsupported("a free extent behind the one that is cut");
    shape.push_back(e.Sizes(0)[static_cast<size_t>(behind)]);
  }
  e.Set(e.Reshape(e.Value(0), shape));
}

void Permute(Emit& e) {
  e.Set(e.Transpose(e.Value(0), e.Axes(1, e.Rank(0))));
}

// (self, dim0, dim1)
void Transpose(Emit& e) {
  const int64_t rank = e.Rank(0);
  std::vector<int64_t> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  const int64_t a = e.Axis(1, rank), b = e.Axis(2, rank);
  if (a == b) return e.Set(e.Value(0));
  std::swap(order[static_cast<size_t>(a)], order[static_cast<size_t>(b)]);
  e.Set(e.Transpose(e.Value(0), order));
}

void Turn(Emit& e) {
  e.Set(e.Rank(0) < 2 ? e.Value(0) : e.Transpose(e.Value(0), {1, 0}));
}

void Unsqueeze(Emit& e) {
  e.Set(e.Unsqueeze(e.Value(0), {e.Axis(1, e.Rank(0) + 1)}));
}

// (self), (self, dim), (self, dims): only extents of 1 go.
void Squeeze(Emit& e) {
  std::vector<int64_t> axes;
  for (const int64_t axis : e.Arguments() > 1 ? e.Axes(1, e.Rank(0)) : Emit::AllAxes(e.Rank(0))) {
    if (!e.SizeVaries(0, axis) && e.Sizes(0)[static_cast<size_t>(axis)] == 1) axes.push_back(axis);
  }
  e.Set(axes.empty() ? e.Value(0) : e.Squeeze(e.Value(0), axes));
}

// (tensors, dim). PyTorch leaves out vectors without elements.
void Cat(Emit& e) {
  std::vector<graph::Value*> parts;
  for (Item part : e.List(0)) {
    if (part.tensor().dim() == 1 && part.tensor().numel() == 0) continue;
    parts.push_back(e.As(part, e.ResultType()));
  }
  const auto rank = static_cast<int64_t>(e.ResultSizes().size());
  e.Set(parts.size() == 1 ? parts[0] : e.Op("Concat", parts, {{"axis", e.Axis(1, rank)}}));
}

void Stack(Emit& e) {
  const auto rank = static_cast<int64_t>(e.ResultSizes().size());
  const int64_t axis = e.Axis(1, rank);
  std::vector<graph::Value*> parts;
  for (Item part : e.List(0)) parts.push_back(e.Unsqueeze(e.As(part, e.ResultType()), {axis}));
  e.Set(parts.size() == 1 ? parts[0] : e.Op("Concat", parts, {{"axis", axis}}));
}

// chunk, split, split_with_sizes, tensor_split: what came out says the sizes.
void SplitAs(Emit& e, int64_t axis) {
  if (e.SizeVaries(0, axis)) throw Unsupported("cutting along a free extent");
  std::vector<int64_t> sizes;
  for (const c10::IValue& part : e.Results()[0].seen[0].toListRef()) sizes.push_back(part.toTensor().size(axis));
  e.SetList(sizes.size() == 1 ? std::vector{e.Value(0)} : e.Split(e.Value(0), axis, sizes));
}

void Split(Emit& e) {
  SplitAs(e, e.Axis(2, e.Rank(0)));
}

// (self, dim)
void Unbind(Emit& e) {
  const int64_t axis = e.Axis(1, e.Rank(0));
  if (e.SizeVaries(0, axis)) throw Unsupported("cutting along a free extent");
  const std::vector<int64_t> ones(static_cast<size_t>(e.Sizes(0)[static_cast<size_t>(axis)]), 1);
  std::vector<graph::Value*> parts = ones.size() == 1 ? std::vector{e.Value(0)} : e.Split(e.Value(0), axis, ones);
  for (graph::Value*& part : parts) part = e.Squeeze(part, {axis});
  e.SetList(parts);
}

// (self, sizes): -1 keeps an extent, and so does ONNX's 1.
void Expand(Emit& e) {
  std::vector<Item> sizes = e.List(1);
  for (Item& size : sizes) {
    if (!size.varies && size.seen[0].toInt() == -1) size.seen = {c10::IValue(1), c10::IValue(1)};
  }
  e.Set(e.Op("Expand", {e.Value(0), e.ShapeOf(sizes, nullptr)}));
}

void ExpandAs(Emit& e) {
  e.Set(e.Op("Expand", {e.Value(0), e.Op("Shape", {e.Value(1)})}));
}

// (self, repeats)
void Repeat(Emit& e) {
  std::vector<int64_t> repeats = e.Ints(1);
  graph::Value* x = e.Value(0);
  std::vector<int64_t> front;
  for (int64_t axis = 0; axis < static_cast<int64_t>(repeats.size()) - e.Rank(0); ++axis) front.push_back(axis);
  if (!front.empty()) x = e.Unsqueeze(x, front);
  e.Set(e.Op("Tile", {x, e.I64(std::move(repeats))}));
}

// (self, shifts, dims)
void Roll(Emit& e) {
  const std::vector<int64_t> shifts = e.Ints(1), axes = e.Ints(2);
  if (axes.size() != shifts.size()) throw Unsupported("a roll of the flattened tensor");
  graph::Value* x = e.Value(0);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (shifts[i] == 0) continue;
    const int64_t axis = axes[i] < 0 ? axes[i] + e.Rank(0) : axes[i];
    const int64_t extent = e.Sizes(0)[static_cast<size_t>(axis)];
    if (e.SizeVaries(0, axis) && std::abs(shifts[i]) >= extent) throw Unsupported("a shift beyond a free extent");
    const int64_t shift = shifts[i] % extent;
    constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
    x = e.Op("Concat", {e.Slice(x, axis, -shift, kEnd), e.Slice(x, axis, 0, -shift)}, {{"axis", axis}});
  }
  e.Set(x);
}

// (self, pad, mode, value), or (self, pad, value): pairs from the last axis to the first.
void Pad(Emit& e) {
  const std::vector<Item> pads = e.List(1);
  std::string mode = "constant";
  size_t value = 2;
  if (e.Arguments() > 2 && e.In(2).seen[0].isString()) {
    mode = e.Text(2);
    value = 3;
  }
  if (mode == "circular") throw Unsupported("circular padding");
  if (mode == "replicate") mode = "edge";
  const auto rank = static_cast<size_t>(e.Rank(0));
  std::vector<Item> ordered(2 * rank, Item{.seen = {c10::IValue(0), c10::IValue(0)}});
  for (size_t pair = 0; 2 * pair + 1 < pads.size(); ++pair) {
    ordered[rank - 1 - pair] = pads[2 * pair];
    ordered[2 * rank - 1 - pair] = pads[2 * pair + 1];
  }
  std::vector<graph::Value*> inputs{e.Value(0), e.ShapeOf(ordered, nullptr)};
  if (mode == "constant") {
    const double fill = value < e.Arguments() && !e.IsNone(value) ? e.Real(value) : 0;
    inputs.push_back(e.Scalar(fill, e.Type(0)));
  }
  e.Set(e.Op("Pad", std::move(inputs), {{"mode", mode}}));
}

// zeros, ones, full, and their new_ and _like forms: the same value everywhere, of a shape that is free.
void Filled(Emit& e) {
  const at::Tensor& result = e.Results()[0].tensor();
  const double fill = result.numel() > 0 ? result.reshape({-1})[0].item<double>() : 0;
  graph::Value* shape = nullptr;
  if (e.In(0).IsTensor() && (e.Arguments() < 2 || !e.In(1).seen[0].isIntList())) {
    shape = e.Op("Shape", {e.Value(0)});
  } else {
    shape = e.ShapeOf(e.List(e.In(0).IsTensor() ? 1 : 0), nullptr);
  }
  at::Tensor one = at::full({1}, fill, result.scalar_type());
  e.Set(e.Op("ConstantOfShape", {shape}, {{"value", ToTensor(one)}}));
}

// (end) or (start, end) or (start, end, step), with type and device behind.
void Arange(Emit& e) {
  const at::ScalarType type = e.ResultType();
  size_t numbers = 0;
  while (numbers < e.Arguments() && e.In(numbers).seen[0].isScalar()) ++numbers;
  numbers = std::min(numbers, e.Arguments() - std::min<size_t>(e.Arguments(), 4));
  graph::Value* start = numbers > 1 ? e.As(0, type) : e.Scalar(0, type);
  graph::Value* end = e.As(numbers > 1 ? 1 : 0, type);
  graph::Value* step = numbers > 2 ? e.As(2, type) : e.Scalar(1, type);
  e.Set(e.Op("Range", {start, end, step}));
}

constexpr OperatorRow kRows[] = {
    {"aten::size", Size},
    {"aten::numel", Numel},
    {"aten::len", Length},
    {"aten::view", Reshape},
    {"aten::reshape", Reshape},
    {"aten::_unsafe_view", Reshape},
    {"aten::view_as", ReshapeAs},
    {"aten::reshape_as", ReshapeAs},
    {"aten::flatten", Flatten},
    {"aten::unflatten", Unflatten},
    {"aten::permute", Permute},
    {"aten::transpose", Transpose},
    {"aten::swapaxes", Transpose},
    {"aten::swapdims", Transpose},
    {"aten::t", Turn},
    {"aten::numpy_T", Turn},
    {"aten::unsqueeze", Unsqueeze},
    {"aten::squeeze", Squeeze},
    {"aten::cat", Cat},
    {"aten::concat", Cat},
    {"aten::stack", Stack},
    {"aten::chunk", Split},
    {"aten::split", Split},
    {"aten::split_with_sizes", Split},
    {"aten::unbind", Unbind},
    {"aten::expand", Expand},
    {"aten::expand_as", ExpandAs},
    {"aten::repeat", Repeat},
    {"aten::roll", Roll},
    {"aten::pad", Pad},
    {"aten::constant_pad_nd", Pad},
    {"aten::zeros", Filled},
    {"aten::ones", Filled},
    {"aten::full", Filled},
    {"aten::new_zeros", Filled},
    {"aten::new_ones", Filled},
    {"aten::new_full", Filled},
    {"aten::zeros_like", Filled},
    {"aten::ones_like", Filled},
    {"aten::full_like", Filled},
    {"aten::arange", Arange},
};

}  // namespace

std::span<const OperatorRow> ShapeOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
