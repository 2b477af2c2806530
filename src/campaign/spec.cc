// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From the checked tree to a Spec, and what contradicts itself.
#include "campaign/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "campaign/check.h"
#include "core/files.h"
#include "core/formats.h"
#include "core/text.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kPasses = {"offline", "dataset", "server", "ablate", "profile"};

constexpr size_t kLongestName = 100;

bool Yes(const Node& node) {
  return node.kind != Node::Kind::kScalar || core::ParseBool(node.text).value_or(true);
}

// The nearest thing that is a name.
std::string NameLike(std::string text, std::string_view letters) {
  for (char& c : text) {
    if (letters.find(c) == std::string_view::npos) c = '_';
  }
  const size_t begin = text.find_first_not_of("._-");
  return begin == std::string::npos ? "campaign" : text.substr(begin);
}

class Builder {
 public:
  Builder(const std::string& name, fs::path folder, const OptionsOf& options)
      : name_(name), folder_(std::move(folder)), options_(options) {}

  Spec Build(const Node& document) {
    if (document.kind == Node::Kind::kNull)
      Refuse(1,
             "the file says nothing; a campaign begins with `model: FILE`, or with `data:` and `train:` "
             "(docs/campaigns.md, examples/)");
    const Node& map = document;
    Titles(map);
    Data(map);
    Model(map);
    Convert(map.Find("convert"));
    Baselines(map.Find("baseline"));
    if (const Node* verify = map.Find("verify")) {
      spec_.verify = Yes(*verify);
      spec_.verify_given = GivenIn(*verify, "verify");
      spec_.verify_options = OptionsIn(*verify);
    }
    Measure(map.Find("measure"));
    Evaluate(map.Find("evaluate"));
    if (const Node* report = map.Find("report")) spec_.report = Yes(*report);
    return std::move(spec_);
  }

 private:
  [[noreturn]] void Refuse(int line, const std::string& text, ErrorCode code = ErrorCode::kUsage) const {
    throw At(name_, line, text, code);
  }

  std::string PathOf(const Node& node, const char* key, const std::string& text) const {
    const fs::path path = (folder_ / text).lexically_normal();
    std::error_code error;
    if (!fs::exists(path, error))
      Refuse(node.line,
             fmt::format("{}: {} is not there (paths are relative to the campaign file)", key, path.string()),
             ErrorCode::kNotFound);
    std::string whole = path.string();
    if (whole.size() > 1 && whole.back() == '/') whole.pop_back();
    return whole;
  }

  // Values of options that name files are relative to the campaign file too, and are what the step reads.
  void TakeFiles(const Node& node, Given& row) const {
    if (row.option != "init" && row.option != "input" && row.option != "arrivals") return;
    for (std::string& value : row.values) {
      if (row.option == "arrivals" && (value == "poisson" || value == "constant")) continue;
      const size_t name = row.option == "input" ? value.find('=') + 1 : 0;  // npos + 1 is 0
      row.files.push_back(PathOf(node, row.key.c_str(), value.substr(name)));
      value = value.substr(0, name) + row.files.back();
    }
  }

  // The options of the section's command.
  std::vector<Given> GivenIn(const Node& section, std::string_view path) const {
    std::vector<Given> given;
    for (const auto& [key, value] : section.members) {
      const CommandOption* option = OptionOfKey(path, key, options_);
      const std::string whole = fmt::format("{}.{}", path, key);
      const bool table = std::any_of(Keys().begin(), Keys().end(), [&](const Key& row) { return row.name == whole; });
      if (!option || table) continue;
      Given row{.option = option->name, .line = value.line, .key = whole};
      if (option->value.empty()) {
        if (Yes(value)) given.push_back(std::move(row));
        continue;
      }
      row.values = Texts(value);
      // NAME=VALUE is given once for each name; lists are one value.
      row.repeats = option->repeatable && option->value.find('=') != std::string::npos;
      TakeFiles(value, row);
      given.push_back(std::move(row));
    }
    return given;
  }

  static std::vector<EngineOption> OptionsIn(const Node& section) {
    std::vector<EngineOption> options;
    const Node* map = section.Find("options");
    if (!map) return options;
    for (const auto& [key, value] : map->members) {
      const size_t dot = key.find('.');
      options.push_back({key.substr(0, dot), key.substr(dot + 1), Texts(value), value.line});
    }
    return options;
  }

