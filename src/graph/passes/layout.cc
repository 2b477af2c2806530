// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: layout choice. Greedy from front to back: each node takes its inputs as they lie if it can.
#include "graph/passes/layout.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "graph/passes/axis_groups.h"

namespace bakeoff::graph {
namespace {

bool Flows(const Value* value) {
  return value && (value->IsInput() || !value->constant());
}

size_t Rank(const Value& value) {
  return value.shape ? value.shape->size() : 0;
}

Permutation Identity(size_t rank) {
  Permutation identity(rank);
  std::iota(identity.begin(), identity.end(), 0);
  return identity;
}

Permutation ChannelsLast(size_t rank) {
  Permutation order = Identity(rank);
  if (rank > 2) std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return order;
}

Permutation Of(const Value& value) {
  return FullPermutation(value.permutation, Rank(value));
}

// The extents that are known, multiplied: what a transpose costs.
double Elements(const Value& value) {
  double count = 1;
  for (const Dim& dim : value.shape.value_or(SymbolicShape{})) count *= static_cast<double>(dim.Value().value_or(1));
  return count;
}

const Tensor* ConstantOf(const Value* value) {
  return value && !Flows(value) ? value->constant() : nullptr;
}

class Chooser {
 public:
  Chooser(Graph& graph, LayoutRuleOf rule_of) : graph_(graph), rule_of_(rule_of) {}

  size_t Run() {
    for (Value* input : graph_.inputs()) {
      if (Rank(*input) == 4 && ReachesChannelsLast(*input)) input->permutation = ChannelsLast(4);
    }
    const std::set<const Node*> at_outputs = SeparateOutputs();
    for (auto at = graph_.nodes().begin(); at != graph_.nodes().end(); ++at) {
      if (inserted_.contains(&*at)) continue;
      if (at_outputs.contains(&*at)) {
        Leave(*at);
      } else {
        Choose(*at);
      }
    }
    return transposes_;
  }

 private:
  bool ReachesChannelsLast(const Value& value) {
    if (!seen_.insert(&value).second) return false;
    return std::any_of(value.uses().begin(), value.uses().end(), [&](const Use& use) {
      const LayoutRule rule = rule_of_(*use.node);
      if (rule == LayoutRule::kChannelsLast) return use.index == 0;
      const Value* output = use.node->output(0);
      return rule == LayoutRule::kAny && output && Rank(*output) == 4 && ReachesChannelsLast(*output);
    });
  }

  // Every output that a node makes gets an Identity of its own, where its order may change without touching other
  // users.
  std::set<const Node*> SeparateOutputs() {
    std::set<const Node*> nodes;
    const std::vector<Value*> outputs = graph_.outputs();
    for (Value* output : outputs) {
      if (!output->producer()) continue;
      Value& outer = graph_.AddValue(graph_.UniqueName(output->name()), output->type, output->shape);
      if (!graph_.Replace(*output, outer)) continue;
      graph_.RedirectUses(outer, *output);
      nodes.insert(&graph_.AddNode("Identity", {output}, {&outer}, outer.name()));
    }
    return nodes;
  }

  void Leave(Node& node) {
    const Value& value = *node.input(0);
    const Permutation kept = Rank(value) == 4 && Of(value) == ChannelsLast(4) ? Of(value) : Identity(Rank(value));
    if (kept != Of(value) && !SameInMemory(*value.shape, Of(value), kept)) ++transposes_;
    node.output(0)->permutation = kept;
  }

  // Input `index` of the node in the order wanted; equal wishes share one relayout.
  void Want(Node& node, size_t index, const Permutation& wanted) {
    Value* value = node.input(index);
    if (!Flows(value) || Of(*value) == wanted) return;
    Value*& relaid = relaid_[{value, wanted}];
    if (!relaid) {
      relaid = &graph_.AddValue(graph_.UniqueName(value->name() + ".relaid"), value->type, value->shape);
      relaid->permutation = wanted;
      inserted_.insert(&graph_.AddNode("Identity", {value}, {relaid}, relaid->name(), &node));
      if (!SameInMemory(*value->shape, Of(*value), wanted)) ++transposes_;
    }
    graph_.SetInput(node, index, relaid);
  }
  void WantLogical(Node& node) {
    for (size_t i = 0; i < node.inputs().size(); ++i) {
      if (Flows(node.input(i))) Want(node, i, Identity(Rank(*node.input(i))));
    }
  }
  // Outputs of the same rank get the order, others the logical one.
  static void Give(Node& node, const Permutation& order) {
    for (Value* output : node.outputs()) {
      if (output) output->permutation = Rank(*output) == order.size() ? order : Permutation{};
    }
  }

