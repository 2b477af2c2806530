// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// A campaign as its file says it, checked and typed. docs/campaigns.md describes the file.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "campaign/document.h"
#include "campaign/keys.h"

namespace bakeoff::campaign {

// An option for a command of the tool. A switch has no values.
struct Given {
  std::string option;
  std::vector<std::string> values;
  bool repeats = false;  // --shape A --shape B instead of --threads 1,2
  int line = 0;
  std::string key;                 // as the file has it: "measure.threads"
  std::vector<std::string> files;  // that the values name
};

// -o ENGINE.OPTION=VALUES.
struct EngineOption {
  std::string engine, option;
  std::vector<std::string> values;
  int line = 0;
};

struct Baseline {
  std::string engine, label;
  std::map<std::string, std::string> options;
  int line = 0;
};

// One call of `bench`.
struct Measurement {
  std::string role;  // latency, offline, dataset, server, ablate, profile
  std::vector<Given> given;
  std::vector<EngineOption> options;
  int line = 0;
};

enum class DataKind { kNone, kMake, kPath, kImport };

struct Spec {
  std::string file;  // for messages
  std::string text;  // what it holds
  std::string name, title;

  DataKind data = DataKind::kNone;
  std::string data_source;  // name of the set, or a path
  int data_line = 0;        // of it
  std::vector<Given> data_given;
  bool split = false;
  std::vector<Given> split_given;

  bool train = false;
  std::vector<Given> train_given;
  std::vector<std::string> models;
  std::vector<Given> model_given;  // for every command that has such an option

  bool convert_all = true;
  std::vector<std::string> convert;  // formats, where not all; none where empty
  int convert_line = 0;

  std::vector<Baseline> baselines;
  bool no_baseline = false;  // the file says `none`

  bool verify = true;
  std::vector<Given> verify_given;
  std::vector<EngineOption> verify_options;

  bool evaluate = false;
  std::vector<std::string> evaluate_engines, precisions;
  Given precision_given;  // where the precisions were said, without them
  int evaluate_line = 0;
  std::vector<Given> evaluate_given;
  std::vector<EngineOption> evaluate_options;

  std::vector<Measurement> measurements;  // latency first
  bool report = true;
};

const Given* Find(const std::vector<Given>& given, std::string_view option);

// Reads and checks a file: keys, types, paths that must be there, contradictions. Engines are checked by MakePlan().
// Throws Error: kUsage, kNotFound, both naming file and line.
Spec ReadSpec(const std::filesystem::path& file, const OptionsOf& options);
// The same for a text; paths in it are relative to `folder`.
Spec ParseSpec(const std::string& text, const std::string& name, const std::filesystem::path& folder,
               const OptionsOf& options);

}  // namespace bakeoff::campaign
