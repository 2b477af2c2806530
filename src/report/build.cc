// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Puts a report's data together.
#include <fmt/format.h>

#include <algorithm>

#include "bakeoff/error.h"
#include "core/text.h"
#include "measure/record.h"
#include "report/report.h"

namespace bakeoff::report {
namespace {

using measure::At;
using measure::TextAt;

std::optional<Baseline> BaselineOf(const Source& source) {
  const Json& found = At(source.campaign, "baseline");
  if (!found.is_object() || TextAt(found, "engine").empty()) return std::nullopt;
  const Json& options = At(found, "options");
  return Baseline{.engine = TextAt(found, "engine"),
                  .label = core::Printable(TextAt(found, "label")),
                  .options = options.is_object() ? options : Json::object()};
}

void NeedBaseline(const Scene& scene, const std::string& engine) {
  std::vector<std::string> engines;
  for (const Subject& subject : scene.rows.subjects) {
    if (std::find(engines.begin(), engines.end(), subject.engine) == engines.end()) engines.push_back(subject.engine);
  }
  if (std::find(engines.begin(), engines.end(), engine) != engines.end()) return;
  throw Error(ErrorCode::kUsage, fmt::format("--baseline {}: no run is of that engine{}; there are: {}", engine,
                                             core::DidYouMean(engine, engines), core::Join(engines, ", ")));
}

Json SubjectsJson(const Scene& scene) {
  Json subjects = Json::array();
  for (const Subject& subject : scene.rows.subjects) {
    subjects.push_back({{"label", subject.label},
                        {"engine", core::Printable(subject.engine)},
                        {"version", core::Printable(subject.version)},
                        {"format", core::Printable(subject.format)},
                        {"precision", core::Printable(subject.precision)},
                        {"color", subject.color},
                        {"variant", subject.variant}});
  }
  return subjects;
}

// Where the campaign is; a report is made before its last step, the report, has ended.
Json StatusOf(const Source& source) {
  if (!source.campaign.is_object()) return {};
  std::string status = TextAt(source.campaign, "status");
  const bool open = std::any_of(source.steps.begin(), source.steps.end(), [](const Step& step) {
    return step.stage != "report" && (step.status == "pending" || step.status == "running");
  });
  if (status != "running" || open) return status;
  const bool failed =
      std::any_of(source.steps.begin(), source.steps.end(), [](const Step& step) { return step.status == "failed"; });
  return failed ? "failed" : "done";
}

Json StoreJson(const Source& source) {
  Json campaigns = Json::array();
  for (const store::Campaign& campaign : source.campaigns)
    campaigns.push_back({{"id", campaign.id},
                         {"name", campaign.name.empty() ? Json() : Json(core::Printable(campaign.name))},
                         {"created_at", campaign.created_at},
                         {"state", store::StateName(campaign.state)},
                         {"runs", campaign.counts.all}});
  return campaigns;
}

}  // namespace

Json Build(const Source& source, const BuildOptions& options) {
  Scene scene{.source = source,
              .rows = RowsOf(source),
              .baseline = options.baseline ? options.baseline : BaselineOf(source),
              .samples = options.samples};
  if (options.baseline) NeedBaseline(scene, options.baseline->engine);
  std::string title = source.title.empty() ? source.name : source.title;
  if (title.empty()) title = core::Join(scene.rows.models, ", ");
  Json models = Json::array();
  for (const std::string& model : scene.rows.models) models.push_back(core::Printable(model));
  Json report{
      {"schema", 1},
      {"title", core::Printable(title)},
      {"name", core::Printable(source.name)},
      {"made_at", options.made_at},
      {"tool", {{"name", "bakeoff"}, {"version", options.version}}},
      {"status", StatusOf(source)},
      {"measured_at", source.campaigns.empty() ? Json() : Json(source.campaigns.front().created_at)},
      {"models", models},
      {"runs", source.runs.size()},
      {"origin", OriginJson(scene.Runs())},
      {"alpha", measure::kAlpha},
      {"baseline",
       scene.baseline ? Json(scene.baseline->label.empty() ? scene.baseline->engine : scene.baseline->label) : Json()},
      {"campaigns", StoreJson(source)},
      {"subjects", SubjectsJson(scene)},
      {"answers", AnswerOf(scene)},
      {"sections", Json::array()}};
  for (const auto& make :
       {LatencySection,  ThroughputSection, SizesSection,      ThreadsSection,     ServerSection,
        ParetoSection,   MemorySection,     CpuSection,        EnergySection,      LoadSection,
        OptionsSection,  OperatorsSection,  ConversionSection, AccuracySection,    FailuresSection,
        WarningsSection, ChangesSection,    TimelineSection,   EnvironmentSection, ReproduceSection}) {
    const Section section = make(scene);
    if (!section.empty()) report["sections"].push_back(section.json());
  }
  for (const Json& section : report["sections"]) {
    if (section.contains("grade")) report["grade"] = section["grade"];
  }
  return report;
}

}  // namespace bakeoff::report
