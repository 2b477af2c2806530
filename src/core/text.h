// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Small text functions that more than one part needs: splitting, number parsing, nearest names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::core {

// "a,b,,c" -> {"a","b","","c"}; an empty text gives no parts. White space around parts is removed.
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view Trim(std::string_view text);
std::string Lower(std::string_view text);
// A runtime's own words, fit for one line of a report: white space collapsed, cut at a word with "..." after `limit`
// bytes.
std::string Brief(std::string_view text, size_t limit = 300);

// Whole-text parses; nullopt on anything else (trailing text, overflow, empty).
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<double> ParseReal(std::string_view text);
std::optional<bool> ParseBool(std::string_view text);  // true|false|1|0|on|off|yes|no

// "1,2,4" and "1..4" and mixtures, ascending or not, duplicates removed, order kept. Throws Error{kUsage} naming
// `what`, the text and the accepted forms; also for values outside [low, high] and for more than 4096 values.
std::vector<int64_t> ParseIntList(std::string_view what, std::string_view text, int64_t low, int64_t high);

// The text as one word of a shell command: quoted where it has to be.
std::string ShellWord(const std::string& text);

// The candidate with the smallest edit distance, if it is close enough to be a typing error.
std::optional<std::string> Nearest(std::string_view wanted, const std::vector<std::string>& candidates);
// " (did you mean 'x'?)" or "".
std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& candidates);
// Throws Error{kUsage}, which begins with `what` ("--status"), for a text that is none of `known`.
void NeedOneOf(std::string_view what, std::string_view text, const std::vector<std::string>& known);

// The text fit for a terminal or a table: control characters become \n, \t or \xNN, as do bytes that are no UTF-8.
// Names of files and tensors may hold anything. Those of `kept` stay as they are.
std::string Printable(std::string_view text, std::string_view kept = "");
bool IsUtf8(std::string_view text);

}  // namespace bakeoff::core
