// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Frames of the wire protocol, from their first byte: magic, then frame after frame, as the host reads a worker.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "worker/info.h"
#include "worker/wire.h"

using namespace bakeoff;

namespace {

// A descriptor that holds the input and then ends, as the pipe of a worker that died.
class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : fd_(memfd_create("fuzz", 0)) {
    fuzz::Demand(pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()), "no memory file");
  }
  ~Input() { close(fd_); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool Same(const worker::Frame& a, const worker::Frame& b) {
  if (a.head != b.head || a.tensors.size() != b.tensors.size()) return false;
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    const worker::NamedTensor &x = a.tensors[i], &y = b.tensors[i];
    if (x.name != y.name || x.type != y.type || x.shape != y.shape || x.data != y.data) return false;
    if (x.shm_offset != y.shm_offset) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::MayRefuse([&] {
    const Input input({data, size});
    const worker::FrameLimits limits{.head_bytes = 1u << 20, .payload_bytes = 1u << 24};
    worker::FrameStream stream(input.fd(), -1, limits);
    std::string skipped;
    stream.ReadMagic(skipped, worker::kNoDeadline);
    while (const auto frame = stream.Read()) {
      // What was understood is written and understood again as the same.
      const Input copy({});
      worker::FrameStream out(-1, copy.fd(), limits);
      out.Write(frame->head, frame->tensors);
      lseek(copy.fd(), 0, SEEK_SET);
      const auto again = worker::FrameStream(copy.fd(), -1, limits).Read();
      fuzz::Demand(again && Same(*frame, *again), "a frame changed on its way");
      if (frame->head.contains("info")) fuzz::MayRefuse([&] { worker::InfoFromJson(frame->head["info"]); });
      if (frame->head.contains("spec")) fuzz::MayRefuse([&] { worker::SpecFromJson(frame->head["spec"]); });
    }
  });
}
