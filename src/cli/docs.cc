// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// `bakeoff docs`: the generated texts, for docs/cli.md and for shells. Left out of the short help.
#include <fmt/format.h>

#include "bakeoff/error.h"
#include "cli/commands.h"
#include "cli/parser.h"
#include "cli/run.h"
#include "measure/fields.h"

namespace bakeoff::cli {
namespace {

constexpr PositionalRow kWords[] = {
    {"TEXT",
     "cli (the page docs/cli.md), fields (the table in docs/results-format.md), campaigns (the tables in "
     "docs/campaigns.md) or completion (for bash)."}};

int Run(const Options& options, Console& console) {
  const std::string& text = options.Positional().front();
  if (text == "cli") {
    console.Out(CliPage());
  } else if (text == "fields") {
    console.Out(measure::FieldsMarkdown());
  } else if (text == "campaigns") {
    console.Out(campaign::KeysMarkdown(CommandTable()));
  } else if (text == "completion") {
    console.Out(BashCompletion());
  } else {
    throw Error(ErrorCode::kUsage, fmt::format("no text '{}'; there are: campaigns, cli, completion, fields", text));
  }
  return 0;
}

}  // namespace

const Command kDocs{
    .name = "docs",
    .summary = "Print the generated documentation or shell completion",
    .example = "bakeoff docs cli > docs/cli.md\neval \"$(bakeoff docs completion)\"",
    .positionals = kWords,
    .hidden = true,
    .run = Run,
};

}  // namespace bakeoff::cli
