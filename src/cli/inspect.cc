// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff inspect`: what a model is, before anything runs it.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/model_facts.h"
#include "cli/output.h"
#include "core/formats.h"
#include "core/shapes.h"
#include "core/text.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {{"MODEL", "Any model that our reader or an engine reads."}};

constexpr OptionRow kOptions[] = {
    {"shape", "NAME=1x3x..", "",
     "Shape of an input, for counting multiply-adds; NAME= may be left out where there is one input.", 0, true},
    {"batch", "N", "1", "The batch, where it is free."},
    kJsonOption,
};

std::map<std::string, Shape> GivenShapes(const Options& options, std::string* nameless) {
  std::map<std::string, Shape> shapes;
  for (const std::string& text : options.All("shape")) {
    const size_t cut = text.rfind('=');
    if (cut == std::string::npos) {
      if (!nameless->empty())
        throw Error(ErrorCode::kUsage, fmt::format("--shape {}: which input? Write NAME={}", text, text));
      *nameless = text;
      continue;
    }
    const std::string name = text.substr(0, cut);
    if (!shapes.emplace(name, core::ParseShape("--shape " + name, text.substr(cut + 1))).second) {
      throw Error(ErrorCode::kUsage, fmt::format("--shape names the input '{}' twice", name));
    }
  }
  return shapes;
}

// 11689512 -> "11.7 M"
std::string Short(double value) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
  for (const auto& [size, unit] : kUnits) {
    if (value >= size) return fmt::format("{:.3g}{}", value / size, unit);
  }
  return fmt::format("{:.0f}", value);
}

std::string Text(const TensorFact& fact) {
  return fmt::format("{} {} {}", fact.name, fact.type,
                     fact.shape ? "[" + core::Join(*fact.shape, ", ") + "]" : "of unknown rank");
}

std::string ShapesText(const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> parts;
  for (const auto& [name, shape] : shapes) parts.push_back(name + "=" + ShapeText(shape));
  return core::Join(parts, ", ");
}

std::string OperatorsText(const graph::Census& census) {
  std::vector<std::pair<int64_t, std::string>> sorted;
  for (const auto& [name, count] : census.operators) sorted.emplace_back(-count, name);
  std::ranges::sort(sorted);
  std::vector<std::string> parts;
  for (const auto& [count, name] : sorted) parts.push_back(fmt::format("{} {}", name, -count));
  return fmt::format("{} in all: {}", census.nodes, core::Join(parts, ", "));
}

std::string WeightsText(const graph::Census& census) {
  std::vector<std::string> types;
  for (const auto& [type, bytes] : census.bytes_by_type)
    types.push_back(fmt::format("{} {}B", type, Short(static_cast<double>(bytes))));
  return fmt::format("{} ({})", Short(static_cast<double>(census.parameters)),
                     types.empty() ? "no constants" : core::Join(types, ", "));
}

// "size [224, 224], mode exact": an object of model.json as words.
std::string Words(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object()) return json.dump();
  std::vector<std::string> parts;
  for (const auto& [key, value] : json.items())
    parts.push_back(value.is_object() ? fmt::format("{} ({})", key, Words(value)) : key + " " + Words(value));
  return core::Join(parts, ", ");
}

using TextRows = std::vector<std::pair<std::string, std::string>>;

void AddDescriptionRows(const Json& told, TextRows& rows) {
  constexpr size_t kShown = 20;
  rows.emplace_back("name", told["name"].get<std::string>());
  const auto classes = told["classes"].get<std::vector<std::string>>();
  const std::vector<std::string> shown(classes.begin(),
                                       classes.begin() + static_cast<int64_t>(std::min(kShown, classes.size())));
  rows.emplace_back("classes", classes.empty() ? "not named"
                                               : fmt::format("{}: {}{}", classes.size(), core::Join(shown, ", "),
                                                             classes.size() > kShown ? " ..." : ""));
  rows.emplace_back("preprocess", told["preprocess"].is_null() ? "none is recorded" : Words(told["preprocess"]));
}

