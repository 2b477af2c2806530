// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The host's side of the conversation with one worker: requests under time limits, and the story of its death.
#include "worker/host/handle.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "bakeoff/error.h"
#include "core/cpus.h"
#include "core/text.h"
#include "worker/conversion.h"
#include "worker/host/facts.h"
#include "worker/host/process.h"
#include "worker/host/profile_reply.h"
#include "worker/host/send_artifact.h"
#include "worker/host/shared_tensors.h"
#include "worker/host/turn.h"
#include "worker/info.h"

namespace bakeoff::worker {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A worker whose stdout has just ended is usually dying: how long to wait for the reason before killing it.
constexpr auto kDyingGrace = 1000ms;
constexpr const char* kSharedMemoryVariable = "BAKEOFF_SHM_FD";  // as in docs/architecture.md
// For one `have`, which may hash gigabytes on a small board, and for one piece of a `put`.
constexpr auto kPlaceLimit = 300s;

Clock::time_point After(std::chrono::milliseconds limit) {
  return Clock::now() + limit;
}

std::string SecondsText(std::chrono::milliseconds limit) {
  return fmt::format("{:g} s", static_cast<double>(limit.count()) / 1000);
}

Error BadReply(std::string_view op, std::string_view what) {
  return Error(ErrorCode::kEngineFailed, fmt::format("its reply to '{}' {}", op, what));
}

std::vector<TensorSpec> Specs(const Json& ok, const char* field) {
  const auto found = ok.find(field);
  if (found == ok.end() || !found->is_array()) throw BadReply("load", fmt::format("has no '{}'", field));
  std::vector<TensorSpec> specs;
  for (const Json& row : *found) specs.push_back(SpecFromJson(row));
  return specs;
}

int64_t Whole(std::string_view op, const Json& ok, const char* field) {
  const auto found = ok.find(field);
  if (found == ok.end() || !found->is_number_integer())
    throw BadReply(op, fmt::format("has no whole number '{}'", field));
  return found->get<int64_t>();
}

std::optional<int64_t> PeakRss(const Json& ok) {
  const auto memory = ok.find("memory");
  if (memory == ok.end() || !memory->is_object()) return std::nullopt;
  const auto peak = memory->find("peak_rss_bytes");
  if (peak == memory->end() || !peak->is_number_integer()) return std::nullopt;
  return peak->get<int64_t>();
}

// An object also when empty; a plain map would become null.
template <typename Map>
Json Object(const Map& map) {
  Json object = Json::object();
  for (const auto& [name, value] : map) object[name] = value;
  return object;
}

}  // namespace

struct Worker::Impl {
  std::string name;  // "fake"
  std::vector<std::string> prefix;
  std::unique_ptr<SharedTensors> shared;  // nullptr where tensors travel as frames
  std::unique_ptr<Process> process;
  std::unique_ptr<FrameStream> stream;
  std::string banner;  // what came before the handshake
  Turn writing;
  std::atomic<int64_t> next_id{1};
  std::optional<Error> death;

  std::string Tail() const { return LastLines(banner + (process ? process->Stderr() : "")); }
  void ShakeHands(Clock::time_point deadline);
  Frame Ask(Json head, const std::vector<NamedTensor>& tensors, std::chrono::milliseconds limit,
            const Progress& progress = {});
  Frame Converse(int64_t id, const Json& head, const std::vector<NamedTensor>& tensors, Clock::time_point deadline,
                 const Progress& progress);
  Error Die(const Error& cause, const std::string& during);
  std::string Advice() const;
  std::string WhoKilled() const;
};

void Worker::Impl::ShakeHands(Clock::time_point deadline) {
  const uint32_t version = stream->ReadMagic(banner, deadline);
  if (version != kProtocolVersion) {
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("it speaks protocol version {}, this program speaks {}: they are from different builds",
                            version, kProtocolVersion));
  }
  const auto frame = stream->Read(deadline);
  if (!frame) throw Error(ErrorCode::kEngineFailed, "it ended before its hello");
  if (!frame->head.contains("hello") || !frame->head["hello"].is_object())
    throw Error(ErrorCode::kEngineFailed, "its first frame is no hello");
  if (frame->head["hello"].value("shm", Json()) != true) shared.reset();
  spdlog::debug("[{}] hello from process {}, tensors as {}", name, process->pid(), shared ? "shared memory" : "frames");
}

