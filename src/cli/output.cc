// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results to stdout or to a file, never half of one.
#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/formats.h"

namespace bakeoff::cli {
namespace {

// `--json model.onnx` with the model meant as the argument must not overwrite the model.
void RefuseModelName(std::string_view option, const std::string& file) {
  for (const core::FormatRow& row : core::Formats()) {
    if (!row.ending.empty() && std::filesystem::path(file).extension() == row.ending) {
      throw Error(
          ErrorCode::kUsage,
          fmt::format(
              "--{} {}: that is the name of a model ({}); put the model first, or write --{}=FILE with another name",
              option, file, row.title, option));
    }
  }
}

// A store of results, this tool's or another's: what was measured must not be lost to a slip of the hand.
void RefuseDatabase(std::string_view option, const std::string& file) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);  // sqlite.org/fileformat.html, 1.3
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return;
  if (core::ReadStart(file, kMagic.size()) != kMagic) return;
  throw Error(ErrorCode::kUsage,
              fmt::format("--{} {}: that is a store of results, and would be lost; name another file", option, file));
}

}  // namespace

bool TakesStdout(const Options& options, std::string_view option) {
  if (!options.Has(option)) return false;
  const std::string file = options.Text(option);
  return file.empty() || file == "-";
}

bool JsonTakesStdout(const Options& options) {
  return TakesStdout(options, "json");
}

void WriteJson(const Options& options, Console& console, const Json& result) {
  // Text from runtimes may be no UTF-8; a result must come out all the same.
  WriteText(options, "json", console, result.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void WriteText(const Options& options, std::string_view option, Console& console, const std::string& text) {
  if (!options.Has(option)) return;
  if (TakesStdout(options, option)) {
    console.Out(text);
    return;
  }
  const std::string file = options.Text(option);
  RefuseModelName(option, file);
  core::WriteFileAtomically(file, text);
}

void CheckWritable(const Options& options, std::string_view option) {
  namespace fs = std::filesystem;
  if (!options.Has(option) || TakesStdout(options, option)) return;
  const std::string file = options.Text(option);
  RefuseModelName(option, file);
  const fs::path folder = fs::path(file).has_parent_path() ? fs::path(file).parent_path() : fs::path(".");
  std::error_code error;
  if (fs::is_directory(file, error))
    throw Error(ErrorCode::kUsage, fmt::format("--{} {}: that is a folder; name a file", option, file));
  if (!fs::is_directory(folder, error))
    throw Error(ErrorCode::kNotFound, fmt::format("--{} {}: no such folder: {}", option, file, folder.string()));
  RefuseDatabase(option, file);
  const bool there = fs::exists(file, error);
  if (access(there ? file.c_str() : folder.c_str(), W_OK) != 0) {
    throw Error(ErrorCode::kUnavailable,
                fmt::format("--{} {}: cannot be written: {}", option, file, std::strerror(errno)));
  }
}

}  // namespace bakeoff::cli
