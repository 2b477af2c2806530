// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Arguments, constants and small nodes for the families of operators.
#include "converters/torchscript_to_onnx/emit.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "engines/torch_model.h"

namespace bakeoff::torchscript {
namespace {

at::ScalarType TypeOfNumber(const c10::IValue& value) {
  if (value.isInt()) return at::kLong;
  if (value.isDouble()) return at::kDouble;
  if (value.isBool()) return at::kBool;
  throw Unsupported(fmt::format("a {} where a tensor or a number is wanted", value.tagKind()));
}

at::Tensor AsTensor(const c10::IValue& value) {
  if (value.isTensor()) return value.toTensor();
  if (value.isInt()) return at::scalar_tensor(value.toInt(), at::kLong);
  if (value.isDouble()) return at::scalar_tensor(value.toDouble(), at::kDouble);
  if (value.isBool()) return at::scalar_tensor(value.toBool(), at::kBool);
  throw Unsupported(fmt::format("a {} where a tensor or a number is wanted", value.tagKind()));
}

}  // namespace

Error Unsupported(std::string text) {
  return Error(ErrorCode::kUnsupported, std::move(text));
}

graph::ElementType ToElementType(at::ScalarType type) {
  return graph::FromDType(OurType(type, "a tensor"));
}

graph::Tensor ToTensor(const at::Tensor& tensor) {
  graph::Tensor result;
  result.type = ToElementType(tensor.scalar_type());
  result.dims = tensor.sizes().vec();
  // The tensor is kept by nobody else once the program is gone: its bytes are copied once, here.
  const at::Tensor dense = tensor.contiguous();
  const auto* bytes = static_cast<const std::byte*>(dense.const_data_ptr());
  result.bytes = graph::Bytes::Copy({bytes, dense.nbytes()});
  return result;
}

Item& Emit::In(size_t index) {
  if (index >= inputs_.size()) throw Unsupported(fmt::format("it has only {} arguments", inputs_.size()));
  return *inputs_[index];
}

const c10::IValue& Emit::Fixed(size_t index, const char* kind) {
  Item& item = In(index);
  if (item.varies) {
    const auto* schema = node_.maybeSchema();
    const std::string name =
        schema && index < schema->arguments().size() ? schema->arguments()[index].name() : fmt::format("{}", index + 1);
    throw Unsupported(fmt::format("argument '{}' is computed; {} that is known beforehand is needed", name, kind));
  }
  return item.seen[0];
}

int64_t Emit::Int(size_t index) {
  const c10::IValue& value = Fixed(index, "a number");
  if (value.isTensor()) return value.toTensor().item<int64_t>();
  return value.isBool() ? static_cast<int64_t>(value.toBool()) : value.toInt();
}

double Emit::Real(size_t index) {
  const c10::IValue& value = Fixed(index, "a number");
  if (value.isTensor()) return value.toTensor().item<double>();
  if (value.isDouble()) return value.toDouble();
  return static_cast<double>(Int(index));
}

bool Emit::Bool(size_t index) {
  const c10::IValue& value = Fixed(index, "a choice");
  return value.isBool() ? value.toBool() : value.toInt() != 0;
}

std::string Emit::Text(size_t index) {
  return Fixed(index, "a text").toStringRef();
}

std::vector<int64_t> Emit::Ints(size_t index) {
  const c10::IValue& value = Fixed(index, "a list of numbers");
  if (value.isInt()) return {value.toInt()};
  if (value.isNone()) return {};
  return value.toIntVector();
}

std::vector<int64_t> Emit::Ints(size_t index, size_t count, std::vector<int64_t> missing) {
  std::vector<int64_t> values = index < inputs_.size() ? Ints(index) : std::vector<int64_t>();
  if (values.empty()) return missing;
  if (values.size() == 1) values.resize(count, values[0]);
  if (values.size() != count) throw Unsupported(fmt::format("{} numbers where {} are wanted", values.size(), count));
  return values;
}

graph::Value* Emit::Value(Item& item) {
  if (item.value) return item.value;
  if (item.varies) throw Unsupported(fmt::format("a {} that is computed from an input", item.seen[0].tagKind()));
  item.value = Constant(AsTensor(item.seen[0]));
  return item.value;
}

graph::Value* Emit::Value(size_t index) {
  return Value(In(index));
}

at::ScalarType Emit::TypeOf(const Item& item) {
  return item.IsTensor() ? item.tensor().scalar_type() : TypeOfNumber(item.seen[0]);
}

graph::Value* Emit::As(Item& item, at::ScalarType type) {
  if (TypeOf(item) == type) return Value(item);
  if (!item.varies) return Constant(AsTensor(item.seen[0]).to(type));
  return Cast(Value(item), type);
}

std::vector<Item> Emit::List(size_t index) {
  const Item& item = In(index);
  if (item.varies) return item.elements;
  std::vector<Item> parts;
  const c10::IValue& value = item.seen[0];
  if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) parts.push_back({.seen = {element, element}});
  } else if (value.isInt()) {
    parts.push_back({.seen = {value, value}});
  } else {
    for (const c10::IValue& element : value.toListRef()) parts.push_back({.seen = {element, element}});
  }
  return parts;
}

bool Emit::SizeVaries(size_t index, int64_t axis) {
  Item& item = In(index);
  return item.varies && item.tensor(0).size(axis) != item.tensor(1).size(axis);
}

int64_t Emit::Axis(size_t index, int64_t rank) {
  const int64_t axis = Int(index);
  return axis < 0 ? axis + std::max<int64_t>(rank, 1) : axis;
}

