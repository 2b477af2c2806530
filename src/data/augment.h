// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Random changes to training pictures. All chance comes from the Rng given, keyed by (seed, epoch, index): workers do
// not matter.
#pragma once

#include <array>

#include "bakeoff/json.h"
#include "data/image.h"
#include "data/rng.h"

namespace bakeoff::data {

struct Preprocess;
struct Geometry;

// JSON: {"crop": {"area": [0.08, 1], "aspect": [0.75, 1.333]}, "pad": 4, "flip": 0.5,
//        "jitter": {"brightness", "contrast", "saturation", "hue"}, "erase": {"chance", "area": [..], "aspect": [..]}};
//        all optional.
struct Augment {
  bool random_crop = false;                       // a part of random area and aspect, resized to the input's size
  std::array<double, 2> crop_area = {0.08, 1.0};  // shares of the picture
  std::array<double, 2> crop_aspect = {3.0 / 4, 4.0 / 3};
  int pad = 0;      // without random_crop: move the plain crop by up to this many pixels each way (black comes in)
  double flip = 0;  // chance of mirroring left and right
  // Factors are drawn from [1 - x, 1 + x], in random order; hue is a turn of at most x, 0.5 being half the circle.
  double brightness = 0, contrast = 0, saturation = 0, hue = 0;
  double erase = 0;  // chance of blanking a rectangle (with the mean, which is 0 after normalisation)
  std::array<double, 2> erase_area = {0.02, 0.33};
  std::array<double, 2> erase_aspect = {0.3, 3.3};

  bool operator==(const Augment&) const = default;
  Json ToJson() const;
  // Throws Error{kUsage} naming the field.
  static Augment FromJson(const Json& json);
};

// Where the random crop lies in a picture of width x height.
Geometry RandomGeometry(const Augment& augment, const Preprocess& pipeline, int width, int height, Rng& rng);
void JitterColors(const Augment& augment, Rng& rng, Image& image);
// The rectangle to blank in a result of width x height; empty when chance says no.
Box EraseBox(const Augment& augment, int width, int height, Rng& rng);

}  // namespace bakeoff::data
