// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Enlarging and shrinking of pictures.
#include <ATen/Functions.h>

#include "converters/torchscript_to_onnx/emit.h"

namespace bakeoff::torchscript {
namespace {

// The result's size: from the scales where they are given, for then it follows a free size, else the size itself.
void Resize(Emit& e, Given attributes, const std::vector<double>& scales) {
  graph::Value* x = e.Value(0);
  const at::Tensor& result = e.Results()[0].tensor();
  if (!scales.empty()) {
    std::vector<float> all{1, 1};
    for (const double scale : scales) all.push_back(static_cast<float>(scale));
    const auto count = static_cast<int64_t>(all.size());
    return e.Set(e.Op("Resize", {x, nullptr, e.Constant(at::tensor(all).reshape({count}))}, std::move(attributes)));
  }
  // A computed size is a list of numbers; a constant one is the same whatever the input.
  graph::Value* size = nullptr;
  if (!e.IsConstant(1)) {
    size = e.ShapeOf(e.List(1), nullptr);
  } else {
    size = e.I64(std::vector<int64_t>(result.sizes().begin() + 2, result.sizes().end()));
  }
  graph::Value* sizes = e.Op("Concat", {e.SizeVector(0, 0), e.SizeVector(0, 1), size}, {{"axis", int64_t{0}}});
  e.Set(e.Op("Resize", {x, nullptr, nullptr, sizes}, std::move(attributes)));
}

// The forms differ in their tails: (self, size, [align_corners], scale_factors) and (self, size, [align_corners],
// scale_h, scale_w).
std::vector<double> Scales(Emit& e, size_t at, int64_t spatial) {
  std::vector<double> scales;
  if (at >= e.Arguments() || e.IsNone(at)) return scales;
  const c10::IValue& value = e.In(at).seen[0];
  if (value.isDoubleList()) return value.toDoubleVector();
  for (int64_t i = 0; i < spatial; ++i) scales.push_back(e.Real(at + static_cast<size_t>(i)));
  return scales;
}

void Nearest(Emit& e) {
  Resize(e,
         {{"mode", std::string("nearest")},
          {"coordinate_transformation_mode", std::string("asymmetric")},
          {"nearest_mode", std::string("floor")}},
         Scales(e, 2, e.Rank(0) - 2));
}

template <bool kCubic>
void Interpolated(Emit& e) {
  Given attributes{{"mode", std::string(kCubic ? "cubic" : "linear")},
                   {"coordinate_transformation_mode", std::string(e.Bool(2) ? "align_corners" : "pytorch_half_pixel")}};
  if (kCubic) attributes["cubic_coeff_a"] = -0.75F;  // PyTorch's
  Resize(e, std::move(attributes), Scales(e, 3, e.Rank(0) - 2));
}

// (self, factor): [N, C r r, H, W] to [N, C, H r, W r]
void PixelShuffle(Emit& e) {
  e.Set(e.Op("DepthToSpace", {e.Value(0)}, {{"blocksize", e.Int(1)}, {"mode", std::string("CRD")}}));
}

constexpr OperatorRow kRows[] = {
    {"aten::upsample_nearest1d", Nearest},
    {"aten::upsample_nearest2d", Nearest},
    {"aten::upsample_nearest3d", Nearest},
    {"aten::upsample_linear1d", Interpolated<false>},
    {"aten::upsample_bilinear2d", Interpolated<false>},
    {"aten::upsample_bicubic2d", Interpolated<true>},
    {"aten::pixel_shuffle", PixelShuffle},
};

}  // namespace

std::span<const OperatorRow> ResizeOperators() {
  return kRows;
}

}  // namespace bakeoff::torchscript
