// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// main() of bakeoff: signals, log, dispatch, and the one place where an Error becomes a message and an exit code.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/parser.h"
#include "core/log.h"
#include "worker/host/startup.h"

#ifndef BAKEOFF_VERSION
#error "BAKEOFF_VERSION comes from the build"
#endif

namespace bakeoff::cli {
namespace {

int Dispatch(const std::vector<std::string>& words, Console& console) {
  const Invocation invocation = Parse(words);
  core::SetupLog(invocation.log_level, [&console] { console.Clear(); });
  if (invocation.version) {
    console.Out("bakeoff " BAKEOFF_VERSION "\n");
    return 0;
  }
  if (invocation.help) {
    console.Out(invocation.command ? CommandHelp(*invocation.command) : ShortHelp(invocation.group));
    return 0;
  }
  if (!invocation.command || !invocation.options) {
    console.Note(ShortHelp());
    return ExitCodeFor(ErrorCode::kUsage);
  }
  return invocation.command->run(*invocation.options, console);
}

int Report(Console& console, const Error& error) {
  console.Note(fmt::format("bakeoff: {}", error.text()));
  return ExitCodeFor(error.code());
}

int Main(const std::vector<std::string>& words) {
  Console console;
  try {
    const int code = Dispatch(words, console);
    console.Flush();
    return code;
  } catch (const Error& error) {
    return Report(console, error);
  } catch (const ClosedPipe&) {
    // `| head -1` has read enough: nothing to complain of, and the code that a shell expects of such an end.
    return 128 + SIGPIPE;
  } catch (const std::bad_alloc&) {
    return Report(console, Error(ErrorCode::kUnavailable, "out of memory"));
  } catch (const std::exception& error) {
    return Report(console,
                  Error(ErrorCode::kInternal, fmt::format("internal error, please report it: {}", error.what())));
  }
}

}  // namespace
}  // namespace bakeoff::cli

int main(int argc, char** argv) {
  bakeoff::worker::PrepareHostProcess();
  return bakeoff::cli::Main(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
