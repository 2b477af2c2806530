// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Sums of events, and events as a trace.
#include "measure/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/statistics.h"

namespace bakeoff::measure {
namespace {

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

double Microseconds(int64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

// When each event began, from 0: as told, or the events of one inference end to end.
std::vector<int64_t> Begins(const std::vector<worker::ProfileReply::Event>& events, bool told) {
  std::vector<int64_t> begins(events.size());
  if (told) {
    int64_t first = events.front().begin_ns;
    for (const auto& event : events) first = std::min(first, event.begin_ns);
    for (size_t i = 0; i < events.size(); ++i) begins[i] = events[i].begin_ns - first;
    return begins;
  }
  int64_t end = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    begins[i] = end;
    end += events[i].time_ns;
  }
  return begins;
}

// Of each inference, whether it counts. An inference that something interrupted would show up in the share of whichever
// operator it met; the bound is that of outliers among samples (core/stability.cc), and at least a tenth above the
// median: twenty inferences may be more alike than any two runs.
std::vector<bool> Usual(const std::vector<int64_t>& wall_ns) {
  constexpr double kScale = 1.4826, kThreshold = 10, kLeast = 1.1;
  const std::vector<double> walls(wall_ns.begin(), wall_ns.end());
  const double median = core::Median(walls).value_or(0);
  std::vector<double> deviations;
  for (const double wall : walls) deviations.push_back(std::abs(wall - median));
  const double bound = std::max(median + kThreshold * kScale * core::Median(deviations).value_or(0), kLeast * median);
  std::vector<bool> usual;
  for (const double wall : walls) usual.push_back(wall <= bound);
  return usual;
}

}  // namespace

Json ProfileJson(const worker::ProfileReply& reply) {
  struct Sum {
    int64_t time_ns = 0, calls = 0;
  };
  std::vector<Sum> sums(reply.operators.size());
  int64_t total_ns = 0, wall_ns = 0, inferences = 0;
  const std::vector<bool> usual = Usual(reply.wall_ns);
  for (size_t i = 0; i < usual.size(); ++i) {
    if (!usual[i]) continue;
    wall_ns += reply.wall_ns[i];
    ++inferences;
  }
  for (const auto& event : reply.events) {
    if (!usual[static_cast<size_t>(event.run - 1)]) continue;
    Sum& sum = sums[static_cast<size_t>(event.op)];
    sum.time_ns += event.time_ns;
    ++sum.calls;
    total_ns += event.time_ns;
  }
  if (total_ns <= 0) return NoProfileJson("the runtime told operators without their times");
  std::vector<size_t> order(sums.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return sums[a].time_ns > sums[b].time_ns; });
  Json operators = Json::array();
  for (const size_t i : order) {
    const auto& op = reply.operators[i];
    operators.push_back({{"name", op.name},
                         {"type", op.type},
                         {"time_ns", sums[i].time_ns},
                         {"calls", sums[i].calls},
                         {"share", static_cast<double>(sums[i].time_ns) / static_cast<double>(total_ns)},
                         {"precision", TextOrNull(op.precision)},
                         {"provider", TextOrNull(op.provider)}});
  }
  return {{"operators", std::move(operators)},         {"total_ns", total_ns}, {"inferences", inferences},
          {"outliers", reply.inferences - inferences}, {"wall_ns", wall_ns},   {"source", reply.source}};
}

Json NoProfileJson(const std::string& reason) {
  return {{"reason", reason}};
}

void Trace::Add(const std::string& title, const worker::ProfileReply& reply) {
  if (reply.events.empty()) return;
  const int64_t process = ++processes_;
  const bool told =
      std::all_of(reply.events.begin(), reply.events.end(), [](const auto& event) { return event.begin_ns >= 0; });
  const std::string name = told ? title : title + " (begins not told: operators end to end)";
  events_.push_back({{"name", "process_name"}, {"ph", "M"}, {"pid", process}, {"args", {{"name", name}}}});
  const std::vector<int64_t> begins = Begins(reply.events, told);
  for (size_t i = 0; i < reply.events.size(); ++i) {
    const auto& event = reply.events[i];
    const auto& op = reply.operators[static_cast<size_t>(event.op)];
    Json args = {{"type", op.type}, {"inference", event.run}};
    if (!op.precision.empty()) args["precision"] = op.precision;
    if (!op.provider.empty()) args["provider"] = op.provider;
    events_.push_back({{"name", op.name},
                       {"cat", op.type},
                       {"ph", "X"},
                       {"pid", process},
                       {"tid", event.thread},
                       {"ts", Microseconds(begins[i])},
                       {"dur", Microseconds(event.time_ns)},
                       {"args", std::move(args)}});
  }
}

std::string Trace::Text() const {
  return Json{{"traceEvents", events_}, {"displayTimeUnit", "ms"}}.dump(-1, ' ', false,
                                                                        Json::error_handler_t::replace) +
         "\n";
}

}  // namespace bakeoff::measure
