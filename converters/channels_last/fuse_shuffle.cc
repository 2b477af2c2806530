// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Recognises N x C x ... as N x G x C/G x ..., its axes 1 and 2 exchanged, as N x C x ... again.
#include "converters/channels_last/fuse_shuffle.h"

#include <numeric>
#include <optional>
#include <vector>

namespace bakeoff::channels_last {
namespace {

using graph::Node;
using graph::Value;

constexpr size_t kChannels = 1;

// The node that makes the value, if it is such an operator and nobody else needs the value.
const Node* OnlyFor(const Value* value, const char* op) {
  const Node* node = value ? value->producer() : nullptr;
  return node && node->Is(op) && value->uses().size() == 1 && !value->IsOutput() ? node : nullptr;
}

bool ExchangesFirstTwo(const std::vector<int64_t>& order) {
  std::vector<int64_t> wanted(order.size());
  std::iota(wanted.begin(), wanted.end(), 0);
  if (wanted.size() < 4) return false;
  std::swap(wanted[1], wanted[2]);
  return order == wanted;
}

// What a reshape's target says of one axis: a number, or an extent of a value.
struct Extent {
  int64_t number = 0;
  const Value* of = nullptr;
  int64_t axis = 0;
};

// A whole number that a graph takes from the shape of a value, through operators that keep it.
std::optional<Extent> SizeTaken(const Value* value) {
  const Node* node = value ? value->producer() : nullptr;
  while (node && (node->Is("Reshape") || node->Is("Unsqueeze") || node->Is("Squeeze") || node->Is("Cast")))
    node = node->input(0) ? node->input(0)->producer() : nullptr;
  const Node* shape = node && node->Is("Gather") && node->input(0) ? node->input(0)->producer() : nullptr;
  const graph::Tensor* place = shape && node->input(1) ? node->input(1)->constant() : nullptr;
  if (!place || !shape->Is("Shape") || shape->attributes.contains("start") || place->Count() != 1 ||
      place->type != graph::ElementType::kI64 || place->Ints()[0] < 0)
    return std::nullopt;
  return Extent{0, shape->input(0), place->Ints()[0]};
}

std::optional<std::vector<Extent>> TargetOf(const Node& reshape) {
  const Value* target = reshape.input(1);
  if (!target || reshape.Int("allowzero", 0) != 0) return std::nullopt;
  std::vector<const Value*> parts{target};
  if (const Node* concat = target->producer(); concat && concat->Is("Concat"))
    parts.assign(concat->inputs().begin(), concat->inputs().end());
  std::vector<Extent> extents;
  for (const Value* part : parts) {
    if (const graph::Tensor* numbers = part ? part->constant() : nullptr) {
      if (numbers->type != graph::ElementType::kI64) return std::nullopt;
      for (const int64_t number : numbers->Ints()) {
        // 0 copies the extent at the same place.
        extents.push_back(number == 0 ? Extent{0, reshape.input(0), static_cast<int64_t>(extents.size())}
                                      : Extent{number});
      }
    } else if (const auto taken = SizeTaken(part)) {
      extents.push_back(*taken);
    } else {
      return std::nullopt;
    }
  }
  return extents;
}

// Inference loses the names of extents that a target computes, so what says them is looked at as well.
bool IsExtentOf(const Value& x, size_t axis, const graph::Dim& dim, const Extent& said) {
  return dim == (*x.shape)[axis] || (said.of == &x && said.axis == static_cast<int64_t>(axis));
}

// Whether `split` is `x` with the channels apart and `y` is `x` again but for its order, all other extents the same.
bool KeepsTheRest(const Value& x, const Node& first, const Node& last) {
  const graph::SymbolicShape &split = *first.output(0)->shape, &y = *last.output(0)->shape;
  const auto apart = TargetOf(first), again = TargetOf(last);
  const size_t rank = x.shape->size();
  if (split.size() != rank + 1 || y.size() != rank || !apart || apart->size() != rank + 1 || !again ||
      again->size() != rank)
    return false;
  for (size_t axis = 0; axis < rank; ++axis) {
    if (axis == kChannels) continue;
    const size_t moved = axis > kChannels ? axis + 1 : axis;
    if (!IsExtentOf(x, axis, split[moved], (*apart)[moved]) || !IsExtentOf(x, axis, y[axis], (*again)[axis]))
      return false;
  }
  return y[kChannels] == (*x.shape)[kChannels] || (*again)[kChannels].number == -1;
}

struct Shuffle {
  Value* x;
  int64_t groups, each;
};

std::optional<Shuffle> ShuffleOf(const Node& last) {
  const Node* transpose = last.Is("Reshape") ? OnlyFor(last.input(0), "Transpose") : nullptr;
  const Node* first = transpose ? OnlyFor(transpose->input(0), "Reshape") : nullptr;
  if (!first || !ExchangesFirstTwo(transpose->Ints("perm"))) return std::nullopt;
  Value* x = first->input(0);
  const Value& split = *first->output(0);
  if (!x || !x->shape || !split.shape || !last.output(0)->shape || x->shape->size() < 3) return std::nullopt;
  if (!KeepsTheRest(*x, *first, last)) return std::nullopt;
  const auto groups = (*split.shape)[kChannels].Value(), each = (*split.shape)[kChannels + 1].Value();
  if (!groups || !each) return std::nullopt;
  if (!((*x->shape)[kChannels] == graph::Dim(*groups * *each))) return std::nullopt;
  return Shuffle{x, *groups, *each};
}

}  // namespace

size_t FuseShuffle(graph::Model& model) {
  size_t found = 0;
  graph::Graph& graph = model.graph;
  for (auto at = graph.nodes().begin(); at != graph.nodes().end();) {
    Node& node = *at++;
    const auto shuffle = ShuffleOf(node);
    if (!shuffle) continue;
    std::vector<int64_t> from;
    for (int64_t place = 0; place < shuffle->each; ++place) {
      for (int64_t group = 0; group < shuffle->groups; ++group) from.push_back(group * shuffle->each + place);
    }
    Value& old = *node.output(0);
    const auto count = static_cast<int64_t>(from.size());
    Value& order =
        graph.AddConstant(graph.UniqueName(old.name() + ".order"), graph::Tensor::I64({count}, std::move(from)));
    Value& fused = graph.AddValue(graph.UniqueName(old.name() + ".shuffled"), old.type, old.shape);
    graph.AddNode("Gather", {shuffle->x, &order}, {&fused}, node.name, &node).attributes["axis"] =
        static_cast<int64_t>(kChannels);
    graph.Replace(old, fused);
    graph.RemoveNode(node);
    ++found;
  }
  return found;
}

}  // namespace bakeoff::channels_last
