// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The operations of the protocol over pipes, as a host would use and misuse them.
#include "worker/runner/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "worker/runner/test_engine.h"

namespace bakeoff::worker {
namespace {

using ::testing::HasSubstr;

// A worker in a thread. Its reading thread lives until the process ends (it would end the process at end of file), so
// the pipes and the connection are left alone.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    g_test_engine.runs = 0;
    g_test_engine.throw_at_run = g_test_engine.busy_ns = 0;
    g_test_engine.consume_inputs = false;
    int to[2], from[2];
    EXPECT_EQ(pipe(to) + pipe(from), 0);
    host_ = std::make_unique<FrameStream>(from[0], to[1]);
    connection_ = Kept(to[0], from[1]);
  }

  // Still reachable at the end, so that the leak checker sees intent.
  static Connection* Kept(int in, int out) {
    static auto* kept = new std::vector<Connection*>;
    return kept->emplace_back(new Connection(in, out));
  }

  void Start() {
    thread_ = std::thread([this] {
      connection_->Greet("test");
      Server(kTestEngine, kTestEngine.describe(), *connection_).Run();
    });
    std::string skipped;
    EXPECT_EQ(host_->ReadMagic(skipped, kNoDeadline), kProtocolVersion);
    hello_ = host_->Read()->head["hello"];
  }

  void TearDown() override {
    if (!thread_.joinable()) Start();
    EXPECT_TRUE(Ask({{"op", "bye"}}).head.contains("ok"));
    thread_.join();
    EXPECT_EQ(g_test_engine.sessions, 0);
    EXPECT_EQ(g_test_engine.requests, 0);
  }

  Frame Ask(Json head, const std::vector<NamedTensor>& tensors = {}) {
    if (!thread_.joinable()) Start();
    head["id"] = ++id_;
    host_->Write(head, tensors);
    while (true) {
      Frame frame = *host_->Read();
      EXPECT_EQ(frame.head["id"], id_);
      if (!frame.head.contains("event")) return frame;
    }
  }
  Json Ok(const Json& head, const std::vector<NamedTensor>& tensors = {}) {
    const Frame frame = Ask(head, tensors);
    EXPECT_TRUE(frame.head.contains("ok")) << frame.head;
    return frame.head.value("ok", Json::object());
  }
  // "code: text"
  std::string Refusal(const Json& head, const std::vector<NamedTensor>& tensors = {}) {
    const Frame frame = Ask(head, tensors);
    if (!frame.head.contains("error")) return "accepted";
    return frame.head["error"]["code"].get<std::string>() + ": " + frame.head["error"]["text"].get<std::string>();
  }

  static NamedTensor A(Shape shape = {1, 2}) {
    NamedTensor tensor{"a", DType::kF32, shape, std::vector<std::byte>(static_cast<size_t>(ElementCount(shape)) * 4)};
    const float one = 1;
    for (size_t i = 0; i < tensor.data.size(); i += 4) std::memcpy(&tensor.data[i], &one, 4);
    return tensor;
  }
  static NamedTensor B() {
    NamedTensor tensor{"b", DType::kI64, {1}, std::vector<std::byte>(8)};
    tensor.data[0] = std::byte{41};
    return tensor;
  }

  std::unique_ptr<FrameStream> host_;
  Connection* connection_;
  Json hello_;
  int64_t id_ = 0;
  std::thread thread_;
};

TEST_F(ServerTest, TakesApartWhatTheEngineListsAndNothingElse) {
  const auto request = [](const char* format) {
    return Json{{"op", "census"},
                {"artifact", {{"path", "/"}, {"format", format}}},
                {"options", {{"shapes", {{"a", {2, 2}}}}}}};
  };
  EXPECT_EQ(Ok({{"op", "describe"}})["info"]["census"], Json({"counted"}));
  EXPECT_EQ(Ok(request("counted"))["seen"]["a"], Json({2, 2}));
  EXPECT_THAT(Refusal(request("other")), HasSubstr("unsupported: test takes no files of the format other apart"));
  EXPECT_EQ(g_test_engine.sessions, 0);
}

TEST_F(ServerTest, DescribesItself) {
  const Json info = Ok({{"op", "describe"}})["info"];
  EXPECT_EQ(hello_["worker"], "test");
  EXPECT_EQ(hello_["pid"], getpid());
  EXPECT_EQ(info["version"], "1.2");
  EXPECT_EQ(info["options"][0]["name"], "read");
  EXPECT_TRUE(info["libraries"].is_array());
}

