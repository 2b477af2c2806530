// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Operators that only move elements.
#include "translate.h"

namespace bakeoff::to_savedmodel {
namespace {

// Operators whose second input has a type attribute of its own.
void Reshape(Translator& to, const OperatorRow& row) {
  to.Result("Reshape", to.Refs(row), to.TypeT(row.inputs[0]).Type("Tshape", to.Type(row.inputs[1])));
}
void Transpose(Translator& to, const OperatorRow& row) {
  to.Result("Transpose", to.Refs(row), to.TypeT(row.inputs[0]).Type("Tperm", to.Type(row.inputs[1])));
}
void Pad(Translator& to, const OperatorRow& row) {
  to.Result(row.inputs.size() > 2 ? "PadV2" : "Pad", to.Refs(row),
            to.TypeT(row.inputs[0]).Type("Tpaddings", to.Type(row.inputs[1])));
}
void MirrorPad(Translator& to, const OperatorRow& row) {
  const bool reflect = row.options.AsMirrorPadOptions()->mode == tflite::MirrorPadMode::REFLECT;
  to.Result("MirrorPad", to.Refs(row),
            to.TypeT(row.inputs[0])
                .Type("Tpaddings", to.Type(row.inputs[1]))
                .Text("mode", reflect ? "REFLECT" : "SYMMETRIC"));
}
void ExpandDims(Translator& to, const OperatorRow& row) {
  to.Result("ExpandDims", to.Refs(row), to.TypeT(row.inputs[0]).Type("Tdim", to.Type(row.inputs[1])));
}
void Squeeze(Translator& to, const OperatorRow& row) {
  const auto& dims = row.options.AsSqueezeOptions()->squeeze_dims;
  to.Result("Squeeze", to.Refs(row),
            to.TypeT(row.inputs[0]).Ints("squeeze_dims", std::vector<int64_t>(dims.begin(), dims.end())));
}
void BroadcastTo(Translator& to, const OperatorRow& row) {
  to.Result("BroadcastTo", to.Refs(row), to.TypeT(row.inputs[0]).Type("Tidx", to.Type(row.inputs[1])));
}

void Fill(Translator& to, const OperatorRow& row) {
  to.Result("Fill", to.Refs(row), to.TypeT(row.inputs[1]).Type("index_type", to.Type(row.inputs[0])));
}

void Concat(Translator& to, const OperatorRow& row) {
  std::vector<std::string> inputs = to.Refs(row);
  // The program counts axes from the front.
  const int32_t axis = row.options.AsConcatenationOptions()->axis;
  const auto count = static_cast<int64_t>(inputs.size());
  if (count == 1) return to.Result("Identity", inputs, to.TypeT(row.inputs[0]));
  inputs.push_back(to.Scalar(axis));
  to.Result("ConcatV2", inputs, to.TypeT(row.inputs[0]).Int("N", count).Type("Tidx", DataType::kI32));
}

void Split(Translator& to, const OperatorRow& row) {
  to.Result("Split", to.Refs(row), to.TypeT(row.inputs[1]).Int("num_split", static_cast<int64_t>(row.outputs.size())));
}
void SplitV(Translator& to, const OperatorRow& row) {
  to.Result("SplitV", to.Refs(row),
            to.TypeT(row.inputs[0])
                .Type("Tlen", to.Type(row.inputs[1]))
                .Int("num_split", static_cast<int64_t>(row.outputs.size())));
}

void StridedSlice(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsStridedSliceOptions();
  to.Result("StridedSlice", to.Refs(row),
            to.TypeT(row.inputs[0])
                .Type("Index", to.Type(row.inputs[1]))
                .Int("begin_mask", options.begin_mask)
                .Int("end_mask", options.end_mask));
}

void Gather(Translator& to, const OperatorRow& row) {
  std::vector<std::string> inputs = to.Refs(row);
  inputs.push_back(to.Scalar(row.options.AsGatherOptions()->axis));
  to.Result("GatherV2", inputs,
            Attributes()
                .Type("Tparams", to.Type(row.inputs[0]))
                .Type("Tindices", to.Type(row.inputs[1]))
                .Type("Taxis", DataType::kI32));
}

void Shape(Translator& to, const OperatorRow& row) {
  to.Result("Shape", to.Refs(row), to.TypeT(row.inputs[0]).Type("out_type", to.Type(row.outputs[0])));
}

using B = BuiltinOperator;
constexpr Rule kRules[] = {
    {B::RESHAPE, Reshape},
    {B::TRANSPOSE, Transpose},
    {B::PAD, Pad},
    {B::PADV2, Pad},
    {B::FILL, Fill},
    {B::BROADCAST_TO, BroadcastTo},
    {B::SPLIT, Split},
    {B::SPLIT_V, SplitV},
    {B::MIRROR_PAD, MirrorPad},
    {B::EXPAND_DIMS, ExpandDims},
    {B::SQUEEZE, Squeeze},
    {B::GATHER, Gather},
    {B::STRIDED_SLICE, StridedSlice},
    {B::SHAPE, Shape},
    {B::CONCATENATION, Concat},
};

}  // namespace

std::span<const Rule> MovementRules() {
  return kRules;
}

}  // namespace bakeoff::to_savedmodel
