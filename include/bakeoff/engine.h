// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The engine contract. One source file implements it for one runtime and becomes one worker executable,
// `bakeoff-engine-<name>`; docs/adding-an-engine.md has a template.
//
// Who calls what, and when:
//   - Describe() once, before anything else, on the main thread. It must not load a model.
//   - Load() on the main thread, after the process was given its CPU mask. It may be called again after the
//     Session was destroyed (unload, load again). Wall time of Load() is the load time that is reported.
//   - Session: all functions on the main thread.
//   - Request: one thread at a time; several requests of a session may run at the same time on several threads,
//     unless EngineInfo::max_requests says otherwise.
// What is timed: Request::Run() and nothing else. It starts when the inputs are in the buffers that Inputs()
// returned and ends when the results can be read in host memory. Filling inputs and reading outputs is not timed.
// Errors: throw Error. Any other exception becomes engine_failed with its what().
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "bakeoff/options.h"
#include "bakeoff/tensor.h"

namespace bakeoff {

// A framework that models are made in.
struct Framework {
  std::string name;             // for sentences: "LibTorch unfrozen"; empty where the engine is none
  std::vector<FormatId> makes;  // of EngineInfo::reads those that are its own
  // With which it runs a model as it was made, before anything is done for speed, where these are not its defaults. The
  // defaults of these options have names.
  std::map<std::string, std::string> options;
};

// What an engine is and can do. New abilities become new fields here, never a virtual function.
struct EngineInfo {
  std::string name;             // lower case, [a-z0-9-]; the executable is bakeoff-engine-<name>
  std::string version;          // of the runtime, as the runtime itself tells it
  std::vector<FormatId> reads;  // {"any"}: whatever it is given, also no file at all (null, fake)
  std::vector<std::string> devices{"cpu"};
  std::vector<std::string> precisions{"f32"};  // what --precision takes: f32, bf16, f16
  std::vector<OptionSpec> options;
  // Whether NewRequest() accepts another batch size than the one given at load.
  bool batch_changes_after_load = true;
  // Formats whose files EngineEntry::census can take apart for `bakeoff inspect`.
  std::vector<FormatId> census{};
  int max_requests = 0;      // requests in flight at the same time; 0 = as many as the caller likes
  std::string note;          // one line for `bakeoff engines`, may be empty
  bool for_testing = false;  // left out of `all` and never the reference (null, fake)
  // What tells the time of each operator, in words ("the profiling file of ..."); "": nothing does.
  std::string profile{};
  // A campaign holds the others against the engine that its model was made in.
  Framework framework{};
};

// One operator that ran in one inference.
struct OperatorRun {
  int64_t run = 0;        // Profile::run at that time
  std::string name;       // the node's in the model, or what the runtime calls what it made of several
  std::string type;       // "Conv"
  int64_t begin_ns = -1;  // by any clock that is the same for the whole session; -1: not told
  int64_t time_ns = 0;    // its own: what it spent waiting for operators inside it is theirs
  int64_t thread = 0;     // any number that tells threads apart; 0: not told
  std::string precision;  // it computed in, "f32"; "": not told
  std::string provider;   // what computed it: execution provider, delegate, kernel; "": not told
};

// Where a session that is profiled puts what its operators took: in Run(), or at the latest when it is destroyed.
struct Profile {
  int64_t run = 0;  // set before each Run(): 1, 2, .. of those that count, 0 for any other
  std::vector<OperatorRun> operators;
};

// What the user asked for. threads is also the width of the process's CPU mask, unless masks are off.
struct SessionOptions {
  std::string device = "cpu";
  int threads = 1;
  // "f32" forbids lower precisions even where the runtime would choose them by itself.
  std::string precision = "f32";
  // How many requests will be in flight: 1 for latency scenarios. threads is shared among them.
  int streams = 1;
  // What the user said about input shapes: may name only some inputs. Load() makes them complete with
  // core::CompleteShapes(inputs, shapes, batch) as soon as it knows the model's inputs.
  std::map<std::string, Shape> shapes;
  int64_t batch = 0;  // of inputs whose first extent is free; 0 = not said
  OptionValues engine;
  // Profile what runs, and put it there; comes only where EngineInfo::profile says how, and never for a session that
  // is timed. One request at a time then. Null: the runtime must not profile.
  std::shared_ptr<Profile> profile{};
};

// One execution context in flight. Made by Session::NewRequest(); destroyed before its session.
class Request {
 public:
  virtual ~Request() = default;
  // Buffers of the engine's choosing, in the order of Session::Inputs(), to be filled by the caller. The same
  // buffers every time; contents survive Run() unless Effective() says otherwise ("inputs_consumed": true).
  virtual Tensors Inputs() = 0;
  virtual void Run() = 0;
  // In the order of Session::Outputs(); valid until the next Run(). Shapes are known only now.
  virtual Tensors Outputs() = 0;
};

// One compiled model.
class Session {
 public:
  virtual ~Session() = default;
  virtual std::vector<TensorSpec> Inputs() const = 0;
  virtual std::vector<TensorSpec> Outputs() const = 0;
  // What really runs, read back from the runtime after load: execution provider or delegate, threads, streams,
  // precision (per layer type where told), optimisation level, library version. Where the runtime does not tell, the
  // value is kNotTold; a wish is never echoed. Copies or allocations that the runtime forces inside Run() are
  // named under "timed_copies". A flat object of scalars, arrays and small objects.
  virtual Json Effective() const = 0;
  // `shapes` are complete and concrete, as from core::CompleteShapes(). Throws Error{kUnsupported} where the model or
  // the engine cannot take them, naming the input.
  virtual std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) = 0;
};

inline constexpr const char* kNotTold = "not told by the runtime";

// The functions an engine file provides; BAKEOFF_ENGINE names them to the worker library.
struct EngineEntry {
  EngineInfo (*describe)();
  std::unique_ptr<Session> (*load)(const Artifact& artifact, const SessionOptions& options);
  // Optional: what a file consists of, where EngineInfo::census lists its format. The answer is the `census` reply of
  // docs/architecture.md. On the main thread, with or without a session; options.shapes may be empty.
  Json (*census)(const Artifact& artifact, const SessionOptions& options) = nullptr;
};

// Defined by BAKEOFF_ENGINE in the engine's file, called by the worker library's main().
const EngineEntry& TheEngine();

}  // namespace bakeoff

// At namespace scope, outside any namespace: BAKEOFF_ENGINE(bakeoff::Describe, bakeoff::Load);
// A third argument is the census.
#define BAKEOFF_ENGINE(describe_function, ...)                                     \
  const ::bakeoff::EngineEntry& ::bakeoff::TheEngine() {                           \
    static constexpr ::bakeoff::EngineEntry entry{describe_function, __VA_ARGS__}; \
    return entry;                                                                  \
  }                                                                                \
  static_assert(true, "needs a semicolon")
