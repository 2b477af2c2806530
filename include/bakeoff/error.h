// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The one exception type of Bakeoff and its closed list of codes.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace bakeoff {

// Every failure has one of these codes. The mapping to exit codes is ExitCodeFor(), to text CodeName().
enum class ErrorCode {
  kUsage,         // the request itself is wrong: option, shape, name
  kNotFound,      // a file, engine or run that was named does not exist
  kUnsupported,   // understood, but this engine or format cannot do it
  kInvalidModel,  // the model file is broken or contradicts itself
  kConversion,    // a converter hop failed
  kEngineFailed,  // a worker died, broke the protocol or its runtime reported an error
  kTimeout,       // a request outlived its time limit
  kMismatch,      // answers differ beyond tolerance
  kUnavailable,   // a resource is missing on this machine (disk, counter, permission)
  kInternal,      // a bug in Bakeoff
};

// The spelling used in results and on the wire ("engine_failed").
std::string_view CodeName(ErrorCode code);
// Inverse of CodeName(); an unknown name gives kInternal.
ErrorCode CodeFromName(std::string_view name);
// usage, not_found -> 2; mismatch -> 1; all others -> 3 (DESIGN: one mapping for every command).
int ExitCodeFor(ErrorCode code);

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string text) : code_(code), text_(std::move(text)) {}

  ErrorCode code() const { return code_; }
  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

  // Prepends what was being done, on the way up: Error("no such file").With("loading model.onnx")
  // reads "loading model.onnx: no such file". The code stays.
  Error With(std::string_view context) const { return Error(code_, std::string(context) + ": " + text_); }

 private:
  ErrorCode code_;
  std::string text_;
};

}  // namespace bakeoff