  void Titles(const Node& map) {
    spec_.name = fs::path(name_).stem().string();
    int line = 1;
    if (const Node* name = map.Find("name")) {
      spec_.name = name->text;
      line = name->line;
    }
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (spec_.name.empty() || spec_.name.find_first_not_of(kLetters) != std::string::npos || spec_.name[0] == '.' ||
        spec_.name[0] == '-')
      Refuse(line, fmt::format("{} '{}' is no word of letters, digits, _, - and . for a folder; {} `name: {}`",
                               map.Find("name") ? "name:" : "without `name:` the file's name counts, and", spec_.name,
                               map.Find("name") ? "say for example" : "add", NameLike(spec_.name, kLetters)));
    if (spec_.name.size() > kLongestName)
      Refuse(line, fmt::format("name: {} letters are too many for a folder; give at most {}", spec_.name.size(),
                               kLongestName));
    if (const Node* title = map.Find("title")) spec_.title = title->text;
  }

  void Data(const Node& map) {
    const Node* data = map.Find("data");
    if (!data) return;
    constexpr std::array<std::pair<const char*, DataKind>, 3> kKinds = {
        std::pair{"make", DataKind::kMake}, {"path", DataKind::kPath}, {"import", DataKind::kImport}};
    const char* first = nullptr;
    for (const auto& [key, kind] : kKinds) {
      const Node* given = data->Find(key);
      if (!given) continue;
      if (first) Refuse(given->line, fmt::format("data: {} and {} contradict each other; leave one out", first, key));
      first = key;
      spec_.data = kind;
      spec_.data_line = given->line;
      spec_.data_source =
          kind == DataKind::kMake ? given->text : PathOf(*given, fmt::format("data.{}", key).c_str(), given->text);
    }
    if (!first) Refuse(data->line, "data: says neither make, path nor import: where do the pictures come from?");
    for (const char* key : {"seed", "part"}) {
      const Node* given = data->Find(key);
      if (!given) continue;
      if (spec_.data != DataKind::kMake)
        Refuse(given->line, fmt::format("data.{} belongs to `make`; these pictures are given", key));
      spec_.data_given.push_back(
          {.option = key, .values = {given->text}, .line = given->line, .key = fmt::format("data.{}", key)});
    }
    if (const Node* split = data->Find("split")) {
      spec_.split = true;
      spec_.split_given = GivenIn(*split, "data.split");
    }
  }

  void Model(const Node& map) {
    const Node* train = map.Find("train");
    const Node* model = map.Find("model");
    if (train && model)
      Refuse(std::max(train->line, model->line), "train and model contradict each other: a model is trained, or given");
    if (!train && !model)
      Refuse(map.line, "says neither `train:` nor `model:`; give one of them: a model is what all this is about");
    if (train) {
      if (spec_.data == DataKind::kNone) Refuse(train->line, "train: needs data; add `data:`");
      spec_.train = true;
      spec_.train_given = GivenIn(*train, "train");
      return;
    }
    const bool section = model->kind == Node::Kind::kMap;
    const Node* path = section ? model->Find("path") : model;
    if (!path) Refuse(model->line, "model: path is missing");
    for (const std::string& text : Texts(*path)) {
      spec_.models.push_back(PathOf(*path, "model", text));
      try {
        core::RecogniseFormat(spec_.models.back());
      } catch (const Error& error) {
        Refuse(path->line, "model: " + error.text(), error.code());
      }
    }
    if (!section) return;
    for (const char* key : {"shape", "range", "layout"}) {
      if (const Node* node = model->Find(key))
        spec_.model_given.push_back({.option = key,
                                     .values = Texts(*node),
                                     .repeats = true,
                                     .line = node->line,
                                     .key = fmt::format("model.{}", key)});
    }
    for (const char* key : {"classes", "preprocess"}) {
      if (const Node* node = model->Find(key))
        spec_.model_given.push_back({.option = key,
                                     .values = {PathOf(*node, fmt::format("model.{}", key).c_str(), node->text)},
                                     .line = node->line,
                                     .key = fmt::format("model.{}", key)});
    }
    if (const Node* node = model->Find("output"))
      spec_.model_given.push_back(
          {.option = "output", .values = {node->text}, .line = node->line, .key = "model.output"});
  }

  void Convert(const Node* node) {
    if (!node) return;
    std::vector<std::string> known;
    for (const core::FormatRow& row : core::Formats()) {
      if (row.id != "folder") known.emplace_back(row.id);
    }
    const std::vector<std::string> formats = Texts(*node);
    if (formats.size() == 1 && formats[0] == "all") return;
    spec_.convert_all = false;
    spec_.convert_line = node->line;
    if (formats.size() == 1 && (formats[0] == "none" || formats[0] == "false")) return;
    for (const std::string& format : formats) {
      if (std::find(known.begin(), known.end(), format) == known.end())
        Refuse(node->line, fmt::format("convert: unknown format '{}'{}; there are: {}; or all, or none", format,
                                       core::DidYouMean(format, known), core::Join(known, ", ")));
      if (std::find(spec_.convert.begin(), spec_.convert.end(), format) == spec_.convert.end())
        spec_.convert.push_back(format);
    }
  }

