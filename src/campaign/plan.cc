// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Which commands a campaign consists of, in their order.
#include "campaign/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "convert/route.h"
#include "core/formats.h"
#include "core/sha256.h"
#include "core/text.h"
#include "data/dataset.h"
#include "verify/session.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;
using worker::EngineEntryStatus;
using worker::EngineStatus;

void Append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

void AddGiven(std::vector<std::string>& words, const std::vector<Given>& given) {
  for (const Given& each : given) {
    const std::string option = "--" + each.option;
    if (each.values.empty()) {
      words.push_back(option);
    } else if (each.repeats) {
      for (const std::string& value : each.values) Append(words, {option, value});
    } else {
      Append(words, {option, core::Join(each.values, ",")});
    }
  }
}

std::string EndingOf(const FormatId& format) {
  const core::FormatRow* row = core::FindFormat(format);
  return row && !row->ending.empty() ? std::string(row->ending) : "." + format;
}

// What can be made of a format, each once.
std::vector<FormatId> Reachable(const FormatId& from, const std::vector<worker::HopEntryStatus>& hops) {
  std::vector<FormatId> reached{from};
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const worker::HopEntryStatus& hop : hops) {
      const auto& reads = hop.info.reads;
      if (hop.status != EngineStatus::kPresent || std::find(reads.begin(), reads.end(), reached[i]) == reads.end())
        continue;
      if (std::find(reached.begin(), reached.end(), hop.info.writes) == reached.end())
        reached.push_back(hop.info.writes);
    }
  }
  return reached;
}

// A model file that is there, or will be.
struct ModelFile {
  fs::path path;
  FormatId format;
  bool folder = false;  // a model folder, whose file has that format
};

class Planner {
 public:
  Planner(const Spec& spec, const fs::path& folder, const Surroundings& around) : spec_(spec), around_(around) {
    plan_.name = spec.name;
    plan_.folder = folder;
  }

  Plan Make() {
    ChooseBaseline();
    CheckEngineOptions(spec_, spec_.verify_options, around_);
    CheckEngineOptions(spec_, spec_.evaluate_options, around_);
    Data();
    Originals();
    ChooseFramework();
    Convert();
    if (spec_.verify) Verify();
    if (spec_.evaluate) Evaluate();
    for (const Measurement& each : spec_.measurements) Measure(each);
    if (spec_.report) Report();
    AddGivenFiles();
    CheckValues(spec_, around_, plan_);
    Guess(spec_, around_, plan_);
    return std::move(plan_);
  }

 private:
  bool Has(std::string_view command, std::string_view option) const {
    const auto* all = around_.options(command);
    return all && std::any_of(all->begin(), all->end(), [&](const auto& each) { return each.name == option; });
  }

  std::string In(const std::string& name) const { return (plan_.folder / name).string(); }

  // `words` without --json, which is added where the command has it.
  Step& Add(std::string name, std::string stage, std::string title, std::string_view command,
            const std::vector<std::string>& words) {
    Step step{.name = std::move(name), .stage = std::move(stage), .title = std::move(title)};
    step.words = core::Split(command, ' ');
    Append(step.words, words);
    if (!around_.options(command))
      step.skip = fmt::format("this version of the tool has no command `bakeoff {}`", command);
    if (Has(command, "json")) {
      step.json = In("json/" + step.name + ".json");
      Append(step.words, {"--json", step.json});
    }
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back();
  }

  // What the model section says, as far as the command takes it; paths among it count as inputs.
  void AddModelGiven(std::string_view command, std::vector<std::string>& words) const {
    for (const Given& each : spec_.model_given) {
      if (Has(command, each.option)) AddGiven(words, {each});
    }
  }

  void AddModelInputs(Step& step) const {
    for (const Given& each : spec_.model_given) {
      if (each.option == "classes" || each.option == "preprocess") step.inputs.emplace_back(each.values[0]);
    }
  }

