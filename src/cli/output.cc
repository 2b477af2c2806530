// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Results to stdout or to a file, never half of one.
#include "cli/output.h"

#include <filesystem>

#include <fmt/format.h>

#include "bakeoff/error.h"
#include "core/files.h"
#include "core/formats.h"

namespace bakeoff::cli {
namespace {

bool TakesStdout(const Options& options, std::string_view option) {
  if (!options.Has(option)) return false;
  const std::string file = options.Text(option);
  return file.empty() || file == "-";
}

}  // namespace

bool JsonTakesStdout(const Options& options) { return TakesStdout(options, "json"); }

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
  // `--json model.onnx` with the model meant as the argument must not overwrite the model.
  for (const core::FormatRow& row : core::Formats()) {
    if (!row.ending.empty() && std::filesystem::path(file).extension() == row.ending) {
      throw Error(ErrorCode::kUsage, fmt::format("--{} {}: that is the name of a model ({}); put the model first, or write --{}=FILE with another name",
                                                 option, file, row.title, option));
    }
  }
  core::WriteFileAtomically(file, text);
}

}  // namespace bakeoff::cli
