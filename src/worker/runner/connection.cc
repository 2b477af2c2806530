// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reading in a thread of its own, so that a hung run cannot hide the end of the host.
#include "worker/runner/connection.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <exception>
#include <optional>
#include <thread>

namespace bakeoff::worker {
namespace {

constexpr int kHostGone = 0;
constexpr int kHostBroken = 3;

}  // namespace

void Connection::Greet(const std::string& worker_name) {
  stream_.WriteMagic();
  Send({{"hello", {{"worker", worker_name}, {"pid", getpid()}, {"shm", shared_.available()}}}});
  std::thread([this] {
    pthread_setname_np(pthread_self(), kReaderThread);
    ReadForever();
  }).detach();
}

void Connection::ReadForever() {
  try {
    while (std::optional<Frame> frame = stream_.Read()) {
      const auto op = frame->head.find("op");
      if (op != frame->head.end() && *op == "cancel") {
        cancelled_.store(true, std::memory_order_relaxed);
        continue;
      }
      const std::lock_guard lock(queue_mutex_);
      // Requests come one at a time: when the next arrives, the one that a cancel meant has been answered.
      cancelled_.store(false, std::memory_order_relaxed);
      queue_.push_back(std::move(*frame));
      arrived_.notify_one();
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "worker: the host's message cannot be read: {}\n", error.what());
    _exit(kHostBroken);
  }
  _exit(kHostGone);
}

Frame Connection::Next() {
  std::unique_lock lock(queue_mutex_);
  arrived_.wait(lock, [this] { return !queue_.empty(); });
  Frame frame = std::move(queue_.front());
  queue_.pop_front();
  return frame;
}

void Connection::Send(const Json& head, const std::vector<std::string>& names, const Tensors& views) {
  const std::lock_guard lock(sending_);
  stream_.Write(head, names, views);
}

void Connection::Send(const Json& head, const std::vector<NamedTensor>& tensors) {
  const std::lock_guard lock(sending_);
  stream_.Write(head, tensors);
}

}  // namespace bakeoff::worker
