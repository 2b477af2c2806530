// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The JSON form of pre-processing and of augmentation.
#include "data/augment.h"
#include "data/fields.h"
#include "data/preprocess.h"

namespace bakeoff::data {
namespace {

constexpr int kMostSide = 1 << 14;

std::string ModeName(Preprocess::Mode mode) {
  switch (mode) {
    case Preprocess::Mode::kNone:
      return "none";
    case Preprocess::Mode::kShortSide:
      return "short_side";
    case Preprocess::Mode::kExact:
      return "exact";
  }
  return "";
}

void ReadResize(Fields fields, Preprocess& pipeline) {
  const std::string mode = fields.Choice("mode", "none", {"none", "short_side", "exact"});
  pipeline.filter =
      fields.Choice("filter", "bilinear", {"bilinear", "bicubic"}) == "bicubic" ? Filter::kBicubic : Filter::kBilinear;
  pipeline.mode = mode == "none"    ? Preprocess::Mode::kNone
                  : mode == "exact" ? Preprocess::Mode::kExact
                                    : Preprocess::Mode::kShortSide;
  if (pipeline.mode == Preprocess::Mode::kExact) {
    if (!fields.Has("size")) fields.Fail("size", "[width, height]");
    const auto size = fields.Numbers<2>("size", {0, 0}, 1, kMostSide);
    pipeline.resize_width = static_cast<int>(size[0]), pipeline.resize_height = static_cast<int>(size[1]);
  } else if (pipeline.mode == Preprocess::Mode::kShortSide) {
    if (!fields.Has("size")) fields.Fail("size", "the length of the short side");
    pipeline.resize_width = pipeline.resize_height = fields.Int("size", 0, 1, kMostSide);
  } else if (fields.Has("size")) {
    fields.Fail("size", "nothing (mode is none)");
  }
  fields.Done();
}

}  // namespace

Json Preprocess::ToJson() const {
  Json resize = {{"mode", ModeName(mode)}};
  if (mode == Mode::kExact) resize["size"] = {resize_width, resize_height};
  if (mode == Mode::kShortSide) resize["size"] = resize_width;
  resize["filter"] = filter == Filter::kBicubic ? "bicubic" : "bilinear";
  Json json = {{"resize", resize}, {"center_crop", nullptr}, {"scale", scale}, {"mean", mean}, {"std", std}};
  if (crop_width > 0) json["center_crop"] = {crop_width, crop_height};
  json["layout"] = channels_last ? "NHWC" : "NCHW";
  json["color"] = bgr ? "BGR" : "RGB";
  return json;
}

Preprocess Preprocess::FromJson(const Json& json) {
  Preprocess pipeline;
  Fields fields("preprocess", json);
  ReadResize(fields.Object("resize"), pipeline);
  const auto crop = fields.Numbers<2>("center_crop", {0, 0}, 1, kMostSide);
  pipeline.crop_width = static_cast<int>(crop[0]), pipeline.crop_height = static_cast<int>(crop[1]);
  pipeline.scale = fields.Number("scale", 1.0, 1e-9, 1e9);
  pipeline.mean = fields.Numbers<3>("mean", {0, 0, 0}, -1e6, 1e6);
  pipeline.std = fields.Numbers<3>("std", {1, 1, 1}, 1e-9, 1e6);
  pipeline.channels_last = fields.Choice("layout", "NCHW", {"NCHW", "NHWC"}) == "NHWC";
  pipeline.bgr = fields.Choice("color", "RGB", {"RGB", "BGR"}) == "BGR";
  fields.Done();
  return pipeline;
}

Json Augment::ToJson() const {
  Json json = Json::object();
  if (random_crop) json["crop"] = {{"area", crop_area}, {"aspect", crop_aspect}};
  if (pad > 0) json["pad"] = pad;
  if (flip > 0) json["flip"] = flip;
  if (brightness > 0 || contrast > 0 || saturation > 0 || hue > 0) {
    json["jitter"] = {{"brightness", brightness}, {"contrast", contrast}, {"saturation", saturation}, {"hue", hue}};
  }
  if (erase > 0) json["erase"] = {{"chance", erase}, {"area", erase_area}, {"aspect", erase_aspect}};
  return json;
}

Augment Augment::FromJson(const Json& json) {
  Augment augment;
  Fields fields("augment", json);
  const auto rising = [](Fields& where, std::string_view name, const std::array<double, 2>& range) {
    if (range[0] > range[1]) where.Fail(name, "[low, high] with low <= high");
    return range;
  };
  if (fields.Has("crop")) {
    Fields crop = fields.Object("crop");
    augment.random_crop = true;
    augment.crop_area = rising(crop, "area", crop.Numbers("area", augment.crop_area, 1e-4, 1));
    augment.crop_aspect = rising(crop, "aspect", crop.Numbers("aspect", augment.crop_aspect, 0.01, 100));
    crop.Done();
  }
  augment.pad = fields.Int("pad", 0, 0, 1 << 12);
  augment.flip = fields.Number("flip", 0, 0, 1);
  Fields jitter = fields.Object("jitter");
  augment.brightness = jitter.Number("brightness", 0, 0, 1);
  augment.contrast = jitter.Number("contrast", 0, 0, 1);
  augment.saturation = jitter.Number("saturation", 0, 0, 1);
  augment.hue = jitter.Number("hue", 0, 0, 0.5);
  jitter.Done();
  Fields erase = fields.Object("erase");
  augment.erase = erase.Number("chance", 0, 0, 1);
  augment.erase_area = rising(erase, "area", erase.Numbers("area", augment.erase_area, 1e-4, 1));
  augment.erase_aspect = rising(erase, "aspect", erase.Numbers("aspect", augment.erase_aspect, 0.01, 100));
  erase.Done();
  fields.Done();
  return augment;
}

}  // namespace bakeoff::data
