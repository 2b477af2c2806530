// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// From a picture to a model's input: one declared pipeline for training, evaluation and serving. Its JSON form is part
// of model.json.
#pragma once

#include <array>
#include <vector>

#include "bakeoff/json.h"
#include "bakeoff/tensor.h"
#include "data/augment.h"
#include "data/image.h"
#include "data/resize.h"

namespace bakeoff::data {

// The order is fixed: resize, centre crop, colour order, scale, mean and std, layout. JSON:
//   {"resize": {"mode": "none|short_side|exact", "size": [width, height] or n, "filter": "bilinear|bicubic"},
//    "center_crop": [width, height] or null, "scale": 0.00392.., "mean": [..], "std": [..], "layout": "NCHW|NHWC",
//    "color": "RGB|BGR"}
// value = (sample * scale - mean[c]) / std[c], with mean and std in the order of `color`.
struct Preprocess {
  enum class Mode { kNone, kShortSide, kExact };

  Mode mode = Mode::kShortSide;
  int resize_width = 256;   // for kShortSide: the short side
  int resize_height = 256;  // only for kExact
  Filter filter = Filter::kBilinear;
  int crop_width = 224, crop_height = 224;  // 0: no crop. A picture that is smaller is surrounded by black.
  double scale = 1.0 / 255;
  std::array<double, 3> mean = {0.485, 0.456, 0.406};
  std::array<double, 3> std = {0.229, 0.224, 0.225};
  bool channels_last = false;
  bool bgr = false;

  bool operator==(const Preprocess&) const = default;

  Json ToJson() const;
  // Throws Error{kUsage} naming the field, for unknown fields too: a pipeline that is half understood gives wrong
  // answers.
  static Preprocess FromJson(const Json& json);
  // The usual pipeline for square inputs: resize the short side to side * 256 / 224, crop `side`; below 64, resize
  // exactly.
  static Preprocess ForSide(int side);

  // Size of the result. Throws Error{kUsage} when neither a crop nor an exact resize fixes it.
  int width() const;
  int height() const;
  Shape shape(int64_t batch) const;  // {batch, 3, height, width}, or {batch, height, width, 3}
  size_t values() const { return static_cast<size_t>(width()) * static_cast<size_t>(height()) * 3; }
};

// What to cut from a picture of width x height, to which size to bring it, and what to keep of that (may reach beyond:
// black).
struct Geometry {
  Box from;
  int width = 0, height = 0;
  Box keep;
};
// As torchvision's Resize and CenterCrop round. Throws Error{kInternal} for an empty picture.
Geometry PlainGeometry(const Preprocess& pipeline, int width, int height);

// Applies a pipeline, with scratch memory of its own: one per thread.
class Preprocessor {
 public:
  explicit Preprocessor(const Preprocess& pipeline);

  // Writes pipeline.values() floats.
  void Apply(const Image& picture, float* out);
  // As Decode() and Apply(), decoding only what is needed. Throws as Decode().
  void ApplyToFile(ByteSpan file, float* out, const DecodeLimits& limits = {});
  // The same with random changes, drawn from `rng`: a crop instead of the centre, flip, colours, erasing.
  void ApplyRandom(const Image& picture, const Augment& augment, Rng& rng, float* out);
  void ApplyRandomToFile(ByteSpan file, const Augment& augment, Rng& rng, float* out, const DecodeLimits& limits = {});
  // The 8-bit pixels before scaling, for tests and previews.
  void ApplyToPixels(const Image& picture, Image& out);

  const Preprocess& pipeline() const { return pipeline_; }

 private:
  void Cut(const Image& picture, const Geometry& geometry, Image& out);
  void Finish(const Image& pixels, bool mirrored, float* out) const;
  void DecodeFor(ByteSpan file, const ImageHeader& header, const Geometry& geometry, const DecodeLimits& limits);
  void Random(const Image& picture, const Geometry& geometry, const Augment& augment, Rng& rng, float* out);

  Preprocess pipeline_;
  std::array<std::array<float, 256>, 3> table_;  // by channel of the result, by sample
  Resizer resizer_;
  Image decoded_, cut_, inner_;
};

}  // namespace bakeoff::data
