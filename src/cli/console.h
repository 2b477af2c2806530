// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What the program says: data on stdout, words and progress on stderr.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "cli/table.h"

namespace bakeoff::cli {

// Whoever read our stdout has gone: `| head`. Not an Error, because nobody is to be told.
struct ClosedPipe {};

// Not thread-safe but for Progress(), Note() and Clear(), which any thread may call.
class Console {
 public:
  Console();

  // Data, on stdout. Throws Error{kUnavailable} when stdout is closed or full, ClosedPipe when nobody reads it any
  // more.
  void Out(std::string_view text);
  void Show(const Table& table);
  // Without the columns of these titles, in this order, as far as there is no room for them; says which.
  void ShowFitted(Table table, std::span<const std::string_view> give_way, std::span<const std::string_view> last = {});
  // Words, wrapped to the width; what does not fit on a line goes on below it, indented.
  void Paragraph(std::string_view text);
  // Everything written so far has reached stdout, or throws as Out() does. main() calls it at the end.
  void Flush();

  // A line on stderr that stays.
  void Note(std::string_view text);
  // What is going on right now: a live line on a terminal; elsewhere a plain line, at most one in ten seconds unless
  // step.
  void Progress(std::string_view text, bool step = false);
  // Removes the live line (a log line is coming).
  void Clear();

  bool color() const { return color_; }  // on stdout: a terminal and no NO_COLOR
  bool live() const { return live_; }    // stderr is a terminal
  int width() const { return width_; }   // of stdout; 80 when it is no terminal

 private:
  bool color_ = false;
  bool live_ = false;
  int width_ = 80;
  bool line_shown_ = false;
  std::chrono::milliseconds plain_every_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace bakeoff::cli
