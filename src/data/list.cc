// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Lists of pictures: manifests, JSONL and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "bakeoff/error.h"
#include "core/text.h"
#include "data/dataset.h"

namespace bakeoff::data {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostListBytes = uint64_t{4} << 30;

struct Row {
  std::string path, name, split, sha256;
  double weight = 1;
  int repeat = 1;
};

struct List {
  std::vector<Row> rows;
  Json header = nullptr;  // of a manifest
};

std::string ReadText(const std::string& path) {
  const File file(path);
  if (file.size() > kMostListBytes) throw Error(ErrorCode::kUnsupported, "a list of more than 4 GiB");
  std::string text(file.size(), '\0');
  text.resize(file.ReadAt(0, reinterpret_cast<uint8_t*>(text.data()), text.size()));
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  return text;
}

std::string TextField(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_integer()) return std::to_string(found->get<int64_t>());
  throw Error(ErrorCode::kUsage, fmt::format("\"{}\" is neither text nor a whole number", name));
}

Row RowOf(const Json& json) {
  if (!json.is_object()) throw Error(ErrorCode::kUsage, "not a JSON object");
  Row row{TextField(json, "path"), TextField(json, json.contains("class") ? "class" : "label"),
          TextField(json, "split"), TextField(json, "sha256")};
  if (json.contains("weight")) {
    if (!json["weight"].is_number() || !(json["weight"].get<double>() >= 0))
      throw Error(ErrorCode::kUsage, "\"weight\" is no number from 0 up");
    row.weight = json["weight"].get<double>();
  }
  if (json.contains("repeat")) {
    if (!json["repeat"].is_number_integer() || json["repeat"].get<int64_t>() < 1 ||
        json["repeat"].get<int64_t>() > 1'000'000) {
      throw Error(ErrorCode::kUsage, "\"repeat\" is no whole number from 1 to 1000000");
    }
    row.repeat = json["repeat"].get<int>();
  }
  return row;
}

List ParseJsonl(const std::string& text) {
  List list;
  size_t number = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (core::Trim(line).empty()) continue;
    try {
      const Json json = Json::parse(line);
      if (list.rows.empty() && list.header.is_null() && json.is_object() && json.contains("bakeoff_manifest")) {
        if (json["bakeoff_manifest"] != 1)
          throw Error(ErrorCode::kUnsupported, "a manifest of a later version than this program reads (1)");
        list.header = json;
        continue;
      }
      list.rows.push_back(RowOf(json));
      if (list.rows.back().path.empty() || list.rows.back().name.empty())
        throw Error(ErrorCode::kUsage, "\"path\" or \"class\" is missing");
    } catch (const Json::exception&) {
      throw Error(ErrorCode::kUsage, fmt::format("line {}: not JSON: {}", number, line.substr(0, 60)));
    } catch (const Error& error) {
      throw error.With(fmt::format("line {}", number));
    }
  }
  return list;
}

// Fields of one record (RFC 4180: quotes may hold commas, line ends and doubled quotes); moves `at` behind it.
std::vector<std::string> CsvRecord(const std::string& text, size_t& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c != '"')
        fields.back() += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        fields.back() += text[++at];
      else
        quoted = false;
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  if (quoted) throw Error(ErrorCode::kUsage, "a quote is never closed");
  return fields;
}

List ParseCsv(const std::string& text) {
  List list;
  size_t at = 0, number = 0;
  size_t path = 0, name = 1, split = std::string::npos;
  while (at < text.size()) {
    const std::vector<std::string> fields = CsvRecord(text, at);
    ++number;
    if (fields.size() == 1 && core::Trim(fields[0]).empty()) continue;
    const auto column = [&](std::initializer_list<std::string_view> names) {
      const auto found = std::find_if(fields.begin(), fields.end(), [&](const std::string& field) {
        return std::find(names.begin(), names.end(), core::Lower(core::Trim(field))) != names.end();
      });
      return found == fields.end() ? std::string::npos : static_cast<size_t>(found - fields.begin());
    };
    if (number == 1 && column({"path", "file", "filename", "image"}) != std::string::npos) {
      path = column({"path", "file", "filename", "image"}), name = column({"class", "label"}),
      split = column({"split"});
      if (name == std::string::npos)
        throw Error(ErrorCode::kUsage, "the first line names no column `class` or `label`");
      continue;
    }
    const size_t needed = std::max({path, name, split == std::string::npos ? 0 : split}) + 1;
    if (fields.size() < needed)
      throw Error(ErrorCode::kUsage, fmt::format("record {}: {} fields, {} are needed", number, fields.size(), needed));
    Row row{fields[path], std::string(core::Trim(fields[name])),
            split == std::string::npos ? "" : std::string(core::Trim(fields[split])), ""};
    if (row.path.empty() || row.name.empty())
      throw Error(ErrorCode::kUsage, fmt::format("record {}: the path or the class is empty", number));
    list.rows.push_back(std::move(row));
  }
  return list;
}

Split SplitOf(const Row& row) {
  const auto split = SplitByName(row.split);
  if (!split && !row.split.empty())
    throw Error(ErrorCode::kUsage, fmt::format("{}: the split '{}' is none of train, val, test", row.path, row.split));
  return split.value_or(Split::kNone);
}

