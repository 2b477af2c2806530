// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Breadth-first search over formats, and the words for where it ends.
#include "convert/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bakeoff/error.h"
#include "core/text.h"

namespace bakeoff::convert {
namespace {

using worker::EngineStatus;
using worker::HopEntryStatus;

// Each hop may lose a little; longer ways than this are nobody's wish.
constexpr size_t kMostSteps = 4;

bool Has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool Visits(const Route& route, const FormatId& from, const FormatId& format) {
  return format == from || std::any_of(route.begin(), route.end(), [&](const Step& step) { return step.to == format; });
}

Error NoRoute(const std::vector<HopEntryStatus>& hops, const FormatId& from, const FormatId& to,
              const std::string& precision) {
  std::string text = fmt::format("no hop leads from {} to {}", from, to);
  const auto reached = Reachable(hops, from);
  std::vector<std::string> writers;
  for (const HopEntryStatus& hop : hops) {
    if (hop.status == EngineStatus::kPresent && hop.info.writes == to)
      writers.push_back(fmt::format("{} (from {}; precisions {})", hop.name, core::Join(hop.info.reads, ", "),
                                    core::Join(hop.info.precisions, ", ")));
  }
  if (Has(reached, to)) {
    text = fmt::format("no hop to {} writes {} weights", to, precision);
  } else {
    text += "; " + ReachText(hops, from);
  }
  if (!writers.empty()) text += fmt::format("; {} is written by {}", to, core::Join(writers, ", "));
  return Error(ErrorCode::kUnsupported, text + AbsentText(hops));
}

}  // namespace

std::vector<FormatId> Reachable(const std::vector<HopEntryStatus>& hops, const FormatId& from) {
  std::set<FormatId> reached{from};
  for (bool grows = true; grows;) {
    grows = false;
    for (const HopEntryStatus& hop : hops) {
      if (hop.status != EngineStatus::kPresent) continue;
      for (const FormatId& format : hop.info.reads) {
        if (reached.contains(format)) grows |= reached.insert(hop.info.writes).second;
      }
    }
  }
  reached.erase(from);
  return {reached.begin(), reached.end()};
}

std::vector<Route> FindRoutes(const std::vector<HopEntryStatus>& hops, const FormatId& from, const FormatId& to,
                              const std::string& precision) {
  std::vector<Route> found, open{{}};
  for (size_t length = 1; length <= kMostSteps && !open.empty(); ++length) {
    std::vector<Route> longer;
    for (const Route& route : open) {
      const FormatId& here = route.empty() ? from : route.back().to;
      for (const HopEntryStatus& hop : hops) {
        if (hop.status != EngineStatus::kPresent || !Has(hop.info.reads, here)) continue;
        // From a format to itself is a hop as well: fixed shapes, other precision of the weights.
        const bool arrives = hop.info.writes == to;
        if (arrives ? !Has(hop.info.precisions, precision) : Visits(route, from, hop.info.writes)) continue;
        longer.push_back(route);
        longer.back().push_back({hop, here, hop.info.writes});
        if (arrives) {
          found.push_back(std::move(longer.back()));
          longer.pop_back();
        }
      }
    }
    open = std::move(longer);
  }
  if (found.empty()) throw NoRoute(hops, from, to, precision);
  return found;
}

std::string ReachText(const std::vector<HopEntryStatus>& hops, const FormatId& from) {
  const auto reached = Reachable(hops, from);
  return reached.empty() ? fmt::format("nothing can be made of {} here", from)
                         : fmt::format("{} can become {}", from, core::Join(reached, ", "));
}

std::vector<std::string> AbsentHops(const std::vector<HopEntryStatus>& hops) {
  std::vector<std::string> texts;
  for (const HopEntryStatus& hop : hops) {
    if (hop.status != EngineStatus::kPresent)
      texts.push_back(fmt::format("the hop {} is {}: {}", hop.name, worker::StatusName(hop.status), hop.reason));
  }
  return texts;
}

std::string AbsentText(const std::vector<HopEntryStatus>& hops) {
  std::string text;
  for (const std::string& each : AbsentHops(hops)) text += "; " + each;
  return text;
}

std::string RouteText(const Route& route) {
  std::string text = route.empty() ? "" : route.front().from;
  for (const Step& step : route) text += " -> " + step.to;
  return text;
}

}  // namespace bakeoff::convert
