// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A conversion per source and target format, from the cache where it was made before.
#include "convert/for_engines.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "bakeoff/error.h"
#include "convert/cache.h"
#include "convert/in_folder.h"
#include "core/conversion_record.h"
#include "core/files.h"
#include "core/formats.h"
#include "core/model_folder.h"
#include "core/sha256.h"
#include "core/text.h"
#include "worker/conversion.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<void(const std::string&)>;

// In place of a result: why there is none.
constexpr const char* kRefusal = "refusal.txt";
constexpr const char* kPrecision = "f32";  // of weights; what an engine computes in is its own setting

// What the source is: contents, not names, but for the files that the model itself names.
Json SourceParts(const Artifact& source) {
  Json parts = worker::ToJson(source);
  parts.erase("path");
  parts.erase("folder");
  Json files = Json::array();
  const std::string own = fs::path(source.path).filename().string();
  for (const worker::ArtifactFile& file : worker::FilesOf(source).files)
    files.push_back({{"path", file.path == own ? "" : file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  parts["files"] = std::move(files);
  return parts;
}

// Who would do the work: another build of a hop may do it differently.
Json HopParts(const std::vector<Route>& routes) {
  std::map<std::string, Json> hops;
  for (const Route& route : routes) {
    for (const Step& step : route) {
      if (hops.contains(step.hop.name)) continue;
      const Artifact program{.path = step.hop.executable, .format = "", .inputs = {}, .outputs = {}, .layouts = {}};
      hops[step.hop.name] = {{"version", step.hop.info.version}, {"sha256", worker::FilesOf(program).files[0].sha256}};
    }
  }
  return hops;
}

Request RequestFor(const EnginesRequest& asked, const Artifact& source, const FormatId& to, const fs::path& folder) {
  const core::FormatRow* format = core::FindFormat(to);
  Request request;
  request.source = source;
  request.destination = folder / ("model" + std::string(format ? format->ending : ""));
  request.to = to;
  const core::FormatRow* from = core::FindFormat(source.format);
  if (from && !from->tells_shapes) request.shapes = asked.shapes;
  request.try_shapes = asked.shapes;
  request.precision = kPrecision;
  request.inputs.ranges = asked.ranges;
  request.threads = asked.threads;
  request.limit = asked.limit;
  request.hops = asked.hops;
  request.engines = asked.proof_engines;
  return request;
}

std::optional<double> Number(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

// What the record of a result says about how it came to be.
void TakeRecord(const Json& record, verify::Conversion& conversion) {
  conversion.status = record.at("status").get<std::string>();
  const Json& steps = record.at("steps");
  conversion.route = {steps.at(0).at("from").get<std::string>()};
  for (const Json& step : steps) conversion.route.push_back(step.at("to").get<std::string>());
  const Json& last = steps.back();
  conversion.difference.max_abs = Number(last, "max_abs");
  conversion.difference.max_rel = Number(last, "max_rel");
  conversion.difference.sqnr_db = Number(last, "sqnr_db");
  conversion.difference.centred_sqnr_db = Number(last, "centred_sqnr_db");
  conversion.difference.std_over_rms = Number(last, "std_over_rms");
  conversion.difference.weak = conversion.status == "weak";
  const Json& proof = last.at("proof");
  conversion.compared_on = {proof.at("source_engine").get<std::string>(), proof.at("target_engine").get<std::string>()};
}

// Each format of a model folder is looked at once: files are hashed for it.
class Looks {
 public:
  const InFolder& At(const Artifact& source, const FormatId& format) {
    const auto [place, fresh] = known_.try_emplace({source.folder, format});
    if (fresh) place->second = LookInFolder(core::ReadModelFolder(source.folder), format);
    return place->second;
  }

 private:
  std::map<std::pair<std::string, FormatId>, InFolder> known_;
};

// What lies in the model's folder, if it is still this model; else `passed_over` says why not.
std::optional<verify::Conversion> FromFolder(const Artifact& source, const FormatId& to, Looks& looks,
                                             std::string& passed_over) {
  if (source.folder.empty()) return std::nullopt;
  const InFolder& there = looks.At(source, to);
  if (there.state == FolderState::kAbsent) return std::nullopt;
  if (there.state != FolderState::kCurrent) {
    passed_over = fmt::format("{} is passed over: {}", there.path.string(), there.why);
    return std::nullopt;
  }
  verify::Conversion conversion{.source = source};
  try {
    TakeRecord(there.record, conversion);
    conversion.artifact = core::OpenArtifact(there.path);
  } catch (const std::exception& error) {
    passed_over = fmt::format("{} is passed over: {}", there.path.string(), error.what());
    return std::nullopt;
  }
  conversion.reused = conversion.in_folder = true;
  return conversion;
}

verify::Conversion Obtain(const EnginesRequest& asked, const Artifact& source, const FormatId& to, Looks& looks,
                          const Progress& progress) {
  verify::Conversion conversion{.source = source};
  if (auto there = FromFolder(source, to, looks, conversion.passed_over)) return *there;
  bool unproven = false;
  const uint64_t most_bytes = Cache::UsualLimit();  // what the user set wrong is no reason for one engine
  try {
    Request request = RequestFor(asked, source, to, "");
    const Json parts = {{"source", SourceParts(source)},
                        {"to", to},
                        {"precision", request.precision},
                        {"opset", request.opset},
                        {"shapes", request.shapes},
                        {"hops", HopParts(FindRoutes(request.hops, source.format, to, request.precision))}};
    const auto entry = Cache::Usual(most_bytes).Get(parts, [&](const fs::path& folder) {
      request.destination = folder / request.destination.filename();
      const Result result = Convert(request, progress);
      if (!result.published && !result.refused) {
        // Without an engine to prove it with there is no way to a converted model: that is no failure.
        unproven = result.rows.back().reply.has_value();
        throw Error(*result.rows.back().error);
      }
      if (result.refused) core::WriteFileAtomically(folder / kRefusal, result.rows.back().error->text());
      if (SourceParts(source) != parts.at("source"))
        throw Error(ErrorCode::kUnavailable, fmt::format("{}: changed while it was converted", source.path));
    });
    // Whoever is here the next time need not ask the hops again: the key holds all that made them refuse.
    if (std::error_code failure; fs::exists(entry.folder / kRefusal, failure))
      throw Error(ErrorCode::kUnsupported, core::ReadFile(entry.folder / kRefusal));
    const fs::path path = entry.folder / request.destination.filename();
    const auto record = core::ReadConversionRecord(path);
    if (!record || !record->at("verified").get<bool>())
      throw Error(ErrorCode::kInternal, fmt::format("{}: has no record of a verified conversion", path.string()));
    TakeRecord(*record, conversion);
    conversion.artifact = core::OpenArtifact(path);
    conversion.reused = !entry.made;
    conversion.hold = entry.hold;
  } catch (const Error& error) {
    // A full disk or a folder that cannot be written says nothing of what the engine supports.
    const bool broken = error.code() == ErrorCode::kUnavailable && !unproven;
    conversion.error = (broken ? Error(ErrorCode::kConversion, error.text()) : error)
                           .With(fmt::format("converting {} to {}", source.format, to));
  }
  return conversion;
}

bool Wants(const worker::EngineEntryStatus& engine, const std::vector<Artifact>& models) {
  return engine.status == worker::EngineStatus::kPresent && !engine.info.for_testing &&
         std::none_of(models.begin(), models.end(),
                      [&](const Artifact& model) { return verify::Reads(engine.info, model); });
}

// The first of the formats that the engine reads, in its own order, which lies in the model's folder and is current.
std::optional<FormatId> BestInFolder(const EngineInfo& engine, const Artifact& source, Looks& looks) {
  if (source.folder.empty()) return std::nullopt;
  for (const FormatId& format : engine.reads) {
    if (core::FindFormat(format) && format != source.format && looks.At(source, format).state == FolderState::kCurrent)
      return format;
  }
  return std::nullopt;
}

// One entry for all engines that share a result, or a reason.
void Add(verify::Conversion found, std::vector<verify::Conversion>& conversions) {
  const auto text = [](const verify::Conversion& each) { return each.error ? each.error->text() : each.artifact.path; };
  for (verify::Conversion& each : conversions) {
    if (!verify::SameModel(each.source, found.source) || text(each) != text(found)) continue;
    each.engines.push_back(found.engines.front());
    return;
  }
  conversions.push_back(std::move(found));
}

}  // namespace

std::vector<FormatId> WaysFor(const EngineInfo& engine, const Artifact& source,
                              const std::vector<worker::HopEntryStatus>& hops) {
  std::vector<std::pair<size_t, FormatId>> ways;
  for (const FormatId& format : engine.reads) {
    if (!core::FindFormat(format) || format == source.format) continue;
    try {
      ways.emplace_back(FindRoutes(hops, source.format, format, kPrecision).front().size(), format);
    } catch (const Error&) {
      continue;  // no way to this one
    }
  }
  std::stable_sort(ways.begin(), ways.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FormatId> formats;
  for (auto& [length, format] : ways) formats.push_back(std::move(format));
  return formats;
}

bool AnyWants(const EnginesRequest& request) {
  return std::any_of(request.engines.begin(), request.engines.end(),
                     [&](const auto& engine) { return Wants(engine, request.models); });
}

std::vector<verify::Conversion> ConvertForEngines(const EnginesRequest& request, const Progress& progress) {
  std::vector<verify::Conversion> conversions;
  Looks looks;
  // Several engines may want the same.
  std::map<std::pair<std::string, FormatId>, verify::Conversion> known;
  for (const worker::EngineEntryStatus& engine : request.engines) {
    if (!Wants(engine, request.models)) continue;
    std::vector<verify::Conversion> found_for_it;  // one result, or a reason for each model
    for (const Artifact& source : request.models) {
      std::vector<FormatId> ways = WaysFor(engine.info, source, request.hops);
      // What lies in the folder comes first, the engine's favourite in front: somebody made it for this.
      if (const auto own = BestInFolder(engine.info, source, looks)) ways.insert(ways.begin(), *own);
      if (ways.empty()) continue;  // the row says what the engine reads
      verify::Conversion found;
      for (const FormatId& to : ways) {
        const auto [place, fresh] = known.try_emplace({source.path, to});
        if (fresh) {
          place->second = Obtain(request, source, to, looks, [&](const std::string& text) {
            if (progress) progress(fmt::format("{} for {}: {}", source.path, engine.name, text));
          });
        }
        found = place->second;
        // Another format may do where this one cannot hold the model; wrong answers are not to be covered up.
        if (!found.error || found.error->code() != ErrorCode::kUnsupported) break;
      }
      found.engines = {engine.name};
      const bool served = !found.error;
      if (served) found_for_it.clear();
      found_for_it.push_back(std::move(found));
      if (served) break;
    }
    for (verify::Conversion& each : found_for_it) Add(std::move(each), conversions);
  }
  return conversions;
}

}  // namespace bakeoff::convert
