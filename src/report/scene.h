// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What every section of a report looks at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/parts.h"
#include "report/rows.h"
#include "report/source.h"
#include "report/words.h"

namespace bakeoff::report {

// What the others are held against, as a campaign or the command line names it.
struct Baseline {
  std::string engine, label;
  Json options = Json::object();
};

// Samples of one run, read when they are wanted: never those of two runs at a time.
using ReadSamples = std::function<std::vector<int64_t>(int64_t run)>;

struct Scene {
  const Source& source;
  Rows rows;
  std::optional<Baseline> baseline;
  ReadSamples samples;

  const Subject& SubjectOf(const Row& row) const { return rows.SubjectOf(row); }
  const std::string& Label(const Row& row) const { return SubjectOf(row).label; }
  bool IsBaseline(const Subject& subject) const;
  // ", MODEL" where the report is about several.
  std::string OfModel(const std::string& model) const;
  // Steps of a stage that wrote something.
  std::vector<const Step*> Written(std::string_view stage) const;
  // Every run, or those of one campaign.
  RunIds Runs(std::optional<int64_t> campaign = {}) const;
};

// The rows that stand for latency: one request after the other, the smallest batch that was measured.
std::vector<const Row*> LatencyRows(const Scene& scene, const std::string& model);
// Of each subject the row with the shortest latency among these.
std::vector<const Row*> BestOfEach(const Scene& scene, const std::vector<const Row*>& rows);

// One evaluation: a model on an engine over labelled pictures.
struct Accuracy {
  const Step* step = nullptr;
  std::string engine, format, precision, model;
  std::optional<double> top1;
};
std::vector<Accuracy> Accuracies(const Scene& scene);
// That of a subject; nullptr where it was not evaluated.
const Accuracy* AccuracyOf(const std::vector<Accuracy>& all, const Subject& subject);

Json AnswerOf(const Scene& scene);
Section LatencySection(const Scene& scene);
Section ThroughputSection(const Scene& scene);
Section SizesSection(const Scene& scene);
Section ThreadsSection(const Scene& scene);
Section ParetoSection(const Scene& scene);
Section MemorySection(const Scene& scene);
Section CpuSection(const Scene& scene);
Section EnergySection(const Scene& scene);
Section LoadSection(const Scene& scene);
Section OptionsSection(const Scene& scene);
Section OperatorsSection(const Scene& scene);
Section ConversionSection(const Scene& scene);
Section AccuracySection(const Scene& scene);
Section ServerSection(const Scene& scene);
Section FailuresSection(const Scene& scene);
Section WarningsSection(const Scene& scene);
Section TimelineSection(const Scene& scene);
Section EnvironmentSection(const Scene& scene);
Section ChangesSection(const Scene& scene);
Section ReproduceSection(const Scene& scene);

}  // namespace bakeoff::report
