// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Batch norm, skip and activation as one operation in training.
#include "train/zoo/norm_act.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "train/zoo/norm_kernel.h"

namespace bakeoff::train::zoo {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What the activation leaves as it is.
std::pair<float, float> RangeOf(int64_t activation) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kRelu:
      return {0.0f, kInfinity};
    case Activation::kRelu6:
      return {0.0f, 6.0f};
    default:
      return {-kInfinity, kInfinity};
  }
}

// Calls work(first row, rows, part) for one part of the rows per thread; the parts depend on the thread count alone.
template <typename Work>
void EachPart(Rows n, int64_t parts, Work&& work) {
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = n.rows * part / parts;
      work(first, n.rows * (part + 1) / parts - first, part);
    }
  });
}

// Two sums per channel: one pair of rows of doubles for each part, added up in order.
class Sums {
 public:
  Sums(int64_t parts, int64_t channels)
      : channels_(static_cast<size_t>(channels)), values_(static_cast<size_t>(2 * parts * channels)) {}
  double* first(int64_t part) { return values_.data() + 2 * static_cast<size_t>(part) * channels_; }
  double* second(int64_t part) { return first(part) + channels_; }
  std::pair<double, double> Total(int64_t parts, int64_t c) {
    double a = 0, b = 0;
    for (int64_t part = 0; part < parts; ++part) a += first(part)[c], b += second(part)[c];
    return {a, b};
  }

 private:
  size_t channels_;
  std::vector<double> values_;
};

const float* Floats(const Tensor& tensor) {
  return tensor.const_data_ptr<float>();
}
float* MutableFloats(Tensor& tensor) {
  return tensor.mutable_data_ptr<float>();
}

