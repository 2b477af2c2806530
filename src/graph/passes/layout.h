// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Pass: chooses the physical order of axes of every value for a target whose convolutions want channels last, and puts
// a relayout where two orders meet. Operators keep their meaning on logical axes; only Value::permutation changes.
#pragma once

#include <cstdint>

#include "graph/model.h"

namespace bakeoff::graph {

// What an operator asks of its inputs' order, and what order its output has. kAny operators run in whatever order their
// largest input has; the others are special in one respect each.
enum class LayoutRule : uint8_t {
  kLogical,       // inputs and outputs in the order of ONNX: the safe default
  kChannelsLast,  // input 0 and output 0: batch, space, channels
  kAny,           // element-wise, Concat, Split, Slice, Pad: one order for all inputs and outputs of the same rank
  kLastAxis,      // Softmax: the attribute `axis` lies last
  kRowsLast,      // MatMul by a constant matrix: the last logical axis lies last
  kMatMul,        // the order of ONNX, or with the last two axes exchanged
  kTranspose,     // costs nothing: the output is the input under other names of axes
  kReshape,       // Reshape, Flatten, Squeeze, Unsqueeze: free wherever axes merge and split as they lie
  kReduce,        // ReduceMean ...: any order; without keepdims the remaining axes keep theirs
  kExtents,       // Shape, Size: reads no elements, so the input may lie as it likes
  kGather,        // any order; the indices' axes take the place of the gathered one
};

// The rule for an operator; called once per node.
using LayoutRuleOf = LayoutRule (*)(const Node& node);

// Sets permutations and inserts Identity nodes whose input and output have different ones: such a node is a physical
// transpose. Inputs of rank 4 that reach a channels-last operator take that order themselves, and an output of rank 4
// that has it keeps it; all other inputs and outputs of the graph have the logical order. Needs inferred shapes.
// Returns the number of transposes inserted.
size_t ChooseLayouts(Model& model, LayoutRuleOf rule_of);

// The permutation written out: identity for an empty one.
Permutation FullPermutation(const Permutation& permutation, size_t rank);
// Where the logical axis lies.
size_t PhysicalAxis(const Value& value, int64_t logical_axis);
// Whether data in the order `from` lies the same way in memory as in the order `to`: axes of extent 1 may stand
// anywhere.
bool SameInMemory(const SymbolicShape& logical, const Permutation& from, const Permutation& to);

}  // namespace bakeoff::graph
