// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Builds the pieces as JSON.
#include "report/parts.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace bakeoff::report {
namespace {

void Put(const Origin& origin, Json& into) {
  if (!origin.runs.empty()) into["runs"] = origin.runs;
  if (!origin.files.empty()) into["from"] = origin.files;
}

// Of the origins of many parts, each once. A chart may have thousands of points.
class Union {
 public:
  void Add(const Json& part) {
    if (const auto found = part.find("runs"); found != part.end()) {
      for (const Json& id : *found) runs_.insert(id.get<int64_t>());
    }
    if (const auto found = part.find("from"); found != part.end()) {
      for (const Json& file : *found) {
        if (files_.insert(file.get<std::string>()).second) ordered_.push_back(file.get<std::string>());
      }
    }
  }
  Origin Whole() const {
    Origin origin(RunIds(runs_.begin(), runs_.end()));
    origin.files = ordered_;
    return origin;
  }

 private:
  std::set<int64_t> runs_;
  std::set<std::string> files_;
  std::vector<std::string> ordered_;
};

}  // namespace

Origin& Origin::Add(const Origin& other) {
  for (const int64_t id : other.runs) {
    if (std::find(runs.begin(), runs.end(), id) == runs.end()) runs.push_back(id);
  }
  for (const std::string& file : other.files) {
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  }
  return *this;
}

Json OriginJson(const Origin& origin) {
  Json json = Json::object();
  Put(origin, json);
  return json;
}

Json Rounded(double value) {
  if (!std::isfinite(value)) return {};
  if (value == 0) return 0;
  const double scale = std::pow(10, 4 - std::floor(std::log10(std::abs(value))));
  const double rounded = scale > 1e15 ? value : std::round(value * scale) / scale;
  if (std::abs(rounded) < 1e15 && rounded == std::floor(rounded)) return static_cast<int64_t>(rounded);
  return rounded;
}

Cell Cell::Toned(std::string how) && {
  tone = std::move(how);
  return std::move(*this);
}

Cell Cell::Of(size_t of_subject) && {
  subject = static_cast<int>(of_subject);
  return std::move(*this);
}

Table::Table(std::string id, std::string caption)
    : json_({{"id", std::move(id)},
             {"caption", std::move(caption)},
             {"columns", Json::array()},
             {"rows", Json::array()}}) {}

Table& Table::Column(std::string title, bool number, std::string help) {
  Json column{{"title", std::move(title)}, {"number", number}};
  if (!help.empty()) column["help"] = std::move(help);
  json_["columns"].push_back(std::move(column));
  return *this;
}

void Table::Add(std::vector<Cell> cells, const Origin& origin) {
  Json row{{"cells", Json::array()}};
  for (Cell& cell : cells) {
    Json json{{"text", std::move(cell.text)}};
    if (cell.value) json["value"] = Rounded(*cell.value);
    if (!cell.tone.empty()) json["tone"] = std::move(cell.tone);
    if (cell.subject >= 0) json["subject"] = cell.subject;
    row["cells"].push_back(std::move(json));
  }
  Put(origin, row);
  json_["rows"].push_back(std::move(row));
}

Chart::Chart(std::string id, std::string kind, std::string title)
    : json_({{"id", std::move(id)},
             {"kind", std::move(kind)},
             {"title", std::move(title)},
             {"alt", ""},
             {"series", Json::array()}}) {}

Chart& Chart::Axis(const char* which, std::string name, std::string unit, bool log) {
  json_[which] = {{"name", std::move(name)}, {"unit", std::move(unit)}, {"log", log}};
  return *this;
}

Chart& Chart::Set(const char* name, Json value) {
  json_[name] = std::move(value);
  return *this;
}

Chart& Chart::Series(std::string name, int subject, bool dashed) {
  Json series{{"name", std::move(name)}};
  if (subject >= 0) series["subject"] = subject;
  if (dashed) series["dashed"] = true;
  series["points"] = Json::array();
  json_["series"].push_back(std::move(series));
  return *this;
}

Chart& Chart::Ideal() {
  Series("ideal", -1, true);
  json_["series"].back()["ideal"] = true;
  return *this;
}

Chart& Chart::Add(const Point& point) {
  Json json{{"x", point.x.is_number_float() ? Rounded(point.x.get<double>()) : point.x},
            {"y", point.y.is_number_float() ? Rounded(point.y.get<double>()) : point.y}};
  if (point.low) json["low"] = Rounded(*point.low);
  if (point.high) json["high"] = Rounded(*point.high);
  return AddRaw(std::move(json), point.origin);
}

Chart& Chart::AddRaw(Json point, const Origin& origin) {
  Put(origin, point);
  json_["series"].back()["points"].push_back(std::move(point));
  return *this;
}

Chart& Chart::Alt(std::string text) {
  json_["alt"] = std::move(text);
  return *this;
}

bool Chart::empty() const {
  return std::all_of(json_["series"].begin(), json_["series"].end(),
                     [](const Json& series) { return series["points"].empty(); });
}

Section::Section(std::string id, std::string title, std::string short_title)
    : json_({{"id", std::move(id)},
             {"title", title},
             {"short", short_title.empty() ? std::move(title) : std::move(short_title)},
             {"sentences", Json::array()}}) {}

void Section::Say(std::string text, const Origin& origin, std::string tone) {
  Json json{{"text", std::move(text)}};
  if (!tone.empty()) json["tone"] = std::move(tone);
  Put(origin, json);
  json_["sentences"].push_back(std::move(json));
}

void Section::Note(std::string text, const Origin& origin) {
  Json json{{"text", std::move(text)}};
  Put(origin, json);
  json_["notes"].push_back(std::move(json));
}

void Section::Absent(std::string why, const Origin& origin) {
  json_["absent"] = {{"text", std::move(why)}};
  Put(origin, json_["absent"]);
}

void Section::Add(const Chart& chart) {
  if (chart.empty()) return;
  Json json = chart.json();
  Union all;
  for (const Json& series : json["series"]) {
    for (const Json& point : series["points"]) all.Add(point);
  }
  Put(all.Whole(), json);
  json_["charts"].push_back(std::move(json));
}

void Section::Add(const Table& table) {
  if (table.empty()) return;
  Json json = table.json();
  Union all;
  for (const Json& row : json["rows"]) all.Add(row);
  Put(all.Whole(), json);
  json_["tables"].push_back(std::move(json));
}

void Section::Facts(Json facts, const Origin& origin) {
  json_["facts"] = std::move(facts);
  Put(origin, json_);
}

bool Section::empty() const {
  for (const char* part : {"absent", "charts", "tables", "notes", "facts", "commands"}) {
    if (json_.contains(part)) return false;
  }
  return json_["sentences"].empty();
}

}  // namespace bakeoff::report