TEST_F(ServerTest, LoadsAndTellsWhatReallyRuns) {
  const Json ok = Ok({{"op", "load"}, {"options", {{"batch", 3}}}});
  EXPECT_EQ(ok["inputs"][0].dump(), R"({"name":"a","type":"f32","shape":[-1,2]})");
  EXPECT_EQ(ok["shapes"].dump(), R"({"a":[3,2],"b":[1]})");
  EXPECT_EQ(ok["effective"]["provider"], "test");
  EXPECT_FALSE(ok["effective"]["process"]["cpus"].empty());
  EXPECT_GT(ok["load_ns"].get<int64_t>(), 0);
  EXPECT_GT(ok["memory"]["peak_rss_bytes"].get<int64_t>(), 1 << 20);
  Ok({{"op", "load"}});
  EXPECT_EQ(g_test_engine.sessions, 1);
  Ok({{"op", "unload"}});
  EXPECT_EQ(g_test_engine.sessions, 0);
}

TEST_F(ServerTest, WrongLoadsFail) {
  const auto with = [&](Json options) { return Refusal({{"op", "load"}, {"options", std::move(options)}}); };
  EXPECT_THAT(with({{"engine", {{"unread", "2"}}}}),
              HasSubstr("usage: test has the option unread, but nothing reads it"));
  EXPECT_THAT(with({{"engine", {{"raed", "2"}}}}),
              HasSubstr("usage: test has no option 'raed' (did you mean 'read'?)"));
  EXPECT_THAT(with({{"engine", {{"read", 2}}}}), HasSubstr("the value of 'read' in 'engine' must be a text"));
  EXPECT_THAT(with({{"device", "gpu"}}), HasSubstr("unsupported: test has no device 'gpu'; it has: cpu"));
  EXPECT_THAT(with({{"precision", "f8"}}), HasSubstr("unsupported: test has no precision 'f8'"));
  EXPECT_THAT(with({{"threads", 0}}), HasSubstr("usage: load: 'threads'"));
  EXPECT_THAT(with({{"streams", 5}}), HasSubstr("unsupported: test runs at most 4 requests"));
  EXPECT_THAT(with({{"shapes", {{"a", {1, 3}}}}}), HasSubstr("usage: input 'a' takes the shape ?x2, not 1x3"));
  EXPECT_THAT(with({{"shapes", {{"x", {1}}}}}), HasSubstr("the model has no such input"));
  EXPECT_THAT(Refusal({{"op", "load"}, {"artifact", {{"path", "/no/such.file"}}}}),
              HasSubstr("not_found: /no/such.file"));
  EXPECT_EQ(Refusal({{"op", "load"}, {"artifact", {{"format", "throws"}}}}), "engine_failed: cannot parse this");
  EXPECT_EQ(g_test_engine.sessions, 0);
  Ok({{"op", "load"}});  // the worker goes on
}

TEST_F(ServerTest, InfersWithInputsInAnyOrderAndOtherShapes) {
  Ok({{"op", "load"}});
  for (const Shape& shape : {Shape{1, 2}, Shape{3, 2}, Shape{1, 2}}) {
    const Frame frame = Ask({{"op", "infer"}}, {B(), A(shape)});
    ASSERT_EQ(frame.tensors.size(), 1u) << frame.head;
    EXPECT_EQ(frame.tensors[0].shape, shape);
    float last = 0;
    std::memcpy(&last, &frame.tensors[0].data[frame.tensors[0].data.size() - 4], 4);
    EXPECT_EQ(last, 42.0f);
    EXPECT_GT(frame.head["ok"]["run_ns"].get<int64_t>(), 0);
  }
}

TEST_F(ServerTest, WrongInputsFail) {
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A(), B()}), HasSubstr("usage: infer: no model is loaded"));
  Ok({{"op", "load"}});
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A()}), HasSubstr("input 'b' is missing"));
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A(), A(), B()}), HasSubstr("input 'a' was given twice"));
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A({2, 1}), B()}), HasSubstr("input 'a' takes the shape ?x2, not 2x1"));
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A({0, 2}), B()}), HasSubstr("not 0x2"));
  NamedTensor wrong = B();
  wrong.type = DType::kF64;
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A(), wrong}), HasSubstr("input 'b' is i64, not f64"));
  wrong.name = "c";
  EXPECT_THAT(Refusal({{"op", "infer"}}, {A(), wrong}), HasSubstr("the model has no input 'c'"));
}

TEST_F(ServerTest, MeasuresAndKeepsRequestsApart) {
  Ok({{"op", "load"}, {"options", {{"streams", 3}}}});
  const Frame frame = Ask({{"op", "measure"}, {"plan", {{"scenario", "offline"}, {"count", 50}}}}, {A(), B()});
  EXPECT_EQ(frame.head["ok"]["result"]["runs"], 50) << frame.head;
  EXPECT_EQ(frame.head["ok"]["result"]["requests"], 3);
  ASSERT_EQ(frame.tensors.size(), 1u);
  EXPECT_EQ(frame.tensors[0].name, "latency_ns");
  EXPECT_EQ(frame.tensors[0].shape, Shape{50});
  EXPECT_EQ(g_test_engine.requests, 3);
}

