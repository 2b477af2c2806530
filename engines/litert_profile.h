// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What LiteRT's profiler kept of one run, as operators.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "bakeoff/engine.h"
#include "core/text.h"
#include "litert_abi.h"

namespace bakeoff {

// XNNPACK writes "Fully Connected (NC, F32) GEMM": operator, layout and type, kernel.
struct LiteRtTag {
  std::string type, precision, kernel;
};
inline LiteRtTag ReadLiteRtTag(const std::string& tag) {
  const size_t open = tag.find(" ("), comma = tag.find(", ", open), close = tag.find(')', comma);
  if (open == std::string::npos || comma == std::string::npos || close == std::string::npos) return {tag, "", ""};
  std::string precision = core::Lower(tag.substr(comma + 2, close - comma - 2));
  if (precision == "qs8" || precision == "qu8") precision = precision == "qs8" ? "i8" : "u8";
  return {tag.substr(0, open), precision, std::string(core::Trim(std::string_view(tag).substr(close + 1)))};
}

inline void AddLiteRtEvents(std::span<const litert_abi::ProfiledEvent> events, Profile& profile) {
  using namespace litert_abi;
  const auto end = [](const ProfiledEvent& event) { return event.start_us + event.elapsed_us; };
  for (const ProfiledEvent& event : events) {
    const bool inside = event.type == kDelegateOperatorEvent || event.type == kDelegateProfiledEvent;
    if (!inside && event.type != kOperatorEvent) continue;
    // A delegate's node lasts as long as its operators.
    const bool holds_others = !inside && std::any_of(events.begin(), events.end(), [&](const ProfiledEvent& other) {
      return (other.type == kDelegateOperatorEvent || other.type == kDelegateProfiledEvent) &&
             other.start_us >= event.start_us && end(other) <= end(event) + 1;
    });
    if (holds_others) continue;
    const std::string tag = event.tag == nullptr ? "" : event.tag;
    const LiteRtTag read = inside ? ReadLiteRtTag(tag) : LiteRtTag{tag, "", ""};
    profile.operators.push_back({.run = profile.run,
                                 .name = read.type + " " + std::to_string(event.metadata[0]),
                                 .type = read.type,
                                 .begin_ns = static_cast<int64_t>(event.start_us) * 1000,
                                 .time_ns = static_cast<int64_t>(event.elapsed_us) * 1000,
                                 .precision = read.precision,
                                 .provider = !inside               ? "LiteRT"
                                             : read.kernel.empty() ? "XNNPACK"
                                                                   : "XNNPACK " + read.kernel});
  }
}

}  // namespace bakeoff