// Numbers and words of `metrics`, and of the objects in it; lists (one entry per class, the confusion matrix) are for
// --json.
std::string MetricsText(const Json& metrics) {
  if (!metrics.is_object()) return metrics.is_null() ? "none are recorded" : Words(metrics);
  std::vector<std::string> parts;
  for (const auto& [key, value] : metrics.items()) {
    if (value.is_array() || value.is_null()) continue;
    if (value.is_number_float()) {
      parts.push_back(fmt::format("{} {:.4g}", key, value.get<double>()));
    } else {
      parts.push_back(value.is_object() ? fmt::format("{} ({})", key, MetricsText(value)) : key + " " + Words(value));
    }
  }
  return parts.empty() ? "none are recorded" : core::Join(parts, ", ");
}

// A line for each object in the metrics (validation, test), after one with the rest.
void AddMetrics(const Json& metrics, TextRows& rows) {
  Json rest = metrics;
  TextRows parts;
  for (const auto& [key, value] : metrics.items()) {
    if (!metrics.is_object() || !value.is_object()) continue;
    parts.emplace_back("", fmt::format("{}: {}", key, MetricsText(value)));
    rest.erase(key);
  }
  if (!rest.empty() || parts.empty()) parts.insert(parts.begin(), {"", MetricsText(rest)});
  parts.front().first = "metrics";
  rows.insert(rows.end(), parts.begin(), parts.end());
}

void AddFolderRows(const ModelFacts& facts, TextRows& rows) {
  AddMetrics(facts.folder["metrics"], rows);
  for (const Json& format : facts.formats) {
    const bool current = format["current"].get<bool>();
    rows.emplace_back("also as",
                      fmt::format("{}: {}{}", format["format"].get<std::string>(), format["path"].get<std::string>(),
                                  current ? "" : ", not current: " + format["reason"].get<std::string>()));
  }
}

TextRows Rows(const ModelFacts& facts) {
  const auto* row = core::FindFormat(facts.format);
  TextRows rows;
  rows.emplace_back("model", facts.path);
  rows.emplace_back("format",
                    fmt::format("{}, {}B", row ? row->title : facts.format, Short(static_cast<double>(facts.bytes))));
  if (!facts.producer.empty()) rows.emplace_back("producer", facts.producer);
  if (facts.ir_version) {
    std::vector<std::string> opsets;
    for (const auto& [domain, version] : facts.opsets) opsets.push_back(fmt::format("{} {}", domain, version));
    rows.emplace_back("opset", fmt::format("{}; {} {}", opsets.empty() ? "none" : core::Join(opsets, ", "),
                                           opsets.empty() ? "file version" : "IR", *facts.ir_version));
  }
  for (const TensorFact& fact : facts.inputs) rows.emplace_back("input", Text(fact));
  for (const TensorFact& fact : facts.outputs) rows.emplace_back("output", Text(fact));
  if (facts.census) {
    rows.emplace_back("parameters", WeightsText(*facts.census));
    if (facts.census->multiply_adds) {
      const std::string shapes = ShapesText(facts.counted_for);
      rows.emplace_back("multiply-adds", Short(static_cast<double>(*facts.census->multiply_adds)) +
                                             (shapes.empty() ? "" : " for " + shapes));
    } else {
      rows.emplace_back("multiply-adds", "not known");
    }
    rows.emplace_back("quantised", facts.census->quantised ? "yes" : "no");
    rows.emplace_back("operators", OperatorsText(*facts.census));
  } else {
    for (const char* what : {"parameters", "multiply-adds", "quantised", "operators"})
      rows.emplace_back(what, "not known");
  }
  if (facts.description.is_object()) AddDescriptionRows(facts.description, rows);
  if (facts.folder.is_object()) AddFolderRows(facts, rows);
  for (const std::string& note : facts.notes) rows.emplace_back("note", note);
  return rows;
}

