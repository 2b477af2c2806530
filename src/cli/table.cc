// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Lays out tables: natural widths first, then the columns that may wrap give way.
#include "cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "core/text.h"

namespace bakeoff::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 8;

bool Continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string_view Escape(Style style) {
  switch (style) {
    case Style::kGood:
      return "\033[32m";
    case Style::kBad:
      return "\033[31m";
    case Style::kDim:
      return "\033[2m";
    case Style::kBold:
      return "\033[1m";
    case Style::kPlain:
      break;
  }
  return "";
}

// The first `width` code points.
std::string_view Take(std::string_view text, size_t width) {
  size_t end = 0;
  while (end < text.size()) {
    if (!Continues(text[end]) && width-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

// The beginning of a word that is too long for a line.
std::string_view Piece(std::string_view word, size_t width) {
  const std::string_view most = Take(word, width);
  // Signs between names before those within one.
  for (const char* signs : {",./=:", "_-+"}) {
    const size_t sign = most.find_last_of(signs);
    if (sign != std::string_view::npos && DisplayWidth(most.substr(0, sign + 1)) * 3 >= width)
      return most.substr(0, sign + 1);
  }
  return most;
}

size_t WidthOf(const Table& table, size_t most) {
  size_t widest = 0;
  for (const std::string& line : core::Split(table.Text(static_cast<int>(most), false), '\n'))
    widest = std::max(widest, DisplayWidth(line));
  return widest;
}

}  // namespace

std::vector<std::string> Fit(Table& table, size_t width, std::span<const std::string_view> give_way,
                             std::span<const std::string_view> last) {
  constexpr size_t kNatural = 1 << 20;
  std::vector<std::string> left_out;
  const auto drop = [&](std::string_view title) {
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const Column& candidate) { return candidate.title == title; });
    if (column == table.columns.end()) return;
    const auto index = column - table.columns.begin();
    table.columns.erase(column);
    for (auto& row : table.rows) row.erase(row.begin() + index);
    left_out.emplace_back(title);
  };
  for (const std::string_view title : give_way) {
    if (WidthOf(table, kNatural) > width) drop(title);
  }
  for (const std::string_view title : last) {
    if (WidthOf(table, width) > width) drop(title);
  }
  return left_out;
}

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !Continues(c); }));
}

std::vector<std::string> Wrap(std::string_view text, size_t width) {
  width = std::max<size_t>(width, 1);
  std::vector<std::string> lines;
  std::string line;
  while (true) {
    const size_t skip = text.find_first_not_of(' ');
    if (skip == std::string_view::npos) break;
    text.remove_prefix(skip);
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    while (DisplayWidth(word) > width) {
      const std::string_view piece = Piece(word, width);
      lines.emplace_back(piece);
      word.remove_prefix(piece.size());
    }
    if (word.empty()) continue;
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string WithoutMiddle(std::string_view text, size_t width) {
  constexpr std::string_view kGone = "...";
  const size_t all = DisplayWidth(text);
  if (all <= width) return std::string(text);
  if (width <= kGone.size()) return std::string(Take(text, width));
  const size_t kept = width - kGone.size(), head = kept * 2 / 5;
  return fmt::format("{}{}{}", Take(text, head), kGone, text.substr(Take(text, all - (kept - head)).size()));
}

std::string Table::Markdown() const {
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) { text += "| " + core::Join(cells, " | ") + " |\n"; };
  std::vector<std::string> cells, rule;
  for (const Column& column : columns) {
    cells.push_back(column.title);
    rule.emplace_back(column.right ? "--:" : "---");
  }
  line(cells);
  line(rule);
  for (const auto& row : rows) {
    cells.clear();
    for (const Cell& cell : row) {
      std::string& escaped = cells.emplace_back();
      for (const char c : core::Printable(cell.text)) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
    }
    line(cells);
  }
  return text;
}

std::string Table::Text(int width, bool color) const {
  // Names in cells may hold anything.
  std::vector<std::vector<Cell>> cells = rows;
  for (auto& row : cells) {
    for (Cell& cell : row) cell.text = core::Printable(cell.text);
  }
  std::vector<size_t> shown;
  std::vector<size_t> widths(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    bool used = false;
    widths[i] = DisplayWidth(columns[i].title);
    for (const auto& row : cells) {
      if (i >= row.size() || row[i].text.empty()) continue;
      used = true;
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
    if (used || rows.empty()) shown.push_back(i);
  }
  // The widest column that may wrap gives way, one step at a time, until the table fits.
  const auto total = [&] {
    return std::accumulate(shown.begin(), shown.end(), shown.empty() ? 0 : kGap * (shown.size() - 1),
                           [&](size_t sum, size_t i) { return sum + widths[i]; });
  };
  while (total() > static_cast<size_t>(width)) {
    size_t* widest = nullptr;
    for (const size_t i : shown) {
      if (columns[i].wrap && widths[i] > kNarrowest && (!widest || widths[i] > *widest)) widest = &widths[i];
    }
    if (!widest) break;
    --*widest;
  }

  std::string text;
  const auto put_row = [&](const auto& cell_at) {
    std::vector<std::vector<std::string>> lines;
    size_t height = 1;
    for (const size_t i : shown) {
      const Cell cell = cell_at(i);
      lines.push_back(DisplayWidth(cell.text) > widths[i] ? Wrap(cell.text, widths[i]) : std::vector{cell.text});
      height = std::max(height, lines.back().size());
    }
    for (size_t line = 0; line < height; ++line) {
      std::string out;
      for (size_t n = 0; n < shown.size(); ++n) {
        const size_t i = shown[n];
        const std::string part = line < lines[n].size() ? lines[n][line] : "";
        const std::string pad(widths[i] - std::min(widths[i], DisplayWidth(part)), ' ');
        const std::string_view escape = color ? Escape(cell_at(i).style) : "";
        std::string styled = escape.empty() || part.empty() ? part : std::string(escape) + part + "\033[0m";
        if (n > 0) out.append(kGap, ' ');
        out += columns[i].right ? pad + styled : styled + pad;
      }
      out.erase(out.find_last_not_of(' ') + 1);
      text += out + '\n';
    }
  };
  put_row([&](size_t i) { return Cell(columns[i].title, Style::kBold); });
  for (const auto& row : cells) {
    put_row([&](size_t i) { return i < row.size() ? row[i] : Cell(); });
  }
  return text;
}

}  // namespace bakeoff::cli
