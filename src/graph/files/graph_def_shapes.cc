// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One rule per family of operators; what has none stays unknown, and the census says so.
#include "graph/files/graph_def_shapes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

#include "graph/files/facts.h"

namespace bakeoff::graph {
namespace {

using Values = std::vector<DefValue>;
using Names = std::set<std::string_view>;

const Shape* ShapeAt(const Values& inputs, size_t index) {
  return index < inputs.size() && inputs[index].shape ? &*inputs[index].shape : nullptr;
}

const std::vector<int64_t>* ValuesAt(const Values& inputs, size_t index) {
  return index < inputs.size() && inputs[index].values ? &*inputs[index].values : nullptr;
}

std::vector<int64_t> List(const DefNode& node, std::string_view attribute) {
  const DefAttribute* found = node.Find(attribute);
  return found ? found->numbers : std::vector<int64_t>{};
}

// Where height, width and so on lie.
bool ChannelsFirst(const DefNode& node) {
  return node.Text("data_format").starts_with("NC");
}

std::optional<Shape> Broadcast(const Values& inputs) {
  Shape result;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape* shape = ShapeAt(inputs, i);
    if (!shape) return std::nullopt;
    Shape padded = *shape;
    if (padded.size() < result.size()) padded.insert(padded.begin(), result.size() - padded.size(), 1);
    if (result.size() < padded.size()) result.insert(result.begin(), padded.size() - result.size(), 1);
    for (size_t axis = 0; axis < result.size(); ++axis) {
      if (result[axis] != padded[axis] && result[axis] != 1 && padded[axis] != 1) return std::nullopt;
      if (result[axis] == 1) result[axis] = padded[axis];
    }
  }
  return result;
}

std::optional<int64_t> WindowExtent(int64_t in, int64_t window, int64_t stride, int64_t dilation,
                                    const std::string& padding, int64_t explicit_padding) {
  if (in < 0 || window < 1 || stride < 1 || dilation < 1 || window > (int64_t{1} << 31) / dilation) return std::nullopt;
  if (padding == "SAME") return (in + stride - 1) / stride;
  const int64_t reach = (window - 1) * dilation + 1;
  const int64_t room = in + (padding == "EXPLICIT" ? explicit_padding : 0) - reach;
  return room < 0 ? std::nullopt : std::optional<int64_t>(room / stride + 1);
}

// Convolutions and poolings: `window` of the space axes; `channels` of the result, or those of the input.
std::optional<Shape> Windowed(const DefNode& node, const Shape& in, const std::vector<int64_t>& window,
                              std::optional<int64_t> channels) {
  const size_t rank = window.size() + 2, first = ChannelsFirst(node) ? 2 : 1;
  const auto strides = List(node, "strides"), paddings = List(node, "explicit_paddings");
  auto dilations = List(node, "dilations");
  dilations.resize(rank, 1);
  const std::string padding = node.Text("padding");
  if (in.size() != rank || strides.size() != rank) return std::nullopt;
  if (padding == "EXPLICIT" && paddings.size() != 2 * rank) return std::nullopt;
  Shape out = in;
  for (size_t i = 0; i < window.size(); ++i) {
    const size_t axis = first + i;
    const int64_t extra = padding == "EXPLICIT" ? paddings[2 * axis] + paddings[2 * axis + 1] : 0;
    const auto extent = WindowExtent(in[axis], window[i], strides[axis], dilations[axis], padding, extra);
    if (!extent) return std::nullopt;
    out[axis] = *extent;
  }
  if (channels) out[first == 2 ? 1 : rank - 1] = *channels;
  return out;
}

std::optional<Shape> Convolution(const DefNode& node, const Values& inputs, size_t space) {
  const Shape *in = ShapeAt(inputs, 0), *filter = ShapeAt(inputs, 1);
  if (!in || !filter || filter->size() != space + 2) return std::nullopt;
  const bool depthwise = node.op.find("Depthwise") != std::string::npos;
  const auto channels = depthwise ? CheckedProduct({(*filter)[space], (*filter)[space + 1]}) : filter->back();
  if (!channels) return std::nullopt;
  return Windowed(node, *in, {filter->begin(), filter->begin() + static_cast<int64_t>(space)}, channels);
}

std::optional<Shape> Pooling(const DefNode& node, const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto window = List(node, "ksize");
  if (!in || window.size() < 3 || window.size() != in->size()) return std::nullopt;
  const int64_t first = ChannelsFirst(node) ? 2 : 1;
  return Windowed(node, *in, {window.begin() + first, window.begin() + first + static_cast<int64_t>(window.size()) - 2},
                  {});
}

bool Flag(const DefNode& node, std::string_view name) {
  return node.Number(name, 0) != 0;
}

std::optional<Shape> MatrixProduct(const DefNode& node, const Values& inputs) {
  const Shape *a = ShapeAt(inputs, 0), *b = ShapeAt(inputs, 1);
  if (!a || !b || a->size() < 2 || b->size() < 2) return std::nullopt;
  const bool turn_a = Flag(node, "transpose_a") || Flag(node, "adj_x");
  const bool turn_b = Flag(node, "transpose_b") || Flag(node, "adj_y");
  auto out = Broadcast({{Shape(a->begin(), a->end() - 2), {}}, {Shape(b->begin(), b->end() - 2), {}}});
  if (!out) return std::nullopt;
  out->push_back((*a)[a->size() - (turn_a ? 1 : 2)]);
  out->push_back((*b)[b->size() - (turn_b ? 2 : 1)]);
  return out;
}

// Axes as they are meant; nothing where one is outside the rank.
std::optional<std::set<size_t>> AxesOf(const std::vector<int64_t>& axes, size_t rank) {
  std::set<size_t> result;
  const auto extent = static_cast<int64_t>(rank);
  for (const int64_t axis : axes) {
    if (axis < -extent || axis >= extent) return std::nullopt;
    result.insert(static_cast<size_t>(axis < 0 ? axis + extent : axis));
  }
  return result;
}

std::optional<Shape> Reduction(const DefNode& node, const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* listed = ValuesAt(inputs, 1);
  if (!in || !listed) return std::nullopt;
  const auto axes = AxesOf(*listed, in->size());
  if (!axes) return std::nullopt;
  const bool keep = Flag(node, "keep_dims");
  Shape out;
  for (size_t axis = 0; axis < in->size(); ++axis) {
    if (!axes->contains(axis)) out.push_back((*in)[axis]);
    if (axes->contains(axis) && keep) out.push_back(1);
  }
  return out;
}

std::optional<Shape> Padded(const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* paddings = ValuesAt(inputs, 1);
  if (!in || !paddings || paddings->size() != 2 * in->size()) return std::nullopt;
  Shape out = *in;
  for (size_t axis = 0; axis < out.size(); ++axis) {
    for (const int64_t more : {(*paddings)[2 * axis], (*paddings)[2 * axis + 1]}) {
      if (more < 0 || __builtin_add_overflow(out[axis], more, &out[axis])) return std::nullopt;
    }
  }
  return out;
}

std::optional<Shape> Reshaped(const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* wanted = ValuesAt(inputs, 1);
  if (!in || !wanted) return std::nullopt;
  Shape out = *wanted;
  const auto open = std::ranges::find(out, -1);
  if (open == out.end()) return out;
  *open = 1;
  const auto all = CheckedProduct(*in), known = CheckedProduct(out);
  if (!all || !known || *known == 0 || *all % *known != 0) return std::nullopt;
  *open = *all / *known;
  return out;
}

std::optional<Shape> Squeezed(const DefNode& node, const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  if (!in) return std::nullopt;
  const auto listed = List(node, "squeeze_dims");
  const auto axes = AxesOf(listed, in->size());
  if (!axes) return std::nullopt;
  Shape out;
  for (size_t axis = 0; axis < in->size(); ++axis) {
    const bool goes = listed.empty() ? (*in)[axis] == 1 : axes->contains(axis);
    if (!goes) out.push_back((*in)[axis]);
  }
  return out;
}

std::optional<Shape> Expanded(const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* axis = ValuesAt(inputs, 1);
  if (!in || !axis || axis->size() != 1) return std::nullopt;
  const auto where = AxesOf(*axis, in->size() + 1);
  if (!where) return std::nullopt;
  Shape out = *in;
  out.insert(out.begin() + static_cast<int64_t>(*where->begin()), 1);
  return out;
}

std::optional<Shape> Concatenated(const Values& inputs) {
  if (inputs.size() < 2) return std::nullopt;
  const auto* axis = ValuesAt(inputs, inputs.size() - 1);
  const Shape* first = ShapeAt(inputs, 0);
  if (!axis || axis->size() != 1 || !first) return std::nullopt;
  const auto where = AxesOf(*axis, first->size());
  if (!where) return std::nullopt;
  Shape out = *first;
  for (size_t i = 1; i + 1 < inputs.size(); ++i) {
    const Shape* next = ShapeAt(inputs, i);
    if (!next || next->size() != out.size() ||
        __builtin_add_overflow(out[*where->begin()], (*next)[*where->begin()], &out[*where->begin()]))
      return std::nullopt;
  }
  return out;
}

std::optional<Shape> Transposed(const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* order = ValuesAt(inputs, 1);
  if (!in || !order || order->size() != in->size()) return std::nullopt;
  Shape out;
  for (const int64_t axis : *order) {
    if (axis < 0 || axis >= static_cast<int64_t>(in->size())) return std::nullopt;
    out.push_back((*in)[static_cast<size_t>(axis)]);
  }
  return out;
}

std::optional<Shape> Resized(const Values& inputs) {
  const Shape* in = ShapeAt(inputs, 0);
  const auto* size = ValuesAt(inputs, 1);
  if (!in || !size || in->size() != 4 || size->size() != 2) return std::nullopt;
  return Shape{(*in)[0], (*size)[0], (*size)[1], (*in)[3]};
}

// Whole numbers that are computed of shapes: what a Reshape of a flexible model is given.
std::optional<std::vector<int64_t>> Computed(const DefNode& node, const Values& inputs) {
  const auto* first = ValuesAt(inputs, 0);
  if (node.op == "Shape") return inputs.empty() ? std::nullopt : inputs[0].shape;
  if (node.op == "Identity" || node.op == "Cast") return first ? std::optional(*first) : std::nullopt;
  if (node.op == "Pack" || node.op == "ConcatV2") {
    std::vector<int64_t> all;
    const size_t count = inputs.size() - (node.op == "ConcatV2" && !inputs.empty() ? 1 : 0);
    for (size_t i = 0; i < count; ++i) {
      const auto* part = ValuesAt(inputs, i);
      if (!part || (node.op == "Pack" && part->size() != 1)) return std::nullopt;
      all.insert(all.end(), part->begin(), part->end());
    }
    return all;
  }
  const auto *begin = ValuesAt(inputs, 1), *end = ValuesAt(inputs, 2), *stride = ValuesAt(inputs, 3);
  // One element or a run of them, of a list of extents.
  if (node.op == "StridedSlice" && first && begin && end && stride && begin->size() == 1 && end->size() == 1 &&
      *stride == std::vector<int64_t>{1}) {
    const auto size = static_cast<int64_t>(first->size());
    const auto place = [&](int64_t at) { return std::clamp(at < 0 ? at + size : at, int64_t{0}, size); };
    const int64_t from = Flag(node, "begin_mask") ? 0 : place((*begin)[0]);
    int64_t to = Flag(node, "end_mask") ? size : place((*end)[0]);
    if (Flag(node, "shrink_axis_mask")) to = std::min(from + 1, size);
    if (from >= to) return std::nullopt;
    return std::vector<int64_t>(first->begin() + from, first->begin() + to);
  }
  return std::nullopt;
}

// Of operators with one output.
std::optional<Shape> OutputShape(const DefNode& node, const Values& inputs) {
  static const Names kSame{"Identity",
                           "StopGradient",
                           "PreventGradient",
                           "CheckNumerics",
                           "Cast",
                           "BiasAdd",
                           "Relu",
                           "Relu6",
                           "LeakyRelu",
                           "Elu",
                           "Selu",
                           "Sigmoid",
                           "Tanh",
                           "Softmax",
                           "Softplus",
                           "Softsign",
                           "LogSoftmax",
                           "Rsqrt",
                           "Sqrt",
                           "Exp",
                           "Log",
                           "Log1p",
                           "Neg",
                           "Abs",
                           "Square",
                           "Erf",
                           "Floor",
                           "Ceil",
                           "Round",
                           "Rint",
                           "Sign",
                           "Sin",
                           "Cos",
                           "Reciprocal",
                           "Inv",
                           "LRN",
                           "L2Loss",
                           "LogicalNot",
                           "ZerosLike",
                           "OnesLike",
                           "FusedBatchNorm",
                           "FusedBatchNormV2",
                           "FusedBatchNormV3",
                           "FakeQuantWithMinMaxVars",
                           "FakeQuantWithMinMaxArgs",
                           "FakeQuantWithMinMaxVarsPerChannel",
                           "ReadVariableOp",
                           "PlaceholderWithDefault",
                           "ReverseV2",
                           "Expm1"};
  static const Names kBroadcast{"Add",      "AddV2",    "Sub",          "Mul",        "RealDiv",   "Div",
                                "Maximum",  "Minimum",  "Pow",          "FloorDiv",   "FloorMod",  "SquaredDifference",
                                "Greater",  "Less",     "GreaterEqual", "LessEqual",  "Equal",     "NotEqual",
                                "DivNoNan", "MulNoNan", "SelectV2",     "LogicalAnd", "LogicalOr", "Atan2"};
  static const Names kReduction{"Mean", "Sum", "Max", "Min", "Prod", "All", "Any"};
  static const Names kPooling{"MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"};
  const Shape* first = ShapeAt(inputs, 0);
  const std::string_view op = node.op;
  if (kSame.contains(op)) return first ? std::optional(*first) : std::nullopt;
  if (kBroadcast.contains(op)) return Broadcast(inputs);
  if (kReduction.contains(op)) return Reduction(node, inputs);
  if (kPooling.contains(op)) return Pooling(node, inputs);
  if (op == "Conv2D" || op == "_FusedConv2D") return Convolution(node, inputs, 2);
  if (op == "DepthwiseConv2dNative" || op == "_FusedDepthwiseConv2dNative") return Convolution(node, inputs, 2);
  if (op == "Conv3D") return Convolution(node, inputs, 3);
  if (op == "Conv2DBackpropInput") return ValuesAt(inputs, 0) ? std::optional(*ValuesAt(inputs, 0)) : std::nullopt;
  if (op == "MatMul" || op == "_FusedMatMul" || op.starts_with("BatchMatMul")) return MatrixProduct(node, inputs);
  if (op == "Pad" || op == "PadV2" || op == "MirrorPad") return Padded(inputs);
  if (op == "Reshape") return Reshaped(inputs);
  if (op == "Squeeze") return Squeezed(node, inputs);
  if (op == "ExpandDims") return Expanded(inputs);
  if (op == "ConcatV2") return Concatenated(inputs);
  if (op == "Transpose") return Transposed(inputs);
  if (op == "ResizeBilinear" || op == "ResizeNearestNeighbor") return Resized(inputs);
  if (op == "Fill" || op == "BroadcastTo") {
    const auto* wanted = ValuesAt(inputs, op == "Fill" ? 0 : 1);
    return wanted ? std::optional(*wanted) : std::nullopt;
  }
  if (op == "Shape" && first) return Shape{static_cast<int64_t>(first->size())};
  if (op == "Const") {
    const DefAttribute* value = node.Find("value");
    return value && value->tensor ? value->tensor->shape.extents : std::nullopt;
  }
  return std::nullopt;
}

// Equal parts of one axis.
Values SplitOutputs(const DefNode& node, const Values& inputs) {
  const int64_t count = node.Number("num_split", 0);
  const auto* axis = ValuesAt(inputs, 0);
  const Shape* in = ShapeAt(inputs, 1);
  if (count < 1 || count > 4096) return {};
  Values parts(static_cast<size_t>(count));
  const auto where = in && axis && axis->size() == 1 ? AxesOf(*axis, in->size()) : std::nullopt;
  if (!where) return parts;
  Shape part = *in;
  part[*where->begin()] /= count;
  for (DefValue& value : parts) value.shape = part;
  return parts;
}

}  // namespace

