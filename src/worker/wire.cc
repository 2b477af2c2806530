// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Frames of the wire protocol: bounded reads and writes with deadlines.
#include "worker/wire.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "bakeoff/error.h"

namespace bakeoff::worker {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostSkipped = 64 << 10;
constexpr size_t kHeaderBytes = 12;

Error Broken(const std::string& text) {
  return Error(ErrorCode::kEngineFailed, text);
}

// Waits until `fd` is ready for `events`. Throws Error{kTimeout} at the deadline.
void WaitFor(int fd, short events, Clock::time_point deadline) {
  while (true) {
    int wait_ms = -1;
    if (deadline != kNoDeadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) throw Error(ErrorCode::kTimeout, "no answer within the time limit");
      wait_ms = static_cast<int>(std::min<int64_t>(left, 1'000'000));
    }
    pollfd wanted{fd, events, 0};
    const int ready = poll(&wanted, 1, wait_ms);
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw Broken(fmt::format("poll: {}", std::strerror(errno)));
  }
}

template <typename T>
T LittleEndian(const unsigned char* bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(bytes[i]) << (8 * i);
  return value;
}

template <typename T>
void PutLittleEndian(unsigned char* bytes, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
}

// Where a tensor's bytes lie in the shared memory, if they do not come with the frame.
std::optional<uint64_t> ShmOffset(const Json& entry, const std::string& name) {
  const auto field = entry.find("shm_offset");
  if (field == entry.end()) return std::nullopt;
  if (!field->is_number_unsigned())
    throw Broken(fmt::format("frame: the shm_offset of tensor '{}' is no whole number", name));
  return field->get<uint64_t>();
}

// Bytes of a tensor as a frame's head describes it; every step is checked because the other side may be anything.
uint64_t DeclaredBytes(const TensorSpec& spec, uint64_t limit) {
  uint64_t bytes = DTypeSize(spec.type);
  for (const int64_t extent : spec.shape) {
    if (extent < 0) throw Broken(fmt::format("frame: tensor '{}' has a negative extent", spec.name));
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) {
      throw Broken(fmt::format("frame: the size of tensor '{}' overflows", spec.name));
    }
  }
  if (bytes > limit) throw Broken(fmt::format("frame: tensor '{}' is larger than its payload", spec.name));
  return bytes;
}

}  // namespace

bool FrameStream::ReadAll(void* data, size_t bytes, Clock::time_point deadline, bool end_is_clean) {
  auto* next = static_cast<char*>(data);
  size_t left = bytes;
  while (left > 0) {
    WaitFor(read_fd_, POLLIN, deadline);
    const ssize_t got = read(read_fd_, next, left);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) throw Broken(fmt::format("read: {}", std::strerror(errno)));
    if (got == 0) {
      if (end_is_clean && left == bytes) return false;
      throw Broken(fmt::format("the stream ended inside a frame ({} of {} bytes came)", bytes - left, bytes));
    }
    next += got;
    left -= static_cast<size_t>(got);
  }
  return true;
}

void FrameStream::WriteAll(const void* data, size_t bytes, Clock::time_point deadline) {
  const auto* next = static_cast<const char*>(data);
  const bool nonblocking = (fcntl(write_fd_, F_GETFL) & O_NONBLOCK) != 0;
  while (bytes > 0) {
    WaitFor(write_fd_, POLLOUT, deadline);
    // A blocking pipe may take more than it has room for only by blocking: offer pieces that a ready pipe takes at
    // once. A non-blocking one takes what it has room for.
    const ssize_t put =
        write(write_fd_, next, deadline == kNoDeadline || nonblocking ? bytes : std::min<size_t>(bytes, 4096));
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (put < 0) throw Broken(fmt::format("write: {}", std::strerror(errno)));
    next += put;
    bytes -= static_cast<size_t>(put);
  }
}

std::optional<Frame> FrameStream::Read(Clock::time_point deadline) {
  std::array<unsigned char, kHeaderBytes> header;
  if (!ReadAll(header.data(), header.size(), deadline, true)) return std::nullopt;
  const auto head_bytes = LittleEndian<uint32_t>(header.data());
  const auto payload_bytes = LittleEndian<uint64_t>(header.data() + 4);
  if (head_bytes > limits_.head_bytes) {
    throw Broken(fmt::format("frame: a head of {} bytes is above the limit of {}", head_bytes, limits_.head_bytes));
  }
  if (payload_bytes > limits_.payload_bytes) {
    throw Broken(
        fmt::format("frame: a payload of {} bytes is above the limit of {}", payload_bytes, limits_.payload_bytes));
  }
  std::string text(head_bytes, '\0');
  ReadAll(text.data(), text.size(), deadline, false);
  Frame frame;
  frame.head = Json::parse(text, nullptr, false);
  if (!frame.head.is_object()) throw Broken("frame: the head is no JSON object");

  uint64_t left = payload_bytes;
  if (frame.head.contains("tensors")) {
    const Json& list = frame.head["tensors"];
    if (!list.is_array()) throw Broken("frame: 'tensors' is no list");
    // All sizes are checked before the first allocation.
    std::vector<uint64_t> sizes;
    for (const Json& entry : list) {
      const TensorSpec spec = SpecFromJson(entry);
      const auto shm_offset = ShmOffset(entry, spec.name);
      const uint64_t bytes = DeclaredBytes(spec, shm_offset ? limits_.payload_bytes : left);
      sizes.push_back(shm_offset ? 0 : bytes);
      left -= sizes.back();
      frame.tensors.push_back({spec.name, spec.type, spec.shape, {}, shm_offset});
    }
    if (left == 0) {
      for (size_t i = 0; i < sizes.size(); ++i) {
        frame.tensors[i].data.resize(sizes[i]);
        ReadAll(frame.tensors[i].data.data(), sizes[i], deadline, false);
      }
    }
    frame.head.erase("tensors");
  }
  if (left != 0) throw Broken(fmt::format("frame: {} bytes of payload belong to no tensor", left));
  return frame;
}

