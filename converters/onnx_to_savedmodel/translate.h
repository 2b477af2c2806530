// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Names TensorFlow's operator for each of a program. Only for the files of this folder.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "converters/channels_last/program.h"
#include "graph_def.h"

namespace bakeoff::to_savedmodel {

using channels_last::BuiltinOperator;
using channels_last::Index;
using channels_last::OperatorRow;
using channels_last::Program;
using channels_last::TensorType;

class Translator {
 public:
  Translator(const Program& program, GraphDef& graph);

  // Inputs, operators and outputs. Throws UnsupportedOperators().
  void Run();
  const std::vector<SignaturePort>& inputs() const { return inputs_; }
  const std::vector<SignaturePort>& outputs() const { return outputs_; }

  const Program& program() const { return program_; }
  // The reference to a tensor; constants become nodes when they are first asked for.
  std::string Ref(Index tensor);
  // A constant whose stored form is not the program's.
  std::string Constant(const std::string& wish, const channels_last::StoredConstant& constant);
  std::string Number(float value);
  std::string Numbers(const std::vector<int32_t>& values);  // one axis
  std::string Scalar(int32_t value);
  std::vector<std::string> Refs(const OperatorRow& row);  // of all its inputs
  DataType Type(Index tensor) const { return TypeOf(program_.Type(tensor)); }
  size_t Rank(Index tensor) const { return program_.Extents(tensor).size(); }
  // Attributes that begin with T, the type of that tensor.
  Attributes TypeT(Index tensor) const { return Attributes().Type("T", Type(tensor)); }

  // A node in the middle of what becomes of one operator. Returns its reference.
  std::string Step(std::string_view op, const std::vector<std::string>& inputs, const Attributes& attributes);
  // The node that makes the operator's outputs.
  void Result(std::string_view op, const std::vector<std::string>& inputs, const Attributes& attributes);

 private:
  SignaturePort PortOf(const channels_last::Port& port) const;

  const Program& program_;
  GraphDef& graph_;
  const OperatorRow* current_ = nullptr;
  std::vector<std::string> refs_;  // by tensor
  std::vector<SignaturePort> inputs_, outputs_;
};

// One operator and how it is written.
struct Rule {
  BuiltinOperator code;
  void (*write)(Translator& to, const OperatorRow& row);
};

// The families, each in a file of its own.
std::span<const Rule> WindowRules();
std::span<const Rule> ElementwiseRules();
std::span<const Rule> DenseRules();
std::span<const Rule> MovementRules();
std::span<const Rule> ReductionRules();

}  // namespace bakeoff::to_savedmodel
