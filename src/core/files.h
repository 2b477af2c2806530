// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Files read and written whole, with errors that name the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace bakeoff::core {

// The whole content. Throws Error: kNotFound (no such file), kUnavailable (cannot be read, a folder, or larger than
// `most`).
std::string ReadFile(const std::filesystem::path& path, size_t most = size_t{1} << 30);

// The first bytes, at most `most`. Throws as ReadFile().
std::string ReadStart(const std::filesystem::path& path, size_t most);

// Either the old content or the whole new content is there afterwards, also when the machine stops: a temporary file in
// the same folder, fsync, rename. What is not a regular file (/dev/full, a pipe) is written directly. Throws Error:
// kNotFound (no such folder), kUnavailable (disk full, permission ...), and leaves no temporary file, nor does a signal
// whose handler calls RemoveScratch(). `behind` follows the content, for callers whose content is large and not theirs
// to append to.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view content, std::string_view behind = {});

// The same for content that comes in pieces: `produce` hands them to `write` in order. What `produce` throws ends it,
// and the old content stays.
using WritePiece = std::function<void(std::string_view piece)>;
void WriteFileInPieces(const std::filesystem::path& path, const std::function<void(const WritePiece& write)>& produce);

// What errno says of a write that failed, and what to do where that is clear: "No space left on device; free some ...".
std::string WriteFailure(int error);

// Bytes of a file, or of all files below a folder; what cannot be read counts nothing.
uint64_t SizeOnDisk(const std::filesystem::path& path);

// ${BAKEOFF_CACHE:-~/.cache/bakeoff}/name, not created. Empty when neither BAKEOFF_CACHE nor HOME is set.
std::filesystem::path CacheFolder(std::string_view name);

}  // namespace bakeoff::core