  void AddGivenFiles() {
    for (Step& step : plan_.steps) {
      for (const Given& each : step.given) step.inputs.insert(step.inputs.end(), each.files.begin(), each.files.end());
    }
  }

  void ChooseBaseline() {
    for (const Baseline& baseline : spec_.baselines) {
      const auto engines = EnginesOf(spec_, {baseline.engine}, baseline.line, around_, plan_.warnings);
      std::vector<EngineOption> options;
      for (const auto& [name, value] : baseline.options)
        options.push_back({baseline.engine, name, {value}, baseline.line});
      CheckEngineOptions(spec_, options, around_);
      if (!plan_.baseline && engines[0].status == EngineStatus::kPresent) plan_.baseline = baseline;
    }
  }

  // What the model was made in, where the file says nothing and it is among what is measured.
  void ChooseFramework() {
    baselines_ = spec_.baselines;
    if (!baselines_.empty() || spec_.no_baseline || spec_.measurements.empty()) return;
    const auto measured = MeasuredBy(spec_.measurements[0]);
    for (const ModelFile& model : originals_) {
      if (!plan_.baseline) plan_.baseline = FrameworkOf(ArtifactOf(model), measured, spec_.train);
    }
    // One engine alone, with its defaults, would be held against itself.
    const auto present = std::count_if(measured.begin(), measured.end(), [](const EngineEntryStatus& engine) {
      return engine.status == EngineStatus::kPresent;
    });
    if (!plan_.baseline && spec_.train) plan_.no_baseline = WhyNoFramework();
    if (plan_.baseline && present == 1 && plan_.baseline->options.empty()) plan_.baseline.reset();
    if (plan_.baseline) baselines_.push_back(*plan_.baseline);
  }

  // What could have been measured.
  std::string WhyNoFramework() const {
    std::vector<std::string> frameworks, engines;
    for (const EngineEntryStatus& engine : around_.engines) {
      for (const ModelFile& model : originals_) {
        if (!FrameworkOf(ArtifactOf(model), {engine}, true)) continue;
        frameworks.push_back(engine.info.framework.name);
        engines.push_back(engine.name);
        break;
      }
    }
    if (engines.empty()) return "this build has no engine of what the model was trained in; name a baseline";
    return fmt::format(
        "{}, in which the model was trained, was not measured; add {} to measure.engines, or name a baseline",
        core::Join(frameworks, " or "), core::Join(engines, " or "));
  }

  void Data() {
    if (spec_.data == DataKind::kNone) return;
    const bool ours = spec_.data != DataKind::kPath;
    data_ = ours ? In("data") : spec_.data_source;
    data_inputs_ = {data_};
    NeedDataSet();
    if (spec_.data == DataKind::kMake) {
      std::vector<std::string> words{spec_.data_source, "--out", data_};
      AddGiven(words, spec_.data_given);
      Step& step = Add("data", "data", fmt::format("Draw {}", spec_.data_source), "data make", words);
      step.outputs = {data_};
      step.given = spec_.data_given;
    } else if (spec_.data == DataKind::kImport) {
      Step& step =
          Add("data", "data", fmt::format("Import {}", spec_.data_source), "data import", {spec_.data_source, data_});
      step.inputs = {spec_.data_source};
      step.outputs = {data_};
    }
    // What is drawn has its parts. Of anything else training would divide it without telling the others how.
    if (spec_.split || (spec_.train && spec_.data != DataKind::kMake)) {
      const std::string manifest = In("split.jsonl");
      std::vector<std::string> words{data_, "--out", manifest, "--force"};
      AddGiven(words, spec_.split_given);
      Step& step = Add("split", "data", "Divide the data", "data split", words);
      step.inputs = {data_};
      step.outputs = {manifest};
      step.given = spec_.split_given;
      data_ = manifest;
      data_inputs_.insert(data_inputs_.begin(), manifest);
    }
    Add("data-info", "data", "Look at every picture", "data info", {data_}).inputs = data_inputs_;
  }