  void Choose(Node& node) {
    const Value* x = node.input(0);
    const Value* y = node.output(0);
    const bool known = std::all_of(node.inputs().begin(), node.inputs().end(),
                                   [](const Value* value) { return !Flows(value) || value->shape; }) &&
                       y && y->shape;
    const LayoutRule rule = known ? rule_of_(node) : LayoutRule::kLogical;
    switch (rule) {
      case LayoutRule::kChannelsLast:
        WantLogicalFrom(node, 1);
        if (Flows(x)) Want(node, 0, ChannelsLast(Rank(*x)));
        Give(node, ChannelsLast(Rank(*y)));
        return;
      case LayoutRule::kAny:
        return ChooseAny(node);
      case LayoutRule::kLastAxis:
        return ChooseLast(node, node.Int("axis", -1));
      case LayoutRule::kRowsLast:
        return ChooseLast(node, -1);
      case LayoutRule::kMatMul:
        return ChooseMatMul(node);
      case LayoutRule::kTranspose:
        if (Flows(x)) return PassTranspose(node);
        break;
      case LayoutRule::kReshape:
        if (Flows(x)) return PassReshape(node);
        break;
      case LayoutRule::kReduce:
        if (Flows(x)) return PassReduce(node);
        break;
      case LayoutRule::kGather:
        if (Flows(x)) return PassGather(node);
        break;
      case LayoutRule::kExtents:
        return;
      case LayoutRule::kLogical:
        break;
    }
    WantLogical(node);
  }

  void WantLogicalFrom(Node& node, size_t first) {
    for (size_t i = first; i < node.inputs().size(); ++i) {
      if (Flows(node.input(i))) Want(node, i, Identity(Rank(*node.input(i))));
    }
  }

  void ChooseAny(Node& node) {
    const size_t rank = Rank(*node.output(0));
    std::vector<const Value*> full;
    bool lower = false;
    for (const Value* value : node.inputs()) {
      if (!Flows(value)) continue;
      if (Rank(*value) == rank) full.push_back(value);
      // Numbers that control the operator, and values that broadcast by place: places are those of the logical order.
      lower |= Rank(*value) != rank && Elements(*value) > 1;
    }
    Permutation best = Identity(rank);
    double least = -1;
    for (const Value* candidate : full) {
      if (lower) break;
      const Permutation order = Of(*candidate);
      double cost = 0;
      for (const Value* value : full) {
        if (!SameInMemory(*value->shape, Of(*value), order)) cost += Elements(*value);
      }
      if (least < 0 || cost < least) {
        least = cost;
        best = order;
      }
    }
    for (size_t i = 0; i < node.inputs().size(); ++i) {
      const Value* value = node.input(i);
      if (Flows(value)) Want(node, i, Rank(*value) == rank ? best : Identity(Rank(*value)));
    }
    Give(node, best);
  }

  void ChooseLast(Node& node, int64_t axis) {
    const Value* x = node.input(0);
    if (!Flows(x) || Rank(*x) == 0) return WantLogical(node);
    const auto last = static_cast<int>(axis < 0 ? axis + static_cast<int64_t>(Rank(*x)) : axis);
    Permutation order = Of(*x);
    order.erase(std::remove(order.begin(), order.end(), last), order.end());
    order.push_back(last);
    WantLogicalFrom(node, 1);
    Want(node, 0, order);
    Give(node, order);
  }

