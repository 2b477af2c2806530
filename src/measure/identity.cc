// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A plan as one text with an order of its own, hashed.
#include "measure/identity.h"

#include <map>
#include <string_view>

#include "bakeoff/error.h"
#include "core/sha256.h"
#include "store/owner.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::measure {
namespace {

// Contents of a model, each file read once however many rows use it.
class Contents {
 public:
  const std::string& Of(const Artifact& artifact) {
    auto [known, fresh] = known_.try_emplace(artifact.path);
    if (!fresh) return known->second;
    try {
      known->second = worker::FilesOf(artifact).sha256;
    } catch (const Error& error) {
      known->second = error.text();  // it will be told where the model is loaded
    }
    return known->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

Json RowJson(const Configuration& row, Contents& contents) {
  Json json{{"model", row.model},
            // Of the given model: what was converted from it is verified to be the same network.
            {"content", contents.Of(Given(row))},
            {"format", row.artifact.format},
            {"layouts", row.artifact.layouts},
            {"engine", row.engine},
            {"version", row.version},
            {"scenario", row.scenario},
            {"device", row.device},
            {"threads", row.threads},
            {"streams", row.streams},
            {"batch", row.batch},
            {"precision", row.precision},
            {"options", row.options},
            {"status", StatusName(row.status)}};
  if (row.scenario == "server") json["arrivals"] = {row.arrivals, row.qps};
  if (row.samples_per_query > 0) json["samples_per_query"] = row.samples_per_query;
  if (row.test_size > 0) json["test_size"] = row.test_size;
  return json;
}

Json InputsJson(const verify::InputChoices& inputs) {
  Json ranges = Json::object(), files = Json::object(), pictures = Json::object();
  for (const auto& [name, range] : inputs.ranges) ranges[name] = {range.low, range.high};
  for (const auto& [name, array] : inputs.files) {
    files[name] = {DTypeName(array.type), array.shape,
                   core::Sha256Hex({reinterpret_cast<const char*>(array.data.data()), array.data.size()})};
  }
  for (const auto& [name, folder] : inputs.pictures) {
    Json hashes = Json::array();
    for (const std::string& file : folder.files) hashes.push_back(core::Sha256OfFile(file));
    pictures[name] = std::move(hashes);
  }
  return {{"seed", inputs.seed}, {"ranges", ranges}, {"files", files}, {"pictures", pictures}};
}

// What holds for every row alike.
Json SettingsJson(const Settings& settings, const Machine& machine) {
  const auto time = [](const auto& value) { return value ? Json(value->count()) : Json(); };
  Json json = {{"duration_ns", time(settings.duration)},
               {"budget_ns", time(settings.budget)},
               {"count", settings.count ? Json(*settings.count) : Json()},
               {"warmup", {settings.warmup.min_runs, settings.warmup.max_runs, settings.warmup.longest.count()}},
               {"max_samples", settings.max_samples},
               {"shapes", settings.shapes},
               {"inputs", InputsJson(settings.inputs)},
               {"prefix", settings.prefix},
               {"affinity", settings.affinity},
               {"reference", settings.reference},
               {"tolerance", settings.tolerance},
               {"force", settings.force},
               {"machine", MachineIdentity(machine)}};
  if (!settings.trace_ns.empty()) json["trace_ns"] = settings.trace_ns;
  if (settings.latency_bound) json["latency_bound_ns"] = settings.latency_bound->count();
  if (!settings.pin.empty()) json["pin"] = settings.pin;
  if (settings.mlperf) json["mlperf"] = true;
  if (!settings.power_command.empty()) json["power_command"] = settings.power_command;
  return json;
}

std::string HashOf(const Json& json) {
  return core::Sha256Hex(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

Json MachineIdentity(const Machine& machine) {
  return {store::HostName(), machine.cpu_model, machine.logical_cpus, machine.allowed_cpus};
}

std::string PlanSha256(const Settings& settings, const std::vector<Configuration>& plan, const Machine& machine) {
  Contents contents;
  Json rows = Json::array();
  for (const Configuration& row : plan) rows.push_back(RowJson(row, contents));
  Json whole = {{"schema", 1}, {"rows", rows}, {"repetitions", settings.repetitions}};
  whole.update(SettingsJson(settings, machine));
  // Not in a row's identity: of all its runs only one is profiled, and which one can be taken over is decided run by
  // run.
  if (settings.profile) whole["profile"] = true;
  return HashOf(whole);
}

std::vector<std::string> RowSha256s(const Settings& settings, const std::vector<Configuration>& plan,
                                    const Machine& machine) {
  Contents contents;
  Json common = SettingsJson(settings, machine);
  // The energy pass is no part of a plan's identity, but of a run's record it is.
  common["energy_window_ns"] = settings.energy_window.count();
  std::vector<std::string> hashes;
  for (const Configuration& row : plan) {
    Json json = RowJson(row, contents);
    // What was really run: another version of a conversion may have made another file.
    json["loaded"] = contents.Of(row.artifact);
    hashes.push_back(HashOf({{"schema", 1}, {"row", json}, {"settings", common}}));
  }
  return hashes;
}

}  // namespace bakeoff::measure