Json ToJson(const std::vector<TensorFact>& tensors) {
  Json list = Json::array();
  for (const TensorFact& fact : tensors) {
    Json shape;
    if (fact.shape) {
      shape = Json::array();
      for (const std::string& dim : *fact.shape) {
        const auto extent = core::ParseInt(dim);
        shape.push_back(extent ? Json(*extent) : dim == "?" ? Json() : Json(dim));
      }
    }
    list.push_back({{"name", fact.name}, {"type", fact.type}, {"shape", shape}});
  }
  return list;
}

Json ToJson(const ModelFacts& facts) {
  Json json = {{"schema", 1}, {"model", facts.path}, {"format", facts.format}, {"bytes", facts.bytes}};
  json["producer"] = facts.producer.empty() ? Json() : Json(facts.producer);
  json["ir_version"] = facts.ir_version ? Json(*facts.ir_version) : Json();
  json["opsets"] = facts.ir_version ? Json(facts.opsets) : Json();
  json["inputs"] = ToJson(facts.inputs);
  json["outputs"] = ToJson(facts.outputs);
  const graph::Census* census = facts.census ? &*facts.census : nullptr;
  json["nodes"] = census ? Json(census->nodes) : Json();
  json["operators"] = census ? Json(census->operators) : Json();
  json["parameters"] = census ? Json(census->parameters) : Json();
  json["weight_bytes"] = census ? Json(census->weight_bytes) : Json();
  json["bytes_by_type"] = census ? Json(census->bytes_by_type) : Json();
  json["multiply_adds"] = census && census->multiply_adds ? Json(*census->multiply_adds) : Json();
  json["multiply_adds_for"] = census ? Json(facts.counted_for) : Json();
  json["quantised"] = census ? Json(census->quantised) : Json();
  json["read_by"] = facts.read_by.empty() ? Json("bakeoff") : Json(facts.read_by);
  json["effective"] = facts.effective;
  json["folder"] = facts.folder;
  json["description"] = facts.description;
  json["formats"] = facts.formats;
  json["notes"] = facts.notes;
  return json;
}

int Run(const Options& options, Console& console) {
  std::string nameless;
  auto shapes = GivenShapes(options, &nameless);
  const std::string& path = options.Positional().front();
  const int64_t batch = options.Has("batch") ? options.Int("batch", 1, int64_t{1} << 30) : 0;
  if (!nameless.empty()) {
    // The name of the only input is known after a first look.
    const ModelFacts first = LearnFacts(path, {}, 0, console);
    if (first.inputs.size() != 1 || !shapes.empty()) {
      throw Error(ErrorCode::kUsage, fmt::format("--shape {}: {} has {} inputs; write NAME={}", nameless, path,
                                                 first.inputs.size(), nameless));
    }
    shapes.emplace(first.inputs.front().name, core::ParseShape("--shape", nameless));
  }
  const ModelFacts facts = LearnFacts(path, shapes, batch, console);
  WriteJson(options, console, ToJson(facts));
  if (JsonTakesStdout(options)) return 0;
  for (const auto& [title, text] : Rows(facts)) {
    constexpr size_t kIndent = 15;
    const auto lines =
        Wrap(core::Printable(text), static_cast<size_t>(std::max(console.width() - static_cast<int>(kIndent), 20)));
    console.Out(fmt::format("{:<{}}{}\n", title, kIndent, core::Join(lines, "\n" + std::string(kIndent, ' '))));
  }
  return 0;
}

}  // namespace

const Command kInspect{
    .name = "inspect",
    .summary = "Show a model's inputs, outputs, operators, size and multiply-adds",
    .text =
        "ONNX, ORT, TFLite and IR files, SavedModels and frozen graphs are read by bakeoff itself, without any "
        "runtime; for another format an engine that reads it is asked, and what its runtime does not tell is said to "
        "be not known. A model folder also shows its classes, preprocessing and metrics.",
    .example = "bakeoff inspect model.onnx\nbakeoff inspect model.onnx --shape input=1x3x320x240 --json",
    .positionals = kWords,
    .options = kOptions,
    .run = Run,
};

}  // namespace bakeoff::cli
