// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The list of commands. A new command is one file in this folder, one declaration and one row here.
#pragma once

#include <array>

#include "cli/command.h"

namespace bakeoff::cli {

extern const Command kBench;
extern const Command kCompare;
extern const Command kConvert;
extern const Command kDataImport;
extern const Command kDataInfo;
extern const Command kDataMake;
extern const Command kDataSplit;
extern const Command kDocs;
extern const Command kEngines;
extern const Command kEval;
extern const Command kHelp;
extern const Command kInspect;
extern const Command kMakeModel;
extern const Command kReport;
extern const Command kRun;
extern const Command kRunsDelete;
extern const Command kRunsExport;
extern const Command kRunsList;
extern const Command kRunsRename;
extern const Command kRunsShow;
extern const Command kTrain;
extern const Command kVerify;

// In the order of the short help.
inline constexpr std::array kCommands = {
    &kRun,        &kEngines, &kInspect, &kBench,  &kRunsList,  &kRunsShow, &kRunsExport, &kRunsRename,
    &kRunsDelete, &kCompare, &kReport,  &kVerify, &kConvert,   &kDataMake, &kDataImport, &kDataInfo,
    &kDataSplit,  &kTrain,   &kEval,    &kHelp,   &kMakeModel, &kDocs,
};

}  // namespace bakeoff::cli
