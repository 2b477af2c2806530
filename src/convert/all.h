// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A model folder in every format that hops lead to: what can be made stays, what cannot is a row with its reason.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "convert/convert.h"
#include "core/model_folder.h"

namespace bakeoff::convert {

struct FormatOutcome {
  FormatId format;
  std::filesystem::path destination;
  std::string status;          // as StatusName()
  bool kept = false;           // it lay there and is current: nothing was run
  std::optional<Error> error;  // set where nothing new was written
  Json steps = Json::array();  // one object per hop, as in a conversion record
  std::vector<std::string> notes;
};

struct AllResult {
  std::string folder;
  std::string source;                  // the model file, within the folder
  std::vector<FormatOutcome> formats;  // nearest first
  std::vector<std::string> notes;
};

// The file with the table of all formats that ConvertAll() leaves in the folder.
inline constexpr const char* kFormatsFile = "formats.json";

// `request` without destination and format. What is current stays, unless `request.replace`; what an earlier
// conversion left and is no longer the model is replaced; what somebody else put there stays and is a failure. Throws
// Error: kUnsupported where no hop leads from the model's format, kUnavailable where the table cannot be written.
AllResult ConvertAll(const core::ModelFolder& folder, const Request& request,
                     const std::function<void(const std::string&)>& progress);

// 0: every format is there. 1: some result's answers differ. 3: something else stands in the way of some format.
int ExitCode(const AllResult& result);
Json ToJson(const AllResult& result);

}  // namespace bakeoff::convert
