// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The engine contract over C callbacks.
#include "bakeoff/worker_c.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "bakeoff/engine.h"
#include "bakeoff/error.h"
#include "worker/info.h"
#include "worker/runner/process_facts.h"
#include "worker/runner/timed_loop.h"
#include "worker/runner/worker_main.h"
#include "worker/wire.h"

namespace bakeoff::worker {
namespace {

// One worker per process, so one set of callbacks; EngineEntry has no room for a context.
bakeoff_worker_callbacks g_callbacks{};
void* g_context = nullptr;
EngineInfo g_info;

thread_local std::string g_code, g_text;

[[noreturn]] void ThrowFailure(const char* callback) {
  Error error(g_code.empty() ? ErrorCode::kEngineFailed : CodeFromName(g_code),
              g_code.empty() ? fmt::format("the callback {} failed and did not say why", callback) : g_text);
  g_code.clear();
  throw error;
}

Json Parse(const char* callback, const char* text) {
  if (!text) ThrowFailure(callback);
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object())
    throw Error(ErrorCode::kEngineFailed, fmt::format("the callback {} did not return a JSON object", callback));
  return json;
}

std::vector<TensorSpec> Specs(const Json& json, const char* name) {
  std::vector<TensorSpec> specs;
  if (!json.contains(name) || !json[name].is_array())
    throw Error(ErrorCode::kEngineFailed, fmt::format("load: '{}' is no list", name));
  for (const Json& entry : json[name]) specs.push_back(SpecFromJson(entry));
  return specs;
}

TensorView ViewOf(const bakeoff_tensor& tensor, const TensorSpec& spec) {
  if (tensor.rank < 0 || tensor.rank > BAKEOFF_MAX_RANK) {
    throw Error(ErrorCode::kEngineFailed, fmt::format("'{}' came with rank {}", spec.name, tensor.rank));
  }
  return View(spec.type, Shape(tensor.shape, tensor.shape + tensor.rank), tensor.data);
}

class CallbackRequest final : public Request {
 public:
  CallbackRequest(std::set<int32_t>& used, const std::vector<TensorSpec>& inputs,
                  const std::vector<TensorSpec>& outputs, const std::map<std::string, Shape>& shapes)
      : used_(used), inputs_(inputs), outputs_(outputs) {
    while (used_.contains(number_)) ++number_;
    std::vector<bakeoff_tensor> buffers(inputs_.size());
    const std::string text = Json(shapes).dump();
    if (g_callbacks.new_request(g_context, number_, text.c_str(), buffers.data(),
                                static_cast<int32_t>(buffers.size())) != 0) {
      ThrowFailure("new_request");
    }
    used_.insert(number_);
    for (size_t i = 0; i < buffers.size(); ++i) views_.push_back(ViewOf(buffers[i], inputs_[i]));
  }
  ~CallbackRequest() override {
    g_callbacks.free_request(g_context, number_);
    used_.erase(number_);
  }
  CallbackRequest(const CallbackRequest&) = delete;
  CallbackRequest& operator=(const CallbackRequest&) = delete;

  Tensors Inputs() override { return views_; }
  void Run() override {
    if (g_callbacks.run(g_context, number_) != 0) ThrowFailure("run");
  }
  Tensors Outputs() override {
    std::vector<bakeoff_tensor> tensors(outputs_.size());
    if (g_callbacks.outputs(g_context, number_, tensors.data(), static_cast<int32_t>(tensors.size())) != 0)
      ThrowFailure("outputs");
    Tensors views;
    for (size_t i = 0; i < tensors.size(); ++i) views.push_back(ViewOf(tensors[i], outputs_[i]));
    return views;
  }

 private:
  std::set<int32_t>& used_;
  const std::vector<TensorSpec>& inputs_;
  const std::vector<TensorSpec>& outputs_;
  int32_t number_ = 0;
  Tensors views_;
};

// The empty callback in place of a model.
class EmptyCallbackRequest final : public Request {
 public:
  Tensors Inputs() override { return {}; }
  Tensors Outputs() override { return {}; }
  void Run() override {
    if (g_callbacks.empty(g_context, 0) != 0) ThrowFailure("empty");
  }
};

int64_t MeasureCallbackOverhead() {
  EmptyCallbackRequest request;
  std::array<int64_t, 200> samples{};
  const std::atomic<bool> never{false};
  LoopControl control;
  control.cancelled = &never;
  int64_t best = kNoLimit;
  for (int i = 0; i < 5; ++i) {
    const LoopResult result = TimedLoop(request, {}, samples, control);
    best = std::min(best, result.wall_ns / result.runs);
  }
  return best;
}

class CallbackSession final : public Session {
 public:
  explicit CallbackSession(const Json& reply)
      : inputs_(Specs(reply, "inputs")),
        outputs_(Specs(reply, "outputs")),
        effective_(reply.value("effective", Json::object())) {
    effective_["callback_overhead_ns"] = MeasureCallbackOverhead();
  }
  ~CallbackSession() override { g_callbacks.unload(g_context); }
  CallbackSession(const CallbackSession&) = delete;
  CallbackSession& operator=(const CallbackSession&) = delete;

