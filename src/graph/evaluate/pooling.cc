// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference evaluator: pooling and batch normalisation.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/evaluate/kernel.h"

namespace bakeoff::graph {
namespace {

Results Pool(const Call& call, bool average) {
  const Tensor& x = call.In(0);
  if (x.dims.size() != 4) call.Unknown("pooling of other than two dimensions");
  if (call.node.String("auto_pad", "NOTSET") != "NOTSET" || call.node.Int("ceil_mode", 0) != 0 ||
      call.node.outputs().size() > 1) {
    call.Unknown("auto_pad, ceil_mode or indices");
  }
  const auto kernel = call.node.Ints("kernel_shape"), strides = call.node.Ints("strides", {1, 1});
  const auto pads = call.node.Ints("pads", {0, 0, 0, 0}), dilations = call.node.Ints("dilations", {1, 1});
  call.Need(kernel.size() == 2 && strides.size() == 2 && pads.size() == 4 && dilations.size() == 2 &&
                std::min(strides[0], strides[1]) > 0,
            "kernel_shape, strides, dilations or pads are wrong");
  const bool count_pads = call.node.Int("count_include_pad", 0) != 0;
  const int64_t height = x.dims[2], width = x.dims[3];
  const int64_t out_height = (height + pads[0] + pads[2] - (kernel[0] - 1) * dilations[0] - 1) / strides[0] + 1;
  const int64_t out_width = (width + pads[1] + pads[3] - (kernel[1] - 1) * dilations[1] - 1) / strides[1] + 1;
  call.Need(out_height > 0 && out_width > 0, "the image is smaller than the kernel");
  const std::vector<int64_t> dims{x.dims[0], x.dims[1], out_height, out_width};
  std::vector<float> result;
  result.reserve(CountOf(call, dims));
  for (int64_t plane = 0; plane < x.dims[0] * x.dims[1]; ++plane) {
    const float* image = x.Floats().data() + plane * height * width;
    for (int64_t oy = 0; oy < out_height; ++oy) {
      for (int64_t ox = 0; ox < out_width; ++ox) {
        double sum = 0;
        float largest = -std::numeric_limits<float>::infinity();
        int64_t count = 0;
        for (int64_t ky = 0; ky < kernel[0]; ++ky) {
          for (int64_t kx = 0; kx < kernel[1]; ++kx) {
            const int64_t y = oy * strides[0] - pads[0] + ky * dilations[0],
                          at = ox * strides[1] - pads[1] + kx * dilations[1];
            if (y < 0 || y >= height || at < 0 || at >= width) continue;
            const float value = image[y * width + at];
            sum += value;
            largest = std::max(largest, value);
            ++count;
          }
        }
        const double divisor = static_cast<double>(count_pads ? kernel[0] * kernel[1] : count);
        result.push_back(average ? static_cast<float>(sum / divisor) : largest);
      }
    }
  }
  return {Tensor::F32(dims, std::move(result))};
}

Results GlobalAveragePool(const Call& call) {
  const Tensor& x = call.In(0);
  call.Need(x.dims.size() >= 3, "needs at least one spatial axis");
  std::vector<int64_t> dims(x.dims.size(), 1);
  dims[0] = x.dims[0];
  dims[1] = x.dims[1];
  const size_t planes = CountOf(call, dims);
  const size_t area = planes ? x.Floats().size() / planes : 0;
  std::vector<float> result;
  for (size_t plane = 0; plane < planes; ++plane) {
    double sum = 0;
    for (const float value : x.Floats().subspan(plane * area, area)) sum += value;
    result.push_back(static_cast<float>(sum / static_cast<double>(area)));
  }
  return {Tensor::F32(dims, std::move(result))};
}

Results BatchNormalization(const Call& call) {
  const Tensor& x = call.In(0);
  if (call.node.Int("training_mode", 0) != 0) call.Unknown("training_mode");
  call.Need(x.dims.size() >= 2, "needs a channel axis");
  const size_t channels = static_cast<size_t>(x.dims[1]);
  for (size_t i = 1; i < 5; ++i) call.Need(call.In(i).Floats().size() == channels, "needs one number per channel");
  const auto scale = call.In(1).Floats(), shift = call.In(2).Floats(), mean = call.In(3).Floats(),
             variance = call.In(4).Floats();
  const double epsilon = call.node.Float("epsilon", 1e-5F);
  std::vector<float> result(x.Floats().begin(), x.Floats().end());
  const size_t planes = static_cast<size_t>(x.dims[0]) * channels;
  const size_t area = planes ? result.size() / planes : 0;
  for (size_t plane = 0; plane < planes; ++plane) {
    const size_t channel = plane % channels;
    const double factor = scale[channel] / std::sqrt(variance[channel] + epsilon);
    for (size_t i = 0; i < area; ++i) {
      float& value = result[plane * area + i];
      value = static_cast<float>((value - mean[channel]) * factor + shift[channel]);
    }
  }
  return {Tensor::F32(x.dims, std::move(result))};
}

Results LayerNormalization(const Call& call) {
  const Tensor &x = call.In(0), &scale = call.In(1);
  const size_t axis = call.Axis(call.node.Int("axis", -1), x.dims.size());
  const size_t each = CountOf(call, {x.dims.begin() + static_cast<ptrdiff_t>(axis), x.dims.end()});
  const Tensor* shift = call.Maybe(2);
  call.Need(each > 0 && scale.Floats().size() == each && (!shift || shift->Floats().size() == each),
            "needs one number per normalised element");
  const double epsilon = call.node.Float("epsilon", 1e-5F);
  std::vector<float> result(x.Floats().begin(), x.Floats().end());
  for (size_t row = 0; row < result.size(); row += each) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < each; ++i) sum += result[row + i];
    const double mean = sum / static_cast<double>(each);
    for (size_t i = 0; i < each; ++i) squares += (result[row + i] - mean) * (result[row + i] - mean);
    const double factor = 1 / std::sqrt(squares / static_cast<double>(each) + epsilon);
    for (size_t i = 0; i < each; ++i) {
      const double value = (result[row + i] - mean) * factor * scale.Floats()[i];
      result[row + i] = static_cast<float>(value + (shift ? shift->Floats()[i] : 0));
    }
  }
  return {Tensor::F32(x.dims, std::move(result))};
}

}  // namespace

std::optional<Results> EvaluatePooling(const Call& call) {
  if (call.node.op == "MaxPool") return Pool(call, false);
  if (call.node.op == "AveragePool") return Pool(call, true);
  if (call.node.op == "GlobalAveragePool") return GlobalAveragePool(call);
  if (call.node.op == "BatchNormalization") return BatchNormalization(call);
  if (call.node.op == "LayerNormalization") return LayerNormalization(call);
  return std::nullopt;
}

}  // namespace bakeoff::graph