struct Fused : torch::autograd::Function<Fused> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const std::optional<Tensor>& skip, Tensor running_mean, Tensor running_var, double momentum,
                        double eps, int64_t activation) {
    const Rows n{.rows = x.numel() / x.size(1), .channels = x.size(1)};
    const int64_t parts = at::get_num_threads();
    const auto [low, high] = RangeOf(activation);
    // The first row is a guess at the mean.
    const float* shift = Floats(x);
    Sums sums(parts, n.channels);
    EachPart(n, parts, [&](int64_t first, int64_t rows, int64_t part) {
      SumRows({rows, n.channels}, Floats(x) + first * n.channels, shift, sums.first(part), sums.second(part));
    });
    // Rows: mean, scale, offset, 1 / standard deviation.
    Tensor table = torch::empty({4, n.channels}, x.options().memory_format(at::MemoryFormat::Contiguous));
    float *mean = MutableFloats(table), *scale = mean + n.channels, *offset = scale + n.channels,
          *inverse = offset + n.channels;
    const auto count = static_cast<double>(n.rows);
    for (int64_t c = 0; c < n.channels; ++c) {
      const auto [sum, squares] = sums.Total(parts, c);
      const double deviation = sum / count, centre = shift[c] + deviation;
      const double variance = std::max(0.0, squares / count - deviation * deviation);
      const double invstd = 1 / std::sqrt(variance + eps);
      mean[c] = static_cast<float>(centre);
      inverse[c] = static_cast<float>(invstd);
      scale[c] = static_cast<float>(Floats(weight)[c] * invstd);
      offset[c] = static_cast<float>(Floats(bias)[c] - centre * Floats(weight)[c] * invstd);
      float &old_mean = MutableFloats(running_mean)[c], &old_var = MutableFloats(running_var)[c];
      old_mean = static_cast<float>((1 - momentum) * old_mean + momentum * centre);
      old_var = static_cast<float>((1 - momentum) * old_var + momentum * variance * count / std::max(1.0, count - 1));
    }
    Tensor y = torch::empty_like(x);
    float* out = MutableFloats(y);
    EachPart(n, parts, [&, low = low, high = high](int64_t first, int64_t rows, int64_t) {
      const int64_t at = first * n.channels;
      ApplyRows({rows, n.channels}, Floats(x) + at, scale, offset, skip ? Floats(*skip) + at : nullptr, low, high,
                out + at);
    });
    const bool masks = activation != static_cast<int64_t>(Activation::kNone);
    context->save_for_backward({x, table, skip && masks ? y : Tensor()});
    context->saved_data["activation"] = activation;
    context->saved_data["skip"] = skip.has_value();
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &table = saved[1], &y = saved[2];
    const bool has_skip = context->saved_data["skip"].toBool();
    const auto [low, high] = RangeOf(context->saved_data["activation"].toInt());
    const Rows n{.rows = x.numel() / x.size(1), .channels = x.size(1)};
    const int64_t parts = at::get_num_threads();
    const Tensor grad = grads[0].contiguous(at::MemoryFormat::ChannelsLast);
    const float *mean = Floats(table), *scale = mean + n.channels, *offset = scale + n.channels,
                *inverse = offset + n.channels;
    // With skip and activation the masked gradient is the skip's; with skip alone that is the gradient as it came.
    Tensor masked = y.defined() ? torch::empty_like(x) : grad;
    Sums sums(parts, n.channels);
    float* mask_out = y.defined() ? MutableFloats(masked) : nullptr;
    const float range_low = has_skip && !y.defined() ? -kInfinity : low,
                range_high = has_skip && !y.defined() ? kInfinity : high;
    EachPart(n, parts, [&](int64_t first, int64_t rows, int64_t part) {
      const int64_t at = first * n.channels;
      SumGradients({rows, n.channels}, Floats(grad) + at, Floats(x) + at, scale, offset, mean, range_low, range_high,
                   y.defined() ? Floats(y) + at : nullptr, y.defined() ? mask_out + at : nullptr, sums.first(part),
                   sums.second(part));
    });
    Tensor grads_of_norm = torch::empty({2, n.channels}, table.options());
    float *grad_weight = MutableFloats(grads_of_norm), *grad_bias = grad_weight + n.channels;
    std::vector<float> slope(static_cast<size_t>(n.channels)), constant(static_cast<size_t>(n.channels));
    const auto count = static_cast<double>(n.rows);
    for (int64_t c = 0; c < n.channels; ++c) {
      const auto [sum, products] = sums.Total(parts, c);
      grad_weight[c] = static_cast<float>(products * inverse[c]);
      grad_bias[c] = static_cast<float>(sum);
      const double s = -static_cast<double>(scale[c]) * inverse[c] * inverse[c] * products / count;
      slope[static_cast<size_t>(c)] = static_cast<float>(s);
      constant[static_cast<size_t>(c)] = static_cast<float>(-scale[c] * sum / count - s * mean[c]);
    }
    Tensor grad_x = torch::empty_like(x);
    float* out = MutableFloats(grad_x);
    EachPart(n, parts, [&](int64_t first, int64_t rows, int64_t) {
      const int64_t at = first * n.channels;
      ApplyGradients({rows, n.channels}, Floats(masked) + at, Floats(x) + at, scale, offset, range_low, range_high,
                     y.defined(), slope.data(), constant.data(), out + at);
    });
    return {grad_x, grads_of_norm[0], grads_of_norm[1], has_skip ? masked : Tensor(), {}, {}, {}, {}, {}};
  }
};

bool IsPlain(const Tensor& tensor) {
  return tensor.scalar_type() == torch::kFloat32 && tensor.device().is_cpu() &&
         tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

Tensor NormAct(torch::nn::BatchNorm2d& norm, const Tensor& x, Activation activation, const Tensor& skip) {
  const bool simple =
      activation == Activation::kNone || activation == Activation::kRelu || activation == Activation::kRelu6;
  if (norm->is_training() && simple && x.dim() == 4 && x.size(0) * x.size(2) * x.size(3) > 1 && IsPlain(x) &&
      (!skip.defined() || (IsPlain(skip) && skip.sizes() == x.sizes())) && norm->options.momentum().has_value()) {
    norm->num_batches_tracked.add_(1);
    return Fused::apply(x, norm->weight, norm->bias, skip.defined() ? std::optional(skip) : std::nullopt,
                        norm->running_mean, norm->running_var, *norm->options.momentum(), norm->options.eps(),
                        static_cast<int64_t>(activation));
  }
  const Tensor y = norm->forward(x);
  return Activate(activation, skip.defined() ? y + skip : y);
}

}  // namespace bakeoff::train::zoo
