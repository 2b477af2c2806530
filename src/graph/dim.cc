// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Arithmetic, printing and parsing of symbolic extents.
#include "graph/dim.h"

#include <algorithm>
#include <cctype>
#include <limits>

namespace bakeoff::graph {
namespace {

int64_t FloorQuotient(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

bool Divides(int64_t divisor, int64_t value) {
  return divisor != 0 && divisor != -1 && value != std::numeric_limits<int64_t>::min() && value % divisor == 0;
}

constexpr int kMaxDepth = 16;
constexpr size_t kMaxText = 4096;
constexpr size_t kMaxTerms = 64;

// expression := term (("+" | "-") term)*; term := factor ("*" factor)*;
// factor := number | symbol | "(" expression ")" | "floor(" expression "/" factor ")" | "-" factor
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Dim> Whole() {
    auto result = Expression(0);
    return at_ == text_.size() ? result : std::nullopt;
  }

 private:
  void Blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Take(std::string_view token) {
    Blanks();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    Blanks();
    return true;
  }

  std::optional<Dim> Expression(int depth) {
    auto sum = Term(depth);
    while (sum) {
      const bool plus = Take("+");
      if (!plus && !Take("-")) break;
      const auto next = Term(depth);
      if (!next) return std::nullopt;
      sum = plus ? *sum + *next : *sum - *next;
    }
    return sum;
  }

  std::optional<Dim> Term(int depth) {
    auto product = Factor(depth);
    while (product && Take("*")) {
      const auto next = Factor(depth);
      if (!next) return std::nullopt;
      product = *product * *next;
    }
    return product;
  }

  std::optional<Dim> Factor(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    if (Take("floor(")) {
      const auto over = Expression(depth + 1);
      if (!over || !Take("/")) return std::nullopt;
      const auto under = Factor(depth + 1);
      if (!under || !Take(")")) return std::nullopt;
      return FloorDiv(*over, *under);
    }
    if (Take("(")) {
      auto inner = Expression(depth + 1);
      return inner && Take(")") ? inner : std::nullopt;
    }
    if (Take("-")) {
      const auto inner = Factor(depth + 1);
      return inner ? std::optional<Dim>(Dim(0) - *inner) : std::nullopt;
    }
    Blanks();
    const size_t start = at_;
    if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) return Number();
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    if (at_ == start) return std::nullopt;
    std::string name(text_.substr(start, at_ - start));
    Blanks();
    return Dim::Symbol(std::move(name));
  }