  // What is drawn is known by its name.
  void NeedDataSet() const {
    if (spec_.data == DataKind::kMake) return;
    const bool import = spec_.data == DataKind::kImport;
    try {
      if (import) {
        data::NeedDataset(spec_.data_source);
      } else {
        data::OpenDataset(spec_.data_source);
      }
    } catch (const Error& error) {
      throw At(spec_.file, spec_.data_line, fmt::format("data.{}: {}", import ? "import" : "path", error.text()),
               error.code());
    }
  }

  void Originals() {
    if (!spec_.train) {
      for (const std::string& path : spec_.models) {
        const Artifact artifact = core::OpenArtifact(path);
        originals_.push_back({path, artifact.format, !artifact.folder.empty()});
      }
      return;
    }
    const std::string out = In("model");
    std::vector<std::string> words{"--data", data_, "--out", out};
    AddGiven(words, spec_.train_given);
    const Given* arch = Find(spec_.train_given, "arch");
    Step& step =
        Add("train", "train", fmt::format("Train {}", arch ? arch->values[0] : "mobilenet_v2"), "train", words);
    step.inputs = data_inputs_;
    step.given = spec_.train_given;
    if (!step.given.empty()) step.line = step.given[0].line;
    for (const char* file : {"model.json", "model.pt", "weights.safetensors"})
      step.outputs.push_back(fs::path(out) / file);
    step.folders = {out};
    originals_.push_back({out, "torchscript", true});
  }

  // What the file of a step's model is made of.
  static std::vector<fs::path> InputsOf(const ModelFile& model) {
    if (!model.folder) return {model.path};
    return {model.path / "model.json", model.path / ("model" + EndingOf(model.format))};
  }

  void Convert() {
    const ModelFile& from = originals_[0];
    std::set<FormatId> there;
    for (const ModelFile& model : originals_) there.insert(model.format);
    std::vector<FormatId> formats = spec_.convert_all ? Reachable(from.format, around_.hops) : spec_.convert;
    std::erase_if(formats, [&](const FormatId& format) { return there.contains(format); });
    if (formats.empty()) return;
    NeedWays(from.format, formats);
    // Into the folder that training made; what was given stays as it is.
    const fs::path into = spec_.train ? from.path : plan_.folder / "converted";
    const std::string stem = spec_.train ? "model" : core::ModelName(from.path.string());
    for (const FormatId& format : formats) converted_.push_back({into / (stem + EndingOf(format)), format});
    if (spec_.train && spec_.convert_all) {
      Step& step = Add("convert", "convert", "Convert to every format", "convert", {from.path.string(), "--all"});
      step.inputs = InputsOf(from);
      step.rows = true;
      for (const ModelFile& model : converted_) step.outputs.push_back(model.path);
      return AddAllVersions(step);
    }
    for (const ModelFile& model : converted_) {
      std::vector<std::string> words{from.path.string(), model.path.string(), "--to", model.format, "--force"};
      AddModelGiven("convert", words);
      Step& step =
          Add("convert-" + model.format, "convert", fmt::format("Convert to {}", model.format), "convert", words);
      step.inputs = spec_.train ? InputsOf(from) : std::vector<fs::path>{from.path};
      step.outputs = {model.path};
      step.given = spec_.model_given;
      AddAllVersions(step);
    }
  }

  // What no hop of any machine makes. Where one is absent here, nobody knows what it would make: the step says so.
  void NeedWays(const FormatId& from, const std::vector<FormatId>& formats) const {
    if (!convert::AbsentHops(around_.hops).empty()) return;
    const auto reached = Reachable(from, around_.hops);
    for (const FormatId& format : formats) {
      if (std::find(reached.begin(), reached.end(), format) == reached.end())
        throw At(spec_.file, spec_.convert_line,
                 fmt::format("convert: no conversion leads from {} to {}; {}", from, format,
                             convert::ReachText(around_.hops, from)));
    }
  }

