// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reductions and softmax.
#include "translate.h"

namespace bakeoff::to_savedmodel {
namespace {

const char* NameOf(BuiltinOperator code) {
  switch (code) {
    case BuiltinOperator::SUM:
      return "Sum";
    case BuiltinOperator::REDUCE_MAX:
      return "Max";
    case BuiltinOperator::REDUCE_MIN:
      return "Min";
    case BuiltinOperator::REDUCE_PROD:
      return "Prod";
    default:
      return "Mean";
  }
}

void Reduce(Translator& to, const OperatorRow& row) {
  to.Result(NameOf(row.code), {to.Ref(row.inputs[0]), to.Ref(row.inputs[1])},
            to.TypeT(row.inputs[0])
                .Type("Tidx", to.Type(row.inputs[1]))
                .Bool("keep_dims", row.options.AsReducerOptions()->keep_dims));
}

void Softmax(Translator& to, const OperatorRow& row) {
  to.Result("Softmax", {to.Ref(row.inputs[0])}, to.TypeT(row.inputs[0]));
}

using B = BuiltinOperator;
constexpr Rule kRules[] = {
    {B::MEAN, Reduce},       {B::SUM, Reduce},         {B::REDUCE_MAX, Reduce},
    {B::REDUCE_MIN, Reduce}, {B::REDUCE_PROD, Reduce}, {B::SOFTMAX, Softmax},
};

}  // namespace

std::span<const Rule> ReductionRules() {
  return kRules;
}

}  // namespace bakeoff::to_savedmodel