  std::optional<Dim> Number() {
    int64_t value = 0;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text_[at_] - '0', &value))
        return std::nullopt;
      ++at_;
    }
    if (at_ < text_.size() && IsNameByte(text_[at_])) return std::nullopt;
    return Dim(value);
  }

  static bool IsNameByte(char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '.' || byte == ':';
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Dim Dim::Symbol(std::string name) {
  if (name.empty()) return {};
  return FromTerms({{{std::move(name)}, 1}});
}

Dim Dim::Parse(std::string_view text) {
  if (text.empty() || text == "?") return {};
  if (text.size() > kMaxText) return Symbol(std::string(text));
  const auto parsed = Parser(text).Whole();
  return parsed && !parsed->IsUnknown() ? *parsed : Symbol(std::string(text));
}

Dim Dim::FromTerms(Terms terms) {
  std::erase_if(terms, [](const auto& term) { return term.second == 0; });
  if (terms.empty()) return Dim(0);
  if (terms.size() == 1 && terms.begin()->first.empty()) return Dim(terms.begin()->second);
  if (terms.size() > kMaxTerms) return {};
  Dim dim;
  dim.known_ = true;
  dim.terms_ = std::make_shared<const Terms>(std::move(terms));
  return dim;
}

Dim::Terms Dim::AsTerms() const {
  return terms_ ? *terms_ : Terms{{{}, value_}};
}

std::optional<int64_t> Dim::Value() const {
  if (!known_ || terms_) return std::nullopt;
  return value_;
}

std::string Dim::Text() const {
  if (!known_) return "?";
  if (!terms_) return std::to_string(value_);
  std::string text;
  const auto append = [&text](const std::vector<std::string>& factors, int64_t coefficient) {
    if (!text.empty() && coefficient > 0) text += '+';
    if (factors.empty()) {
      text += std::to_string(coefficient);
      return;
    }
    if (coefficient == -1) text += '-';
    if (coefficient != 1 && coefficient != -1) text += std::to_string(coefficient) + "*";
    for (size_t i = 0; i < factors.size(); ++i) text += (i ? "*" : "") + factors[i];
  };
  // The constant last: 2*batch+1 reads better than 1+2*batch.
  for (const auto& [factors, coefficient] : *terms_) {
    if (!factors.empty()) append(factors, coefficient);
  }
  if (const auto constant = terms_->find({}); constant != terms_->end()) append({}, constant->second);
  return text;
}

std::optional<int64_t> Dim::Evaluate(const std::map<std::string, int64_t, std::less<>>& symbols) const {
  if (!known_) return std::nullopt;
  if (!terms_) return value_;
  int64_t sum = 0;
  for (const auto& [factors, coefficient] : *terms_) {
    int64_t product = coefficient;
    for (const auto& factor : factors) {
      std::optional<int64_t> value;
      if (const auto symbol = symbols.find(factor); symbol != symbols.end()) {
        value = symbol->second;
      } else if (factor.starts_with("floor(")) {
        // A floor is kept as text: FloorDiv() below made it of "floor(", an expression, "/", an expression, ")".
        size_t cut = std::string::npos;
        int depth = 0;
        for (size_t i = 6; i + 1 < factor.size(); ++i) {
          if (factor[i] == '(') ++depth;
          if (factor[i] == ')') --depth;
          if (factor[i] == '/' && depth == 0) cut = i;
        }
        if (cut == std::string::npos) return std::nullopt;
        const auto over = Parse(std::string_view(factor).substr(6, cut - 6)).Evaluate(symbols);
        const auto under = Parse(std::string_view(factor).substr(cut + 1, factor.size() - cut - 2)).Evaluate(symbols);
        if (over && under && *under > 0) value = FloorQuotient(*over, *under);
      }
      if (!value || __builtin_mul_overflow(product, *value, &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(sum, product, &sum)) return std::nullopt;
  }
  return sum;
}

Dim operator+(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return {};
  Dim::Terms sum = a.AsTerms();
  for (const auto& [factors, coefficient] : b.AsTerms()) {
    int64_t& slot = sum[factors];
    if (__builtin_add_overflow(slot, coefficient, &slot)) return {};
  }
  return Dim::FromTerms(std::move(sum));
}

Dim operator-(const Dim& a, const Dim& b) {
  return a + Dim(-1) * b;
}

Dim operator*(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return {};
  Dim::Terms product;
  for (const auto& [left, left_coefficient] : a.AsTerms()) {
    for (const auto& [right, right_coefficient] : b.AsTerms()) {
      std::vector<std::string> factors;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(factors));
      int64_t coefficient = 0;
      if (__builtin_mul_overflow(left_coefficient, right_coefficient, &coefficient)) return {};
      int64_t& slot = product[factors];
      if (__builtin_add_overflow(slot, coefficient, &slot)) return {};
    }
    if (product.size() > kMaxTerms) return {};
  }
  return Dim::FromTerms(std::move(product));
}

Dim FloorDiv(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return {};
  if (const auto divisor = b.Value()) {
    if (*divisor == 0) return {};
    if (*divisor == 1) return a;
    if (const auto value = a.Value(); value && *divisor != -1) return Dim(FloorQuotient(*value, *divisor));
    // Exact where every coefficient is a multiple.
    Dim::Terms terms = a.AsTerms();
    if (std::all_of(terms.begin(), terms.end(), [&](const auto& term) { return Divides(*divisor, term.second); })) {
      for (auto& [factors, coefficient] : terms) coefficient /= *divisor;
      return Dim::FromTerms(std::move(terms));
    }
  } else if (a == b) {
    return Dim(1);
  }
  const auto wrap = [](const Dim& dim) {
    const std::string text = dim.Text();
    return dim.AsTerms().size() > 1 || text.find_first_of("*-") != std::string::npos ? "(" + text + ")" : text;
  };
  std::string text = "floor(" + wrap(a) + "/" + wrap(b) + ")";
  return text.size() > kMaxText ? Dim() : Dim::Symbol(std::move(text));
}

bool operator==(const Dim& a, const Dim& b) {
  if (!a.known_ || !b.known_) return false;
  if (!a.terms_ && !b.terms_) return a.value_ == b.value_;
  return a.terms_ && b.terms_ && *a.terms_ == *b.terms_;
}

std::string ShapeText(const SymbolicShape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + shape[i].Text();
  return text + "]";
}

}  // namespace bakeoff::graph