  // Engines prove a conversion, and hops make it.
  void AddAllVersions(Step& step) const {
    for (const EngineEntryStatus& engine : around_.engines) {
      if (engine.status == EngineStatus::kPresent && !engine.info.for_testing)
        step.versions.push_back(engine.name + " " + engine.info.version);
    }
    for (const worker::HopEntryStatus& hop : around_.hops) {
      if (hop.status == EngineStatus::kPresent) step.versions.push_back(hop.name + " " + hop.info.version);
    }
  }

  static void AddVersions(Step& step, const std::vector<EngineEntryStatus>& engines) {
    for (const EngineEntryStatus& engine : engines)
      step.versions.push_back(engine.name + " " +
                              (engine.status == EngineStatus::kPresent ? engine.info.version : "absent"));
  }

  static void AddOptions(std::vector<std::string>& words, const std::vector<EngineOption>& options,
                         const std::vector<EngineEntryStatus>& engines) {
    for (const EngineOption& each : options) {
      const auto mine = [&](const EngineEntryStatus& engine) { return engine.name == each.engine; };
      if (std::any_of(engines.begin(), engines.end(), mine))
        Append(words, {"-o", fmt::format("{}.{}={}", each.engine, each.option, core::Join(each.values, ","))});
    }
  }

  std::vector<std::string> OriginalPaths() const {
    std::vector<std::string> paths;
    for (const ModelFile& model : originals_) paths.push_back(model.path.string());
    return paths;
  }

  void AddOriginalInputs(Step& step) const {
    for (const ModelFile& model : originals_) {
      const auto inputs = spec_.train ? InputsOf(model) : std::vector<fs::path>{model.path};
      step.inputs.insert(step.inputs.end(), inputs.begin(), inputs.end());
    }
  }

  void Verify() {
    const Given* names = Find(spec_.verify_given, "engines");
    const auto engines = EnginesOf(spec_, names ? names->values : std::vector<std::string>{"all"},
                                   names ? names->line : 1, around_, plan_.warnings);
    std::vector<std::string> words = OriginalPaths();
    for (const ModelFile& model : converted_) words.push_back(model.path.string());
    AddGiven(words, spec_.verify_given);
    AddModelGiven("verify", words);
    AddOptions(words, spec_.verify_options, engines);
    Step& step = Add("verify", "verify", "Compare the answers", "verify", words);
    AddOriginalInputs(step);
    step.given = spec_.verify_given;
    step.given.insert(step.given.end(), spec_.model_given.begin(), spec_.model_given.end());
    for (const ModelFile& model : converted_) step.optional.push_back(model.path);
    AddVersions(step, engines);
    step.rows = true;
  }

  // Parts that the data has, or will have.
  bool HasParts() const {
    if (spec_.split || spec_.train || spec_.data == DataKind::kMake) return true;
    try {
      return data::OpenDataset(spec_.data_source).HasSplits();
    } catch (const Error&) {
      return false;  // the step that reads it will say what is wrong
    }
  }

