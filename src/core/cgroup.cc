// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Control groups of both versions: the group's path from /proc/self/cgroup, limits from every level above it.
#include "core/cgroup.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/cpus.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::core {
namespace {

namespace fs = std::filesystem;

std::string ReadOrEmpty(const fs::path& path) {
  try {
    return ReadStart(path, 1 << 16);
  } catch (const std::exception&) {
    return "";
  }
}

// The value after `key` in lines of "key value".
std::optional<int64_t> Value(const std::string& text, std::string_view key) {
  for (const std::string& line : Split(text, '\n')) {
    const auto words = Split(line, ' ');
    if (words.size() == 2 && words[0] == key) return ParseInt(words[1]);
  }
  return std::nullopt;
}

// A quota of any group on the way up stops the process, and each counts its own.
void AddThrottling(const fs::path& folder, std::string_view time, int64_t unit_ns, CpuQuota& quota) {
  const std::string stat = ReadOrEmpty(folder / "cpu.stat");
  if (const auto value = Value(stat, time)) quota.throttled_ns = quota.throttled_ns.value_or(0) + *value * unit_ns;
  if (const auto value = Value(stat, "nr_throttled"))
    quota.throttled_periods = quota.throttled_periods.value_or(0) + *value;
}

void Tighten(std::optional<double>& limit, double quota, double period) {
  if (quota <= 0 || period <= 0) return;
  limit = std::min(limit.value_or(quota / period), quota / period);
}

void LimitOfV2(const fs::path& folder, CpuQuota& quota) {
  const auto words = Split(Trim(ReadOrEmpty(folder / "cpu.max")), ' ');
  if (words.size() != 2) return;
  const auto share = ParseReal(words[0]);  // "max" is no number: no limit here
  const auto period = ParseReal(words[1]);
  if (share && period) Tighten(quota.cpus, *share, *period);
}

void LimitOfV1(const fs::path& folder, CpuQuota& quota) {
  const auto share = ParseReal(Trim(ReadOrEmpty(folder / "cpu.cfs_quota_us")));  // -1: no limit
  const auto period = ParseReal(Trim(ReadOrEmpty(folder / "cpu.cfs_period_us")));
  if (share && period) Tighten(quota.cpus, *share, *period);
}

// Calls `visit` for the group's folder and every one above it up to the mount. Inside a container the path may not
// exist under the mount: then the mount itself is the group.
template <typename Visit>
void Upwards(const fs::path& mount, const std::string& group, Visit visit) {
  fs::path path = mount;
  std::error_code error;
  for (const fs::path& part : fs::path(group).relative_path()) {
    if (part == ".." || !fs::exists(path / part, error)) break;
    path /= part;
  }
  for (; path != mount; path = path.parent_path()) visit(path);
  visit(mount);
}

}  // namespace

CpuQuota ReadCpuQuota(const fs::path& root) {
  CpuQuota quota;
  const fs::path mount = root / "sys/fs/cgroup";
  std::error_code error;
  const bool unified = fs::exists(mount / "cgroup.controllers", error);
  for (const std::string& line : Split(ReadOrEmpty(root / "proc/self/cgroup"), '\n')) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string group = line.substr(second + 1);
    const auto controllers = Split(line.substr(first + 1, second - first - 1), ',');
    if (controllers.empty() && unified) {
      quota.version = 2;
      Upwards(mount, group, [&](const fs::path& folder) {
        LimitOfV2(folder, quota);
        AddThrottling(folder, "throttled_usec", 1000, quota);
      });
    } else if (std::find(controllers.begin(), controllers.end(), "cpu") != controllers.end()) {
      quota.version = 1;
      const fs::path own = fs::exists(mount / "cpu", error) ? mount / "cpu" : mount / Join(controllers, ",");
      Upwards(own, group, [&](const fs::path& folder) {
        LimitOfV1(folder, quota);
        AddThrottling(folder, "throttled_time", 1, quota);
      });
    }
  }
  return quota;
}

int DefaultThreads(const CpuQuota& quota, int allowed_cpus) {
  if (!quota.cpus) return std::max(allowed_cpus, 1);
  return std::clamp(static_cast<int>(std::min(std::floor(*quota.cpus), 1e6)), 1, std::max(allowed_cpus, 1));
}

int DefaultThreads() {
  return DefaultThreads(ReadCpuQuota(), static_cast<int>(AllowedCpus().size()));
}

}  // namespace bakeoff::core
