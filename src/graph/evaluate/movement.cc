// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: operators that move or describe elements without computing on them.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "graph/evaluate/kernel.h"
#include "graph/evaluate/numbers.h"

namespace bakeoff::graph {
namespace {

size_t ElementBytes(const Call& call, const Tensor& tensor) {
  const int bits = ElementBits(tensor.type);
  if (bits < 8) call.Unknown(std::string("elements of type ") + std::string(ElementTypeName(tensor.type)));
  return static_cast<size_t>(bits) / 8;
}

std::vector<int64_t> IntsOf(const Call& call, size_t input) {
  return Wholes(call, call.In(input));
}

Tensor Shaped(const Tensor& x, std::vector<int64_t> dims) {
  Tensor result = x;
  result.dims = std::move(dims);
  CheckTensor("an evaluated tensor", result);
  return result;
}

std::vector<size_t> Strides(const std::vector<int64_t>& dims) {
  std::vector<size_t> strides(dims.size());
  size_t stride = 1;
  for (size_t axis = dims.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= static_cast<size_t>(dims[axis]);
  }
  return strides;
}

// result[i...] = x[start + sum i * step]; steps in elements, possibly negative or 0.
Tensor Walk(const Call& call, const Tensor& x, std::vector<int64_t> dims, int64_t start,
            const std::vector<int64_t>& steps) {
  const size_t size = ElementBytes(call, x), count = CountOf(call, dims);
  std::vector<std::byte> bytes(count * size);
  std::vector<int64_t> at(dims.size(), 0);
  int64_t here = start;
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(bytes.data() + i * size, x.bytes.data() + static_cast<size_t>(here) * size, size);
    for (size_t axis = dims.size(); axis-- > 0;) {
      here += steps[axis];
      if (++at[axis] < dims[axis]) break;
      here -= steps[axis] * dims[axis];
      at[axis] = 0;
    }
  }
  return {.type = x.type, .dims = std::move(dims), .bytes = Bytes::Own(std::move(bytes)), .strings = {}};
}

Tensor Reshape(const Call& call) {
  const Tensor& x = call.In(0);
  std::vector<int64_t> dims = IntsOf(call, 1);
  const bool zero_copies = call.node.Int("allowzero", 0) == 0;
  int64_t known = 1;
  auto open = dims.end();
  for (auto dim = dims.begin(); dim != dims.end(); ++dim) {
    if (*dim == 0 && zero_copies) {
      const size_t axis = static_cast<size_t>(dim - dims.begin());
      call.Need(axis < x.dims.size(), "a 0 in the shape beyond the input's rank");
      *dim = x.dims[axis];
    }
    if (*dim == -1) {
      call.Need(open == dims.end(), "more than one -1 in the shape");
      open = dim;
    } else {
      call.Need(*dim >= 0 && !__builtin_mul_overflow(known, *dim, &known), "an impossible shape");
    }
  }
  if (open != dims.end()) {
    call.Need(known > 0 && x.Count() % known == 0, "a shape that does not fit the input");
    *open = x.Count() / known;
  }
  call.Need((open != dims.end()) || known == x.Count(), "a shape that does not fit the input");
  return Shaped(x, std::move(dims));
}

Tensor Flatten(const Call& call) {
  const Tensor& x = call.In(0);
  int64_t axis = call.node.Int("axis", 1);
  if (axis < 0) axis += static_cast<int64_t>(x.dims.size());
  call.Need(axis >= 0 && axis <= static_cast<int64_t>(x.dims.size()), "axis beyond the rank");
  const auto product = [](auto from, auto to) { return std::accumulate(from, to, int64_t{1}, std::multiplies<>()); };
  return Shaped(x, {product(x.dims.begin(), x.dims.begin() + axis), product(x.dims.begin() + axis, x.dims.end())});
}

Tensor Transpose(const Call& call) {
  const Tensor& x = call.In(0);
  std::vector<int64_t> order(x.dims.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(order.size() - 1 - i);
  order = call.node.Ints("perm", order);
  call.Need(order.size() == x.dims.size(), "perm of the wrong length");
  const auto strides = Strides(x.dims);
  std::vector<int64_t> dims, steps;
  std::vector<bool> seen(order.size());
  for (const int64_t axis : order) {
    const size_t source = call.Axis(axis, x.dims.size());
    call.Need(!seen[source], "perm names an axis twice");
    seen[source] = true;
    dims.push_back(x.dims[source]);
    steps.push_back(static_cast<int64_t>(strides[source]));
  }
  return Walk(call, x, std::move(dims), 0, steps);
}

Tensor Concat(const Call& call) {
  const Tensor& first = call.In(0);
  const size_t axis = call.Axis(call.node.Int("axis", 0), first.dims.size());
  std::vector<int64_t> dims = first.dims;
  dims[axis] = 0;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const Tensor& part = call.In(i);
    call.Need(part.type == first.type && part.dims.size() == dims.size(), "inputs of different type or rank");
    for (size_t other = 0; other < dims.size(); ++other)
      call.Need(other == axis || part.dims[other] == dims[other], "inputs of different shapes");
    dims[axis] += part.dims[axis];
  }
  const size_t size = ElementBytes(call, first);
  const size_t outer = static_cast<size_t>(
      std::accumulate(dims.begin(), dims.begin() + static_cast<int64_t>(axis), int64_t{1}, std::multiplies<>()));
  std::vector<std::byte> bytes;
  bytes.reserve(CountOf(call, dims) * size);
  for (size_t row = 0; row < outer; ++row) {
    for (size_t i = 0; i < call.inputs.size(); ++i) {
      const auto part = call.In(i).bytes.span();
      const size_t length = part.size() / outer;
      bytes.insert(bytes.end(), part.begin() + static_cast<int64_t>(row * length),
                   part.begin() + static_cast<int64_t>((row + 1) * length));
    }
  }
  return {.type = first.type, .dims = std::move(dims), .bytes = Bytes::Own(std::move(bytes)), .strings = {}};
}

Tensor Gather(const Call& call) {
  const Tensor &x = call.In(0), &where = call.In(1);
  const size_t axis = call.Axis(call.node.Int("axis", 0), x.dims.size());
  const size_t size = ElementBytes(call, x) * Strides(x.dims)[axis];
  std::vector<int64_t> dims(x.dims.begin(), x.dims.begin() + static_cast<int64_t>(axis));
  const size_t outer = CountOf(call, dims), extent = static_cast<size_t>(x.dims[axis]);
  dims.insert(dims.end(), where.dims.begin(), where.dims.end());
  dims.insert(dims.end(), x.dims.begin() + static_cast<int64_t>(axis) + 1, x.dims.end());
  CountOf(call, dims);
  const auto indices = Wholes(call, where);
  std::vector<std::byte> bytes;
  for (size_t row = 0; row < outer; ++row) {
    for (int64_t index : indices) {
      if (index < 0) index += x.dims[axis];
      call.Need(index >= 0 && index < x.dims[axis], "an index beyond the axis");
      const auto* from = x.bytes.data() + (row * extent + static_cast<size_t>(index)) * size;
      bytes.insert(bytes.end(), from, from + size);
    }
  }
  return {.type = x.type, .dims = std::move(dims), .bytes = Bytes::Own(std::move(bytes)), .strings = {}};
}

Tensor Slice(const Call& call) {
  const Tensor& x = call.In(0);
  const auto starts = IntsOf(call, 1), ends = IntsOf(call, 2);
  std::vector<int64_t> axes(starts.size()), jumps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (call.Maybe(3)) axes = IntsOf(call, 3);
  if (call.Maybe(4)) jumps = IntsOf(call, 4);
  call.Need(ends.size() == starts.size() && axes.size() == starts.size() && jumps.size() == starts.size(),
            "starts, ends, axes and steps of different lengths");
  std::vector<int64_t> dims = x.dims, steps;
  for (const size_t stride : Strides(x.dims)) steps.push_back(static_cast<int64_t>(stride));
  int64_t origin = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t axis = call.Axis(axes[i], x.dims.size());
    const int64_t extent = x.dims[axis], jump = jumps[i];
    call.Need(jump != 0 && jump > -(int64_t{1} << 62) && dims[axis] == extent, "a step of 0, or an axis twice");
    if (extent == 0) continue;
    const auto place = [extent](int64_t at, int64_t low, int64_t high) {
      return std::clamp(at < 0 ? at + extent : at, low, high);
    };
    const int64_t start = place(starts[i], 0, jump > 0 ? extent : extent - 1);
    const int64_t end =
        jump > 0 ? place(ends[i], 0, extent) : (ends[i] < -extent ? -1 : place(ends[i], -1, extent - 1));
    const int64_t span = jump > 0 ? end - start : start - end, size = jump > 0 ? jump : -jump;
    dims[axis] = span > 0 ? (span - 1) / size + 1 : 0;
    origin += start * steps[axis];
    steps[axis] *= dims[axis] > 1 ? jump : 1;
  }
  return Walk(call, x, std::move(dims), origin, steps);
}

