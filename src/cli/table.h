// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A table of text that fits a terminal: columns with alignment, wrapped where they are too wide.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bakeoff::cli {

enum class Style { kPlain, kGood, kBad, kDim, kBold };

struct Cell {
  std::string text;
  Style style = Style::kPlain;

  Cell() = default;
  Cell(std::string t, Style s = Style::kPlain) : text(std::move(t)), style(s) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* t, Style s = Style::kPlain) : text(t), style(s) {}             // NOLINT(google-explicit-constructor)
};

struct Column {
  std::string title;
  bool right = false;  // numbers
  bool wrap = false;   // may be broken into several lines when the table is too wide
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;

  // Lines of at most `width` columns, as far as the columns that may wrap allow it. A column without any text is left
  // out.
  std::string Text(int width, bool color) const;
  // A table of Markdown, a line for each row; what would break it is escaped.
  std::string Markdown() const;
};

// Leaves out columns with these titles, in this order, until the table fits; those that were left out are returned.
// `last`: columns that go only where the table does not fit with all that may wrap wrapped.
std::vector<std::string> Fit(Table& table, size_t width, std::span<const std::string_view> give_way,
                             std::span<const std::string_view> last = {});

// Columns that a text takes on a terminal (UTF-8 code points; combining and wide characters are not told apart).
size_t DisplayWidth(std::string_view text);
// Words in lines of at most `width` columns; a longer word is broken, after one of its signs (, . / = and the like)
// where that does not leave too little on a line.
std::vector<std::string> Wrap(std::string_view text, size_t width);
// What is wider loses its middle: where it begins and how it ends say most.
std::string WithoutMiddle(std::string_view text, size_t width);

}  // namespace bakeoff::cli
