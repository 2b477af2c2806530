// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ONNX in and out: files, the standard checker and shape inference. No type of the onnx library or of protobuf leaves
// the files onnx_*.cc.
#pragma once

#include <cstdint>
#include <filesystem>

#include "graph/model.h"

namespace bakeoff::graph {

// Reads a file, its external data included (mapped, not read); functions of the model are inlined. Any opset is read as
// it is. Throws Error naming the file and the node or tensor: kNotFound, kUnavailable, kInvalidModel (truncated, no
// ONNX, cycles, repeated names, tensors that nothing makes, bytes that disagree with shapes, external data missing or
// outside the model's folder) and kUnsupported (sparse tensors, sequences and maps as inputs or outputs, more than 2
// GiB in one file).
Model ReadOnnx(const std::filesystem::path& path);

// The same for an ORT file, which keeps an ONNX model, often with operators of its runtime's own, as a flatbuffer.
Model ReadOrt(const std::filesystem::path& path);

enum class ExternalData { kWhereNeeded, kAlways };

struct WriteOptions {
  // Weights beside the model in <name>.data: needed above 2 GB in all, because of protobuf's limit.
  ExternalData external_data = ExternalData::kWhereNeeded;
};

// Writes atomically: the file appears whole or not at all. Weights go from where they lie to the file, without a copy
// in between. The same model gives the same bytes. Throws Error{kUnavailable} with the system's words.
void WriteOnnx(const Model& model, const std::filesystem::path& path, const WriteOptions& options = {});

// The standard checker over the model as it is in memory. Throws Error: kInvalidModel naming the node or tensor,
// kUnsupported for an opset that is newer than this build's onnx library knows.
void CheckOnnx(const Model& model);

enum class Inference { kLenient, kStrict };

// Fills in element types and shapes of all values, with data propagation; what the file says stays where inference
// knows less. kStrict throws Error{kInvalidModel} where operators contradict shapes; kLenient leaves such values
// unknown.
void InferShapes(Model& model, Inference inference = Inference::kStrict);

// Operators of an older opset of ai.onnx become those of this one, with the same weights; a model that is as new stays
// as it is. Throws Error{kUnsupported} with the library's words where it cannot.
void UpgradeOpset(Model& model, int64_t opset);

// The newest opset of ai.onnx that the onnx library knows.
int64_t NewestOpset();

}  // namespace bakeoff::graph
