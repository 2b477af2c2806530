// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Runs routes hop by hop in a folder of their own; only what was proven gets the destination's name.
#include "convert/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "bakeoff/error.h"
#include "convert/staging.h"
#include "core/conversion_record.h"
#include "core/files.h"
#include "core/formats.h"
#include "core/model_description.h"
#include "core/text.h"
#include "worker/host/send_artifact.h"

namespace bakeoff::convert {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<void(const std::string&)>;

// A reader may take this much address space, the libraries of its runtime included, and a multiple of the model.
constexpr uint64_t kMemoryBase = uint64_t{16} << 30;
constexpr uint64_t kMemoryPerByte = 8;

uint64_t BytesOf(const Artifact& artifact) {
  uint64_t bytes = 0;
  for (const worker::ArtifactFile& file : worker::FilesOf(artifact).files) bytes += file.bytes;
  return bytes;
}

Error About(const Step& step, const Error& error) {
  // What the model holds is said of the model; only trouble of the program needs its name.
  return error.code() == ErrorCode::kEngineFailed || error.code() == ErrorCode::kConversion
             ? error.With(fmt::format("hop {} ({} to {})", step.hop.name, step.from, step.to))
             : error;
}

// Where in its route a step stands, and what its source says about itself.
struct Place {
  bool first, last;
  Json description;
};

worker::ConvertReply RunHop(const Request& request, const Step& step, const Artifact& source, const Place& place,
                            const fs::path& destination) {
  worker::SpawnOptions spawn{.executable = step.hop.executable, .prefix = {}, .cpus = request.threads};
  spawn.limits.memory_bytes = kMemoryBase + kMemoryPerByte * BytesOf(source);
  spawn.limits.cpu_seconds =
      static_cast<uint64_t>(request.limit.count() / 1000 + 1) * static_cast<uint64_t>(std::max(request.threads, 1));
  const auto worker = worker::Worker::Start(spawn);
  worker::ConvertRequest ask{.artifact = source, .options = {}, .hop_options = {}};
  ask.options.destination = destination.string();
  ask.options.description = place.description;
  if (place.first) ask.options.shapes = request.shapes;
  if (place.last) ask.options.precision = request.precision;
  if (step.hop.info.takes_opset) ask.options.opset = request.opset;
  if (const auto given = request.hop_options.find(step.hop.name); given != request.hop_options.end())
    ask.hop_options = given->second;
  worker::ConvertReply reply = worker->Convert(ask, request.limit);
  worker->Bye();
  return reply;
}

Proof Proven(const Request& request, const Artifact& source, const Artifact& target, const Progress& progress) {
  ProofRequest ask{.source = source,
                   .target = target,
                   .engines = request.engines,
                   .tolerance = request.precision,
                   .inputs = request.inputs,
                   .seeds = request.seeds,
                   .shapes = request.try_shapes,
                   .threads = request.threads,
                   .limit = request.limit};
  return Prove(ask, verify::StartWorker, progress);
}

void Judge(Row& row) {
  switch (row.proof->check.verdict) {
    case verify::Verdict::kAgree:
      row.status = Status::kVerified;
      return;
    case verify::Verdict::kWeak:
      row.status = Status::kWeak;
      return;
    case verify::Verdict::kMismatch:
      row.status = Status::kMismatch;
      row.error = Error(ErrorCode::kMismatch, row.proof->check.reason);
  }
}

// One hop with all its checks; the row says how it ended.
Row RunStep(const Request& request, const Step& step, const Artifact& source, const Place& place,
            const fs::path& destination, const Progress& progress) {
  Row row{.hop = step.hop.name, .version = step.hop.info.version, .from = step.from, .to = step.to};
  try {
    if (progress) progress(fmt::format("converting {} to {}", step.from, step.to));
    row.reply = RunHop(request, step, source, place, destination);
    const worker::ConvertReply& reply = *row.reply;
    // The result has no name of its own yet that would tell anybody anything.
    CheckArtifact(reply.converted.target, fmt::format("{} as {}", request.source.path, step.to));
    if (!request.verify) {
      row.status = Status::kUnverified;
      return row;
    }
    row.proof = Proven(request, reply.converted.source, reply.converted.target, progress);
    Judge(row);
  } catch (const Error& error) {
    row.error = About(step, error);
    row.status = StatusFor(error);
  }
  return row;
}

std::string ResultName(const Request& request, const Step& step, bool last) {
  if (last) return request.destination.filename().string();
  const core::FormatRow* format = core::FindFormat(step.to);
  return "model" + std::string(format ? format->ending : "");
}

void WriteRecord(const Request& request, const Result& result, const fs::path& model) {
  std::error_code failure;
  const fs::path path = core::ConversionRecordPath(model, fs::is_directory(model, failure));
  const Json record = RecordOf(request, result, model);
  core::WriteFileAtomically(path, record.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

bool Good(Status status) {
  return status == Status::kVerified || status == Status::kWeak || status == Status::kUnverified;
}

// The longest beginning of the route that was run before, never all of it.
std::vector<Row> Known(const Route& route, const Made& made) {
  for (size_t length = route.size() - 1; length > 0; --length) {
    const auto found = made.find(route[length - 1].to);
    if (found == made.end() || found->second.size() != length) continue;
    if (std::equal(found->second.begin(), found->second.end(), route.begin(),
                   [](const Row& row, const Step& step) { return row.hop == step.hop.name && row.to == step.to; }))
      return found->second;
  }
  return {};
}

// All hops of a route, up to the first that ends it.
void RunRoute(const Request& request, const Route& route, const Made& made, Staging& staging, Result& result,
              const Progress& progress) {
  Artifact source = request.source;
  fs::path folder;
  result.rows = Known(route, made);
  result.description = request.description;
  const auto go_on = [&](const Converted& converted) {
    source = converted.target;
    result.description = core::DescriptionFor(result.description, converted.source, converted.target);
  };
  for (const Row& row : result.rows) go_on(row.reply->converted);
  for (size_t i = result.rows.size(); i < route.size(); ++i) {
    const Place place{i == 0, i + 1 == route.size(), result.description};
    folder = staging.FolderFor(i);
    const fs::path destination = folder / ResultName(request, route[i], place.last);
    result.rows.push_back(RunStep(request, route[i], source, place, destination, progress));
    if (!Good(result.rows.back().status)) return;
    go_on(result.rows.back().reply->converted);
  }
  // Small errors of several hops may add up.
  if (route.size() > 1 && request.verify) {
    Row& row = result.rows.back();
    try {
      row.proof = Proven(request, result.rows.front().reply->converted.source, source, progress);
      Judge(row);
    } catch (const Error& error) {
      row.error = error;
      row.status = StatusFor(error);
    }
    if (!Good(row.status)) return;
  }
  WriteRecord(request, result, source.path);
  staging.Publish(folder);
  result.published = true;
}

void CheckRequest(const Request& request) {
  std::error_code failure;
  const fs::path beside = request.destination.has_parent_path() ? request.destination.parent_path() : fs::path(".");
  if (!fs::is_directory(beside, failure))
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such folder for the result", beside.string()));
  if (fs::exists(request.destination, failure)) {
    if (fs::equivalent(request.destination, request.source.path, failure))
      throw Error(ErrorCode::kUsage, fmt::format("{}: source and destination are the same", request.source.path));
    if (!request.replace) {
      throw Error(ErrorCode::kUsage, fmt::format("{} exists already; --force replaces it once the new one is verified",
                                                 request.destination.string()));
    }
  }
  const bool any_opset =
      std::any_of(request.hops.begin(), request.hops.end(), [](const auto& hop) { return hop.info.takes_opset; });
  if (request.opset != 0 && request.to != "onnx" && !any_opset)
    throw Error(ErrorCode::kUsage, "--opset is for conversions to ONNX");
}

}  // namespace

std::string_view StatusName(Status status) {
  switch (status) {
    case Status::kVerified:
      return "verified";
    case Status::kWeak:
      return "weak";
    case Status::kUnverified:
      return "unverified";
    case Status::kMismatch:
      return "mismatch";
    case Status::kUnsupported:
      return "unsupported";
    case Status::kFailed:
      return "failed";
  }
  return "";
}

Status StatusFor(const Error& error) {
  if (error.code() == ErrorCode::kMismatch) return Status::kMismatch;
  return error.code() == ErrorCode::kUnsupported ? Status::kUnsupported : Status::kFailed;
}

Result Convert(const Request& request, const Progress& progress, const Made& made) {
  CheckRequest(request);
  const auto routes = FindRoutes(request.hops, request.source.format, request.to, request.precision);
  CheckArtifact(request.source, request.source.path);
  Result result{.source = request.source.path, .destination = request.destination.string()};
  bool refused = true;
  for (const Route& route : routes) {
    Staging staging(request.destination);
    RunRoute(request, route, made, staging, result, progress);
    const Row& last = result.rows.back();
    refused = refused && last.status == Status::kUnsupported && !last.reply;
    result.refused = refused && &route == &routes.back();
    if (result.published || result.rows.back().status != Status::kUnsupported) return result;
    if (&route != &routes.back())
      result.notes.push_back(fmt::format("{}: {}", RouteText(route), result.rows.back().error->text()));
  }
  return result;
}

int ExitCode(const Result& result) {
  if (result.published) return 0;
  const Row& last = result.rows.back();
  return ExitCodeFor(last.error ? last.error->code() : ErrorCode::kInternal);
}

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const core::FormatRow& format : core::Formats()) {
    if (format.id != "folder") names.emplace_back(format.id);
  }
  return names;
}

std::optional<FormatId> FormatOfName(const fs::path& destination) {
  const std::string ending = core::Lower(destination.extension().string());
  for (const core::FormatRow& format : core::Formats()) {
    if (format.id != "folder" && !ending.empty() && format.ending == ending) return std::string(format.id);
  }
  return std::nullopt;
}

}  // namespace bakeoff::convert