std::vector<int64_t> Emit::Axes(size_t index, int64_t rank) {
  std::vector<int64_t> axes = Ints(index);
  for (int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  return axes.empty() ? AllAxes(rank) : axes;
}

std::vector<int64_t> Emit::AllAxes(int64_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

graph::Value* Emit::Op(std::string op, std::vector<graph::Value*> inputs, const Given& attributes) {
  graph::Attributes all;
  for (const auto& [name, value] : attributes) std::visit([&](const auto& given) { all.emplace(name, given); }, value);
  return build_.Op(std::move(op), std::move(inputs), std::move(all));
}

std::vector<graph::Value*> Emit::Split(graph::Value* value, int64_t axis, const std::vector<int64_t>& sizes) {
  graph::Graph& graph = build_.graph();
  const std::string name = graph.UniqueName("Split");
  std::vector<graph::Value*> parts;
  for (size_t i = 0; i < sizes.size(); ++i) parts.push_back(&graph.AddValue(graph.UniqueName(name)));
  graph::Node& node = graph.AddNode("Split", {value, I64(sizes)}, parts, name);
  node.attributes["axis"] = axis;
  return parts;
}

graph::Value* Emit::Constant(at::Tensor tensor) {
  return build_.Constant(build_.graph().UniqueName("constant"), ToTensor(tensor));
}

graph::Value* Emit::Scalar(double value, at::ScalarType type) {
  return Constant(at::scalar_tensor(value, type));
}

graph::Value* Emit::I64(std::vector<int64_t> values) {
  const auto count = static_cast<int64_t>(values.size());
  return build_.Constant(build_.graph().UniqueName("numbers"), graph::Tensor::I64({count}, std::move(values)));
}

graph::Value* Emit::Cast(graph::Value* value, at::ScalarType type) {
  return Op("Cast", {value}, {{"to", static_cast<int64_t>(ToElementType(type))}});
}

graph::Value* Emit::ShapeOf(const std::vector<Item>& extents, const graph::Value* of) {
  // Constants first, then what is the same extent of the same tensor, then one extent that follows from the others.
  std::vector<int64_t> numbers;
  std::vector<size_t> open;
  bool follows = false;
  for (size_t i = 0; i < extents.size(); ++i) {
    const Item& extent = extents[i];
    const bool same = of && extent.size && extent.size->tensor == of && extent.size->axis == static_cast<int64_t>(i);
    if (!extent.varies) {
      numbers.push_back(extent.seen[0].isTensor() ? extent.tensor().item<int64_t>() : extent.seen[0].toInt());
      follows |= numbers.back() == -1;
    } else {
      numbers.push_back(same ? 0 : -1);
      if (!same) open.push_back(i);
    }
  }
  if (open.empty() || (of && open.size() == 1 && !follows)) return I64(numbers);
  std::vector<graph::Value*> parts;
  for (size_t i = 0; i < extents.size(); ++i) {
    const bool computed = std::find(open.begin(), open.end(), i) != open.end();
    Item extent = extents[i];
    parts.push_back(computed ? Reshape(As(extent, at::kLong), {1}) : I64({numbers[i]}));
  }
  return parts.size() == 1 ? parts[0] : Op("Concat", parts, {{"axis", int64_t{0}}});
}

graph::Value* Emit::SizeVector(size_t index, int64_t axis) {
  if (!SizeVaries(index, axis)) return I64({In(index).tensor().size(axis)});
  return Op("Gather", {Op("Shape", {Value(index)}), I64({axis})}, {{"axis", int64_t{0}}});
}

graph::Value* Emit::Reshape(graph::Value* value, const std::vector<int64_t>& shape) {
  return Op("Reshape", {value, I64(shape)});
}

graph::Value* Emit::Transpose(graph::Value* value, std::vector<int64_t> permutation) {
  return Op("Transpose", {value}, {{"perm", std::move(permutation)}});
}

graph::Value* Emit::Unsqueeze(graph::Value* value, std::vector<int64_t> axes) {
  return Op("Unsqueeze", {value, I64(std::move(axes))});
}

graph::Value* Emit::Squeeze(graph::Value* value, std::vector<int64_t> axes) {
  return Op("Squeeze", {value, I64(std::move(axes))});
}

graph::Value* Emit::Reduce(const std::string& op, graph::Value* value, std::vector<int64_t> axes, bool keep) {
  Given attributes{{"keepdims", static_cast<int64_t>(keep)}};
  if (op == "ReduceSum" || opset_ >= 18) return Op(op, {value, I64(std::move(axes))}, std::move(attributes));
  attributes["axes"] = std::move(axes);
  return Op(op, {value}, std::move(attributes));
}

graph::Value* Emit::Slice(graph::Value* value, int64_t axis, int64_t start, int64_t end) {
  return Op("Slice", {value, I64({start}), I64({end}), I64({axis})});
}

void Emit::SetList(const std::vector<graph::Value*>& values) {
  Item& list = outputs_.at(0);
  list.elements.clear();
  for (size_t i = 0; i < values.size(); ++i) {
    Item element{.seen = {list.seen[0].toListRef()[i], list.seen[1].toListRef()[i]}, .varies = true};
    element.value = values[i];
    list.elements.push_back(std::move(element));
  }
}

const OperatorRow* FindOperator(std::string_view name) {
  for (const auto& family : {ActivationOperators(), ArithmeticOperators(), AttentionOperators(), ConvolutionOperators(),
                             DenseOperators(), IndexingOperators(), NormOperators(), PoolingOperators(),
                             ReductionOperators(), ResizeOperators(), ShapeOperators()}) {
    for (const OperatorRow& row : family) {
      if (name == row.name) return &row;
    }
  }
  return nullptr;
}

}  // namespace bakeoff::torchscript
