// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A conversion from end to end: route, hops, checks, proof, and the result under its name or not at all.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/converter.h"
#include "convert/prove.h"
#include "convert/route.h"
#include "worker/host/handle.h"

namespace bakeoff::convert {

struct Request {
  Artifact source;
  std::filesystem::path destination;
  FormatId to;
  std::map<std::string, Shape> shapes;      // extents to fix
  std::map<std::string, Shape> try_shapes;  // sizes of free extents for the proof
  std::string precision = "f32";
  int64_t opset = 0;
  std::map<std::string, std::map<std::string, std::string>> hop_options;  // by hop
  bool verify = true;
  bool replace = false;  // an existing destination
  verify::InputChoices inputs;
  int seeds = 3;
  int threads = 1;
  std::chrono::milliseconds limit{std::chrono::minutes(5)};  // of each hop, load and inference
  std::vector<worker::HopEntryStatus> hops;
  std::vector<worker::EngineEntryStatus> engines;  // for the proof
  Json description = nullptr;                      // what the result is to say about itself (core/model_description.h)
};

// kWeak: the proof agrees, and says itself that it proves little.
enum class Status { kVerified, kWeak, kUnverified, kMismatch, kUnsupported, kFailed };
std::string_view StatusName(Status status);
Status StatusFor(const Error& error);

// One hop. `to` of the last is the destination; intermediate results are gone afterwards.
struct Row {
  std::string hop, version;
  FormatId from, to;
  Status status = Status::kFailed;
  std::optional<Error> error;
  std::optional<worker::ConvertReply> reply;
  std::optional<Proof> proof;
};

// Rows that lead to a format and were run and proven before, under the same request but for the destination: a route
// that begins with them goes on from there.
using Made = std::map<FormatId, std::vector<Row>>;

struct Result {
  std::string source, destination;
  std::vector<Row> rows;  // of the route that was taken, or of the last one that was tried
  std::vector<std::string> notes;
  Json description = nullptr;  // the request's, in the result's names and axes
  bool published = false;
  bool refused = false;  // every route: by a hop, for what the model holds; the same programs would refuse it again
};

// Throws Error for what is wrong with the request before any hop runs: kUsage, kNotFound, kUnsupported (no route),
// kUnavailable (an existing destination without `replace`). What a hop or the proof ends with is in its row.
Result Convert(const Request& request, const std::function<void(const std::string&)>& progress, const Made& made = {});

// 0: the result is in place, and verified or not to be verified. Else that of the row that ended it.
int ExitCode(const Result& result);
Json ToJson(const Result& result);
// One object per row, as the record has them.
Json StepsJson(const Result& result);

// What --to takes.
std::vector<std::string> FormatNames();

// The format that a destination's name means; nullopt where it means none.
std::optional<FormatId> FormatOfName(const std::filesystem::path& destination);

// The record for the result, as docs/conversion.md describes it. `path` is where the result's bytes are now.
Json RecordOf(const Request& request, const Result& result, const std::filesystem::path& path);

// What the user asked of the hops, but for the precision.
Json OptionsJson(const Request& request);

// The standard checker where the format has one (ONNX), and weights that are numbers. Throws Error{kInvalidModel}
// naming what is wrong; its text begins with `called`.
void CheckArtifact(const Artifact& artifact, const std::string& called);

}  // namespace bakeoff::convert