  void Evaluate() {
    auto engines = EnginesOf(spec_, spec_.evaluate_engines, spec_.evaluate_line, around_, plan_.warnings);
    // What the model was made in answers first: the others are held against it.
    if (plan_.baseline)
      std::stable_partition(engines.begin(), engines.end(),
                            [&](const EngineEntryStatus& engine) { return engine.name == plan_.baseline->engine; });
    std::vector<ModelFile> models = originals_;
    models.insert(models.end(), converted_.begin(), converted_.end());
    const std::string answers = In("json/answers.jsonl");
    const bool paired = Has("eval", "answers") && Has("eval", "against");
    const bool split_given = Find(spec_.evaluate_given, "split");
    NeedPrecisions(spec_, engines);
    bool first = true;
    for (const ModelFile& model : models) {
      for (const EngineEntryStatus& engine : engines) {
        if (engine.status != EngineStatus::kPresent || !Reads(engine.info, model)) continue;
        for (const std::string& precision : spec_.precisions) {
          if (!HasPrecision(engine, precision)) continue;
          std::vector<std::string> words{model.path.string(), "--data", data_};
          if (!split_given) Append(words, {"--split", HasParts() ? "test" : "all"});
          Append(words, {"--engine", engine.name});
          if (precision != "f32") Append(words, {"--precision", precision});
          AddGiven(words, spec_.evaluate_given);
          AddModelGiven("eval", words);
          AddOptions(words, spec_.evaluate_options, {engine});
          if (paired) Append(words, {first ? "--answers" : "--against", answers});
          const bool only = spec_.precisions.size() == 1 && precision == "f32";
          // Titles name the format as results do: what the engine takes of a model folder may be the whole of it.
          const FormatId read = verify::ArtifactFor(engine.info, ArtifactOf(model)).format;
          Step& step =
              Add(fmt::format("evaluate-{}-{}{}", engine.name, model.format, only ? "" : "-" + precision), "evaluate",
                  fmt::format("Accuracy on {} ({}{})", engine.name, read, only ? "" : ", " + precision), "eval", words);
          step.inputs = model.folder && spec_.train ? InputsOf(model) : std::vector<fs::path>{model.path};
          step.inputs.insert(step.inputs.end(), data_inputs_.begin(), data_inputs_.end());
          AddModelInputs(step);
          step.given = spec_.evaluate_given;
          step.given.insert(step.given.end(), spec_.model_given.begin(), spec_.model_given.end());
          step.given.push_back(spec_.precision_given);
          step.line = spec_.evaluate_line;
          if (paired && first) step.outputs = {answers};
          if (paired && !first) step.optional.emplace_back(answers);
          AddVersions(step, {engine});
          first = false;
        }
      }
    }
    if (first)
      plan_.warnings.push_back("evaluate: none of the engines reads one of the models: no accuracy is measured");
  }

  static Artifact ArtifactOf(const ModelFile& model) {
    Artifact artifact{.path = model.path.string(), .format = model.format};
    if (model.folder) artifact.folder = artifact.path;
    return artifact;
  }

  static bool Reads(const EngineInfo& engine, const ModelFile& model) {
    return verify::Reads(engine, ArtifactOf(model));
  }

  std::vector<EngineEntryStatus> MeasuredBy(const Measurement& measurement) {
    const Given* names = Find(measurement.given, "engines");
    return EnginesOf(spec_, names ? names->values : std::vector<std::string>{"all"},
                     names ? names->line : measurement.line, around_, plan_.warnings);
  }

  // What people use today, given something that they do not: that is no measurement of their models.
  void TellWrappers(const std::vector<EngineEntryStatus>& engines) {
    for (const EngineEntryStatus& engine : engines) {
      if (engine.status != EngineStatus::kPresent || !IsPython(engine.info)) continue;
      if (std::any_of(originals_.begin(), originals_.end(),
                      [&](const ModelFile& model) { return Reads(engine.info, model); }))
        continue;
      // Where nothing can be made for it, its rows have that reason.
      const auto made = Reachable(originals_[0].format, around_.hops);
      if (std::none_of(made.begin(), made.end(), [&](const FormatId& format) {
            return Reads(engine.info, {.path = "m" + EndingOf(format), .format = format});
          }))
        continue;
      plan_.warnings.push_back(
          fmt::format("{} does not read {}: it is given a model that Bakeoff converted, and its rows say what it costs "
                      "on that, not how fast a model made in it is",
                      engine.name, originals_[0].format));
    }
  }

  // What holds where neither the section nor `measure` says anything.
  void AddDefaults(const Measurement& measurement, std::vector<std::string>& words) const {
    const auto missing = [&](const char* option) { return Find(measurement.given, option) == nullptr; };
    const bool sizes = measurement.role == "dataset";
    if (missing("threads")) {
      const bool one = measurement.role == "profile" || around_.threads == 1;
      Append(words, {"--threads", one ? "1" : fmt::format("1,{}", around_.threads)});
    }
    if (missing("duration") && missing("count") && !sizes) Append(words, {"--duration", "1s"});
    if (sizes && missing("test-size")) Append(words, {"--test-size", "100,500,1000"});
    // Pictures that Bakeoff wrote itself can all be read; of another folder one that is broken would end the step.
    if (sizes && missing("input") && (spec_.data == DataKind::kMake || spec_.data == DataKind::kImport))
      Append(words, {"--input", In("data")});
    if (measurement.role == "profile" && missing("repeat")) Append(words, {"--repeat", "1"});
  }

