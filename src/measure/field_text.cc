// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The words.
#include "measure/field_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/text.h"
#include "measure/record.h"

namespace bakeoff::measure {
namespace {

double Seconds(int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

}  // namespace

std::string ThreadsText(const Json& threads) {
  constexpr size_t kMost = 8;
  std::vector<std::string> words;
  int64_t rest_ns = 0;
  size_t rest = 0;
  for (const Json& thread : threads) {
    const int64_t time_ns = WholeAt(thread, "time_ns").value_or(0);
    if (words.size() < kMost) {
      words.push_back(fmt::format("{} {:.3g} s", TextAt(thread, "name"), Seconds(time_ns)));
    } else {
      rest_ns += time_ns;
      ++rest;
    }
  }
  if (rest > 0) words.push_back(fmt::format("{} more {:.3g} s", rest, Seconds(rest_ns)));
  return words.empty() ? "-" : core::Join(words, ", ");
}

std::string OverTimeText(const Json& points) {
  std::vector<double> busy;
  int64_t end_ns = 0;
  for (const Json& point : points) {
    busy.push_back(RealAt(point, "utilisation").value_or(0));
    end_ns = WholeAt(point, "at_ns").value_or(end_ns);
  }
  if (busy.empty()) return "-";
  std::sort(busy.begin(), busy.end());
  const double stretch = Seconds(end_ns) / static_cast<double>(busy.size());
  if (busy.size() == 1) return fmt::format("{:.2f} CPUs over {:.3g} s", busy[0], stretch);
  return fmt::format("{} stretches of about {:.3g} s: {:.2f} to {:.2f} CPUs, median {:.2f}", busy.size(), stretch,
                     busy.front(), busy.back(), busy[busy.size() / 2]);
}

std::string ProfileText(const Json& profile) {
  const Json& operators = At(profile, "operators");
  if (!operators.is_array()) return TextAt(profile, "reason");
  std::map<std::string, double> shares;
  for (const Json& op : operators) shares[TextAt(op, "type")] += RealAt(op, "share").value_or(0);
  std::vector<std::pair<std::string, double>> types(shares.begin(), shares.end());
  std::stable_sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr size_t kMost = 5;
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(types.size(), kMost); ++i)
    words.push_back(fmt::format("{} {:.1f} %", types[i].first, types[i].second * 100));
  return fmt::format("{} operators: {}{}", operators.size(), core::Join(words, ", "),
                     types.size() > kMost ? fmt::format(" and {} more types", types.size() - kMost) : "");
}

}  // namespace bakeoff::measure
