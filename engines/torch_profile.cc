// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// LibTorch takes plain functions, so what they write to belongs to the thread.
#include "torch_profile.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "torch_model.h"

namespace bakeoff {
namespace {

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Recorder {
  Profile* profile = nullptr;
  int depth = 0;
  std::map<std::string, int> seen;  // in this run
  std::string last;                 // the operator that ended last, and when
  int64_t end_ns = 0;

  void Add(std::string name, std::string type, int64_t begin_ns, int64_t until_ns, std::string precision) {
    profile->operators.push_back({.run = profile->run,
                                  .name = std::move(name),
                                  .type = std::move(type),
                                  .begin_ns = begin_ns,
                                  .time_ns = until_ns - begin_ns,
                                  .thread = 1,
                                  .precision = std::move(precision),
                                  .provider = "CPU"});
  }
  // Convolutions that were rewritten for oneDNN are called past the dispatcher, which announces operators: their time
  // must not be missing where shares are made of it.
  void AddGap(int64_t until_ns) {
    Add(last.empty() ? "before the first" : "after " + last, "not announced", end_ns, until_ns, "");
  }
};
thread_local Recorder recorder;

struct Call final : at::ObserverContext {
  int64_t begin_ns = 0;
};

// The type of the first tensor that it is given.
std::string PrecisionOf(const at::RecordFunction& function) {
  for (const c10::IValue& input : function.inputs()) {
    if (!input.isTensor() || !input.toTensor().defined()) continue;
    try {
      return std::string(DTypeName(OurType(input.toTensor().scalar_type(), "")));
    } catch (const Error&) {
      return c10::toString(input.toTensor().scalar_type());
    }
  }
  return "";
}

std::unique_ptr<at::ObserverContext> Begin(const at::RecordFunction&) {
  ++recorder.depth;
  auto call = std::make_unique<Call>();
  call->begin_ns = NowNs();
  return call;
}

void End(const at::RecordFunction& function, at::ObserverContext* context) {
  const int64_t end_ns = NowNs();
  if (--recorder.depth > 0 || recorder.profile == nullptr) return;
  const int64_t begin_ns = static_cast<Call*>(context)->begin_ns;
  const std::string type = function.name();
  recorder.AddGap(begin_ns);
  // Programs name their values, not their operators: the how-manieth of its type in the program's order.
  recorder.last = fmt::format("{} #{}", type, ++recorder.seen[type]);
  recorder.Add(recorder.last, type, begin_ns, end_ns, PrecisionOf(function));
  recorder.end_ns = end_ns;
}

}  // namespace

TorchRecording::TorchRecording(Profile* profile) {
  if (profile == nullptr) return;
  recorder = {.profile = profile, .depth = 0, .seen = {}, .last = "", .end_ns = 0};
  handle_ = at::addThreadLocalCallback(
      at::RecordFunctionCallback(Begin, End).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  recorder.end_ns = NowNs();
}

TorchRecording::~TorchRecording() {
  if (handle_ == at::INVALID_CALLBACK_HANDLE) return;
  const int64_t end_ns = NowNs();
  at::removeCallback(handle_);
  recorder.AddGap(end_ns);
  recorder = {};
}

}  // namespace bakeoff