// Of a SIGKILL that is not ours: nothing else than its sender tells why.
std::string Worker::Impl::WhoKilled() const {
  constexpr std::string_view kLess = "ask for less (--batch, --threads, --streams, a smaller model) or allow it more";
  // Behind a prefix it may run on another machine, or under another kernel's count.
  const auto count = prefix.empty() ? process->out_of_memory_kills() : std::nullopt;
  if (!count) return fmt::format("; this program did not send that: most likely memory was short; {}", kLess);
  if (*count > 0)
    return fmt::format("; the kernel ended a process for lack of memory at that time, most likely this one; {}", kLess);
  return fmt::format(
      "; neither this program nor the kernel's own guard of memory sent that; if another guard did (systemd-oomd, "
      "earlyoom, a batch system), {}",
      kLess);
}

// What can be done about it, where that is known.
std::string Worker::Impl::Advice() const {
  // 128 + 9 is how containers, shells and ssh pass it on.
  if (process->end_signal() == SIGKILL || (!prefix.empty() && process->exit_code() == 128 + SIGKILL))
    return WhoKilled();
  if (process->exit_code() != 127) return "";
  // The dynamic loader says what it misses on stderr and ends with 127, before any code of ours runs.
  if (Tail().find("error while loading shared libraries") != std::string::npos) {
    return fmt::format("; a shared library is missing: run deps/setup.sh --engines {} and build again", name);
  }
  if (!prefix.empty())
    return fmt::format("; the worker must exist under the same path where '{}' leads", core::Join(prefix, " "));
  return "";
}

// Kills and reaps, and tells the whole story once; later calls get the same error.
Error Worker::Impl::Die(const Error& cause, const std::string& during) {
  // Whoever still holds the other end of stdout is not about to end.
  pollfd hung_up{process->out(), POLLIN, 0};
  const bool dying =
      cause.code() != ErrorCode::kTimeout && poll(&hung_up, 1, 0) == 1 && (hung_up.revents & POLLHUP) != 0;
  process->Stop(dying ? std::chrono::milliseconds(kDyingGrace) : 0ms);
  std::string text;
  if (cause.code() == ErrorCode::kTimeout) {
    text = fmt::format("the {} worker gave no answer to {} within the time limit and was killed", name, during);
  } else if (process->was_killed()) {
    text = fmt::format("the {} worker broke the protocol during {}: {}; it was killed", name, during, cause.text());
  } else {
    text = fmt::format("the {} worker {} during {} ({}){}", name, process->EndText(), during, cause.text(), Advice());
  }
  const std::string tail = Tail();
  if (!tail.empty()) text += fmt::format("; its last words:\n  {}", core::Join(core::Split(tail, '\n'), "\n  "));
  death = Error(cause.code(), text);
  spdlog::info("{}", text);
  return *death;
}

Frame Worker::Impl::Converse(int64_t id, const Json& head, const std::vector<NamedTensor>& tensors,
                             Clock::time_point deadline, const Progress& progress) {
  {
    const Turn::Hold turn(writing, deadline);
    if (!turn.owns()) throw Error(ErrorCode::kTimeout, "no answer within the time limit");
    stream->Write(head, tensors, deadline);
  }
  while (true) {
    auto frame = stream->Read(deadline);
    if (!frame) throw Error(ErrorCode::kEngineFailed, "its stdout ended without an answer");
    const auto answered = frame->head.find("id");
    if (answered == frame->head.end() || !answered->is_number_integer())
      throw Error(ErrorCode::kEngineFailed, "a reply without an id");
    if (answered->get<int64_t>() != id) {
      throw Error(ErrorCode::kEngineFailed,
                  fmt::format("a reply with the id {} instead of {}", answered->get<int64_t>(), id));
    }
    if (!frame->head.contains("event")) return std::move(*frame);
    try {
      if (progress) progress(frame->head);
    } catch (...) {
      // The caller gave up in the middle of a conversation that cannot be resumed.
      process->Stop(0ms);
      death =
          Error(ErrorCode::kEngineFailed, fmt::format("the {} worker was stopped in the middle of a request", name));
      throw;
    }
  }
}

