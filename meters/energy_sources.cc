// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The list of energy meters, and what they share.
#include "energy_sources.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/text.h"

namespace bakeoff {
namespace meters {

Reading Unavailable(std::string name, std::string unit, const std::string& because) {
  return {std::move(name), std::move(unit), std::nullopt, "", "unavailable, because " + because};
}

std::optional<double> Integrate(const std::vector<std::pair<double, double>>& power) {
  if (power.size() < 2) return std::nullopt;
  double joules = 0;
  for (size_t i = 1; i < power.size(); ++i)
    joules += (power[i].first - power[i - 1].first) * (power[i].second + power[i - 1].second) / 2;
  return joules;
}

std::optional<int64_t> NumberIn(const std::filesystem::path& file, std::string& reason) {
  errno = 0;
  std::ifstream stream(file);
  std::string line;
  if (!stream || !std::getline(stream, line)) {
    reason = fmt::format("{} cannot be read: {}", file.string(), std::strerror(errno != 0 ? errno : EIO));
    return std::nullopt;
  }
  const auto value = core::ParseInt(core::Trim(line));
  if (!value) reason = fmt::format("{} has no number in it but '{}'", file.string(), core::Brief(line, 40));
  return value;
}

}  // namespace meters

std::vector<EnergySource> EnergySources(const MeterOptions& options) {
  std::vector<EnergySource> sources;
  sources.push_back({"rapl", "processor packages, all that runs on them", meters::MakeRapl(options.root)});
  sources.push_back({"nvml", "each GPU with its memory", meters::MakeNvml()});
  sources.push_back({"hwmon", "the board's supply rails", meters::MakeHwmon(options.root)});
  if (!options.power_command.empty())
    sources.push_back({"command", "what the external meter covers", meters::MakePowerCommand(options.power_command)});
  return sources;
}

}  // namespace bakeoff
