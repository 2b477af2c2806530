// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Matrix products.
#include "translate.h"

namespace bakeoff::to_savedmodel {
namespace {

// x (.., K) by the transpose of M x K, and a bias.
void FullyConnected(Translator& to, const OperatorRow& row) {
  const std::vector<std::string> factors{to.Ref(row.inputs[0]), to.Ref(row.inputs[1])};
  const bool flat = to.Rank(row.inputs[0]) == 2;
  Attributes attributes = to.TypeT(row.inputs[0]).Bool(flat ? "transpose_b" : "adj_y", true);
  const char* op = flat ? "MatMul" : "BatchMatMulV2";
  if (row.inputs.size() < 3 || row.inputs[2] == channels_last::kAbsent) return to.Result(op, factors, attributes);
  to.Result("BiasAdd", {to.Step(op, factors, attributes), to.Ref(row.inputs[2])}, to.TypeT(row.outputs[0]));
}

void BatchMatMul(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsBatchMatMulOptions();
  to.Result("BatchMatMulV2", {to.Ref(row.inputs[0]), to.Ref(row.inputs[1])},
            to.TypeT(row.inputs[0]).Bool("adj_x", options.adj_x).Bool("adj_y", options.adj_y));
}

constexpr Rule kRules[] = {
    {BuiltinOperator::FULLY_CONNECTED, FullyConnected},
    {BuiltinOperator::BATCH_MATMUL, BatchMatMul},
};

}  // namespace

std::span<const Rule> DenseRules() {
  return kRules;
}

}  // namespace bakeoff::to_savedmodel
