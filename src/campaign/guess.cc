// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// How long steps will take and how much they will write, before anything is known: orders of magnitude, to notice in
// time that a campaign would take a night or more room than there is. Numbers are those of the demo on 2 shared cores.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "campaign/plan.h"
#include "core/files.h"
#include "core/text.h"

namespace bakeoff::campaign {
namespace {

namespace fs = std::filesystem;

constexpr double kPicturesDrawnPerS = 250, kPicturesReadPerS = 1500, kPicturesTrainedPerS = 450;
constexpr double kPicturesSeen = 65'000;  // by the recipe (docs/training.md)
constexpr double kConversion = 12, kVerified = 2, kEvaluation = 4, kReport = 5;
constexpr double kInference = 0.001;  // of a network that nobody knows yet
constexpr double kDay = 86'400, kLongest = 366 * kDay;
constexpr double kBesideRun = 1.3;  // start, load, check, warm-up and meters of one measurement, in seconds

double NumberOf(const std::vector<Given>& given, std::string_view option, double otherwise) {
  const Given* found = Find(given, option);
  if (!found || found->values.empty()) return otherwise;
  return core::ParseReal(found->values[0]).value_or(otherwise);
}

// How many values a list of integers stands for, ranges included.
double CountOf(const std::vector<Given>& given, std::string_view option, double otherwise) {
  const Given* found = Find(given, option);
  if (!found) return otherwise;
  double count = 0;
  for (const std::string& text : found->values) {
    for (const std::string& part : core::Split(text, ',')) {
      const size_t dots = part.find("..");
      const auto low = core::ParseInt(part.substr(0, dots));
      const auto high = dots == std::string::npos ? low : core::ParseInt(part.substr(dots + 2));
      count += low && high ? static_cast<double>(*high - *low + 1) : 1;
    }
  }
  return std::max(count, 1.0);
}

double SecondsOf(std::string_view text) {
  const size_t unit = text.find_first_not_of("0123456789.");
  const double number = core::ParseReal(text.substr(0, unit)).value_or(1);
  static const std::map<std::string_view, double> units = {
      {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
  const auto found = unit == std::string_view::npos ? units.end() : units.find(text.substr(unit));
  return number * (found == units.end() ? 1 : found->second);
}

struct Data {
  double pictures = 0;
  uint64_t bytes = 0;
};

Data DataOf(const Spec& spec) {
  if (spec.data == DataKind::kNone) return {};
  constexpr uint64_t kBytesEach = 6'000;  // of a drawn picture
  if (spec.data == DataKind::kMake) {
    const double part = NumberOf(spec.data_given, "part", 1);
    const double pictures = std::max(120.0, 3'400 * part);
    return {pictures, static_cast<uint64_t>(pictures) * kBytesEach};
  }
  const uint64_t bytes = core::SizeOnDisk(spec.data_source);
  // Of photographs; of tiny ones there are more, and they are faster.
  return {static_cast<double>(bytes) / 50'000, bytes};
}

double RowsOf(const Measurement& measurement, const Surroundings& around) {
  double engines = 0;
  const Given* names = Find(measurement.given, "engines");
  for (const worker::EngineEntryStatus& engine : around.engines) {
    if (engine.status != worker::EngineStatus::kPresent) continue;
    const bool all = !names || std::find(names->values.begin(), names->values.end(), "all") != names->values.end();
    const bool named =
        names && std::find(names->values.begin(), names->values.end(), engine.name) != names->values.end();
    if (!named && (!all || engine.info.for_testing)) continue;
    double sets = 1, alone = 1;
    for (const EngineOption& option : measurement.options) {
      if (option.engine != engine.name) continue;
      sets *= static_cast<double>(option.values.size());
      alone += static_cast<double>(option.values.size());
    }
    engines += measurement.role == "ablate" ? alone : sets;
  }
  const double threads = around.threads == 1 || measurement.role == "profile" ? 1 : 2;
  double rows = engines * CountOf(measurement.given, "threads", threads) * CountOf(measurement.given, "batch", 1) *
                CountOf(measurement.given, "precision", 1);
  if (measurement.role == "server") rows *= CountOf(measurement.given, "qps", 1);
  if (measurement.role == "dataset") rows *= CountOf(measurement.given, "test-size", 3);
  return rows;
}

// Nobody means a campaign of years; one key too large, or several lists that multiply, make it.
void NeedSense(const Spec& spec, const Plan& plan) {
  double all = 0;
  const Step* longest = nullptr;
  for (const Step& step : plan.steps) {
    all += step.seconds;
    if (!longest || step.seconds > longest->seconds) longest = &step;
  }
  if (all <= kLongest) return;
  throw At(
      spec.file, longest->line,
      fmt::format("this would take about {:.3g} years, by a rough guess, {:.3g} of them in the step '{}'; lower what "
                  "is large among its values, or take values out of its lists",
                  all / kLongest, longest->seconds / kLongest, longest->title));
}

}  // namespace

void Guess(const Spec& spec, const Surroundings& around, Plan& plan) {
  const Data data = DataOf(spec);
  const double cores = std::max(1, around.threads);
  const double conversions = static_cast<double>(
      std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.stage == "convert"; }));
  for (Step& step : plan.steps) {
    if (!step.skip.empty()) continue;
    if (step.name == "data") {
      step.seconds =
          data.pictures / (spec.data == DataKind::kMake ? kPicturesDrawnPerS : kPicturesReadPerS) * 2 / cores;
      step.bytes = data.bytes;
    } else if (step.stage == "data") {
      step.seconds = data.pictures / kPicturesReadPerS * 2 / cores;
      step.bytes = data.bytes / 50;
    } else if (step.stage == "train") {
      const double epochs = NumberOf(spec.train_given, "epochs", 0);
      const double side = NumberOf(spec.train_given, "image-size", data.pictures >= 20'000 ? 224 : 64) / 64;
      const double seen = epochs > 0 ? epochs * data.pictures * 0.8 : std::max(kPicturesSeen, 5 * data.pictures);
      step.seconds = seen / kPicturesTrainedPerS * side * side * 2 / cores;
      step.bytes = uint64_t{120} << 20;
    } else if (step.stage == "convert") {
      step.seconds = kConversion * (step.name == "convert" ? static_cast<double>(step.outputs.size()) : 1);
      step.bytes = (uint64_t{30} << 20) * step.outputs.size();
    } else if (step.stage == "verify") {
      step.seconds = kVerified * static_cast<double>(step.versions.size()) * (1 + std::max(1.0, conversions));
    } else if (step.stage == "evaluate") {
      step.seconds = kEvaluation + data.pictures * 0.1 / 300;
      step.bytes = 1 << 20;
    } else if (!step.role.empty()) {
      const auto measurement = std::find_if(spec.measurements.begin(), spec.measurements.end(),
                                            [&](const Measurement& each) { return each.role == step.role; });
      const double rows = RowsOf(*measurement, around);
      const double repeat = NumberOf(measurement->given, "repeat", step.role == "profile" ? 1 : 3);
      const Given* duration = Find(measurement->given, "duration");
      const double counted = kInference * NumberOf(measurement->given, "count", 0);
      double timed = counted > 0 ? counted : 1;
      if (duration)
        timed = counted > 0 ? std::min(counted, SecondsOf(duration->values[0])) : SecondsOf(duration->values[0]);
      if (step.role == "dataset") timed = 2;
      step.seconds = rows * repeat * (timed + kBesideRun);
      // Of samples the store keeps as many as its buffer holds.
      step.bytes = static_cast<uint64_t>(std::min(1e15, rows * repeat * (20'000 + std::min(3.4e7, 8'000 * timed))));
    } else if (step.stage == "report") {
      step.seconds = kReport;
      step.bytes = uint64_t{5} << 20;
    }
  }
  NeedSense(spec, plan);
}

}  // namespace bakeoff::campaign