std::vector<DefValue> InferOutputs(const DefNode& node, const std::vector<DefValue>& inputs) {
  if (node.op == "Split") return SplitOutputs(node, inputs);
  DefValue value{OutputShape(node, inputs), Computed(node, inputs)};
  if (node.op == "Const") {
    const DefAttribute* constant = node.Find("value");
    if (constant && constant->tensor && !constant->tensor->values.empty()) value.values = constant->tensor->values;
  }
  // Extents that no tensor has come from a damaged file or a rule that does not fit.
  if (value.shape && std::ranges::any_of(*value.shape, [](int64_t extent) { return extent < 0; })) value.shape.reset();
  return {value};
}

std::optional<int64_t> MultiplyAdds(const DefNode& node, const std::vector<DefValue>& inputs, const DefValue& output) {
  const std::string_view op = node.op;
  // Each element of `counted` takes part in as many multiplications as the filter has numbers beside the axis `shared`.
  const auto filtered = [&](const std::optional<Shape>& counted, const Shape* filter, size_t rank,
                            size_t shared) -> std::optional<int64_t> {
    if (!counted || !filter || filter->size() != rank) return std::nullopt;
    Shape factors = *filter;
    factors[shared] = 1;
    factors.insert(factors.end(), counted->begin(), counted->end());
    return CheckedProduct(factors);
  };
  if (op == "Conv2D" || op == "_FusedConv2D") return filtered(output.shape, ShapeAt(inputs, 1), 4, 3);
  if (op == "Conv3D") return filtered(output.shape, ShapeAt(inputs, 1), 5, 4);
  if (op == "DepthwiseConv2dNative" || op == "_FusedDepthwiseConv2dNative") {
    const Shape* filter = ShapeAt(inputs, 1);
    if (!output.shape || !filter || filter->size() != 4) return std::nullopt;
    Shape factors = *output.shape;
    factors.insert(factors.end(), {(*filter)[0], (*filter)[1]});
    return CheckedProduct(factors);
  }
  // Filter: height, width, out, in; what is counted is the smaller image that comes in.
  if (op == "Conv2DBackpropInput")
    return filtered(inputs.size() > 2 ? inputs[2].shape : std::nullopt, ShapeAt(inputs, 1), 4, 3);
  if (op == "MatMul" || op == "_FusedMatMul" || op.starts_with("BatchMatMul")) {
    const Shape* a = ShapeAt(inputs, 0);
    if (!a || a->size() < 2 || !output.shape) return std::nullopt;
    const bool turned = Flag(node, "transpose_a") || Flag(node, "adj_x");
    Shape factors = *output.shape;
    factors.push_back((*a)[a->size() - (turned ? 2 : 1)]);
    return CheckedProduct(factors);
  }
  return 0;
}

}  // namespace bakeoff::graph
