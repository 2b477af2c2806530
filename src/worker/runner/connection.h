// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The worker's end of the conversation: a reading thread that also notices the host's death, and sending from any
// thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "worker/runner/shared_memory.h"
#include "worker/wire.h"

namespace bakeoff::worker {

// Name of the reading thread in lists of threads.
inline constexpr const char* kReaderThread = "reader";

class Connection {
 public:
  // Does not own the descriptors. The reading thread starts with Greet() and is never joined: it ends the process
  // (`_exit`) at end of file or when the host writes what is no frame, whatever the other threads are doing.
  Connection(int read_fd, int write_fd) : stream_(read_fd, write_fd) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Magic, version and hello; then starts to read.
  void Greet(const std::string& worker_name);

  // The next request, `cancel` left out. Blocks.
  Frame Next();

  // Thread-safe. Throws Error{kEngineFailed} when the host is gone.
  void Send(const Json& head) { Send(head, std::vector<NamedTensor>{}); }
  void Send(const Json& head, const std::vector<std::string>& names, const Tensors& views);
  void Send(const Json& head, const std::vector<NamedTensor>& tensors);

  // True from a `cancel` until the request after the running one arrives.
  const std::atomic<bool>& cancelled() const { return cancelled_; }

  SharedMemory& shared() { return shared_; }

 private:
  void ReadForever();

  FrameStream stream_;
  SharedMemory shared_;
  std::mutex sending_;
  std::mutex queue_mutex_;
  std::condition_variable arrived_;
  std::deque<Frame> queue_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace bakeoff::worker
