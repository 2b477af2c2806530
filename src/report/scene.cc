// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What sections have in common.
#include "report/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "measure/record.h"

namespace bakeoff::report {
namespace {

using measure::RealAt;
using measure::TextAt;

// The value of an option on a command line; "" where it is not given.
std::string OptionIn(const std::vector<std::string>& command, std::string_view option) {
  for (size_t i = 0; i < command.size(); ++i) {
    if (command[i] == option && i + 1 < command.size()) return command[i + 1];
    if (command[i].starts_with(std::string(option) + "=")) return command[i].substr(option.size() + 1);
  }
  return "";
}

}  // namespace

bool Scene::IsBaseline(const Subject& subject) const {
  if (!baseline || subject.engine != baseline->engine) return false;
  for (const auto& [name, value] : baseline->options.items()) {
    const auto found = subject.options.find(name);
    const auto text = [](const Json& json) { return json.is_string() ? json.get<std::string>() : json.dump(); };
    if (found == subject.options.end() || text(*found) != text(value)) return false;
  }
  return true;
}

std::string Scene::OfModel(const std::string& model) const {
  return rows.models.size() > 1 ? ", " + model : "";
}

std::vector<const Step*> Scene::Written(std::string_view stage) const {
  std::vector<const Step*> steps;
  for (const Step& step : source.steps) {
    if (step.stage == stage && step.json.is_object()) steps.push_back(&step);
  }
  return steps;
}

RunIds Scene::Runs(std::optional<int64_t> campaign) const {
  RunIds ids;
  for (const StoredRun& run : source.runs) {
    if (!campaign || run.campaign == *campaign) ids.push_back(run.id);
  }
  return ids;
}

std::vector<const Row*> LatencyRows(const Scene& scene, const std::string& model) {
  std::vector<const Row*> rows = scene.rows.Of("latency", model);
  int64_t least = 0;
  for (const Row* row : rows) least = least == 0 ? row->batch : std::min(least, row->batch);
  std::erase_if(rows, [&](const Row* row) { return row->batch != least || !Latency(*row); });
  return rows;
}

std::vector<const Row*> BestOfEach(const Scene& scene, const std::vector<const Row*>& rows) {
  (void)scene;
  std::map<size_t, const Row*> best;
  for (const Row* row : rows) {
    const auto latency = Latency(*row);
    if (!latency) continue;
    const auto [place, fresh] = best.try_emplace(row->subject, row);
    if (!fresh && *latency < Latency(*place->second).value_or(0)) place->second = row;
  }
  std::vector<const Row*> found;
  for (const auto& [subject, row] : best) found.push_back(row);
  std::stable_sort(found.begin(), found.end(), [](const Row* a, const Row* b) { return *Latency(*a) < *Latency(*b); });
  return found;
}

std::vector<Accuracy> Accuracies(const Scene& scene) {
  std::vector<Accuracy> all;
  for (const Step* step : scene.Written("evaluate")) {
    if (!RealAt(step->json, "top1")) continue;
    std::string precision = TextAt(step->json, "precision");
    if (precision.empty()) precision = OptionIn(step->command, "--precision");
    all.push_back({step, TextAt(step->json, "engine"), TextAt(step->json, "format"),
                   precision.empty() ? "f32" : precision, TextAt(step->json, "model"), RealAt(step->json, "top1")});
  }
  return all;
}

const Accuracy* AccuracyOf(const std::vector<Accuracy>& all, const Subject& subject) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Accuracy& each) {
    return each.engine == subject.engine && each.format == subject.format && each.precision == subject.precision;
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace bakeoff::report
