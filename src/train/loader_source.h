// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batches of pictures from src/data as tensors of LibTorch.
#pragma once

#include <memory>

#include "data/loader.h"
#include "train/batches.h"

namespace bakeoff::train {

class LoaderSource final : public BatchSource {
 public:
  LoaderSource(std::shared_ptr<const data::Dataset> dataset, const data::Preprocess& pipeline,
               const data::LoaderOptions& options);

  int64_t Examples() const override;
  std::vector<int64_t> ClassCounts() const override;
  void Start(int64_t epoch, int64_t first) override;
  // The images share memory with the loader and are valid until the next call.
  bool Next(Batch& batch) override;

  data::LoaderStats stats() const { return loader_.stats(); }

 private:
  std::shared_ptr<const data::Dataset> dataset_;
  data::Preprocess pipeline_;
  data::Split split_;
  bool weighted_ = false;  // the split gives examples weights of their own
  data::Loader loader_;
};

}  // namespace bakeoff::train
