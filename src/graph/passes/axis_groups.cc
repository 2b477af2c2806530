// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Groups of axes by equal products.
#include "graph/passes/axis_groups.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace bakeoff::graph {
namespace {

using Symbols = std::map<std::string, int64_t, std::less<>>;

// The names in the extents' texts.
void AddSymbols(const SymbolicShape& shape, std::set<std::string>& names) {
  for (const Dim& dim : shape) {
    std::string name;
    for (const char c : dim.Text() + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.') {
        name += c;
      } else {
        if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name != "floor")
          names.insert(name);
        name.clear();
      }
    }
  }
}

// Free extents as large primes, so that products are equal only where the expressions are.
std::optional<Symbols> PrimesFor(const SymbolicShape& before, const SymbolicShape& after) {
  constexpr std::array<int64_t, 6> kPrimes = {10007, 20011, 30011, 40009, 50021, 60013};
  std::set<std::string> names;
  AddSymbols(before, names);
  AddSymbols(after, names);
  if (names.size() > kPrimes.size()) return std::nullopt;
  Symbols symbols;
  for (const std::string& name : names) symbols.emplace(name, kPrimes.at(symbols.size()));
  return symbols;
}

std::optional<std::vector<int64_t>> Numbers(const SymbolicShape& shape, const Symbols& symbols) {
  std::vector<int64_t> numbers;
  for (const Dim& dim : shape) {
    const auto number = dim.Evaluate(symbols);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

void AttachOnes(std::vector<AxisGroup>& groups, std::vector<int> AxisGroup::* side, int axis) {
  if (groups.empty()) groups.emplace_back();
  (groups.back().*side).push_back(axis);
}

}  // namespace

std::optional<std::vector<AxisGroup>> GroupAxes(const SymbolicShape& before, const SymbolicShape& after) {
  const auto symbols = PrimesFor(before, after);
  if (!symbols) return std::nullopt;
  const auto from = Numbers(before, *symbols), to = Numbers(after, *symbols);
  if (!from || !to) return std::nullopt;
  std::vector<AxisGroup> groups;
  size_t i = 0, j = 0;
  while (i < from->size() || j < to->size()) {
    if (i < from->size() && (*from)[i] == 1) {
      AttachOnes(groups, &AxisGroup::before, static_cast<int>(i++));
      continue;
    }
    if (j < to->size() && (*to)[j] == 1) {
      AttachOnes(groups, &AxisGroup::after, static_cast<int>(j++));
      continue;
    }
    if (i == from->size() || j == to->size() || (*from)[i] == 0 || (*to)[j] == 0) return std::nullopt;
    // Leading ones opened a group that has no axis of substance yet: it takes these.
    const bool only_ones = groups.size() == 1 &&
                           std::all_of(groups[0].before.begin(), groups[0].before.end(),
                                       [&](int axis) { return (*from)[static_cast<size_t>(axis)] == 1; }) &&
                           std::all_of(groups[0].after.begin(), groups[0].after.end(),
                                       [&](int axis) { return (*to)[static_cast<size_t>(axis)] == 1; });
    if (!only_ones) groups.emplace_back();
    AxisGroup& group = groups.back();
    int64_t a = (*from)[i], b = (*to)[j];
    group.before.push_back(static_cast<int>(i++));
    group.after.push_back(static_cast<int>(j++));
    while (a != b) {
      const bool grow_before = a < b;
      if (grow_before ? i == from->size() : j == to->size()) return std::nullopt;
      const int64_t extent = grow_before ? (*from)[i] : (*to)[j];
      if (__builtin_mul_overflow(grow_before ? a : b, extent, grow_before ? &a : &b) || extent == 0)
        return std::nullopt;
      if (grow_before) {
        group.before.push_back(static_cast<int>(i++));
      } else {
        group.after.push_back(static_cast<int>(j++));
      }
    }
  }
  return groups;
}

GroupedOrders ThroughGroups(const std::vector<AxisGroup>& groups, const SymbolicShape& shape, const Permutation& lies) {
  const auto group_of = [&](int axis) {
    for (size_t g = 0; g < groups.size(); ++g) {
      if (std::count(groups[g].before.begin(), groups[g].before.end(), axis) > 0) return g;
    }
    return groups.size();
  };
  const auto is_one = [&](int axis) { return shape[static_cast<size_t>(axis)].Value() == 1; };
  // Groups in the order in which they first appear; axes of extent 1 say nothing about where a group lies.
  std::vector<size_t> order;
  for (const bool ones : {false, true}) {
    for (const int axis : lies) {
      const size_t group = group_of(axis);
      if (is_one(axis) == ones && std::count(order.begin(), order.end(), group) == 0) order.push_back(group);
    }
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    if (std::count(order.begin(), order.end(), g) == 0) order.push_back(g);
  }
  GroupedOrders result;
  for (const size_t g : order) {
    result.before.insert(result.before.end(), groups[g].before.begin(), groups[g].before.end());
    result.after.insert(result.after.end(), groups[g].after.begin(), groups[g].after.end());
  }
  return result;
}

}  // namespace bakeoff::graph