// "data_batch_1.bin#17" in a CIFAR source, a file's name elsewhere.
void PlaceItem(const Dataset& source, const std::map<std::string, const Item*>& records, Item& item) {
  if (source.cifar) {
    const auto found = records.find(item.path);
    if (found == records.end()) throw Error(ErrorCode::kUsage, fmt::format("{}: not in {}", item.path, source.source));
    item.entry = found->second->entry, item.offset = found->second->offset;
    return;
  }
  item.entry = source.container->Find(item.path);
  if (item.entry == source.container->entries().size())
    throw Error(ErrorCode::kNotFound, fmt::format("{}: not in {}", item.path, source.source));
}

}  // namespace

Dataset OpenList(const std::string& path, const ContainerLimits& limits, bool plain) {
  Dataset dataset;
  dataset.source = path;
  try {
    const std::string text = ReadText(path);
    const List list = core::Lower(path).ends_with(".csv") ? ParseCsv(text) : ParseJsonl(text);
    if (list.rows.empty()) throw Error(ErrorCode::kUsage, "no pictures are listed");
    if (plain && list.header.is_object()) throw Error(ErrorCode::kUsage, "a manifest whose source is a manifest again");
    const fs::path base = fs::path(path).parent_path();
    Dataset source;
    if (list.header.is_object() && list.header.value("source", ".") != ".") {
      source = OpenDataset((base / list.header.value("source", ".")).string(), true, limits);
    } else {
      std::vector<std::string> names;
      for (const Row& row : list.rows) names.push_back(row.path);
      source.source = base.empty() ? "." : base.string();
      source.container = ListedFiles(source.source, names);
    }
    std::map<std::string, const Item*> records;
    if (source.cifar) {
      for (const Item& item : source.items) records[item.path] = &item;
    }
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Row& row : list.rows) {
      const Split split = SplitOf(row);
      if (!seen.insert(row.path).second) throw Error(ErrorCode::kUsage, fmt::format("{} is listed twice", row.path));
      dataset.items.push_back(
          {.path = row.path, .split = split, .sha256 = row.sha256, .weight = row.weight, .repeat = row.repeat});
      PlaceItem(source, records, dataset.items.back());
      names.push_back(row.name);
    }
    if (list.header.is_object()) {
      dataset.classes = list.header.value("classes", std::vector<std::string>());
      dataset.source = source.source;
      dataset.settings = list.header.contains("settings") ? list.header["settings"] : Json(nullptr);
    }
    dataset.container = source.container, dataset.cifar = source.cifar;
    SetClasses(dataset, names);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: the first line is no manifest header: {}", path, error.what()));
  } catch (const Error& error) {
    throw error.text().starts_with(path) ? error : error.With(path);
  }
  return dataset;
}

Applied ApplyManifest(Dataset& dataset, const std::string& manifest) {
  try {
    const List list = ParseJsonl(ReadText(manifest));
    if (!list.header.is_object()) throw Error(ErrorCode::kUsage, "no manifest: its first line is no header");
    std::map<std::string, const Row*> rows;
    for (const Row& row : list.rows) rows[row.path] = &row;
    size_t unnamed = 0;
    std::vector<const Row*> rows_of(dataset.items.size());
    for (size_t i = 0; i < dataset.items.size(); ++i) {
      const Item& item = dataset.items[i];
      const auto found = rows.find(item.path);
      if (found == rows.end()) {
        ++unnamed;
        continue;
      }
      const std::string& name = dataset.classes[static_cast<size_t>(item.label)];
      if (found->second->name != name)
        throw Error(ErrorCode::kUsage, fmt::format("{} is of class '{}' there and '{}' in the data", item.path,
                                                   found->second->name, name));
      SplitOf(*found->second);
      rows_of[i] = found->second;
    }
    if (unnamed == dataset.items.size())
      throw Error(ErrorCode::kUsage,
                  fmt::format("none of its paths is in {}: it is the split of other data", dataset.source));
    for (size_t i = 0; i < rows_of.size(); ++i) {
      Item& item = dataset.items[i];
      item.split = rows_of[i] ? SplitOf(*rows_of[i]) : Split::kUnused;
      if (item.split == Split::kNone) item.split = Split::kUnused;
      item.sha256 = rows_of[i] ? rows_of[i]->sha256 : "";
      if (rows_of[i]) item.weight = rows_of[i]->weight, item.repeat = rows_of[i]->repeat;
    }
    return {.unnamed = unnamed, .absent = rows.size() - (rows_of.size() - unnamed)};
  } catch (const Error& error) {
    throw error.text().starts_with(manifest) ? error : error.With(manifest);
  }
}

std::string ManifestText(const Dataset& dataset, const std::string& folder) {
  const fs::path here = fs::absolute(folder).lexically_normal(),
                 there = fs::absolute(dataset.source).lexically_normal();
  // A manifest inside its data set moves with it; elsewhere the full path is the one that stays true.
  const fs::path relative = there.lexically_relative(here);
  const bool inside = !relative.empty() && *relative.begin() != "..";
  Json header = {{"bakeoff_manifest", 1},
                 {"source", inside ? relative.generic_string() : there.generic_string()},
                 {"classes", dataset.classes}};
  if (!dataset.settings.is_null()) header["settings"] = dataset.settings;
  std::string text = header.dump() + "\n";
  for (const Item& item : dataset.items) {
    Json line = {{"path", item.path}, {"class", dataset.classes[static_cast<size_t>(item.label)]}};
    if (item.split != Split::kNone) line["split"] = SplitName(item.split);
    line["sha256"] = item.sha256;
    if (item.weight != 1) line["weight"] = item.weight;
    if (item.repeat != 1) line["repeat"] = item.repeat;
    text += line.dump() + "\n";
  }
  return text;
}

}  // namespace bakeoff::data
