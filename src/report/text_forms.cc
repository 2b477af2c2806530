// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The same facts as Markdown and as CSV.
#include <fmt/format.h>

#include <algorithm>

#include "measure/fields.h"
#include "measure/record.h"
#include "report/report.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::TextAt;

const Json& ListAt(const Json& json, std::string_view field) {
  static const Json kEmpty = Json::array();
  const Json& found = At(json, field);
  return found.is_array() ? found : kEmpty;
}

// What would be read as Markdown or HTML.
std::string Plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string OriginText(const Json& part) {
  std::string text;
  for (const Json& id : ListAt(part, "runs")) text += (text.empty() ? "r" : " r") + id.dump();
  for (const Json& file : ListAt(part, "from")) text += (text.empty() ? "" : " ") + file.get<std::string>();
  return text;
}

std::string TableMarkdown(const Json& table) {
  std::string text = fmt::format("**{}**\n\n|", Plain(TextAt(table, "caption"))), rule = "|";
  for (const Json& column : ListAt(table, "columns")) {
    text += fmt::format(" {} |", Plain(TextAt(column, "title")));
    rule += column.value("number", false) ? " ---: |" : " --- |";
  }
  text += " from |\n" + rule + " --- |\n";
  for (const Json& row : ListAt(table, "rows")) {
    text += "|";
    for (const Json& cell : ListAt(row, "cells")) text += fmt::format(" {} |", Plain(TextAt(cell, "text")));
    text += fmt::format(" {} |\n", Plain(OriginText(row)));
  }
  return text + "\n";
}

std::string SectionMarkdown(const Json& section) {
  std::string text = fmt::format("## {}\n\n", Plain(TextAt(section, "title")));
  if (const std::string absent = TextAt(section, "absent.text"); !absent.empty()) text += Plain(absent) + "\n\n";
  for (const Json& sentence : ListAt(section, "sentences"))
    text += fmt::format("- {}\n", Plain(TextAt(sentence, "text")));
  if (!ListAt(section, "sentences").empty()) text += "\n";
  for (const Json& chart : ListAt(section, "charts"))
    text += fmt::format("*{}*: {}\n\n", Plain(TextAt(chart, "title")), Plain(TextAt(chart, "alt")));
  for (const Json& fact : ListAt(section, "facts"))
    text += fmt::format("- {}: {}\n", Plain(TextAt(fact, "name")), Plain(TextAt(fact, "value")));
  if (section.contains("facts")) text += "\n";
  for (const Json& table : ListAt(section, "tables")) text += TableMarkdown(table);
  for (const Json& command : ListAt(section, "commands"))
    text += fmt::format("{}\n\n    {}\n\n", Plain(TextAt(command, "title")), TextAt(command, "command"));
  for (const Json& note : ListAt(section, "notes")) text += Plain(TextAt(note, "text")) + "\n\n";
  return text;
}

std::string Line(std::initializer_list<Json> cells) {
  std::string text;
  for (const Json& cell : cells) text += (text.empty() && &cell == cells.begin() ? "" : ",") + measure::CsvCell(cell);
  return text + "\r\n";
}

Json Optional(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? Json() : *found;
}

}  // namespace

std::string Markdown(const Json& report) {
  std::string text = fmt::format("# {}\n\n", Plain(TextAt(report, "title")));
  for (const Json& answer : ListAt(report, "answers")) {
    text += fmt::format("**{}**\n\n", Plain(TextAt(answer, "headline")));
    if (const std::string stale = TextAt(answer, "stale.sentence"); !stale.empty()) text += Plain(stale) + "\n\n";
    for (const Json& card : ListAt(answer, "cards")) {
      std::string names;
      for (const Json& winner : ListAt(card, "winners")) names += (names.empty() ? "" : "; ") + TextAt(winner, "label");
      text += fmt::format("- {}: {}{} – {}\n", Plain(TextAt(card, "title")), Plain(names.empty() ? "" : names + ", "),
                          Plain(TextAt(card, "value")), Plain(TextAt(card, "sentence")));
    }
    for (const char* part : {"speed_up", "accuracy"}) {
      if (const Json& found = At(answer, part); found.is_object())
        text += fmt::format("- {}\n", Plain(TextAt(found, "sentence")));
    }
    text += "\n";
    if (const std::string title = TextAt(answer, "configuration.title"); !title.empty())
      text += fmt::format(
          "{}:{}\n\n", Plain(title),
          TextAt(answer, "configuration.reserve").empty() ? "" : " " + Plain(TextAt(answer, "configuration.reserve")));
    for (const Json& fact : ListAt(answer, "configuration.facts"))
      text += fmt::format("- {}: {}\n", Plain(TextAt(fact, "name")), Plain(TextAt(fact, "value")));
    if (const std::string command = TextAt(answer, "configuration.command"); !command.empty())
      text += fmt::format("\n    {}\n\n", command);
    if (const std::string where = TextAt(answer, "configuration.where"); !where.empty()) text += Plain(where) + "\n\n";
  }
  for (const Json& section : ListAt(report, "sections")) text += SectionMarkdown(section);
  return text;
}

std::string Csv(const Json& report) {
  std::string text = "section,kind,part,series,x,y,low,high,text,from\r\n";
  for (const Json& section : ListAt(report, "sections")) {
    const Json& id = section["id"];
    for (const Json& sentence : ListAt(section, "sentences"))
      text += Line({id, "sentence", "", "", "", Json(), Json(), Json(), sentence["text"], OriginText(sentence)});
    for (const Json& chart : ListAt(section, "charts")) {
      for (const Json& series : ListAt(chart, "series")) {
        for (const Json& point : ListAt(series, "points"))
          text += Line({id, "chart", chart["id"], series["name"], Optional(point, "x"),
                        point.contains("value") ? point["value"] : Optional(point, "y"), Optional(point, "low"),
                        Optional(point, "high"), Optional(point, "name"), OriginText(point)});
      }
    }
    for (const Json& table : ListAt(section, "tables")) {
      for (const Json& row : ListAt(table, "rows")) {
        const Json& cells = ListAt(row, "cells");
        for (size_t i = 1; i < cells.size(); ++i)
          text += Line({id, "table", table["id"], cells[0]["text"], table["columns"][i]["title"],
                        Optional(cells[i], "value"), Json(), Json(), cells[i]["text"], OriginText(row)});
      }
    }
  }
  return text;
}

}  // namespace bakeoff::report
