// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The fields of a request, read with errors that name the operation and the field.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/json.h"
#include "bakeoff/options.h"

namespace bakeoff::worker {

// Functions throw Error{kUsage} for a field of the wrong type or range.
class RequestFields {
 public:
  explicit RequestFields(std::string op) : op_(std::move(op)) {}

  const Json& Object(const Json& json, const char* name) const;  // an empty one where it is absent
  std::string Text(const Json& json, const char* name, const std::string& otherwise) const;
  int64_t Int(const Json& json, const char* name, int64_t otherwise, int64_t low, int64_t high) const;
  std::vector<TensorSpec> Specs(const Json& json, const char* name) const;
  std::map<std::string, Shape> Shapes(const Json& json, const char* name) const;
  std::map<std::string, std::string> Texts(const Json& json, const char* name) const;

  // The artifact as the host described it, without a look at the disk.
  Artifact ArtifactOf(const Json& json) const;
  // The same, and refused where `owner` does not read its format (kUnsupported, listing what it reads) or the file is
  // not there (kNotFound). {"any"} in `reads` is for every format, and no file at all.
  Artifact SourceOf(const Json& json, const std::string& owner, const std::vector<FormatId>& reads) const;

 private:
  std::string op_;
};

// Throws Error{kUnsupported} listing what there is.
void NeedOneOf(const std::string& owner, const char* what, const std::vector<std::string>& list,
               const std::string& name);
// An option that was given and that nothing read is a usage error.
void NeedAllRead(const std::string& owner, const OptionValues& options);

}  // namespace bakeoff::worker