Frame Worker::Impl::Ask(Json head, const std::vector<NamedTensor>& tensors, std::chrono::milliseconds limit,
                        const Progress& progress) {
  if (death) throw *death;
  const std::string op = head.at("op");
  const std::string during = fmt::format("'{}'", op);
  const int64_t id = next_id++;
  Json full = {{"id", id}};
  full.update(head);
  Frame frame;
  std::optional<Error> trouble;
  try {
    frame = Converse(id, full, tensors, After(limit), progress);
    if (!frame.head.contains("error") && !(frame.head.contains("ok") && frame.head["ok"].is_object())) {
      throw BadReply(op, "has neither 'ok' nor 'error'");
    }
    for (NamedTensor& tensor : frame.tensors) {
      if (!tensor.shm_offset) continue;
      if (!shared) throw BadReply(op, "has a tensor in shared memory, which there is not");
      shared->Fetch(tensor);
    }
  } catch (const Error& error) {
    // A message above the protocol's limits was refused before anything was sent: the worker is well.
    if (error.code() == ErrorCode::kUnsupported || death) throw;
    trouble = error;
  }
  if (trouble)
    throw Die(*trouble,
              trouble->code() == ErrorCode::kTimeout ? fmt::format("{} ({})", during, SecondsText(limit)) : during);
  if (!frame.head.contains("error")) return frame;

  const Json& error = frame.head["error"];
  const std::string code = error.is_object() ? error.value("code", "") : "";
  const std::string text = error.is_object() ? error.value("text", "") : "";
  ErrorCode known = CodeFromName(code);
  if (CodeName(known) != code) known = ErrorCode::kEngineFailed;
  throw Error(known, text.empty() ? fmt::format("{} failed on '{}' and gave no reason", name, op) : text);
}

Worker::Worker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Worker::~Worker() = default;

std::unique_ptr<Worker> Worker::Start(const SpawnOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->name = NameOfWorker(options.executable);
  impl->prefix = options.prefix;
  ProcessOptions process{.words = options.prefix, .environment = options.environment, .name = impl->name};
  if (options.prefix.empty()) process.limits = options.limits;
  process.words.push_back(options.executable);
  if (options.cpus > 0) {
    process.words.insert(process.words.end(), {"--cpus", fmt::format("{}", options.cpus)});
    // Behind a prefix the CPUs may be another machine's: there the worker restricts itself.
    if (options.prefix.empty())
      process.cpus = core::PickCpus(options.pin.empty() ? core::AllowedCpus() : options.pin, options.cpus);
  }
  if (options.prefix.empty() && options.shared_memory) impl->shared = SharedTensors::Make();
  if (impl->shared) {
    process.inherited.push_back(impl->shared->fd());
    process.environment[kSharedMemoryVariable] = fmt::format("{}", impl->shared->fd());
  }
  if (options.prefix.empty() && !std::filesystem::exists(options.executable)) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such worker", options.executable));
  }
  try {
    impl->process = Process::Start(process);
  } catch (const Error& error) {
    throw options.prefix.empty() ? error.With(impl->name) : error.With("--on");
  }
  impl->stream = std::make_unique<FrameStream>(impl->process->out(), impl->process->in());
  std::optional<Error> trouble;
  try {
    impl->ShakeHands(After(options.start_limit));
  } catch (const Error& error) {
    trouble = error;
  }
  if (trouble) {
    throw impl->Die(*trouble, trouble->code() == ErrorCode::kTimeout
                                  ? fmt::format("its start ({})", SecondsText(options.start_limit))
                                  : "its start");
  }
  return std::unique_ptr<Worker>(new Worker(std::move(impl)));
}

EngineInfo Worker::Describe(std::chrono::milliseconds limit) {
  const Frame reply = impl_->Ask({{"op", "describe"}}, {}, limit);
  return InfoFromJson(reply.head["ok"].value("info", Json()));
}

Json Worker::LoadHead(const char* op, const LoadRequest& request) {
  Artifact artifact = request.artifact;
  if (!impl_->prefix.empty()) {
    artifact.path = PlaceArtifact(artifact, [this](const Json& head, const std::vector<NamedTensor>& tensors) {
      return Json(impl_->Ask(head, tensors, kPlaceLimit).head["ok"]);
    });
  }
  Json options = {{"device", request.device},
                  {"threads", request.threads},
                  {"precision", request.precision},
                  {"streams", request.streams},
                  {"batch", request.batch},
                  {"shapes", Object(request.shapes)},
                  {"engine", Object(request.engine_options)}};
  if (request.profile) options["profile"] = true;
  return {{"op", op}, {"artifact", ToJson(artifact)}, {"options", std::move(options)}};
}

LoadReply Worker::Load(const LoadRequest& request, std::chrono::milliseconds limit) {
  const Frame frame = impl_->Ask(LoadHead("load", request), {}, limit);
  const Json& ok = frame.head["ok"];
  return {.inputs = Specs(ok, "inputs"),
          .outputs = Specs(ok, "outputs"),
          .effective = ok.value("effective", Json::object()),
          .load_ns = Whole("load", ok, "load_ns"),
          .peak_rss_bytes = PeakRss(ok),
          .memory_use = ok.value("memory_use", Json())};
}

graph::FileFacts Worker::Census(const LoadRequest& request, std::chrono::milliseconds limit) {
  const Frame frame = impl_->Ask(LoadHead("census", request), {}, limit);
  return FactsFromJson(frame.head["ok"]);
}