  void ChooseMatMul(Node& node) {
    for (size_t i = 0; i < 2; ++i) {
      const Value* value = node.input(i);
      if (!Flows(value)) continue;
      Permutation exchanged = Identity(Rank(*value));
      if (exchanged.size() >= 2) std::swap(exchanged.back(), exchanged[exchanged.size() - 2]);
      if (Of(*value) != exchanged) Want(node, i, Identity(Rank(*value)));
    }
  }

  static void PassTranspose(Node& node) {
    const Value& x = *node.input(0);
    std::vector<int64_t> order = node.Ints("perm");
    if (order.empty()) {
      order.resize(Rank(x));
      std::iota(order.rbegin(), order.rend(), 0);
    }
    Permutation result;
    for (const int axis : Of(x))
      result.push_back(static_cast<int>(std::find(order.begin(), order.end(), axis) - order.begin()));
    node.output(0)->permutation = result;
  }

  void PassReshape(Node& node) {
    WantLogicalFrom(node, 1);
    const Value& x = *node.input(0);
    const auto groups = GroupAxes(*x.shape, *node.output(0)->shape);
    if (!groups) {
      Want(node, 0, Identity(Rank(x)));
      return;
    }
    const GroupedOrders orders = ThroughGroups(*groups, *x.shape, Of(x));
    Want(node, 0, orders.before);
    node.output(0)->permutation = orders.after;
  }

  void PassReduce(Node& node) {
    const Value& x = *node.input(0);
    std::vector<int64_t> axes = node.Ints("axes");
    if (node.input(1)) {
      const Tensor* given = ConstantOf(node.input(1));
      if (!given) return WantLogical(node);
      axes.assign(given->Ints().begin(), given->Ints().end());
    }
    if (node.Int("keepdims", 1) != 0) return Give(node, Of(x));
    std::set<int64_t> gone;
    for (const int64_t axis : axes) gone.insert(axis < 0 ? axis + static_cast<int64_t>(Rank(x)) : axis);
    Permutation result;
    for (const int axis : Of(x)) {
      if (axes.empty() || gone.contains(axis)) continue;
      result.push_back(axis - static_cast<int>(std::distance(gone.begin(), gone.lower_bound(axis))));
    }
    node.output(0)->permutation = result;
  }

  void PassGather(Node& node) {
    const Value& x = *node.input(0);
    WantLogicalFrom(node, 1);
    int64_t axis = node.Int("axis", 0);
    if (axis < 0) axis += static_cast<int64_t>(Rank(x));
    const int rows = static_cast<int>(Rank(*node.output(0))) - static_cast<int>(Rank(x)) + 1;
    Permutation result;
    for (const int old : Of(x)) {
      if (old == axis) {
        for (int i = 0; i < rows; ++i) result.push_back(old + i);
      } else {
        result.push_back(old < axis ? old : old + rows - 1);
      }
    }
    node.output(0)->permutation = result;
  }

  Graph& graph_;
  LayoutRuleOf rule_of_;
  std::map<std::pair<const Value*, Permutation>, Value*> relaid_;
  std::set<const Node*> inserted_;
  std::set<const Value*> seen_;
  size_t transposes_ = 0;
};

}  // namespace

size_t ChooseLayouts(Model& model, LayoutRuleOf rule_of) {
  return Chooser(model.graph, rule_of).Run();
}

Permutation FullPermutation(const Permutation& permutation, size_t rank) {
  return permutation.empty() ? Identity(rank) : permutation;
}

size_t PhysicalAxis(const Value& value, int64_t logical_axis) {
  const Permutation order = Of(value);
  if (logical_axis < 0) logical_axis += static_cast<int64_t>(order.size());
  return static_cast<size_t>(std::find(order.begin(), order.end(), static_cast<int>(logical_axis)) - order.begin());
}

bool SameInMemory(const SymbolicShape& logical, const Permutation& from, const Permutation& to) {
  const auto moving = [&](const Permutation& order) {
    Permutation axes = FullPermutation(order, logical.size());
    std::erase_if(axes, [&](int axis) { return logical[static_cast<size_t>(axis)].Value() == 1; });
    return axes;
  };
  return moving(from) == moving(to);
}

}  // namespace bakeoff::graph
