// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batches of pictures from src/data as tensors of LibTorch.
#include "train/loader_source.h"

#include <torch/types.h>

namespace bakeoff::train {

LoaderSource::LoaderSource(std::shared_ptr<const data::Dataset> dataset, const data::Preprocess& pipeline,
                           const data::LoaderOptions& options)
    : dataset_(dataset), pipeline_(pipeline), split_(options.split), loader_(std::move(dataset), pipeline, options) {
  for (const data::Item& item : dataset_->items) weighted_ = weighted_ || item.weight != 1;
}

int64_t LoaderSource::Examples() const {
  return static_cast<int64_t>(loader_.pictures_per_epoch());
}

std::vector<int64_t> LoaderSource::ClassCounts() const {
  const std::vector<size_t> counts = dataset_->Count(split_);
  return {counts.begin(), counts.end()};
}

void LoaderSource::Start(int64_t epoch, int64_t first) {
  loader_.StartEpoch(static_cast<uint64_t>(epoch), static_cast<size_t>(first));
}

bool LoaderSource::Next(Batch& batch) {
  const data::Batch* next = loader_.Next();
  if (next == nullptr) return false;
  const auto count = static_cast<int64_t>(next->count);
  // The pipeline of the artifact says NCHW or NHWC; the network wants N x 3 x H x W either way, so that NHWC pixels are
  // its channels_last.
  const std::vector<int64_t> sizes = {count, 3, pipeline_.height(), pipeline_.width()};
  float* values = const_cast<float*>(next->values.data());
  if (pipeline_.channels_last) {
    const int64_t width = sizes[3], height = sizes[2];
    batch.images = torch::from_blob(values, sizes, {height * width * 3, 1, width * 3, 3}, torch::kFloat32);
  } else {
    batch.images = torch::from_blob(values, sizes, torch::kFloat32);
  }
  batch.labels = torch::from_blob(const_cast<int64_t*>(next->labels.data()), {count}, torch::kInt64);
  batch.weights = torch::Tensor();
  if (weighted_) batch.weights = torch::from_blob(const_cast<float*>(next->weights.data()), {count}, torch::kFloat32);
  return true;
}

}  // namespace bakeoff::train