  void Baselines(const Node* node) {
    if (!node) return;
    const auto add = [&](const Node& each) {
      const Node* engine = each.Find("engine");
      if (!engine) Refuse(each.line, "baseline: engine is missing");
      Baseline baseline{.engine = engine->text, .label = engine->text, .line = engine->line};
      if (const Node* label = each.Find("label")) baseline.label = label->text;
      if (const Node* options = each.Find("options")) {
        for (const auto& [key, value] : options->members) {
          if (value.kind != Node::Kind::kScalar)
            Refuse(value.line, fmt::format("baseline.options.{}: one value is wanted: a baseline is one row", key));
          baseline.options[key] = value.text;
        }
      }
      spec_.baselines.push_back(std::move(baseline));
    };
    if (node->kind == Node::Kind::kMap) return add(*node);
    spec_.no_baseline = node->kind == Node::Kind::kScalar;
    for (const Node& each : node->items) add(each);
  }

  void Measure(const Node* node) {
    const Node empty{.kind = Node::Kind::kMap, .line = 1};
    if (node && !Yes(*node)) return;
    const Node& base = node && node->kind == Node::Kind::kMap ? *node : empty;
    const std::vector<Given> common = GivenIn(base, "measure");
    spec_.measurements.push_back({"latency", common, OptionsIn(base), base.line});
    for (const std::string_view role : kPasses) {
      const Node* pass = base.Find(role);
      if (!pass || !Yes(*pass)) continue;
      Measurement measurement{.role = std::string(role), .line = pass->line};
      const std::string path = fmt::format("measure.{}", role);
      measurement.given = GivenIn(*pass, path);
      for (const Given& each : common) {
        if (!Find(measurement.given, each.option) && OptionOfKey(path, Underscored(each.option), options_))
          measurement.given.push_back(each);
      }
      measurement.options = OptionsIn(*pass);
      if (role == "ablate" && measurement.options.empty())
        Refuse(pass->line, "measure.ablate: say the `options` whose gain is wanted: ENGINE.OPTION: [base, other]");
      if (role == "server" && !Find(measurement.given, "qps") && !Find(measurement.given, "arrivals"))
        Refuse(pass->line, "measure.server: say how many queries come per second: qps: [50, 100]");
      // An ablation has its own options; elsewhere those of `measure` hold, where nothing else is said.
      if (role != "ablate" && measurement.options.empty()) measurement.options = OptionsIn(base);
      spec_.measurements.push_back(std::move(measurement));
    }
  }

  static std::string Underscored(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
  }

  void Evaluate(const Node* node) {
    spec_.evaluate = spec_.data != DataKind::kNone;
    spec_.evaluate_engines = {"all"};
    spec_.precisions = {"f32"};
    if (!spec_.measurements.empty()) {
      if (const Given* precision = Find(spec_.measurements[0].given, "precision")) {
        spec_.precisions.clear();
        for (const std::string& text : precision->values) {
          for (std::string& each : core::Split(text, ',')) spec_.precisions.push_back(std::move(each));
        }
        spec_.precision_given = *precision;
      }
    }
    if (!node) return;
    spec_.evaluate_line = node->line;
    const bool wanted = Yes(*node);
    if (wanted && !spec_.evaluate)
      Refuse(node->line, "evaluate: needs labelled pictures; add `data:`, or leave evaluate out");
    spec_.evaluate = wanted;
    spec_.evaluate_given = GivenIn(*node, "evaluate");
    spec_.evaluate_options = OptionsIn(*node);
    if (const Node* engines = node->Find("engines")) spec_.evaluate_engines = Texts(*engines);
    if (const Node* precision = node->Find("precision")) {
      spec_.precisions = Texts(*precision);
      spec_.precision_given = {.option = "precision", .line = precision->line, .key = "evaluate.precision"};
    }
  }

  const std::string& name_;
  fs::path folder_;
  const OptionsOf& options_;
  Spec spec_;
};

}  // namespace

const Given* Find(const std::vector<Given>& given, std::string_view option) {
  const auto found = std::find_if(given.begin(), given.end(), [&](const Given& each) { return each.option == option; });
  return found == given.end() ? nullptr : &*found;
}

Spec ParseSpec(const std::string& text, const std::string& name, const fs::path& folder, const OptionsOf& options) {
  const Node document = ReadDocument(text, name);
  CheckKeys(document, name, options);
  Spec spec = Builder(name, folder, options).Build(document);
  spec.file = name;
  spec.text = text;
  return spec;
}

Spec ReadSpec(const fs::path& file, const OptionsOf& options) {
  return ParseSpec(core::ReadFile(file), file.string(), file.parent_path(), options);
}

}  // namespace bakeoff::campaign
