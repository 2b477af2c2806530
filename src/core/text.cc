// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Small text functions: splitting, number parsing, nearest names.
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "bakeoff/error.h"

namespace bakeoff::core {
namespace {

// Levenshtein distance, two rows.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
    }
    std::swap(previous, current);
  }
  return previous[b.size()];
}

// Bytes of the first character; 0 where it is no UTF-8 (RFC 3629: neither surrogates nor longer forms than needed).
size_t Utf8Length(std::string_view text) {
  const auto at = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  const bool wrong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) >= 0xA0) ||
                     (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) >= 0x90);
  return wrong ? 0 : length;
}

template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  size_t begin = 0;
  while (true) {
    const size_t end = text.find(separator, begin);
    parts.emplace_back(Trim(text.substr(begin, end - begin)));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return lower;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  return ParseWhole<int64_t>(text);
}
std::optional<double> ParseReal(std::string_view text) {
  return ParseWhole<double>(text);
}

std::optional<bool> ParseBool(std::string_view text) {
  const std::string lower = Lower(text);
  if (lower == "true" || lower == "1" || lower == "on" || lower == "yes") return true;
  if (lower == "false" || lower == "0" || lower == "off" || lower == "no") return false;
  return std::nullopt;
}

std::vector<int64_t> ParseIntList(std::string_view what, std::string_view text, int64_t low, int64_t high) {
  constexpr int64_t kMost = 4096;
  const auto fail = [&](const std::string& why) {
    return Error(ErrorCode::kUsage, fmt::format("{} '{}': {}; give values like 1,2,4 or 1..4", what, text, why));
  };
  std::vector<int64_t> values;
  for (const std::string& part : Split(text, ',')) {
    const size_t dots = part.find("..");
    const auto first = ParseInt(part.substr(0, dots));
    const auto last = dots == std::string::npos ? first : ParseInt(part.substr(dots + 2));
    if (!first || !last) throw fail(fmt::format("'{}' is no whole number or range", part));
    if (*first > *last) throw fail(fmt::format("the range '{}' runs backwards", part));
    if (*first < low || *last > high) throw fail(fmt::format("'{}' is outside {}..{}", part, low, high));
    if (*last - *first >= kMost) throw fail(fmt::format("more than {} values", kMost));
    for (int64_t value = *first; value <= *last; ++value) {
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
  }
  if (values.empty()) throw fail("no value");
  if (static_cast<int64_t>(values.size()) > kMost) throw fail(fmt::format("more than {} values", kMost));
  return values;
}

std::optional<std::string> Nearest(std::string_view wanted, const std::vector<std::string>& candidates) {
  const std::string lower = Lower(wanted);
  std::optional<std::string> best;
  // A third of the letters may be wrong; beyond that a suggestion misleads more than it helps.
  size_t best_distance = std::max<size_t>(2, lower.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string other = Lower(candidate);
    size_t distance = EditDistance(lower, other);
    if (lower.size() >= 3 && other.starts_with(lower)) distance = std::min<size_t>(distance, 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& candidates) {
  const auto nearest = Nearest(wanted, candidates);
  return nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "";
}

void NeedOneOf(std::string_view what, std::string_view text, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), text) != known.end()) return;
  throw Error(ErrorCode::kUsage, fmt::format("{} '{}': unknown{}; there are: {}", what, text, DidYouMean(text, known),
                                             known.empty() ? "none" : Join(known, ", ")));
}

std::string Printable(std::string_view text, std::string_view kept) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = Utf8Length(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    // U+0080 to U+009F, C2 80 to C2 9F in UTF-8, are commands to a terminal as those below a blank are.
    const bool control =
        byte < 0x20 || byte == 0x7F || (byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0);
    if (length > 0 && (!control || kept.find(text[at]) != std::string_view::npos)) {
      out += text.substr(at, length);
      at += length;
      continue;
    }
    for (const char each : text.substr(at, std::max<size_t>(length, 1)))
      out += each == '\n' ? "\\n" : each == '\t' ? "\\t" : fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
    at += std::max<size_t>(length, 1);
  }
  return out;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string ShellWord(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string Brief(std::string_view text, size_t limit) {
  std::string line;
  for (const char c : Trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      line += c;
    } else if (line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.size() <= limit) return line;
  const size_t space = line.rfind(' ', limit);
  line.resize(space == std::string::npos || space < limit / 2 ? limit : space);
  return line + " ...";
}

}  // namespace bakeoff::core