InferReply Worker::Infer(const std::vector<NamedTensor>& inputs, std::chrono::milliseconds limit) {
  Json head = {{"op", "infer"}};
  const auto placed = impl_->shared ? impl_->shared->Put(inputs) : std::nullopt;
  if (placed) head["reply_shm"] = impl_->shared->ReplyRoom();
  Frame frame = impl_->Ask(std::move(head), placed ? *placed : inputs, limit);
  if (impl_->shared) impl_->shared->Expect(frame.tensors);
  const Json& ok = frame.head["ok"];
  return {.outputs = std::move(frame.tensors), .run_ns = Whole("infer", ok, "run_ns"), .peak_rss_bytes = PeakRss(ok)};
}

MeasureReply Worker::Measure(const Json& plan, const std::vector<NamedTensor>& inputs, std::chrono::milliseconds limit,
                             const Progress& progress) {
  const auto placed = impl_->shared ? impl_->shared->Put(inputs) : std::nullopt;
  const Frame frame = impl_->Ask({{"op", "measure"}, {"plan", plan}}, placed ? *placed : inputs, limit, progress);
  const Json& ok = frame.head["ok"];
  MeasureReply reply{.result = ok.value("result", Json()), .peak_rss_bytes = PeakRss(ok)};
  if (!reply.result.is_object()) throw BadReply("measure", "has no 'result'");
  for (const NamedTensor& tensor : frame.tensors) {
    if (tensor.name != "latency_ns") continue;
    if (tensor.type != DType::kI64 || tensor.shape.size() != 1)
      throw BadReply("measure", "has a 'latency_ns' that is not i64[n]");
    reply.latency_ns.resize(tensor.data.size() / sizeof(int64_t));
    if (!tensor.data.empty()) std::memcpy(reply.latency_ns.data(), tensor.data.data(), tensor.data.size());
    return reply;
  }
  throw BadReply("measure", "has no tensor 'latency_ns'");
}

ProfileReply Worker::Profile(int64_t count, std::chrono::nanoseconds duration, const std::vector<NamedTensor>& inputs,
                             std::chrono::milliseconds limit) {
  const auto placed = impl_->shared ? impl_->shared->Put(inputs) : std::nullopt;
  const Frame frame = impl_->Ask({{"op", "profile"}, {"plan", {{"count", count}, {"duration_ns", duration.count()}}}},
                                 placed ? *placed : inputs, limit);
  return ProfileFromFrame(frame);
}

ConvertReply Worker::Convert(const ConvertRequest& request, std::chrono::milliseconds limit) {
  const Frame frame = impl_->Ask({{"op", "convert"},
                                  {"artifact", ToJson(request.artifact)},
                                  {"options", ToJson(request.options, request.hop_options)}},
                                 {}, limit);
  const Json& ok = frame.head["ok"];
  ConvertReply reply{.converted = ConvertedFromJson(ok),
                     .convert_ns = Whole("convert", ok, "convert_ns"),
                     .peak_rss_bytes = PeakRss(ok)};
  if (const Json before = ok.value("rss_before_bytes", Json()); before.is_number_integer())
    reply.rss_before_bytes = before.get<int64_t>();
  return reply;
}

void Worker::Unload(std::chrono::milliseconds limit) {
  impl_->Ask({{"op", "unload"}}, {}, limit);
}

void Worker::Cancel() {
  // The thread that waits for the reply notices a dead worker; nothing is to be said here.
  try {
    const auto deadline = After(1s);
    const Turn::Hold turn(impl_->writing, deadline);
    if (turn.owns()) impl_->stream->Write({{"id", impl_->next_id++}, {"op", "cancel"}}, {}, deadline);
  } catch (const Error& error) {
    spdlog::debug("[{}] cancel: {}", impl_->name, error.text());
  }
}

void Worker::Bye() {
  try {
    impl_->Ask({{"op", "bye"}}, {}, 5s);
    impl_->process->CloseIn();
    impl_->process->Stop(2s);
    impl_->death = Error(ErrorCode::kEngineFailed, fmt::format("the {} worker was sent away", impl_->name));
  } catch (const Error& error) {
    spdlog::debug("[{}] bye: {}", impl_->name, error.text());
  }
}

std::string Worker::StderrTail() const {
  return impl_->Tail();
}
int Worker::pid() const {
  return impl_->process->pid();
}
bool Worker::alive() const {
  return !impl_->death;
}

std::string NameOfWorker(const std::string& executable) {
  std::string name = std::filesystem::path(executable).filename().string();
  for (const std::string_view start : {"bakeoff-engine-", "bakeoff-hop-"}) {
    if (name.starts_with(start)) name.erase(0, start.size());
  }
  return name;
}

}  // namespace bakeoff::worker
