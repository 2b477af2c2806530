// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// bakeoff-train: reads a job as JSON on stdin, trains, and prints the result as JSON on stdout. `bakeoff train` starts
// it.
#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <new>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/tell.h"
#include "train/job.h"
#include "train/memory.h"
#include "train/progress.h"

namespace {

volatile std::sig_atomic_t interrupted = 0;

// The first signal ends the run after this step, with a checkpoint; the second one at once.
void OnSignal(int signal) {
  if (interrupted) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  interrupted = signal;
}

int OutOfMemory() {
  bakeoff::core::Tell("bakeoff: not enough memory; a smaller --batch, --image-size or --cache takes less\n");
  return bakeoff::ExitCodeFor(bakeoff::ErrorCode::kUnavailable);
}

int Main() {
  using bakeoff::Json;
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object())
    throw bakeoff::Error(bakeoff::ErrorCode::kUsage,
                         "bakeoff-train reads a job as JSON on stdin; use: bakeoff train --help");
  bakeoff::train::Progress progress;
  const auto result =
      bakeoff::train::RunJob(bakeoff::train::TrainJob::FromJson(json),
                             {.say = [&](const std::string& line) { progress.Say(line); },
                              .on_reading = [&](size_t done, size_t all) { progress.Reading(done, all); },
                              .on_event = [&](const bakeoff::train::TrainEvent& event) { progress.Show(event); },
                              .interrupted = [] { return interrupted != 0; }});
  if (result.train.interrupted) {
    progress.Say(
        fmt::format("interrupted; the same command goes on from {}", (result.folder / "last.safetensors").string()));
    return 128 + interrupted;
  }
  const Json summary = {{"folder", result.folder.string()},
                        {"epochs", result.train.epochs},
                        {"steps", result.train.steps},
                        {"best_epoch", result.train.best_epoch},
                        {"validation_top1", result.train.best_top1},
                        {"stopped_early", result.train.stopped_early},
                        {"test", result.test}};
  const std::string target = json.value("json", "");
  if (target == "-") {
    fmt::print("{}\n", summary.dump(2));
    if (std::fflush(stdout) != 0) {
      throw bakeoff::Error(bakeoff::ErrorCode::kUnavailable,
                           fmt::format("cannot write to stdout: {}", std::strerror(errno)));
    }
  } else if (!target.empty()) {
    bakeoff::core::WriteFileAtomically(target, summary.dump(2) + "\n");
  }
  if (result.test.is_object())
    progress.Say(fmt::format("test: top-1 {:.2f} % of {} pictures", 100 * result.test.at("top1").get<double>(),
                             result.test.at("examples").get<int64_t>()));
  progress.Say(fmt::format("wrote {}", result.folder.string()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--devices") == 0) {
    fmt::print("{}\n", at::hasCUDA() ? "cpu cuda" : "cpu");
    return 0;
  }
  bakeoff::train::KeepMemory();
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  try {
    return Main();
  } catch (const bakeoff::Error& error) {
    bakeoff::core::Tell(fmt::format("bakeoff: {}\n", error.text()));
    return bakeoff::ExitCodeFor(error.code());
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    if (text.find("DefaultCPUAllocator") != std::string::npos) return OutOfMemory();
    bakeoff::core::Tell(fmt::format("bakeoff: internal error in bakeoff-train, please report it: {}\n", text));
    return bakeoff::ExitCodeFor(bakeoff::ErrorCode::kInternal);
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  } catch (const std::exception& error) {
    bakeoff::core::Tell(fmt::format("bakeoff: internal error in bakeoff-train, please report it: {}\n", error.what()));
    return bakeoff::ExitCodeFor(bakeoff::ErrorCode::kInternal);
  }
}
