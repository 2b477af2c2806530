// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ISO 8601 in UTC to seconds.
#include "report/time_of.h"

#include <chrono>
#include <cstdio>

namespace bakeoff::report {

std::optional<double> SecondsOf(const std::string& iso) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  char end = 0;
  if (std::sscanf(iso.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%c", &year, &month, &day, &hour, &minute, &second, &end) != 7 ||
      end != 'Z')
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 61))
    return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(days).count()) + hour * 3600 +
         minute * 60 + second;
}

std::string MinuteText(const std::string& iso) {
  std::string text = iso.substr(0, 16);
  if (text.size() > 10) text[10] = ' ';
  return text + " UTC";
}

}  // namespace bakeoff::report
