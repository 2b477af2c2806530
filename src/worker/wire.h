// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Frames of the wire protocol (docs/architecture.md): a JSON head and binary tensors, over two descriptors.
// Used by both sides. A FrameStream is used by one reading and one writing thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bakeoff/json.h"
#include "bakeoff/tensor.h"

namespace bakeoff::worker {

inline constexpr uint32_t kProtocolVersion = 1;
inline constexpr unsigned char kMagic[16] = {0x01, 'B', 'A', 'K', 'E', 'O', 'F', 'F',
                                             '-',  'W', 'O', 'R', 'K', 'E', 'R', 0x02};

struct FrameLimits {
  uint32_t head_bytes = 16u << 20;
  uint64_t payload_bytes = 8ull << 30;
};

// A tensor as frames carry it: with its bytes, or with the place of its bytes in the shared memory.
struct NamedTensor {
  std::string name;
  DType type = DType::kF32;
  Shape shape;
  std::vector<std::byte> data;  // empty where shm_offset says where the bytes are
  std::optional<uint64_t> shm_offset = std::nullopt;
};

struct Frame {
  Json head;                         // without "tensors"
  std::vector<NamedTensor> tensors;  // from head["tensors"] and the payload
};

// A deadline that never comes.
inline constexpr std::chrono::steady_clock::time_point kNoDeadline = std::chrono::steady_clock::time_point::max();

class FrameStream {
 public:
  // Does not own the descriptors. -1 for a direction that is not used.
  FrameStream(int read_fd, int write_fd, FrameLimits limits = {})
      : read_fd_(read_fd), write_fd_(write_fd), limits_(limits) {}

  // nullopt at a clean end of file (between frames). Throws Error: kTimeout at the deadline; kEngineFailed for a frame
  // that is cut short, above the limits, or whose head is not what the protocol says (naming what was wrong).
  std::optional<Frame> Read(std::chrono::steady_clock::time_point deadline = kNoDeadline);

  // Writes head (with "tensors" added) and the tensors' bytes. Throws Error: kTimeout, or kEngineFailed when the other
  // side is gone. SIGPIPE must be ignored in this process.
  void Write(const Json& head, const std::vector<NamedTensor>& tensors = {},
             std::chrono::steady_clock::time_point deadline = kNoDeadline);
  // As above, without copying: views must stay valid during the call. names.size() == views.size().
  void Write(const Json& head, const std::vector<std::string>& names, const Tensors& views,
             std::chrono::steady_clock::time_point deadline = kNoDeadline);

  // Worker side: magic and version.
  void WriteMagic();
  // Host side: skips to the magic and returns the other side's version. What was skipped (at most 64 KiB) is appended
  // to `skipped`. Throws Error{kEngineFailed} at end of file or when 64 KiB hold no magic, {kTimeout} at the deadline.
  uint32_t ReadMagic(std::string& skipped, std::chrono::steady_clock::time_point deadline);

 private:
  bool ReadAll(void* data, size_t bytes, std::chrono::steady_clock::time_point deadline, bool end_is_clean);
  // `list` describes all tensors, `views` are the bytes of those that come with the frame.
  void WriteFrame(const Json& head, Json list, const Tensors& views, std::chrono::steady_clock::time_point deadline);
  void WriteAll(const void* data, size_t bytes, std::chrono::steady_clock::time_point deadline);

  int read_fd_;
  int write_fd_;
  FrameLimits limits_;
};

// JSON forms of the value types, as the protocol spells them. From* throw Error{kEngineFailed} naming the missing or
// wrong field.
Json ToJson(const TensorSpec& spec);
TensorSpec SpecFromJson(const Json& json);

}  // namespace bakeoff::worker