TEST_F(ServerTest, FailureInAMeasurementNamesTheRun) {
  Ok({{"op", "load"}});
  g_test_engine.throw_at_run = 25;
  const Json plan{{"scenario", "single-stream"}, {"count", 100}, {"warmup", {{"min_runs", 10}, {"max_runs", 10}}}};
  EXPECT_EQ(Refusal({{"op", "measure"}, {"plan", plan}}, {A(), B()}),
            "engine_failed: timed part, run 15: the runtime is unhappy");
}

TEST_F(ServerTest, CancelEndsAMeasurementAndNothingElse) {
  Ok({{"op", "load"}});
  g_test_engine.busy_ns = 100'000;
  std::thread other([this] {
    while (g_test_engine.runs < 20) std::this_thread::yield();
    host_->Write({{"id", 1000}, {"op", "cancel"}});
  });
  const Json plan{
      {"scenario", "single-stream"}, {"duration_ns", 60'000'000'000}, {"warmup", {{"min_runs", 0}, {"max_runs", 0}}}};
  EXPECT_EQ(Ok({{"op", "measure"}, {"plan", plan}}, {A(), B()})["result"]["stop_reason"], "cancelled");
  other.join();
  const Json short_plan{{"scenario", "single-stream"}, {"count", 5}};
  EXPECT_EQ(Ok({{"op", "measure"}, {"plan", short_plan}}, {A(), B()})["result"]["stop_reason"], "count");
}

TEST_F(ServerTest, UnknownOperationFails) {
  EXPECT_THAT(Refusal({{"op", "dance"}}), HasSubstr("unsupported: this worker does not know"));
}

TEST_F(ServerTest, TensorsTravelThroughSharedMemory) {
  const int fd = memfd_create("test", MFD_CLOEXEC);
  ASSERT_EQ(ftruncate(fd, 4096), 0);
  setenv("BAKEOFF_SHM_FD", std::to_string(fd).c_str(), 1);
  int to[2], from[2];
  ASSERT_EQ(pipe(to) + pipe(from), 0);
  host_ = std::make_unique<FrameStream>(from[0], to[1]);
  connection_ = Kept(to[0], from[1]);
  unsetenv("BAKEOFF_SHM_FD");
  Ok({{"op", "load"}});
  EXPECT_EQ(hello_["shm"], true);
  NamedTensor a = A();
  ASSERT_EQ(pwrite(fd, a.data.data(), a.data.size(), 128), 8);
  a.data.clear();
  a.shm_offset = 128;
  const Frame frame = Ask({{"op", "infer"}, {"reply_shm", {{"offset", 1024}, {"bytes", 64}}}}, {a, B()});
  ASSERT_EQ(frame.tensors.size(), 1u) << frame.head;
  EXPECT_EQ(frame.tensors[0].shm_offset, 1024u);
  float sum = 0;
  ASSERT_EQ(pread(fd, &sum, 4, 1024), 4);
  EXPECT_EQ(sum, 42.0f);
  // No room: the outputs come with the frame.
  EXPECT_EQ(Ask({{"op", "infer"}, {"reply_shm", {{"offset", 0}, {"bytes", 4}}}}, {a, B()}).tensors[0].data.size(), 8u);
  a.shm_offset = 4092;
  EXPECT_THAT(Refusal({{"op", "infer"}}, {a, B()}), HasSubstr("usage: 'a' would lie at 4092"));
  a.shm_offset = ~uint64_t{0};
  EXPECT_THAT(Refusal({{"op", "infer"}}, {a, B()}), HasSubstr("usage: 'a' would lie at"));
}

TEST_F(ServerTest, WithoutSharedMemoryItsOffsetsFail) {
  Ok({{"op", "load"}});
  NamedTensor a = A();
  a.data.clear();
  a.shm_offset = 0;
  EXPECT_THAT(Refusal({{"op", "infer"}}, {a, B()}), HasSubstr("shared memory, which this worker does not have"));
}

// A worker whose host is gone from the beginning, and whose main thread never returns.
[[noreturn]] void HangWithoutAHost() {
  int to[2];
  int from[2];
  if (pipe(to) + pipe(from) != 0) std::abort();
  close(to[1]);
  Connection connection(to[0], from[1]);
  connection.Greet("test");
  while (true) pause();
}

TEST(ConnectionDeathTest, EndOfFileEndsTheProcessEvenInAHungRun) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(HangWithoutAHost(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace bakeoff::worker