Tensor Unsqueeze(const Call& call) {
  const Tensor& x = call.In(0);
  const auto axes = IntsOf(call, 1);
  const size_t rank = x.dims.size() + axes.size();
  std::vector<bool> fresh(rank);
  for (const int64_t axis : axes) fresh[call.Axis(axis, rank)] = true;
  call.Need(static_cast<size_t>(std::count(fresh.begin(), fresh.end(), true)) == axes.size(), "an axis twice");
  std::vector<int64_t> dims;
  for (size_t axis = 0, source = 0; axis < rank; ++axis) dims.push_back(fresh[axis] ? 1 : x.dims[source++]);
  return Shaped(x, std::move(dims));
}

Tensor Squeeze(const Call& call) {
  const Tensor& x = call.In(0);
  std::vector<bool> gone(x.dims.size());
  if (call.Maybe(1)) {
    for (const int64_t axis : IntsOf(call, 1)) gone[call.Axis(axis, x.dims.size())] = true;
  } else {
    for (size_t axis = 0; axis < gone.size(); ++axis) gone[axis] = x.dims[axis] == 1;
  }
  std::vector<int64_t> dims;
  for (size_t axis = 0; axis < gone.size(); ++axis) {
    call.Need(!gone[axis] || x.dims[axis] == 1, "an axis that is not 1");
    if (!gone[axis]) dims.push_back(x.dims[axis]);
  }
  return Shaped(x, std::move(dims));
}