  void Measure(const Measurement& given) {
    Measurement measurement = given;
    const auto engines = MeasuredBy(measurement);
    CheckEngineOptions(spec_, measurement.options, around_);
    // What sections inherit may speak of engines that they leave out.
    if (measurement.role == "latency" || measurement.role == "ablate")
      NeedMeasured(spec_, measurement, engines, around_);
    if (measurement.role == "latency") {
      AddBaselines(spec_, baselines_, engines, measurement.options);
      TellWrappers(engines);
    }
    std::vector<std::string> words = OriginalPaths();
    if (measurement.role == "offline" || measurement.role == "dataset" || measurement.role == "server")
      Append(words, {"--scenario", measurement.role});
    if (measurement.role == "ablate") words.emplace_back("--ablate");
    if (measurement.role == "profile") words.emplace_back("--profile");
    AddGiven(words, measurement.given);
    AddDefaults(measurement, words);
    AddModelGiven("bench", words);
    AddOptions(words, measurement.options, engines);
    Append(words, {"--store", In("results.db"), "--name", measurement.role});
    if (Has("bench", "reuse")) words.emplace_back("--reuse");
    static const std::vector<std::pair<std::string_view, std::string_view>> titles = {
        {"latency", "Measure latency"},   {"offline", "Measure throughput"}, {"dataset", "Time over test size"},
        {"server", "Latency under load"}, {"ablate", "What options buy"},    {"profile", "Time of each operator"}};
    const auto title =
        std::find_if(titles.begin(), titles.end(), [&](const auto& row) { return row.first == measurement.role; });
    Step& step = Add(measurement.role, "measure", std::string(title->second), "bench", words);
    step.role = measurement.role;
    step.rows = true;
    step.on_machine = true;
    step.given = measurement.given;
    step.given.insert(step.given.end(), spec_.model_given.begin(), spec_.model_given.end());
    step.line = measurement.line;
    AddOriginalInputs(step);
    if (step.role == "dataset") step.inputs.insert(step.inputs.end(), data_inputs_.begin(), data_inputs_.end());
    AddVersions(step, engines);
    if (step.role == "profile" && !Has("bench", "profile"))
      step.skip = "this version of the tool has no `bakeoff bench --profile`";
    // Whether there is something to compare with is known only then.
    Step& changes = Add("changes-" + step.role, "measure", "What has changed", "compare", {});
    changes.of = measurement.role;
    changes.rows = true;
  }

  void Report() {
    Step& step =
        Add("report", "report", "Write the report", "report", {plan_.folder.string(), "--out", In("report.html")});
    step.outputs = {In("report.html")};
    // Its title, its baseline and the configuration that it shows stand in no command.
    step.versions = {core::Sha256Hex(spec_.text)};
  }

  const Spec& spec_;
  const Surroundings& around_;
  Plan plan_;
  std::string data_;
  std::vector<fs::path> data_inputs_;
  std::vector<ModelFile> originals_, converted_;
  std::vector<Baseline> baselines_;  // the file's, or the framework
};

}  // namespace

Plan MakePlan(const Spec& spec, const fs::path& folder, const Surroundings& around) {
  return Planner(spec, folder, around).Make();
}

std::string CommandText(const std::vector<std::string>& words) {
  std::vector<std::string> quoted{"bakeoff"};
  for (const std::string& word : words) quoted.push_back(core::ShellWord(word));
  return core::Join(quoted, " ");
}

}  // namespace bakeoff::campaign
