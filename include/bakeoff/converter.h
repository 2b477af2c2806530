// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The contract of a hop: one step of conversion between formats. A folder converters/<from>_to_<to>/ implements it and
// becomes one worker executable, `bakeoff-hop-<name>`; docs/adding-a-hop.md has a template.
//
// Who calls what, and when:
//   - DescribeHop() once, before anything else, on the main thread. It must not load a model.
//   - Convert() on the main thread, once per process as a rule. The process runs under limits on memory and CPU time:
//     whatever is in the source file, it can end this process and nothing else.
// What the caller does and the hop need not: it checks the source, checks the result, runs both on engines and compares
// their answers, gives the result its final name, and writes the record.
// Errors: throw Error. What the source holds and the hop cannot convert: throw UnsupportedOperators(), once, with all
// of it. Any other exception becomes `conversion` with its what().
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bakeoff/artifact.h"
#include "bakeoff/error.h"
#include "bakeoff/json.h"
#include "bakeoff/options.h"
#include "bakeoff/tensor.h"

namespace bakeoff {

// What a hop is and can do. New abilities become new fields here, never a virtual function.
struct HopInfo {
  std::string name;                            // lower case, [a-z0-9-]; the executable is bakeoff-hop-<name>
  std::string version;                         // of what does the work: the vendor's library, or Bakeoff's own
  std::vector<FormatId> reads;                 // each is a hop of its own: from any of these ...
  FormatId writes;                             // ... to this
  std::vector<std::string> precisions{"f32"};  // of weights, as --precision takes them: f32, f16
  bool takes_opset = false;                    // whether ConvertOptions::opset means something
  std::vector<OptionSpec> options;
  std::string loses;  // what a round trip would not bring back, one line; "" for nothing
  std::string note;   // one line for people, may be empty
};

// What the user asked for.
struct ConvertOptions {
  // Where to write: a file name with the format's usual ending, or a folder's name. Its folder exists and is empty;
  // files that belong to the result (weights beside it) lie in the same folder and keep their names when the caller
  // moves them, so names inside the result are relative.
  std::string destination;
  // Extents to fix, by input name; "" means the only input. kFree leaves an extent as the source has it. A source that
  // knows no shapes (TorchScript) takes them from here.
  std::map<std::string, Shape> shapes;
  std::string precision = "f32";  // one of HopInfo::precisions
  int64_t opset = 0;              // of ai.onnx; 0: the hop's default
  // What the model is beside its network, in the source's names and axes: classes, pre-processing, meaning of ports
  // (core/model_description.h); null where nobody knows. A hop whose format has a place for it writes
  // core::DescriptionFor() there.
  Json description = nullptr;
  OptionValues hop;
};

struct Converted {
  // The result: path, format, and inputs and outputs in its own names, shapes and layouts. A layout is given for every
  // tensor whose axes the hop knows, as it then needs no guess by anybody ("NHWC"; "" where unknown).
  Artifact target;
  // The source as the hop understood it, inputs and outputs in the same order as the target's: entry i of one becomes
  // entry i of the other, whatever it is called there.
  Artifact source;
  // What people should know about this result: decisions, things left out. One sentence each.
  std::vector<std::string> notes;
  // Facts for the record: library versions, numbers of nodes. A flat object.
  Json facts = Json::object();
};

// One thing that stopped a hop.
struct UnsupportedOperator {
  std::string op;        // as the source format calls it, "com.example.Frobnicate" for instance
  std::string node;      // the node's name, or that of its first output
  std::string why;       // "no such operator in TFLite", "its axis must be a constant"
  std::string location;  // where the source says it comes from (source line, layer); may be empty
  std::string advice;    // what to do, if known; may be empty
};

// One Error{kUnsupported} that names all of them; equal operators with equal reasons share a line.
Error UnsupportedOperators(const std::string& hop, const std::vector<UnsupportedOperator>& found);

// The two functions a hop provides; BAKEOFF_HOP names them to the worker library.
struct HopEntry {
  HopInfo (*describe)();
  Converted (*convert)(const Artifact& source, const ConvertOptions& options);
};

// Defined by BAKEOFF_HOP in the hop's file, called by the worker library's main().
const HopEntry& TheHop();

}  // namespace bakeoff

// At namespace scope, outside any namespace: BAKEOFF_HOP(bakeoff::DescribeHop, bakeoff::Convert);
#define BAKEOFF_HOP(describe_function, convert_function)                             \
  const ::bakeoff::HopEntry& ::bakeoff::TheHop() {                                   \
    static constexpr ::bakeoff::HopEntry entry{describe_function, convert_function}; \
    return entry;                                                                    \
  }                                                                                  \
  static_assert(true, "needs a semicolon")
