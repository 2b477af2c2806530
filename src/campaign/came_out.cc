// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results of steps, read with care: another version of a command may have written them.
#include "campaign/came_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "bakeoff/error.h"
#include "core/amounts.h"
#include "core/files.h"
#include "core/paired.h"
#include "core/text.h"
#include "measure/record.h"

namespace bakeoff::campaign {
namespace {

constexpr size_t kNamed = 5;

using measure::RealAt;
using measure::TextAt;

const Json& ListOf(const Json& json, const char* field) {
  static const Json none = Json::array();
  if (!json.is_object()) return none;
  const auto found = json.find(field);
  return found != json.end() && found->is_array() ? *found : none;
}

// "3 ok, 1 failed" over the statuses of rows, in the order in which they first come.
std::string Statuses(const Json& rows, std::string_view leave_out = {}) {
  std::vector<std::pair<std::string, size_t>> counts;
  for (const Json& row : rows) {
    const std::string status = TextAt(row, "status");
    if (status == leave_out) continue;
    const auto found =
        std::find_if(counts.begin(), counts.end(), [&](const auto& each) { return each.first == status; });
    if (found == counts.end()) {
      counts.emplace_back(status, 1);
    } else {
      ++found->second;
    }
  }
  std::vector<std::string> parts;
  for (const auto& [status, count] : counts) parts.push_back(fmt::format("{} {}", count, status));
  return core::Join(parts, ", ");
}

// Each once, whichever step meets it first.
void AboutBroken(const Json& broken, std::string_view step, std::set<std::string>& told,
                 std::vector<std::string>& warnings) {
  std::vector<std::string> named;
  size_t count = 0;
  for (const Json& row : broken) {
    const std::string path = TextAt(row, "path");
    if (!told.insert(path).second) continue;
    if (++count <= kNamed) named.push_back(fmt::format("{} ({})", path, TextAt(row, "reason")));
  }
  if (count == 0) return;
  warnings.push_back(fmt::format(
      "{} cannot be read and {} left out: {}{}", core::Count(count, "picture"), count == 1 ? "was" : "were",
      core::Join(named, ", "),
      count > kNamed ? fmt::format(" and {} more, all of them in json/{}.json", count - kNamed, step) : ""));
}

void AboutData(const Json& info, std::vector<std::string>& warnings) {
  const Json& classes = ListOf(info, "classes");
  const auto count = [](const Json& row, const char* part) { return RealAt(row, part).value_or(0); };
  const bool parts =
      std::any_of(classes.begin(), classes.end(), [&](const Json& row) { return count(row, "train") > 0; });
  for (const Json& row : classes) {
    const std::string name = TextAt(row, "name");
    if (count(row, "images") == 0)
      warnings.push_back(fmt::format("the class '{}' has no pictures: nothing is learned or tested of it", name));
    else if (parts && count(row, "train") == 0 && count(row, "test") > 0)
      warnings.push_back(
          fmt::format("the class '{}' has no training picture and {:.0f} in the test part: no model can learn it, and "
                      "accuracy counts these as wrong",
                      name, count(row, "test")));
    else if (parts && count(row, "train") > 0 && count(row, "test") == 0)
      warnings.push_back(fmt::format("the class '{}' has no test picture: its accuracy is not known", name));
  }
  if (const size_t conflicts = ListOf(info, "conflicts").size(); conflicts > 0)
    warnings.push_back(fmt::format("{} of equal pictures with different labels", core::Count(conflicts, "group")));
  if (const size_t leaks = ListOf(info, "leaks").size(); leaks > 0)
    warnings.push_back(
        fmt::format("{} of equal pictures in training and test part: accuracy flatters", core::Count(leaks, "group")));
}

}  // namespace

Json ReadResult(const std::filesystem::path& file) {
  try {
    Json json = Json::parse(core::ReadFile(file), nullptr, false);
    return json.is_discarded() ? Json() : json;
  } catch (const Error&) {
    return nullptr;
  }
}

std::string CameOut(std::string_view stage, std::string_view name, const Json& result) {
  if (!result.is_object()) return "";
  if (name == "data-info")
    return fmt::format("{} in {} classes",
                       core::Count(static_cast<int64_t>(RealAt(result, "images").value_or(0)), "picture"),
                       ListOf(result, "classes").size());
  if (stage == "convert") {
    const Json& rows = ListOf(result, "rows");
    if (name == "convert") return Statuses(rows);
    return rows.empty() ? "" : TextAt(rows.back(), "status");
  }
  // Formats that an engine does not read are most of the pairs.
  if (stage == "verify") return Statuses(ListOf(result, "rows"), "unsupported");
  if (stage == "evaluate") {
    std::string text = fmt::format("top-1 {}", core::Percent(RealAt(result, "top1")));
    if (const std::string verdict = TextAt(result, "against.verdict"); !verdict.empty())
      text += fmt::format(", {}", core::PairedVerdictText(verdict));
    return text;
  }
  if (stage == "measure") {
    if (name.starts_with("changes-")) {
      std::map<std::string, size_t> verdicts;
      for (const Json& row : ListOf(result, "rows")) ++verdicts[TextAt(row, "verdict")];
      std::vector<std::string> parts;
      for (const auto& [verdict, count] : verdicts) parts.push_back(fmt::format("{} {}", count, verdict));
      if (const size_t fresh = ListOf(result, "only_b").size())
        parts.push_back(fmt::format("{} new or changed", fresh));
      if (const size_t gone = ListOf(result, "only_a").size()) parts.push_back(fmt::format("{} gone", gone));
      return core::Join(parts, ", ");
    }
    size_t taken = 0;
    const Json& runs = ListOf(result, "runs");
    for (const Json& run : runs) taken += RealAt(run, "reused_from") ? 1 : 0;
    std::string text = fmt::format("{}: {}", core::Count(ListOf(result, "summary").size(), "row"),
                                   Statuses(ListOf(result, "summary")));
    if (taken > 0) text += fmt::format("; {} of {} runs from before", taken, runs.size());
    return text;
  }
  if (stage == "train") {
    if (const auto top1 = RealAt(result, "test.top1"))
      return fmt::format("test top-1 {} over the classes it learned", core::Percent(top1));
    if (const auto top1 = RealAt(result, "validation_top1"))
      return fmt::format("validation top-1 {}", core::Percent(top1));
  }
  return "";
}

std::string WorstRow(std::string_view stage, const Json& result) {
  std::string worst;
  const char* field = stage == "measure" ? "summary" : "rows";
  for (const Json& row : ListOf(result, field)) {
    const std::string status = TextAt(row, "status");
    if (status == "failed" || (stage == "convert" && !TextAt(row, "error.text").empty() && status != "mismatch"))
      return "failed";
    if (status == "mismatch") worst = status;
  }
  return worst;
}

std::string Shortened(const std::string& text) {
  const std::vector<std::string> lines = core::Split(text, '\n');
  if (lines.size() < 2) return core::Brief(text);
  std::string told = core::Brief(lines[0]);
  for (size_t i = 1; i < std::min(lines.size(), kNamed + 1); ++i)
    told += fmt::format("{} {}", i == 1 ? "" : ";", core::Brief(lines[i]));
  return told + (lines.size() > kNamed + 1 ? fmt::format("; and {} more", lines.size() - kNamed - 1) : "");
}

std::vector<std::string> WarningsOf(std::string_view stage, std::string_view name, const Json& result,
                                    std::set<std::string>& told) {
  std::vector<std::string> warnings;
  if (!result.is_object()) return warnings;
  AboutBroken(ListOf(result, "broken"), name, told, warnings);
  if (name == "data-info") AboutData(result, warnings);
  if (stage == "evaluate") {
    for (const Json& note : ListOf(result, "notes")) {
      const std::string text = note.is_string() ? note.get<std::string>() : "";
      if (text.find("assumed") != std::string::npos) warnings.push_back(text);
    }
  }
  if (name == "convert") {
    for (const Json& row : ListOf(result, "rows")) {
      if (const std::string text = TextAt(row, "error.text"); !text.empty())
        warnings.push_back(fmt::format("no {}: {}", TextAt(row, "format"), core::Brief(text)));
    }
  }
  if (stage == "verify") {
    for (const Json& row : ListOf(result, "rows")) {
      const std::string status = TextAt(row, "status");
      if (status != "mismatch" && status != "failed") continue;
      const std::string error = TextAt(row, "error.text");
      warnings.push_back(fmt::format("answers of {} on {}: {}: {}", TextAt(row, "format"), TextAt(row, "engine"),
                                     status, core::Brief(error.empty() ? TextAt(row, "reason") : error)));
    }
  }
  if (stage == "measure") {
    for (const Json& row : ListOf(result, "summary")) {
      const std::string status = TextAt(row, "status");
      if (status != "failed" && status != "mismatch") continue;
      std::string text = fmt::format("{}: {} on {}: {}", name, TextAt(row, "format"), TextAt(row, "engine"),
                                     core::Brief(TextAt(row, "error.text")));
      // Rows of several threads and batches fail for one reason.
      if (std::find(warnings.begin(), warnings.end(), text) == warnings.end()) warnings.push_back(std::move(text));
    }
  }
  return warnings;
}

}  // namespace bakeoff::campaign