Tensor Expand(const Call& call) {
  const Tensor& x = call.In(0);
  std::vector<int64_t> dims = IntsOf(call, 1);
  if (dims.size() < x.dims.size()) dims.insert(dims.begin(), x.dims.size() - dims.size(), 1);
  std::vector<int64_t> steps(dims.size(), 0);
  const auto strides = Strides(x.dims);
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const size_t axis = dims.size() - x.dims.size() + i;
    call.Need(dims[axis] == x.dims[i] || dims[axis] == 1 || x.dims[i] == 1, "shapes that cannot be broadcast");
    if (x.dims[i] != 1) {
      dims[axis] = x.dims[i];
      steps[axis] = static_cast<int64_t>(strides[i]);
    }
  }
  return Walk(call, x, std::move(dims), 0, steps);
}

Tensor Constant(const Call& call) {
  if (const Tensor* tensor = call.node.TensorOf("value")) return *tensor;
  if (call.node.attributes.contains("value_int")) return Tensor::I64({}, {call.node.Int("value_int", 0)});
  if (call.node.attributes.contains("value_float")) return Tensor::Scalar(call.node.Float("value_float", 0));
  if (call.node.attributes.contains("value_ints")) {
    auto values = call.node.Ints("value_ints");
    const auto count = static_cast<int64_t>(values.size());
    return Tensor::I64({count}, std::move(values));
  }
  call.Unknown("this kind of constant");
}

Tensor ConstantOfShape(const Call& call) {
  const Tensor* given = call.node.TensorOf("value");
  const Tensor value = given ? *given : Tensor::Scalar(0);
  call.Need(value.Count() == 1, "a value of more than one element");
  auto dims = IntsOf(call, 0);
  for (const int64_t extent : dims) call.Need(extent >= 0, "a negative extent");
  const std::vector<int64_t> steps(dims.size(), 0);
  return Walk(call, value, std::move(dims), 0, steps);
}

