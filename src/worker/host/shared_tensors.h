// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The host's end of the memory that it shares with a local worker: a memfd without a name, so nothing can leak.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bakeoff/json.h"
#include "worker/wire.h"

namespace bakeoff::worker {

class SharedTensors {
 public:
  // nullptr where the system gives no such memory: tensors then travel as frames.
  static std::unique_ptr<SharedTensors> Make();
  ~SharedTensors();
  SharedTensors(const SharedTensors&) = delete;
  SharedTensors& operator=(const SharedTensors&) = delete;

  int fd() const { return fd_; }

  // Puts the tensors' bytes into the memory, from its start, and returns the tensors with places instead of bytes;
  // room for an answer as large as the largest so far follows them. nullopt where there is not enough memory.
  std::optional<std::vector<NamedTensor>> Put(const std::vector<NamedTensor>& tensors);
  // Where that room is: {"offset", "bytes"}, as `reply_shm` of an infer.
  Json ReplyRoom() const;
  // How large the next answers may be expected to be.
  void Expect(const std::vector<NamedTensor>& outputs);

  // Fills in the bytes of a tensor that has a place. Throws Error{kEngineFailed} for a place outside the memory.
  void Fetch(NamedTensor& tensor) const;

 private:
  explicit SharedTensors(int fd) : fd_(fd) {}

  int fd_;
  uint64_t size_ = 0;  // of the memory
  uint64_t reply_offset_ = 0, reply_bytes_ = 64 << 10;
};

}  // namespace bakeoff::worker