  std::vector<TensorSpec> Inputs() const override { return inputs_; }
  std::vector<TensorSpec> Outputs() const override { return outputs_; }
  Json Effective() const override { return effective_; }
  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<CallbackRequest>(used_, inputs_, outputs_, shapes);
  }

 private:
  std::vector<TensorSpec> inputs_, outputs_;
  Json effective_;
  std::set<int32_t> used_;
};

EngineInfo DescribeByCallback() {
  const Json info = Parse("describe", g_callbacks.describe(g_context));
  g_info = InfoFromJson(info);
  // An interpreter's packages are no shared objects of the process before a model is loaded.
  for (const Json& library : info.value("libraries", Json::array())) {
    if (library.is_string()) AddLibrary(library.get<std::string>());
  }
  return g_info;
}

Json LoadText(const Artifact& artifact, const OptionValues& values, const SessionOptions& options) {
  Json inputs = Json::array(), outputs = Json::array(), engine = Json::object();
  for (const TensorSpec& spec : artifact.inputs) inputs.push_back(ToJson(spec));
  for (const TensorSpec& spec : artifact.outputs) outputs.push_back(ToJson(spec));
  for (const OptionSpec& spec : g_info.options) engine[spec.name] = values.Text(spec.name);
  return Json{{"artifact",
               {{"path", artifact.path},
                {"format", artifact.format},
                {"inputs", inputs},
                {"outputs", outputs},
                {"layouts", artifact.layouts}}},
              {"options",
               {{"device", options.device},
                {"threads", options.threads},
                {"precision", options.precision},
                {"streams", options.streams},
                {"batch", options.batch},
                {"shapes", options.shapes},
                {"engine", engine}}}};
}

Json AskLoad(const Json& request) {
  const std::string text = request.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Parse("load", g_callbacks.load(g_context, text.c_str()));
}

std::unique_ptr<Session> LoadByCallback(const Artifact& artifact, const SessionOptions& options) {
  // A copy: which options the other side reads is known only afterwards.
  const OptionValues values = options.engine;
  const Json reply = AskLoad(LoadText(artifact, values, options));
  const Json unread = reply.value("unread", Json::array());
  for (const OptionSpec& spec : g_info.options) {
    if (std::find(unread.begin(), unread.end(), Json(spec.name)) == unread.end()) options.engine.Text(spec.name);
  }
  return std::make_unique<CallbackSession>(reply);
}

Json CensusByCallback(const Artifact& artifact, const SessionOptions& options) {
  Json request = LoadText(artifact, options.engine, options);
  request["census"] = true;
  return AskLoad(request);
}

}  // namespace
}  // namespace bakeoff::worker

extern "C" int32_t bakeoff_worker_main(int32_t argc, char** argv, const bakeoff_worker_callbacks* callbacks,
                                       void* context) {
  using namespace bakeoff::worker;
  const bool whole = callbacks && callbacks->size == sizeof(bakeoff_worker_callbacks) && callbacks->describe &&
                     callbacks->load && callbacks->unload && callbacks->new_request && callbacks->free_request &&
                     callbacks->run && callbacks->outputs && callbacks->empty;
  if (!whole) {
    fmt::print(stderr,
               "bakeoff_worker_main: a callback is missing, or the structure is of another version of this library\n");
    return 3;
  }
  g_callbacks = *callbacks;
  g_context = context;
  static constexpr bakeoff::EngineEntry kEntry{DescribeByCallback, LoadByCallback, CensusByCallback};
  return WorkerMain(argc, argv, kEntry);
}

extern "C" void bakeoff_worker_fail(const char* code, const char* text) {
  bakeoff::worker::g_code = code ? code : "";
  bakeoff::worker::g_text = text ? text : "";
}