Tensor Shape(const Call& call) {
  const auto& dims = call.In(0).dims;
  const auto rank = static_cast<int64_t>(dims.size());
  const auto place = [rank](int64_t at) { return std::clamp(at < 0 ? at + rank : at, int64_t{0}, rank); };
  const int64_t start = place(call.node.Int("start", 0)), end = place(call.node.Int("end", rank));
  std::vector<int64_t> part(dims.begin() + start, dims.begin() + std::max(start, end));
  const auto count = static_cast<int64_t>(part.size());
  return Tensor::I64({count}, std::move(part));
}

Tensor Range(const Call& call) {
  const Tensor& start = call.In(0);
  const bool real = IsReal(start.type);
  const double from = Reals(call, start).at(0), to = Reals(call, call.In(1)).at(0),
               step = Reals(call, call.In(2)).at(0);
  call.Need(step != 0, "a step of 0");
  const double wanted = std::max(0.0, (to - from) / step);
  if (!(wanted < 1e8)) call.Unknown("a range of more than 1e8 numbers");
  std::vector<double> reals;
  for (size_t i = 0; static_cast<double>(i) < wanted; ++i) reals.push_back(from + static_cast<double>(i) * step);
  const std::vector<int64_t> dims{static_cast<int64_t>(reals.size())};
  return real ? FromReals(start.type, dims, reals) : FromWholes(start.type, dims, {reals.begin(), reals.end()});
}

// Slices of a copy of `data` are replaced: how tracing spells an assignment to a part.
Tensor ScatterNd(const Call& call) {
  const Tensor &data = call.In(0), &indices = call.In(1), &updates = call.In(2);
  if (call.node.String("reduction", "none") != "none") call.Unknown("a reduction");
  call.Need(!indices.dims.empty() && data.Count() > 0, "indices without an axis, or no data");
  call.Need(updates.type == data.type && !data.bytes.empty(), "updates of another type");
  const auto places = IntsOf(call, 1);
  const auto depth = static_cast<size_t>(indices.dims.back());
  call.Need(depth >= 1 && depth <= data.dims.size(), "more indices than axes");
  const auto strides = Strides(data.dims);
  const size_t element = data.bytes.size() / static_cast<size_t>(data.Count());
  size_t slice = element;
  for (size_t axis = depth; axis < data.dims.size(); ++axis) slice *= static_cast<size_t>(data.dims[axis]);
  const size_t count = places.size() / depth;
  call.Need(updates.bytes.size() == count * slice, "updates of another size");
  std::vector<std::byte> bytes(data.bytes.span().begin(), data.bytes.span().end());
  for (size_t i = 0; i < count; ++i) {
    size_t at = 0;
    for (size_t axis = 0; axis < depth; ++axis) {
      int64_t place = places[i * depth + axis];
      if (place < 0) place += data.dims[axis];
      call.Need(place >= 0 && place < data.dims[axis], "an index outside the data");
      at += static_cast<size_t>(place) * static_cast<size_t>(strides[axis]);
    }
    std::copy_n(updates.bytes.data() + i * slice, slice, bytes.data() + at * element);
  }
  return {data.type, data.dims, Bytes::Own(std::move(bytes)), {}};
}

}  // namespace

std::optional<Results> EvaluateMovement(const Call& call) {
  using Function = Tensor (*)(const Call&);
  static const std::map<std::string, Function, std::less<>> table{
      {"Reshape", Reshape},
      {"Flatten", Flatten},
      {"Transpose", Transpose},
      {"Concat", Concat},
      {"Gather", Gather},
      {"Slice", Slice},
      {"Unsqueeze", Unsqueeze},
      {"Squeeze", Squeeze},
      {"Expand", Expand},
      {"Constant", Constant},
      {"Shape", Shape},
      {"ConstantOfShape", ConstantOfShape},
      {"Range", Range},
      {"ScatterND", ScatterNd},
      {"Identity", [](const Call& at) { return at.In(0); }},
      {"Dropout", [](const Call& at) { return at.In(0); }},
      {"Size", [](const Call& at) { return Tensor::I64({}, {at.In(0).Count()}); }},
  };
  const auto found = table.find(call.node.op);
  if (found == table.end()) return std::nullopt;
  return Results{found->second(call)};
}

}  // namespace bakeoff::graph
