// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: what takes elements from the places of another grid: Split, Pad, Tile, Resize.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "graph/evaluate/kernel.h"
#include "graph/evaluate/numbers.h"

namespace bakeoff::graph {
namespace {

// Along one axis, where an element of the result comes from; -1 for one that is filled.
using Places = std::vector<int64_t>;

// Both as doubles or both as whole numbers: types differ only in how they are read and written.
template <typename T>
std::vector<T> Taken(const std::vector<T>& from, const std::vector<int64_t>& dims, const std::vector<Places>& places,
                     T fill) {
  std::vector<T> result;
  const std::function<void(size_t, int64_t)> walk = [&](size_t axis, int64_t base) {
    if (axis == dims.size()) return result.push_back(base < 0 ? fill : from[static_cast<size_t>(base)]);
    for (const int64_t place : places[axis]) walk(axis + 1, base < 0 || place < 0 ? -1 : base * dims[axis] + place);
  };
  walk(0, 0);
  return result;
}

Tensor Take(const Call& call, const Tensor& x, const std::vector<Places>& places, double fill = 0) {
  std::vector<int64_t> dims;
  for (const Places& along : places) dims.push_back(static_cast<int64_t>(along.size()));
  CountOf(call, dims);
  if (IsReal(x.type)) return FromReals(x.type, dims, Taken(Reals(call, x), x.dims, places, fill));
  return FromWholes(x.type, dims, Taken(Wholes(call, x), x.dims, places, static_cast<int64_t>(fill)));
}

Places All(int64_t extent) {
  Places all(static_cast<size_t>(extent));
  std::iota(all.begin(), all.end(), 0);
  return all;
}
std::vector<Places> Everything(const Tensor& x) {
  std::vector<Places> places;
  for (const int64_t extent : x.dims) places.push_back(All(extent));
  return places;
}

Results Split(const Call& call) {
  const Tensor& x = call.In(0);
  const size_t axis = call.Axis(call.node.Int("axis", 0), x.dims.size()), count = call.node.outputs().size();
  std::vector<int64_t> sizes;
  if (call.Maybe(1)) sizes = Wholes(call, call.In(1));
  // Without sizes: equal parts, the last one smaller.
  const int64_t each = (x.dims[axis] + static_cast<int64_t>(count) - 1) / static_cast<int64_t>(count);
  for (int64_t left = x.dims[axis]; !call.Maybe(1) && sizes.size() < count; left -= each)
    sizes.push_back(std::min(each, left));
  call.Need(sizes.size() == count && std::accumulate(sizes.begin(), sizes.end(), int64_t{0}) == x.dims[axis] &&
                std::ranges::all_of(sizes, [](int64_t size) { return size >= 0; }),
            "sizes that are not those of the input");
  Results results;
  int64_t start = 0;
  for (const int64_t size : sizes) {
    std::vector<Places> places = Everything(x);
    places[axis] = All(size);
    for (int64_t& place : places[axis]) place += start;
    results.push_back(Take(call, x, places));
    start += size;
  }
  return results;
}

// The place that stands for one outside, by the mode; -1 is filled.
int64_t Outside(const Call& call, const std::string& mode, int64_t place, int64_t extent) {
  if (place >= 0 && place < extent) return place;
  if (mode == "constant") return -1;
  if (mode == "edge") return std::clamp<int64_t>(place, 0, extent - 1);
  if (mode != "reflect") call.Unknown("padding in the mode " + mode);
  const int64_t mirrored = place < 0 ? -place : 2 * (extent - 1) - place;
  call.Need(mirrored >= 0 && mirrored < extent, "a reflection of more than there is");
  return mirrored;
}

Results Pad(const Call& call) {
  const Tensor& x = call.In(0);
  const auto pads = Wholes(call, call.In(1));
  std::vector<int64_t> axes(x.dims.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (call.Maybe(3)) axes = Wholes(call, call.In(3));
  call.Need(pads.size() == axes.size() * 2, "pads of another number than axes");
  const std::string mode = call.node.String("mode", "constant");
  std::vector<Places> places = Everything(x);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = call.Axis(axes[i], x.dims.size());
    const int64_t extent = x.dims[axis], end = extent + pads[i + axes.size()];
    CountOf(call, {std::max<int64_t>(0, end + pads[i])});
    places[axis].clear();
    for (int64_t place = -pads[i]; place < end; ++place) places[axis].push_back(Outside(call, mode, place, extent));
  }
  const double fill = call.Maybe(2) ? Reals(call, call.In(2)).at(0) : 0;
  return {Take(call, x, places, fill)};
}

Results Tile(const Call& call) {
  const Tensor& x = call.In(0);
  const auto repeats = Wholes(call, call.In(1));
  call.Need(repeats.size() == x.dims.size(), "repeats of another number than axes");
  std::vector<Places> places;
  for (size_t axis = 0; axis < repeats.size(); ++axis) {
    call.Need(repeats[axis] >= 0, "a negative number of repeats");
    const auto count = static_cast<int64_t>(CountOf(call, {x.dims[axis], repeats[axis]}));
    places.push_back(All(count));
    for (int64_t& place : places.back()) place %= x.dims[axis];
  }
  return {Take(call, x, places)};
}

// Where place `at` of the result lies in the input, between its places.
double Origin(const Call& call, int64_t at, int64_t in, int64_t out, double scale) {
  const std::string how = call.node.String("coordinate_transformation_mode", "half_pixel");
  const auto place = static_cast<double>(at);
  if (how == "asymmetric") return place / scale;
  if (how == "align_corners") return out == 1 ? 0 : place * static_cast<double>(in - 1) / static_cast<double>(out - 1);
  if (how == "pytorch_half_pixel" && out == 1) return 0;
  if (how == "half_pixel" || how == "pytorch_half_pixel") return (place + 0.5) / scale - 0.5;
  call.Unknown("coordinates by " + how);
}

struct Grid {
  std::vector<int64_t> sizes;
  std::vector<double> scales;
};

Grid GridOf(const Call& call, const Tensor& x) {
  Grid grid;
  if (const Tensor* sizes = call.Maybe(3); sizes && sizes->Count() > 0) grid.sizes = Wholes(call, *sizes);
  if (const Tensor* scales = call.Maybe(2); scales && scales->Count() > 0) grid.scales = Reals(call, *scales);
  const bool by_size = !grid.sizes.empty();
  call.Need((by_size ? grid.sizes.size() : grid.scales.size()) == x.dims.size(), "sizes of another number than axes");
  for (size_t axis = 0; axis < x.dims.size(); ++axis) {
    const auto extent = static_cast<double>(x.dims[axis]);
    if (by_size) {
      grid.scales.resize(x.dims.size());
      grid.scales[axis] = static_cast<double>(grid.sizes[axis]) / extent;
    } else {
      call.Need(grid.scales[axis] > 0 && grid.scales[axis] < 1e6, "an impossible scale");
      grid.sizes.push_back(static_cast<int64_t>(std::floor(extent * grid.scales[axis])));
    }
  }
  return grid;
}

Results Resize(const Call& call) {
  const Tensor& x = call.In(0);
  const std::string mode = call.node.String("mode", "nearest");
  const bool nearest = mode == "nearest";
  if (!nearest && mode != "linear") call.Unknown("the mode " + mode);
  if (nearest && call.node.String("nearest_mode", "round_prefer_floor") != "floor") call.Unknown("this rounding");
  const Grid grid = GridOf(call, x);
  Tensor result = x;
  // One axis after the other: linear interpolation is a product of those along the axes.
  for (size_t axis = 0; axis < x.dims.size(); ++axis) {
    const int64_t in = x.dims[axis], out = grid.sizes[axis];
    CountOf(call, {std::max<int64_t>(0, out)});
    std::vector<Places> low = Everything(result), high = low;
    std::vector<double> share;
    low[axis].clear();
    high[axis].clear();
    for (int64_t at = 0; at < out; ++at) {
      const double origin = Origin(call, at, in, out, grid.scales[axis]);
      const double place = std::clamp(origin, 0.0, static_cast<double>(in - 1));
      low[axis].push_back(static_cast<int64_t>(std::floor(place)));
      high[axis].push_back(std::min(in - 1, low[axis].back() + 1));
      share.push_back(nearest ? 0 : place - std::floor(place));
    }
    const Tensor below = Take(call, result, low), above = Take(call, result, high);
    size_t inner = 1;
    for (size_t i = axis + 1; i < below.dims.size(); ++i) inner *= static_cast<size_t>(below.dims[i]);
    auto values = Reals(call, below);
    const auto others = Reals(call, above);
    for (size_t i = 0; i < values.size(); ++i) {
      const double part = share[i / inner % share.size()];
      values[i] += part * (others[i] - values[i]);
    }
    result = FromReals(x.type, below.dims, values);
  }
  return {result};
}

}  // namespace

std::optional<Results> EvaluateParts(const Call& call) {
  const std::string& op = call.node.op;
  if (op == "Split") return Split(call);
  if (op == "Pad") return Pad(call);
  if (op == "Tile") return Tile(call);
  if (op == "Resize") return Resize(call);
  return std::nullopt;
}

}  // namespace bakeoff::graph
