// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Tables at 80 columns: alignment, wrapping, colours that do not count.
#include "cli/table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/numbers.h"

namespace bakeoff::cli {
namespace {

TEST(Table, AlignsAndLeavesOutEmptyColumns) {
  const Table table{.columns = {{.title = "name"}, {.title = "ms", .right = true}, {.title = "note"}},
                    .rows = {{"a", "1.5"}, {"longer", "10.25"}}};
  EXPECT_EQ(table.Text(80, false), "name       ms\na         1.5\nlonger  10.25\n");
}

TEST(Table, WrapsOnlyWhatMayWrapAndFits) {
  const Table table{.columns = {{.title = "name"}, {.title = "words", .wrap = true}},
                    .rows = {{"fixed-name", "one two three four five six"}}};
  EXPECT_EQ(table.Text(26, false), "name        words\nfixed-name  one two three\n            four five six\n");
}

TEST(Table, LeavesOutWhatMattersLeastAndWrapsBeforeWhatMattersMost) {
  const Table whole{.columns = {{.title = "words", .wrap = true}, {.title = "less"}, {.title = "most"}},
                    .rows = {{"one two three four", "0123456789", "0123456789"}}};
  const std::vector<std::string_view> less{"less"}, most{"most"};
  const auto left = [&](size_t width) {
    Table table = whole;
    return Fit(table, width, less, most);
  };
  EXPECT_TRUE(left(42).empty());
  EXPECT_EQ(left(41), std::vector<std::string>{"less"});
  EXPECT_EQ(left(21), std::vector<std::string>{"less"}) << "the words wrap";
  EXPECT_EQ(left(15), (std::vector<std::string>{"less", "most"}));
}

TEST(Table, ColoursTakeNoWidth) {
  const Table table{.columns = {{.title = "a"}, {.title = "b"}}, .rows = {{{"x", Style::kGood}, "y"}}};
  EXPECT_EQ(table.Text(80, true), "\033[1ma\033[0m  \033[1mb\033[0m\n\033[32mx\033[0m  y\n");
}

TEST(Table, CountsCodePoints) {
  EXPECT_EQ(DisplayWidth("µs"), 2u);
  const Table table{.columns = {{.title = "t", .right = true}, {.title = "x"}},
                    .rows = {{"10 µs", "a"}, {"1000 s", "b"}}};
  EXPECT_EQ(table.Text(80, false), "     t  x\n 10 µs  a\n1000 s  b\n");
}

TEST(Table, KeepsControlCharactersFromTheTerminal) {
  const Table table{.columns = {{.title = "a"}, {.title = "b"}},
                    .rows = {{"x\033[2J\ny",
                              "1\t\xff"
                              "2"}}};
  EXPECT_EQ(table.Text(80, false), "a            b\nx\\x1b[2J\\ny  1\\t\\xff2\n");
}

TEST(Wrap, BreaksWordsThatAreTooLong) {
  EXPECT_EQ(Wrap("ab abcdefgh c", 4), (std::vector<std::string>{"ab", "abcd", "efgh", "c"}));
  EXPECT_EQ(Wrap("", 4), (std::vector<std::string>{""}));
}

TEST(Wrap, BreaksLongWordsAfterTheirSigns) {
  EXPECT_EQ(Wrap("freeze=true,threads_mode=spin", 12),
            (std::vector<std::string>{"freeze=true,", "threads_", "mode=spin"}));
  EXPECT_EQ(Wrap("mode=ab_cdefgh", 9), (std::vector<std::string>{"mode=", "ab_cdefgh"})) << "names stay whole";
  EXPECT_EQ(Wrap("a/bcdefghijkl", 9), (std::vector<std::string>{"a/bcdefgh", "ijkl"})) << "too little on a line";
}

TEST(WithoutMiddle, KeepsTheBeginningAndTheEnd) {
  EXPECT_EQ(WithoutMiddle("[3/9] a-long-name, 2 s left", 40), "[3/9] a-long-name, 2 s left");
  const std::string cut = WithoutMiddle("[3/9] a-very-long-name of an engine, about 2 s left", 31);
  EXPECT_EQ(cut, "[3/9] a-ver...e, about 2 s left");
  EXPECT_EQ(WithoutMiddle("µµµµµµµµµµ", 8), "µµ...µµµ");
  EXPECT_EQ(WithoutMiddle("abcdef", 2), "ab");
}

TEST(Table, MarkdownEscapesWhatWouldBreakIt) {
  const Table table{.columns = {{.title = "name"}, {.title = "n", .right = true}}, .rows = {{"a|b\nc", "1"}}};
  const std::string text = table.Markdown();
  EXPECT_EQ(text.substr(0, text.find("| a")), "| name | n |\n| --- | --: |\n");
  EXPECT_NE(text.find("a\\|b"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(Numbers, LargeOnesArePlain) {
  EXPECT_EQ(Plain(19972.4), "19972");
  EXPECT_EQ(Plain(1.5e6), "1500000");
  EXPECT_EQ(Plain(199.26), "199.3");
  EXPECT_EQ(Plain(0), "0");
}

}  // namespace
}  // namespace bakeoff::cli
