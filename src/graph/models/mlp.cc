// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The two networks without images: a perceptron, and one with several inputs and outputs of different types.
#include "graph/models/layers.h"

namespace bakeoff::graph {
namespace {

constexpr int64_t kPixels = 784;
constexpr int64_t kWords = 100;
constexpr int64_t kTokens = 8;
constexpr int64_t kFeatures = 16;
constexpr int64_t kEmbedding = 32;

Dim BatchOf(const ModelRequest& request) {
  return request.batch > 0 ? Dim(request.batch) : Dim::Symbol("batch");
}

}  // namespace

void BuildMlp(Layers& layers, const ModelRequest& request) {
  const int64_t first = Scaled(512, request.width), second = Scaled(256, request.width);
  Value* x = layers.build().Input("input", ElementType::kF32, {BatchOf(request), kPixels});
  x = layers.Relu(layers.Gemm(x, "fc1", kPixels, first), "relu1");
  x = layers.Relu(layers.Gemm(x, "fc2", first, second), "relu2");
  layers.build().Output(layers.Gemm(x, "fc3", second, request.classes), "logits");
}

// Words and numbers in, scores and the mean embedding out.
void BuildMulti(Layers& layers, const ModelRequest& request) {
  Builder& build = layers.build();
  const int64_t inner = Scaled(64, request.width);
  Value* ids = build.Input("ids", ElementType::kI64, {BatchOf(request), kTokens});
  Value* features = build.Input("features", ElementType::kF32, {BatchOf(request), kFeatures});
  const auto table = layers.Stream("embedding.weight").Normals(kWords * kEmbedding, 1);
  Value* words = build.Constant("embedding.weight", Tensor::F32({kWords, kEmbedding}, table));
  Attributes first, second, last;
  first["axis"] = int64_t{0};
  Value* x = build.Op("Gather", {words, ids}, std::move(first), "embed");
  second["axes"] = std::vector<int64_t>{1};
  second["keepdims"] = int64_t{0};
  Value* mean = build.Op("ReduceMean", {x}, std::move(second), "mean");
  last["axis"] = int64_t{1};
  x = build.Op("Concat", {mean, features}, std::move(last), "concat");
  x = layers.Relu(layers.Gemm(x, "fc1", kEmbedding + kFeatures, inner), "relu1");
  build.Output(layers.Gemm(x, "fc2", inner, request.classes), "scores");
  build.Output(mean, "embedding");
}

}  // namespace bakeoff::graph
