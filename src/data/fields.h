// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading settings from JSON with errors that name the field.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "bakeoff/json.h"

namespace bakeoff::data {

// The fields of one JSON object. Every read is remembered; Done() refuses fields that nobody knows. Throws
// Error{kUsage} naming the place ("preprocess.resize.size"), what is there and what is wanted.
class Fields {
 public:
  Fields(std::string place, const Json& json);

  bool Has(std::string_view name);  // present and not null
  double Number(std::string_view name, double fallback, double low, double high);
  int Int(std::string_view name, int fallback, int low, int high);
  std::string Choice(std::string_view name, std::string_view fallback, const std::set<std::string>& choices);
  template <size_t N>
  std::array<double, N> Numbers(std::string_view name, const std::array<double, N>& fallback, double low, double high) {
    std::array<double, N> values = fallback;
    if (Has(name)) Read(name, N, low, high, values.data());
    return values;
  }
  Fields Object(std::string_view name);  // {} when absent
  // Throws for fields that were never asked for.
  void Done() const;
  [[noreturn]] void Fail(std::string_view name, const std::string& wanted) const;

 private:
  void Read(std::string_view name, size_t count, double low, double high, double* values);

  std::string place_;
  Json json_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace bakeoff::data
