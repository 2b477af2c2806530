// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Host side of one worker process: starts it, talks to it under time limits, and makes sure that nothing of it stays.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/converter.h"
#include "bakeoff/engine.h"
#include "bakeoff/json.h"
#include "graph/files/facts.h"
#include "worker/host/process.h"
#include "worker/wire.h"

namespace bakeoff::worker {

// How to start a worker and how long to wait for it.
struct SpawnOptions {
  std::string executable;                          // path of bakeoff-engine-<name> or bakeoff-hop-<name>
  std::vector<std::string> prefix;                 // --on: words of the command prefix, in front of the executable
  int cpus = 0;                                    // width of the CPU mask; 0 = do not touch it
  std::vector<int> pin;                            // CPUs that it is taken from; {}: those of this process
  std::map<std::string, std::string> environment;  // added to the host's
  std::chrono::milliseconds start_limit{30'000};   // until the hello
  ResourceLimits limits;                           // of the process; only without a prefix
  // Tensors travel through shared memory where worker and system can; behind a prefix they never do.
  bool shared_memory = true;
};

struct LoadRequest {
  Artifact artifact;
  std::string device = "cpu";
  int threads = 1;
  std::string precision = "f32";
  int streams = 1;
  int64_t batch = 0;  // of inputs whose first extent is free; 0 = not said
  std::map<std::string, Shape> shapes;
  std::map<std::string, std::string> engine_options;
  bool profile = false;  // for Profile(), and nothing that is timed
};

struct LoadReply {
  std::vector<TensorSpec> inputs, outputs;
  Json effective;
  int64_t load_ns = 0;
  std::optional<int64_t> peak_rss_bytes;
  Json memory_use;  // as in docs/architecture.md; null where the worker does not tell
};

struct InferReply {
  std::vector<NamedTensor> outputs;
  int64_t run_ns = 0;
  std::optional<int64_t> peak_rss_bytes;
};

struct MeasureReply {
  Json result;  // as in docs/architecture.md
  std::vector<int64_t> latency_ns;
  std::optional<int64_t> peak_rss_bytes;
};

// What operators took, as the runtime tells.
struct ProfileReply {
  struct Operator {
    std::string name, type, precision, provider;  // the last two "" where not told
  };
  struct Event {
    int64_t op = 0;        // place among the operators
    int64_t run = 0;       // which inference, from 1
    int64_t begin_ns = 0;  // by the runtime's clock; -1: not told
    int64_t time_ns = 0;
    int64_t thread = 0;  // 0: not told
  };
  std::string source;  // what told it
  int64_t inferences = 0;
  std::vector<int64_t> wall_ns;  // of each inference
  std::vector<Operator> operators;
  std::vector<Event> events;
};

struct ConvertRequest {
  Artifact artifact;
  ConvertOptions options;                          // its `hop` is not used:
  std::map<std::string, std::string> hop_options;  // the worker checks these
};

struct ConvertReply {
  Converted converted;
  int64_t convert_ns = 0;
  std::optional<int64_t> rss_before_bytes, peak_rss_bytes;
};

// One running worker. Calls block; one thread at a time, except Cancel(), which any thread may call.
// An Error that the worker answered with leaves it alive: it may be asked again. Trouble with the worker itself (it
// died, hangs, breaks the protocol: kEngineFailed, kTimeout) ends it: alive() is false, it is reaped with its process
// group, and every further call throws the same Error (also after `progress` threw), whose text has the exit code or
// signal and the last lines of the worker's stderr.
class Worker {
 public:
  using Progress = std::function<void(const Json& event)>;

  // Starts the process and shakes hands. Throws Error: kNotFound (no such executable), kEngineFailed, kTimeout.
  static std::unique_ptr<Worker> Start(const SpawnOptions& options);
  ~Worker();  // kills and reaps what still lives, the whole process group

  EngineInfo Describe(std::chrono::milliseconds limit);
  // Where the artifact is not visible to a worker that was started with a prefix, it is sent to it first.
  LoadReply Load(const LoadRequest& request, std::chrono::milliseconds limit);
  // What the file consists of; of engines whose description lists its format under `census`.
  graph::FileFacts Census(const LoadRequest& request, std::chrono::milliseconds limit);
  InferReply Infer(const std::vector<NamedTensor>& inputs, std::chrono::milliseconds limit);
  MeasureReply Measure(const Json& plan, const std::vector<NamedTensor>& inputs, std::chrono::milliseconds limit,
                       const Progress& progress = {});
  // Of a model loaded with LoadRequest::profile, which it unloads. At most `count` inferences, at most so long.
  ProfileReply Profile(int64_t count, std::chrono::nanoseconds duration, const std::vector<NamedTensor>& inputs,
                       std::chrono::milliseconds limit);
  // Of a hop's worker.
  ConvertReply Convert(const ConvertRequest& request, std::chrono::milliseconds limit);
  void Unload(std::chrono::milliseconds limit);
  void Cancel();  // the running request ends soon
  void Bye();     // orderly end; never throws

  // The last lines of what the worker wrote to stderr so far.
  std::string StderrTail() const;
  int pid() const;
  bool alive() const;

 private:
  struct Impl;
  Json LoadHead(const char* op, const LoadRequest& request);
  explicit Worker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "fake" for "/somewhere/bakeoff-engine-fake".
std::string NameOfWorker(const std::string& executable);

}  // namespace bakeoff::worker