void FrameStream::Write(const Json& head, const std::vector<NamedTensor>& tensors, Clock::time_point deadline) {
  Json list = Json::array();
  Tensors views;
  for (const NamedTensor& tensor : tensors) {
    list.push_back(ToJson(TensorSpec{tensor.name, tensor.type, tensor.shape}));
    if (tensor.shm_offset) {
      list.back()["shm_offset"] = *tensor.shm_offset;
    } else {
      views.push_back({tensor.type, tensor.shape, const_cast<std::byte*>(tensor.data.data()), tensor.data.size()});
    }
  }
  WriteFrame(head, std::move(list), views, deadline);
}

void FrameStream::Write(const Json& head, const std::vector<std::string>& names, const Tensors& views,
                        Clock::time_point deadline) {
  Json list = Json::array();
  for (size_t i = 0; i < views.size(); ++i) list.push_back(ToJson(TensorSpec{names[i], views[i].type, views[i].shape}));
  WriteFrame(head, std::move(list), views, deadline);
}

void FrameStream::WriteFrame(const Json& head, Json list, const Tensors& views, Clock::time_point deadline) {
  Json full = head;
  if (!list.empty()) full["tensors"] = std::move(list);
  uint64_t payload_bytes = 0;
  for (const TensorView& view : views) payload_bytes += view.bytes;
  // Text from runtimes and files may be no UTF-8; it must not break the frame.
  const std::string text = full.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > limits_.head_bytes || payload_bytes > limits_.payload_bytes) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("a message of {} + {} bytes is above the protocol's limits of {} + {}", text.size(),
                            payload_bytes, limits_.head_bytes, limits_.payload_bytes));
  }
  std::string start(kHeaderBytes, '\0');
  PutLittleEndian(reinterpret_cast<unsigned char*>(start.data()), static_cast<uint32_t>(text.size()));
  PutLittleEndian(reinterpret_cast<unsigned char*>(start.data()) + 4, payload_bytes);
  start += text;
  WriteAll(start.data(), start.size(), deadline);
  for (const TensorView& view : views) WriteAll(view.data, view.bytes, deadline);
}

void FrameStream::WriteMagic() {
  std::array<unsigned char, sizeof(kMagic) + 4> bytes;
  std::copy(std::begin(kMagic), std::end(kMagic), bytes.begin());
  PutLittleEndian(bytes.data() + sizeof(kMagic), kProtocolVersion);
  WriteAll(bytes.data(), bytes.size(), kNoDeadline);
}

uint32_t FrameStream::ReadMagic(std::string& skipped, Clock::time_point deadline) {
  const std::string_view magic(reinterpret_cast<const char*>(kMagic), sizeof(kMagic));
  // Byte by byte: what follows the magic must stay in the pipe for the frames.
  std::string seen;
  while (!seen.ends_with(magic)) {
    char byte = 0;
    if (!ReadAll(&byte, 1, deadline, true)) {
      skipped += seen;
      throw Broken("it ended before the handshake");
    }
    seen += byte;
    if (seen.size() > kMostSkipped + magic.size()) {
      skipped += seen;
      throw Broken("64 KiB on its stdout hold no handshake: is this a Bakeoff worker?");
    }
  }
  skipped += seen.substr(0, seen.size() - magic.size());
  std::array<unsigned char, 4> version;
  ReadAll(version.data(), version.size(), deadline, false);
  return LittleEndian<uint32_t>(version.data());
}

Json ToJson(const TensorSpec& spec) {
  return {{"name", spec.name}, {"type", DTypeName(spec.type)}, {"shape", spec.shape}};
}

TensorSpec SpecFromJson(const Json& json) {
  const auto fail = [&](std::string_view what) {
    return Broken(fmt::format("a tensor description has {}: {}", what,
                              json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 200)));
  };
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) throw fail("no name");
  if (!json.contains("type") || !json["type"].is_string()) throw fail("no type");
  if (!json.contains("shape") || !json["shape"].is_array()) throw fail("no shape");
  TensorSpec spec{json["name"].get<std::string>(), DType::kF32, {}};
  for (const Json& extent : json["shape"]) {
    if (!extent.is_number_integer()) throw fail("a shape that is not of whole numbers");
    spec.shape.push_back(extent.get<int64_t>());
  }
  try {
    spec.type = DTypeFromName(json["type"].get<std::string>());
  } catch (const Error& error) {
    throw fail(error.text());
  }
  return spec;
}

}  // namespace bakeoff::worker
