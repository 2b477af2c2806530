// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads and writes the memfd by calls, not through a mapping: a worker that truncates it cannot hurt the host.
#include "worker/host/shared_tensors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

constexpr uint64_t kAlignment = 64;  // of every tensor, as the protocol asks of answers

uint64_t Aligned(uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Moves all bytes with pread or pwrite. False at an error or an early end.
template <typename Call, typename Byte>
bool MoveAll(Call call, int fd, Byte* data, size_t bytes, uint64_t offset) {
  while (bytes > 0) {
    const ssize_t moved = call(fd, data, bytes, static_cast<off_t>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    data += moved;
    offset += static_cast<uint64_t>(moved);
    bytes -= static_cast<size_t>(moved);
  }
  return true;
}

}  // namespace

std::unique_ptr<SharedTensors> SharedTensors::Make() {
  const int fd = memfd_create("bakeoff", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return nullptr;
  // Nobody makes it smaller under the other's hands.
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
  return std::unique_ptr<SharedTensors>(new SharedTensors(fd));
}

SharedTensors::~SharedTensors() {
  close(fd_);
}

std::optional<std::vector<NamedTensor>> SharedTensors::Put(const std::vector<NamedTensor>& tensors) {
  uint64_t end = 0;
  for (const NamedTensor& tensor : tensors) end += Aligned(tensor.data.size());
  const uint64_t needed = end + reply_bytes_;
  if (needed > size_) {
    if (ftruncate(fd_, static_cast<off_t>(needed)) != 0) return std::nullopt;
    size_ = needed;
  }
  std::vector<NamedTensor> placed;
  uint64_t offset = 0;
  for (const NamedTensor& tensor : tensors) {
    if (!MoveAll(pwrite, fd_, tensor.data.data(), tensor.data.size(), offset)) return std::nullopt;
    placed.push_back({tensor.name, tensor.type, tensor.shape, {}, offset});
    offset += Aligned(tensor.data.size());
  }
  reply_offset_ = end;
  return placed;
}

Json SharedTensors::ReplyRoom() const {
  return {{"offset", reply_offset_}, {"bytes", reply_bytes_}};
}

void SharedTensors::Expect(const std::vector<NamedTensor>& outputs) {
  uint64_t bytes = 0;
  for (const NamedTensor& output : outputs) bytes += Aligned(output.data.size());
  reply_bytes_ = std::max(reply_bytes_, bytes);
}

void SharedTensors::Fetch(NamedTensor& tensor) const {
  const auto bytes = static_cast<uint64_t>(ElementCount(tensor.shape)) * DTypeSize(tensor.type);
  const uint64_t offset = tensor.shm_offset.value_or(0);
  if (offset > size_ || bytes > size_ - offset) {
    throw Error(ErrorCode::kEngineFailed,
                fmt::format("'{}' of its reply lies outside the shared memory of {} bytes", tensor.name, size_));
  }
  tensor.data.resize(bytes);
  if (!MoveAll(pread, fd_, tensor.data.data(), tensor.data.size(), offset))
    throw Error(ErrorCode::kEngineFailed, fmt::format("'{}' of its reply cannot be read", tensor.name));
  tensor.shm_offset.reset();
}

}  // namespace bakeoff::worker
