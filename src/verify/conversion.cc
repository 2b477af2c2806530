// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Look-up and words for converted models.
#include "verify/conversion.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "verify/session.h"

namespace bakeoff::verify {

bool IsRefusal(const Error& error) {
  return error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kUnavailable ||
         error.code() == ErrorCode::kUsage;
}

const Conversion* FindConversion(const std::vector<Conversion>& conversions, const Artifact& source,
                                 const std::string& engine) {
  const auto found = std::find_if(conversions.begin(), conversions.end(), [&](const Conversion& each) {
    return SameModel(each.source, source) &&
           std::find(each.engines.begin(), each.engines.end(), engine) != each.engines.end();
  });
  return found == conversions.end() ? nullptr : &*found;
}

std::vector<Artifact> WithResults(std::vector<Artifact> models, const std::vector<Conversion>& conversions) {
  for (const Conversion& each : conversions) {
    const bool known = each.artifact.path.empty() ||
                       std::any_of(models.begin(), models.end(),
                                   [&](const Artifact& model) { return model.path == each.artifact.path; });
    if (!known) models.push_back(each.artifact);
  }
  return models;
}

std::string RouteText(const Conversion& conversion) {
  return core::Join(conversion.route, " -> ");
}

std::string Text(const Conversion& conversion) {
  std::string text = fmt::format("{} for {}: converted by {}, {}", conversion.source.path,
                                 core::Join(conversion.engines, ", "), RouteText(conversion), conversion.status);
  if (!conversion.compared_on.empty()) text += fmt::format(" on {}", core::Join(conversion.compared_on, " and "));
  if (const auto& level = conversion.difference.centred_sqnr_db)
    text += *level >= kSqnrExact ? ", equal answers" : fmt::format(", SQNR {:.1f} dB", *level);
  if (conversion.reused) text += conversion.in_folder ? ", from the folder" : ", made earlier";
  return conversion.passed_over.empty() ? text : fmt::format("{}; {}", text, conversion.passed_over);
}

Json ToJson(const Conversion& conversion) {
  Json json = {{"source", {{"path", conversion.source.path}, {"format", conversion.source.format}}},
               {"route", conversion.route},
               {"status", conversion.status},
               {"reused", conversion.reused},
               {"compared_on", conversion.compared_on}};
  json.update(ToJson(conversion.difference));
  return json;
}

}  // namespace bakeoff::verify
