// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Numbers as a reader takes them in: three significant digits and a unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/amounts.h"
#include "report/parts.h"
#include "report/rows.h"

namespace bakeoff::report {

inline constexpr const char* kNone = "–";

std::string Digits(double value);                    // three significant, without an exponent
std::string TimeText(std::optional<double> ns);      // "4.12 ms"
std::string WallText(std::optional<double> ns);      // "3 min 20 s", "41 s", "0.2 s"
std::string BytesText(std::optional<double> bytes);  // "74.4 MiB"
std::string RateText(std::optional<double> per_s);   // "243 /s"
std::string JoulesText(std::optional<double> joules);
std::string PercentText(std::optional<double> share);  // of 0.961: "96.1 %"
// "1.32"; never "1.00" for what is not 1.
std::string RatioText(double ratio);
// Of a ratio: "+1.3 %", or "120 times" where per cent say little; never "+0.0 %" for what has changed.
std::string ChangeText(double ratio);
// "99 % interval 1.25 to 1.40".
std::string IntervalText(double low, double high);
using core::Count;
// "a", "a and b", "a, b and c"; where one has a comma itself, outside parentheses: "a, x; b; and c".
std::string And(const std::vector<std::string>& words);
// A command line as a shell takes it.
std::string CommandText(const std::vector<std::string>& words);

// "2 threads, batch 1": the settings of a row.
std::string SettingText(const Row& row);

// How the words of a comparison go: "is 1.3 times as fast as", "needs 0.7 times the memory of".
struct Wording {
  std::string_view better;   // "times as fast as"
  std::string_view best;     // "the fastest"
  std::string_view measure;  // "latency"
  bool inverse = false;      // of memory and energy the share is said, not how many times as good
};
inline constexpr Wording kFast{"times as fast as", "fastest", "latency"};
inline constexpr Wording kRate{"times the throughput of", "of the highest throughput", "throughput"};
inline constexpr Wording kMemory{"of the memory of", "of the least memory", "memory", true};
inline constexpr Wording kEnergy{"of the energy of", "of the least energy", "energy", true};

// "A is 1.32 times as fast as B (99 % interval 1.25 to 1.40)." and what is said where nothing is proved.
// Comparisons of one kind: what is proved gets a sentence each, what is not is told in one.
class Findings {
 public:
  Findings(std::string what, const Wording& words) : what_(std::move(what)), words_(words) {}
  // `short_name`: how the undecided ones are listed.
  void Add(const std::string& a, const std::string& b, const std::string& short_name, const Gain& gain,
           const Origin& origin);
  void Tell(Section& section) const;

 private:
  std::string what_;
  Wording words_;
  std::vector<std::pair<std::string, Origin>> proved_;
  std::vector<std::string> undecided_;
  std::optional<size_t> repetitions_needed_;
  std::string reason_;
  Origin origin_;
};

std::string GainSentence(const std::string& a, const std::string& b, const Gain& gain, const Wording& words);

}  // namespace bakeoff::report
