// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Units, counts, and the sentences that a comparison allows.
#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/text.h"

namespace bakeoff::report {

namespace {

// Of three significant digits. Rounding may reach the next power of ten: 9.996 is 10.0.
int DecimalsOf(double value) {
  return std::max(0, 2 - static_cast<int>(std::floor(std::log10(std::abs(value) * (1 + 5e-4)))));
}

// Outside parentheses, where it would read as the end of the item.
bool HasComma(std::string_view word) {
  int depth = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    depth += word[i] == '(' ? 1 : word[i] == ')' ? -1 : 0;
    if (depth == 0 && word.substr(i, 2) == ", ") return true;
  }
  return false;
}

}  // namespace

std::string Digits(double value) {
  if (value == 0) return "0";
  if (std::abs(value) < 0.001) return fmt::format("{:.2g}", value);
  return fmt::format("{:.{}f}", value, DecimalsOf(value));
}

std::string TimeText(std::optional<double> ns) {
  if (!ns) return kNone;
  constexpr std::array kUnits = {std::pair{1e9, "s"}, std::pair{1e6, "ms"}, std::pair{1e3, "µs"}};
  for (const auto& [size, name] : kUnits) {
    if (std::abs(*ns) >= size) return fmt::format("{} {}", Digits(*ns / size), name);
  }
  return fmt::format("{:.0f} ns", *ns);
}

std::string WallText(std::optional<double> ns) {
  if (!ns) return kNone;
  const double seconds = *ns / 1e9;
  if (seconds < 60) return fmt::format("{} s", Digits(seconds));
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string BytesText(std::optional<double> bytes) {
  if (!bytes) return kNone;
  constexpr std::array kUnits = {std::pair{1024.0 * 1024 * 1024, "GiB"}, std::pair{1024.0 * 1024, "MiB"},
                                 std::pair{1024.0, "KiB"}};
  for (const auto& [size, name] : kUnits) {
    if (std::abs(*bytes) >= size) return fmt::format("{} {}", Digits(*bytes / size), name);
  }
  return fmt::format("{:.0f} B", *bytes);
}

std::string RateText(std::optional<double> per_s) {
  if (!per_s) return kNone;
  if (*per_s >= 1e6) return fmt::format("{} M/s", Digits(*per_s / 1e6));
  if (*per_s >= 1e4) return fmt::format("{} k/s", Digits(*per_s / 1e3));
  return fmt::format("{} /s", Digits(*per_s));
}

std::string JoulesText(std::optional<double> joules) {
  if (!joules) return kNone;
  if (*joules < 1) return fmt::format("{} mJ", Digits(*joules * 1e3));
  return fmt::format("{} J", Digits(*joules));
}

std::string PercentText(std::optional<double> share) {
  return core::Percent(share, kNone);
}

std::string RatioText(double ratio) {
  return std::abs(ratio) < 0.001 ? Digits(ratio) : core::Apart(ratio, 1, DecimalsOf(ratio));
}

std::string ChangeText(double ratio) {
  return ratio > 100 ? fmt::format("{} times", Digits(ratio))
                     : fmt::format("{} %", core::SignedApart(100 * (ratio - 1), 1));
}

std::string IntervalText(double low, double high) {
  return fmt::format("99 % interval {} to {}", RatioText(low), RatioText(high));
}

std::string And(const std::vector<std::string>& words) {
  if (words.size() < 2) return words.empty() ? "" : words[0];
  const std::vector<std::string> first(words.begin(), words.end() - 1);
  const bool commas = std::any_of(words.begin(), words.end(), HasComma);
  return core::Join(first, commas ? "; " : ", ") + (commas ? "; and " : " and ") + words.back();
}

std::string CommandText(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(core::ShellWord(word));
  return core::Join(quoted, " ");
}

std::string SettingText(const Row& row) {
  std::string text = fmt::format("{}, batch {}", Count(row.threads, "thread"), row.batch);
  if (row.role == "offline" && row.streams > 1) text += fmt::format(", {}", Count(row.streams, "stream"));
  return text;
}

std::string GainSentence(const std::string& a, const std::string& b, const Gain& gain, const Wording& words) {
  const auto side = [&](double value) { return words.inverse ? 1 / value : value; };
  if (!gain.ratio) return fmt::format("{} and {} cannot be compared in {}: {}.", a, b, words.measure, gain.reason);
  if (!gain.low || !gain.high)
    return fmt::format("In {}, {} against {} is not decided: {}.", words.measure, a, b, gain.reason);
  const double ratio = side(*gain.ratio);
  const double low = words.inverse ? side(*gain.high) : *gain.low, high = words.inverse ? side(*gain.low) : *gain.high;
  switch (gain.standing) {
    case Standing::kBetter:
    case Standing::kWorse:
      if (words.inverse)
        return fmt::format("{} needs {} times the {} of {} ({}).", a, RatioText(ratio), words.measure, b,
                           IntervalText(low, high));
      return fmt::format("{} {} {} {} {} ({}).", a, &words == &kRate || words.measure == "throughput" ? "has" : "is",
                         RatioText(ratio), words.better, b, IntervalText(low, high));
    case Standing::kTie:
      return fmt::format("{} and {} tie in {}: the ratio lies within {} and {} (99 % interval).", a, b, words.measure,
                         RatioText(low), RatioText(high));
    case Standing::kUnclear:
      break;
  }
  return fmt::format("In {}, {} against {} is not decided: the 99 % interval of the ratio reaches from {} to {}{}.",
                     words.measure, a, b, RatioText(low), RatioText(high),
                     gain.repetitions_needed
                         ? fmt::format("; {} repetitions would decide if they go on so", *gain.repetitions_needed)
                         : "");
}

void Findings::Add(const std::string& a, const std::string& b, const std::string& short_name, const Gain& gain,
                   const Origin& origin) {
  if (gain.standing != Standing::kUnclear) {
    proved_.emplace_back(GainSentence(a, b, gain, words_), origin);
    return;
  }
  undecided_.push_back(short_name);
  origin_.Add(origin);
  if (gain.low && gain.repetitions_needed)
    repetitions_needed_ = std::max(repetitions_needed_.value_or(0), *gain.repetitions_needed);
  if (!gain.low) reason_ = gain.reason;
}

void Findings::Tell(Section& section) const {
  for (const auto& [text, origin] : proved_) section.Say(text, origin);
  if (undecided_.empty()) return;
  section.Say(fmt::format("Not decided is {} {}: {}.", what_, And(undecided_),
                          !reason_.empty() ? reason_
                          : repetitions_needed_
                              ? fmt::format("the repetitions differ too much; {} of them would decide if they go on so",
                                            *repetitions_needed_)
                              : "the repetitions differ too much"),
              origin_);
}

}  // namespace bakeoff::report
