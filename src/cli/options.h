// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The values of one command line, typed on access, with errors that name the option and the text.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bakeoff::cli {

struct Command;

// All accessors throw Error{kInternal} for an option that the command does not declare, and Error{kUsage} for a value
// that is not what was asked for. Without a given value they use the declared fallback.
class Options {
 public:
  using Given = std::map<std::string, std::vector<std::string>, std::less<>>;
  Options(const Command& command, Given given, std::vector<std::string> words);

  const std::vector<std::string>& Positional() const { return words_; }
  bool Has(std::string_view name) const;  // given on the command line
  bool Switch(std::string_view name) const { return Has(name); }

  std::string Text(std::string_view name) const;              // the last value given, or the fallback
  std::vector<std::string> All(std::string_view name) const;  // each occurrence of a repeatable option
  std::vector<std::string> List(
      std::string_view name) const;  // "a,b" -> {a, b}, over all occurrences; an empty part is an error
  int64_t Int(std::string_view name, int64_t low, int64_t high) const;
  double Real(std::string_view name, double low, double high) const;                  // also refuses nan and inf
  std::vector<int64_t> Ints(std::string_view name, int64_t low, int64_t high) const;  // "1,2,4" and "1..4"
  std::vector<double> Reals(std::string_view name, double low, double high) const;    // "0.5,2"
  // Each "NAME=VALUE" of a repeatable option, split at the first '='.
  std::vector<std::pair<std::string, std::string>> Pairs(std::string_view name) const;
  // Seconds as a number, also with a unit: "10", "1.5s", "200ms", "5m". Above zero.
  std::chrono::nanoseconds Duration(std::string_view name) const;

  const Command& command() const { return *command_; }
  // The command's name, its words and its options as they were given, in no particular order.
  std::vector<std::string> CommandLine() const;

 private:
  std::string_view Fallback(std::string_view name) const;
  std::string_view Placeholder(std::string_view name) const;

  const Command* command_;
  Given given_;
  std::vector<std::string> words_;
};

}  // namespace bakeoff::cli
