// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The host against workers that die, hang and write rubbish: each becomes an Error with a reason, and nothing stays
// behind.
#include "worker/host/handle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>
#include <thread>

#include "bakeoff/error.h"
#include "core/test_folder.h"
#include "worker/host/shared_tensors.h"

namespace bakeoff::worker {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

std::string Script() {
  const char* source = std::getenv("BAKEOFF_SOURCE");
  return std::string(source ? source : ".") + "/tests/support/bakeoff-engine-trouble";
}

SpawnOptions Trouble(const std::string& mode) {
  return {.executable = Script(), .environment = {{"TROUBLE", mode}}, .start_limit = 20s};
}

struct Caught {
  ErrorCode code;
  std::string text;
};

template <typename F>
Caught Catch(F call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.text()};
  }
  ADD_FAILURE() << "no Error was thrown";
  return {ErrorCode::kInternal, ""};
}

bool Lives(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

TEST(Worker, AnswersAndLeavesInOrder) {
  const auto worker = Worker::Start(Trouble("banner"));
  EXPECT_EQ(worker->Describe(10s).version, "7");
  const LoadReply reply = worker->Load({}, 10s);
  EXPECT_EQ(reply.load_ns, 5);
  EXPECT_EQ(reply.effective["trouble"], "banner");
  EXPECT_FALSE(reply.peak_rss_bytes.has_value());
  const pid_t pid = worker->pid();
  worker->Bye();
  EXPECT_FALSE(worker->alive());
  EXPECT_FALSE(Lives(pid));
}

TEST(Worker, PassesEventsOn) {
  const auto worker = Worker::Start(Trouble("events"));
  std::vector<int> seen;
  // The reply is one of load, which measure cannot read; the events came before.
  Catch([&] { worker->Measure(Json::object(), {}, 10s, [&](const Json& event) { seen.push_back(event["runs"]); }); });
  EXPECT_THAT(seen, testing::ElementsAre(0, 1, 2));
  EXPECT_TRUE(worker->alive());
}

TEST(Worker, AnErrorOfTheCallbackReachesTheCallerAndEndsTheWorker) {
  const auto worker = Worker::Start(Trouble("events"));
  const pid_t pid = worker->pid();
  EXPECT_THROW(worker->Measure(Json::object(), {}, 10s, [](const Json&) { throw std::runtime_error("full"); }),
               std::runtime_error);
  EXPECT_FALSE(worker->alive());
  EXPECT_FALSE(Lives(pid));
}

TEST(Worker, ErrorRepliesLeaveItAlive) {
  const auto worker = Worker::Start(Trouble("refuses"));
  const Caught first = Catch([&] { worker->Load({}, 10s); });
  EXPECT_EQ(first.code, ErrorCode::kInvalidModel);
  EXPECT_EQ(first.text, "no such operator: Foo");
  EXPECT_TRUE(worker->alive());
  EXPECT_EQ(worker->Describe(10s).name, "trouble");
}

TEST(Worker, AnUnknownErrorCodeIsEngineFailed) {
  const auto worker = Worker::Start(Trouble("odd-code"));
  EXPECT_EQ(Catch([&] { worker->Load({}, 10s); }).code, ErrorCode::kEngineFailed);
}

TEST(Worker, SurvivesALoudStderrAndKeepsItsEnd) {
  const auto worker = Worker::Start(Trouble("loud"));
  worker->Load({}, 30s);
  worker->Bye();
  EXPECT_THAT(worker->StderrTail(), HasSubstr("line 19999 of very many"));
  EXPECT_LT(worker->StderrTail().size(), 2100u);
}

TEST(Worker, AbsentProgramFails) {
  EXPECT_EQ(Catch([] { Worker::Start({.executable = "/nowhere/bakeoff-engine-x"}); }).code, ErrorCode::kNotFound);
  const Caught prefix = Catch([] { Worker::Start({.executable = Script(), .prefix = {"no-such-command-7"}}); });
  EXPECT_EQ(prefix.code, ErrorCode::kNotFound);
  EXPECT_EQ(prefix.text, "--on: 'no-such-command-7' is not on the PATH");
}

TEST(Worker, WhatIsNoProgramFails) {
  const core::TestFolder folder;
  const std::string path = folder.Write("bakeoff-engine-text", "just words\n");
  EXPECT_THAT(Catch([&] { Worker::Start({.executable = path}); }).text,
              HasSubstr("cannot be executed: Permission denied"));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const Caught caught = Catch([&] { Worker::Start({.executable = path}); });
  EXPECT_EQ(caught.code, ErrorCode::kEngineFailed);
  EXPECT_THAT(caught.text, HasSubstr("is no program for this machine"));
}

TEST(Worker, AnotherProtocolVersionFails) {
  const Caught caught = Catch([] { Worker::Start(Trouble("version")); });
  EXPECT_EQ(caught.code, ErrorCode::kEngineFailed);
  EXPECT_THAT(caught.text, HasSubstr("it speaks protocol version 2, this program speaks 1"));
}

TEST(Worker, TellsExitCodeAndLastWordsOfAStartThatFails) {
  const Caught caught = Catch([] { Worker::Start(Trouble("exit-at-start")); });
  EXPECT_EQ(caught.code, ErrorCode::kEngineFailed);
  EXPECT_THAT(caught.text, AllOf(HasSubstr("the trouble worker ended with exit code 3 during its start"),
                                 HasSubstr("\n  no licence\n  for this runtime")));
}

TEST(Worker, NeverSayingHelloFails) {
  for (const char* mode : {"silent", "no-hello"}) {
    SpawnOptions options = Trouble(mode);
    options.start_limit = 1500ms;
    const Caught caught = Catch([&] { Worker::Start(options); });
    EXPECT_EQ(caught.code, ErrorCode::kTimeout) << mode;
    EXPECT_THAT(caught.text, HasSubstr("gave no answer to its start (1.5 s) within the time limit and was killed"))
        << mode;
  }
  EXPECT_THAT(Catch([] { Worker::Start(Trouble("no-magic")); }).text,
              HasSubstr("64 KiB on its stdout hold no handshake"));
  EXPECT_THAT(Catch([] { Worker::Start(Trouble("hello-is-no-object")); }).text,
              HasSubstr("the head is no JSON object"));
}

struct BadReply {
  const char* mode;
  ErrorCode code;
  const char* text;
};

// Without it the names of the tests would hold addresses.
void PrintTo(const BadReply& reply, std::ostream* out) {
  *out << reply.mode;
}

class WorkerFailsAtLoad : public testing::TestWithParam<BadReply> {};

TEST_P(WorkerFailsAtLoad, WithAReasonAndNothingLeft) {
  const auto worker = Worker::Start(Trouble(GetParam().mode));
  const pid_t pid = worker->pid();
  const auto limit = GetParam().code == ErrorCode::kTimeout ? 700ms : 20000ms;
  const Caught caught = Catch([&] { worker->Load({}, limit); });
  EXPECT_EQ(caught.code, GetParam().code);
  EXPECT_THAT(caught.text, HasSubstr(GetParam().text));
  EXPECT_THAT(caught.text, HasSubstr("'load'"));
  EXPECT_FALSE(worker->alive());
  EXPECT_FALSE(Lives(pid));
  // The same story for whoever asks again.
  EXPECT_EQ(Catch([&] { worker->Infer({}, 1s); }).text, caught.text);
}

INSTANTIATE_TEST_SUITE_P(
    Everything, WorkerFailsAtLoad,
    testing::Values(
        BadReply{"exit", ErrorCode::kEngineFailed, "ended with exit code 9 during 'load'"},
        BadReply{"segv", ErrorCode::kEngineFailed, "was killed by SIGSEGV (Segmentation fault) during 'load'"},
        BadReply{"kill", ErrorCode::kEngineFailed,
                 "was killed by SIGKILL (Killed) during 'load' (its stdout ended without an answer); neither this "
                 "program nor the kernel's own guard of memory sent that; if another guard did"},
        BadReply{
            "hang", ErrorCode::kTimeout,
            "gave no answer to 'load' (0.7 s) within the time limit and was killed; its last words:\n  hanging in"},
        BadReply{"trickle", ErrorCode::kTimeout, "within the time limit"},
        BadReply{"rubbish", ErrorCode::kEngineFailed, "is above the limit"},
        BadReply{"cut", ErrorCode::kEngineFailed, "the stream ended inside a frame"},
        BadReply{"head-too-large", ErrorCode::kEngineFailed,
                 "a head of 1073741824 bytes is above the limit of 16777216"},
        BadReply{"payload-too-large", ErrorCode::kEngineFailed,
                 "a payload of 1152921504606846976 bytes is above the limit"},
        BadReply{"tensor-lies", ErrorCode::kEngineFailed, "the size of tensor 'a' overflows"},
        BadReply{"wrong-id", ErrorCode::kEngineFailed, "a reply with the id 8 instead of 1"},
        BadReply{"neither", ErrorCode::kEngineFailed, "has neither 'ok' nor 'error'"},
        BadReply{"closes-stdout", ErrorCode::kEngineFailed, "its stdout ended without an answer"}),
    [](const auto& each) {
      std::string name = each.param.mode;
      std::erase(name, '-');
      return name;
    });

TEST(Worker, AWriteThatNobodyReadsEndsAtTheLimit) {
  const auto worker = Worker::Start(Trouble("deaf"));
  NamedTensor large{"input", DType::kU8, {32 << 20}, {}};
  large.data.resize(32 << 20);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Catch([&] { worker->Infer({large}, 700ms); }).code, ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(Worker, GrandchildrenAreKilledAsWell) {
  pid_t child = 0;
  {
    const auto worker = Worker::Start(Trouble("grandchild"));
    Catch([&] { worker->Load({}, 1500ms); });
    const std::string tail = worker->StderrTail();
    ASSERT_THAT(tail, HasSubstr("child "));
    child = std::stoi(tail.substr(tail.find("child ") + 6));
  }
  // An orphan is reaped by whoever inherits it, which takes a moment, or never in a container without an init: a zombie
  // is dead, too.
  for (int i = 0; i < 100 && Lives(child); ++i) std::this_thread::sleep_for(20ms);
  std::string state = "gone";
  if (FILE* file = fopen(("/proc/" + std::to_string(child) + "/stat").c_str(), "r")) {
    char letter = 0;
    if (fscanf(file, "%*d %*s %c", &letter) == 1) state = letter;
    fclose(file);
  }
  EXPECT_TRUE(state == "gone" || state == "Z") << state;
}

TEST(Worker, KeepsNoDescriptor) {
  Worker::Start(Trouble(""))->Bye();
  const size_t before = OpenDescriptors();
  for (const char* mode : {"", "exit", "rubbish"}) {
    const auto worker = Worker::Start(Trouble(mode));
    try {
      worker->Load({}, 10s);
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(Worker, GetsItsCpusAndItsArgument) {
  SpawnOptions options = Trouble("cpus");
  options.cpus = 1;
  const auto worker = Worker::Start(options);
  worker->Describe(10s);
  EXPECT_THAT(worker->StderrTail(), HasSubstr("cpus 1 --cpus 1"));
}

TEST(Worker, AnAnswerThatPointsOutsideTheSharedMemoryFails) {
  for (const auto& [mode, says] : {std::pair("shm-absent", "shared memory, which there is not"),
                                   std::pair("shm-outside", "outside the shared memory of")}) {
    const auto worker = Worker::Start(Trouble(mode));
    const Caught caught = Catch([&] { worker->Infer({}, 10s); });
    EXPECT_EQ(caught.code, ErrorCode::kEngineFailed);
    EXPECT_THAT(caught.text, HasSubstr(says));
    EXPECT_FALSE(worker->alive());
  }
}

TEST(SharedTensors, GrowsKeepsPlacesApartAndReadsBack) {
  const auto memory = SharedTensors::Make();
  ASSERT_NE(memory, nullptr);
  for (const size_t count : {3u, 1u << 20}) {
    std::vector<NamedTensor> tensors;
    for (const int value : {1, 2}) {
      NamedTensor tensor{"t", DType::kU8, {static_cast<int64_t>(count)}, {}};
      tensor.data.assign(count, static_cast<std::byte>(value));
      tensors.push_back(tensor);
    }
    auto placed = memory->Put(tensors);
    ASSERT_TRUE(placed.has_value());
    EXPECT_GE(memory->ReplyRoom()["offset"].get<uint64_t>(), *placed->at(1).shm_offset + count);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(*placed->at(i).shm_offset % 64, 0u);
      EXPECT_TRUE(placed->at(i).data.empty());
      memory->Fetch(placed->at(i));
      EXPECT_EQ(placed->at(i).data, tensors[i].data);
      EXPECT_FALSE(placed->at(i).shm_offset.has_value());
    }
    memory->Expect(tensors);
    EXPECT_GE(memory->ReplyRoom()["bytes"].get<uint64_t>(), 2 * count);
  }
}

TEST(Worker, StartsThroughAPrefix) {
  SpawnOptions options = Trouble("");
  options.prefix = {"env", "TROUBLE=refuses"};
  options.environment.clear();
  const auto worker = Worker::Start(options);
  EXPECT_EQ(Catch([&] { worker->Load({}, 10s); }).code, ErrorCode::kInvalidModel);
}

TEST(Worker, PrefixThatDoesNotFindTheWorkerFails) {
  const Caught caught = Catch([] { Worker::Start({.executable = "/nowhere/bakeoff-engine-x", .prefix = {"env"}}); });
  EXPECT_EQ(caught.code, ErrorCode::kEngineFailed);
  EXPECT_THAT(caught.text, AllOf(HasSubstr("ended with exit code 127"),
                                 HasSubstr("must exist under the same path where 'env' leads")));
}

TEST(Worker, OutlivesTheThreadThatStartedIt) {
  // PR_SET_PDEATHSIG would kill it with that thread if the thread had forked.
  std::unique_ptr<Worker> worker;
  std::thread([&] { worker = Worker::Start(Trouble("")); }).join();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(worker->Describe(10s).name, "trouble");
}

}  // namespace
}  // namespace bakeoff::worker
