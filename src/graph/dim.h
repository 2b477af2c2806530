// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Extents of shapes: numbers, named free dimensions, and expressions of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bakeoff::graph {

// A polynomial in named dimensions with whole coefficients, and floor divisions of such; or unknown. Kept in one normal
// form, so equal expressions compare equal: batch*2 + batch == 3*batch. Arithmetic that overflows gives unknown.
class Dim {
 public:
  Dim() = default;                                     // unknown
  Dim(int64_t value) : known_(true), value_(value) {}  // NOLINT(google-explicit-constructor): 3 is an extent
  static Dim Symbol(std::string name);
  // Inverse of Text(). Any other text is a symbol of that name; "" is unknown.
  static Dim Parse(std::string_view text);

  bool IsUnknown() const { return !known_; }
  std::optional<int64_t> Value() const;  // where it is a number
  std::string Text() const;              // "3", "batch", "2*batch+1", "floor((h+1)/2)", "?"
  // The number for these values of the symbols; nullopt where one is missing.
  std::optional<int64_t> Evaluate(const std::map<std::string, int64_t, std::less<>>& symbols) const;

  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  // Towards minus infinity; unknown for a divisor of 0.
  friend Dim FloorDiv(const Dim& a, const Dim& b);
  // Surely the same extent. Unknown equals nothing, not even itself.
  friend bool operator==(const Dim& a, const Dim& b);

 private:
  // Sorted factors (symbols or "floor(..)" texts) and their coefficient; no factors for the constant term.
  using Terms = std::map<std::vector<std::string>, int64_t>;

  static Dim FromTerms(Terms terms);
  Terms AsTerms() const;

  bool known_ = false;
  int64_t value_ = 0;
  std::shared_ptr<const Terms> terms_;  // null for a number
};

using SymbolicShape = std::vector<Dim>;

// "batchx3x224x224" is hard to read, so: "[batch, 3, 224, 224]".
std::string ShapeText(const SymbolicShape& shape);

}  // namespace bakeoff::graph
