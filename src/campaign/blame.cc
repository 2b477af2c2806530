// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The words for steps that are skipped.
#include "campaign/blame.h"

#include <fmt/format.h>

#include <algorithm>

#include "campaign/paths.h"
#include "core/text.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

// The first line of what it said, up to `end`; a list below it begins with a colon, which would say nothing here.
std::string ReasonOf(const Entry& entry, size_t end) {
  std::string_view text = entry.error->text();
  text = text.substr(0, std::min(text.find('\n'), end));
  while (text.ends_with(':') || text.ends_with(' ')) text.remove_suffix(1);
  return core::Brief(text);
}

}  // namespace

Blame::Words Blame::Of(const Step& skipped, const fs::path& path) {
  std::error_code error;
  const std::string missing =
      fmt::format("{} {}", path.string(), fs::exists(path, error) ? "was not made anew" : "is not there");
  for (const Step& step : plan_.steps) {
    if (std::none_of(step.outputs.begin(), step.outputs.end(), [&](const fs::path& out) { return Within(path, out); }))
      continue;
    const auto earlier = culprits_.find(step.name);
    const std::string& culprit = earlier == culprits_.end() ? step.name : earlier->second;
    culprits_[skipped.name] = culprit;
    const Entry* entry = state_.Find(culprit);
    std::string why = entry && entry->error
                          ? fmt::format("{}, because '{}' {}: {}", missing, TitleOf(culprit),
                                        entry->status == StepStatus::kSkipped ? "was skipped" : "failed",
                                        ReasonOf(*entry, std::string::npos))
                          : fmt::format("{}: '{}' did not make it", missing, TitleOf(culprit));
    std::string said = blamed_.insert(culprit).second ? why : Briefly(culprit);
    return {std::move(why), std::move(said)};
  }
  return {missing, missing};
}

std::string Blame::TitleOf(const std::string& step) const {
  const Entry* entry = state_.Find(step);
  return entry ? entry->title : step;
}

std::string Blame::Briefly(const std::string& culprit) const {
  const Entry* entry = state_.Find(culprit);
  const std::string did = fmt::format("'{}' did not do its work", TitleOf(culprit));
  return entry && entry->error ? fmt::format("{} ({})", did, ReasonOf(*entry, entry->error->text().find("; "))) : did;
}

}  // namespace bakeoff::campaign
