// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// One text for everything that stopped a conversion.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/converter.h"
#include "core/text.h"

namespace bakeoff {
namespace {

// So many nodes are named for one operator; the rest is counted.
constexpr size_t kMostNodes = 8;

struct Group {
  UnsupportedOperator first;
  std::vector<std::string> nodes;
};

std::string LineOf(const Group& group) {
  std::vector<std::string> named(
      group.nodes.begin(), group.nodes.begin() + static_cast<ptrdiff_t>(std::min(kMostNodes, group.nodes.size())));
  std::string line =
      fmt::format("{}: {} ({} {}{})", group.first.op, group.first.why, group.nodes.size() == 1 ? "node" : "nodes",
                  core::Join(named, ", "),
                  group.nodes.size() > kMostNodes ? fmt::format(" and {} more", group.nodes.size() - kMostNodes) : "");
  if (!group.first.advice.empty()) line += fmt::format("; {}", group.first.advice);
  return line;
}

}  // namespace

Error UnsupportedOperators(const std::string& hop, const std::vector<UnsupportedOperator>& found) {
  std::vector<Group> groups;
  for (const UnsupportedOperator& one : found) {
    const std::string node =
        one.location.empty() ? fmt::format("'{}'", one.node) : fmt::format("'{}' from {}", one.node, one.location);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.first.op == one.op && group.first.why == one.why && group.first.advice == one.advice;
    });
    if (same == groups.end()) {
      groups.push_back({one, {node}});
    } else {
      same->nodes.push_back(node);
    }
  }
  std::vector<std::string> lines;
  for (const Group& group : groups) lines.push_back(LineOf(group));
  return Error(ErrorCode::kUnsupported, fmt::format("{} cannot convert {} of the model's nodes:\n  {}", hop,
                                                    found.size(), core::Join(lines, "\n  ")));
}

}  // namespace bakeoff
