// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Start-up in the order that matters: mask before threads, descriptors before the runtime can print.
#include "worker/runner/worker_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bakeoff/protocol_descriptor.h"
#include "core/cpus.h"
#include "core/text.h"
#include "worker/info.h"
#include "worker/runner/connection.h"
#include "worker/runner/process_facts.h"
#include "worker/runner/server.h"

namespace bakeoff {
namespace {

int g_protocol_descriptor = -1;

}  // namespace

int ProtocolDescriptor() {
  return g_protocol_descriptor;
}

namespace worker {
namespace {

constexpr int kBadArguments = 2;
constexpr int kFailed = 3;

struct Arguments {
  bool describe = false;
  int cpus = 0;  // 0: leave the mask alone
};

// nullopt, with a line on stderr, for anything that the protocol does not know.
std::optional<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--describe") {
      arguments.describe = true;
      continue;
    }
    if (word == "--cpus" && i + 1 < argc) {
      const auto count = core::ParseInt(argv[++i]);
      if (count && *count >= 1 && *count <= 65536) {
        arguments.cpus = static_cast<int>(*count);
        continue;
      }
      fmt::print(stderr, "--cpus {}: must be a whole number from 1 to 65536\n", argv[i]);
      return std::nullopt;
    }
    fmt::print(stderr, "unknown argument '{}'; a worker takes --describe and --cpus N and is started by bakeoff\n",
               word);
    return std::nullopt;
  }
  return arguments;
}

// Where the mask is wider than asked, narrows it and starts over: libraries whose static initialisers counted CPUs or
// made threads before main() must see the narrow mask. The second time it fits, so this ends.
void RestrictCpus(int count) {
  const std::vector<int> allowed = core::AllowedCpus();
  if (static_cast<int>(allowed.size()) <= count) return;
  core::SetCpus(core::PickCpus(allowed, count));
  if (static_cast<int>(core::AllowedCpus().size()) > count) return;
  // The words of the process, not of main(): an interpreter's main() knows only its script's.
  std::ifstream file("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  if (!words.empty()) execv("/proc/self/exe", pointers.data());
  fmt::print(stderr, "cannot start over with the narrower CPU mask: {}; going on\n", std::strerror(errno));
}

// A copy of `fd` that neither the runtime's printing nor its child processes can reach by accident.
int MoveAway(int fd) {
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 64);
  return moved >= 0 ? moved : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

struct ProtocolEnds {
  int in = -1;
  int out = -1;
};

// From here on what a runtime prints to stdout goes to stderr, and reading stdin gives end of file.
ProtocolEnds TakeProtocol() {
  const ProtocolEnds ends{MoveAway(STDIN_FILENO), MoveAway(STDOUT_FILENO)};
  const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd >= 0) dup2(null_fd, STDIN_FILENO);
  // A worker that was started without a stderr must not get its prints into a file that a model later opens as 2.
  if (fcntl(STDERR_FILENO, F_GETFD) < 0 && null_fd >= 0) dup2(null_fd, STDERR_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  if (null_fd > STDERR_FILENO) close(null_fd);
  return ends;
}

int PrintDescription(const WorkerProgram& program) {
  // The runtime may print while it describes itself; only the JSON belongs on stdout.
  const ProtocolEnds ends = TakeProtocol();
  const std::string text = program.describe().dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t put = write(ends.out, text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      fmt::print(stderr, "writing the description: {}\n", std::strerror(errno));
      return kFailed;
    }
    done += static_cast<size_t>(put);
  }
  return 0;
}

int Serve(const WorkerProgram& program) {
  const ProtocolEnds ends = TakeProtocol();
  g_protocol_descriptor = ends.out;
  // Before the magic: the hello needs the name, and nothing can be answered before the hello anyway.
  const Json info = program.describe();
  Connection connection(ends.in, ends.out);
  connection.Greet(info.at("name").get<std::string>());
  program.serve(info, connection);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // Everything has been answered and the session destroyed: what runtimes do in static destructors can only crash or
  // hang.
  std::fflush(nullptr);
  _exit(0);
#endif
  return 0;
}

}  // namespace

Json DescriptionJson(const EngineInfo& info) {
  Json json = ToJson(info);
  json["libraries"] = LoadedLibraries();
  return json;
}

int ProgramMain(int argc, char** argv, const WorkerProgram& program) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto arguments = Parse(argc, argv);
  if (!arguments) return kBadArguments;
  try {
    if (arguments->cpus > 0) RestrictCpus(arguments->cpus);
    return arguments->describe ? PrintDescription(program) : Serve(program);
  } catch (const std::exception& error) {
    fmt::print(stderr, "worker: {}\n", error.what());
    return kFailed;
  }
}

int WorkerMain(int argc, char** argv, const EngineEntry& engine) {
  EngineInfo info;
  return ProgramMain(argc, argv,
                     {.describe =
                          [&] {
                            info = engine.describe();
                            return DescriptionJson(info);
                          },
                      .serve = [&](const Json&, Connection& connection) { Server(engine, info, connection).Run(); }});
}

}  // namespace worker
}  // namespace bakeoff
