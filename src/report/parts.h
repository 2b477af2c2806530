// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The pieces that a report's data is made of; docs/report.md describes them. Everything that is shown names where it
// comes from: `runs` of the store, or `from`, files that the campaign's steps wrote. What has neither says nothing that
// was measured.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/json.h"
#include "report/rows.h"

namespace bakeoff::report {

// Where numbers come from.
struct Origin {
  RunIds runs;
  std::vector<std::string> files;

  Origin() = default;
  Origin(RunIds ids) : runs(std::move(ids)) {}                    // NOLINT(google-explicit-constructor)
  Origin(std::string file) { files.push_back(std::move(file)); }  // NOLINT(google-explicit-constructor)
  Origin& Add(const Origin& other);
};

struct Cell {
  std::string text;
  std::optional<double> value;  // to sort by; nullopt: the text
  std::string tone;             // good, bad, dim; "" plain
  int subject = -1;             // of what colour its mark is

  Cell(std::string t) : text(std::move(t)) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* t) : text(t) {}             // NOLINT(google-explicit-constructor)
  Cell(std::string t, std::optional<double> v) : text(std::move(t)), value(v) {}
  Cell Toned(std::string how) &&;
  Cell Of(size_t of_subject) &&;
};

class Table {
 public:
  Table(std::string id, std::string caption);
  Table& Column(std::string title, bool number = false, std::string help = "");
  void Add(std::vector<Cell> cells, const Origin& origin);
  bool empty() const { return json_["rows"].empty(); }
  size_t size() const { return json_["rows"].size(); }
  const Json& json() const { return json_; }

 private:
  Json json_;
};

struct Point {
  Json x, y;  // numbers, or the name of a category
  std::optional<double> low, high;
  Origin origin;
};

// kind: lines, bars, violin, scatter, heatmap, gantt (docs/report.md).
class Chart {
 public:
  Chart(std::string id, std::string kind, std::string title);
  Chart& Axis(const char* which, std::string name, std::string unit = "", bool log = false);
  Chart& Set(const char* name, Json value);
  // `subject` -1: a line of its own (ideal, trend), drawn dashed.
  Chart& Series(std::string name, int subject, bool dashed = false);
  // What would be ideal: worked out, not measured, so its points come from no run.
  Chart& Ideal();
  Chart& Add(const Point& point);  // to the last series
  Chart& AddRaw(Json point, const Origin& origin);
  Chart& Alt(std::string text);  // what it shows, for those who do not see it
  bool empty() const;
  const Json& json() const { return json_; }

 private:
  Json json_;
};

class Section {
 public:
  // `short_title`: in the list of sections.
  Section(std::string id, std::string title, std::string short_title = "");
  void Say(std::string text, const Origin& origin, std::string tone = "");
  void Note(std::string text, const Origin& origin = {});
  void Absent(std::string why, const Origin& origin = {});  // one line in place of a chart or table
  // Both name as their origin all that their parts do: words, captions and axes speak of those.
  void Add(const Chart& chart);
  void Add(const Table& table);
  void Facts(Json facts, const Origin& origin);
  void Set(const char* name, Json value) { json_[name] = std::move(value); }
  // Whether it shows anything at all.
  bool empty() const;
  Json json() const { return json_; }

 private:
  Json json_;
};

Json OriginJson(const Origin& origin);
// Five significant digits: a chart shows no more, and the file stays small.
Json Rounded(double value);

}  // namespace bakeoff::report
