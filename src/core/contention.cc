// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads /proc/stat and the control group's counters.
#include "core/contention.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/cgroup.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

// A line of /proc/stat: "cpu3 user nice system idle iowait irq softirq steal ..." (proc(5)). What comes after the
// eighth column is in the others already.
void AddLine(const std::vector<std::string>& words, Contention& contention) {
  constexpr size_t kColumns = 8;
  std::vector<int64_t> columns;
  for (size_t i = 1; i < words.size() && columns.size() < kColumns; ++i) {
    if (const auto value = ParseInt(words[i])) columns.push_back(*value);
  }
  if (columns.size() < kColumns) return;
  contention.ticks = contention.ticks.value_or(0) + std::accumulate(columns.begin(), columns.end(), int64_t{0});
  contention.stolen = contention.stolen.value_or(0) + columns.back();
}

std::optional<int64_t> Less(const std::optional<int64_t>& after, const std::optional<int64_t>& before) {
  return after && before ? std::optional(*after - *before) : std::nullopt;
}

}  // namespace

Contention ReadContention(const std::vector<int>& cpus, const std::filesystem::path& root) {
  Contention contention;
  std::string text;
  try {
    text = ReadStart(root / "proc/stat", 1 << 20);
  } catch (const std::exception&) {
  }
  for (const std::string& line : Split(text, '\n')) {
    if (!line.starts_with("cpu")) continue;
    std::vector<std::string> words;
    for (std::string& word : Split(line, ' ')) {
      if (!word.empty()) words.push_back(std::move(word));  // two blanks after "cpu"
    }
    const auto number = ParseInt(words[0].substr(3));
    const bool whole = words[0] == "cpu";
    if (cpus.empty() ? whole : number && std::find(cpus.begin(), cpus.end(), *number) != cpus.end())
      AddLine(words, contention);
  }
  const CpuQuota quota = ReadCpuQuota(root);
  contention.throttled_ns = quota.throttled_ns;
  contention.throttled_periods = quota.throttled_periods;
  return contention;
}

Contention Between(const Contention& before, const Contention& after) {
  return {.ticks = Less(after.ticks, before.ticks),
          .stolen = Less(after.stolen, before.stolen),
          .throttled_ns = Less(after.throttled_ns, before.throttled_ns),
          .throttled_periods = Less(after.throttled_periods, before.throttled_periods)};
}

}  // namespace bakeoff::core
