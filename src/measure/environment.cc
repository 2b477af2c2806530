// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The environment grade: what about this machine makes numbers doubtful, and what helps.
#include <fmt/format.h>

#include <algorithm>

#include "core/amounts.h"
#include "measure/machine.h"

namespace bakeoff::measure {

Environment Grade(const Machine& before, const Machine& after, int threads) {
  Environment result;
  const auto doubt = [&](char grade, std::string reason, std::string remedy) {
    result.grade = std::max(result.grade, grade);
    result.doubts.push_back({grade, std::move(reason), std::move(remedy)});
  };
  // Other work before we began; what we caused ourselves is in the average afterwards.
  const double idle_cpus = before.allowed_cpus - threads;
  if (before.load_average && *before.load_average > std::max(0.5, idle_cpus + 0.5)) {
    doubt('D',
          fmt::format("other work was running: load average {:.1f} on {} CPUs at the start", *before.load_average,
                      before.allowed_cpus),
          "stop it and measure again");
  }
  if (before.quota.throttled_periods && after.quota.throttled_periods &&
      *after.quota.throttled_periods > *before.quota.throttled_periods) {
    doubt('D',
          fmt::format("the CPU quota throttled the process group {} times during the measurement",
                      *after.quota.throttled_periods - *before.quota.throttled_periods),
          "use fewer --threads than the quota, or lift it");
  }
  if (before.cpu_ticks && after.cpu_ticks && before.steal_ticks && after.steal_ticks &&
      *after.cpu_ticks > *before.cpu_ticks) {
    const double share = static_cast<double>(*after.steal_ticks - *before.steal_ticks) /
                         static_cast<double>(*after.cpu_ticks - *before.cpu_ticks);
    // A hundredth of all CPUs' time moves a tail; a tenth moves a median.
    if (share >= 0.01)
      doubt(share >= 0.1 ? 'D' : 'C',
            fmt::format("the hypervisor gave {:.0f} % of the CPUs' time to other guests (steal)", 100 * share),
            "measure on a machine of its own, or at another time");
  }
  if (threads > before.allowed_cpus) {
    doubt('D', fmt::format("{} threads were asked for on {} CPUs", threads, before.allowed_cpus),
          "use at most as many --threads as there are CPUs");
  }
  if (before.quota.cpus && threads > *before.quota.cpus) {
    doubt('C',
          fmt::format("{} on a quota of {:g} CPU{}", core::Count(threads, "thread"), *before.quota.cpus,
                      *before.quota.cpus == 1 ? "" : "s"),
          threads > 1 ? "use fewer --threads, or lift the quota" : "lift the quota");
  }
  if (!before.virtualisation.empty())
    doubt('C', fmt::format("virtualised: {}; the host's other guests are invisible", before.virtualisation),
          "measure on the bare machine that will serve");
  if (!before.governor.empty() && before.governor != "performance") {
    doubt('B', fmt::format("frequency governor {}", before.governor), "set the performance governor");
  } else if (before.governor.empty()) {
    doubt('B', "the frequency governor cannot be read", "measure where cpufreq is visible");
  }
  if (before.turbo == true)
    doubt('B', "turbo is on: short measurements run faster than long ones",
          "switch turbo off to compare, leave it on to predict");
  if (before.smt == true) doubt('B', "hardware threads share cores", "use --threads up to the number of cores");
  return result;
}

Json ToJson(const Environment& environment) {
  Json doubts = Json::array();
  for (const Doubt& doubt : environment.doubts)
    doubts.push_back({{"grade", std::string(1, doubt.grade)}, {"reason", doubt.reason}, {"remedy", doubt.remedy}});
  return {{"grade", std::string(1, environment.grade)}, {"doubts", doubts}};
}

Environment EnvironmentFrom(const Json& json) {
  const auto grade = [](const Json& of) {
    const std::string text = of.is_object() ? of.value("grade", "?") : "?";
    return text.empty() ? '?' : text[0];
  };
  Environment environment{.grade = grade(json), .doubts = {}};
  if (!json.is_object() || !json.contains("doubts")) return environment;
  for (const Json& doubt : json["doubts"])
    environment.doubts.push_back({grade(doubt), doubt.value("reason", ""), doubt.value("remedy", "")});
  return environment;
}

std::string GradeText(const Environment& environment) {
  if (environment.grade == '?') return "environment not graded: that is done at the end of a campaign";
  std::string text = fmt::format("environment {}", environment.grade);
  for (const Doubt& doubt : environment.doubts) text += fmt::format("; {} ({})", doubt.reason, doubt.remedy);
  return text;
}

}  // namespace bakeoff::measure
