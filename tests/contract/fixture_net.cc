// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reference answers of the fixture models, and their ONNX files.
#include "fixture_net.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fixtures/formula.h"
#include "graph/models/models.h"
#include "graph/onnx.h"

namespace bakeoff::contract {
namespace {

using fixtures::Values;
using worker::NamedTensor;

constexpr int kHeight = 12, kWidth = 20, kChannels = 3, kFirst = 8, kSecond = 12, kClasses = 10;

struct Weights {
  std::vector<float> conv1 = Values("conv1.weight", size_t{kFirst} * kChannels * 9, std::sqrt(6.0 / 27));
  std::vector<float> bias1 = Values("conv1.bias", kFirst, 0.2);
  std::vector<float> conv2 = Values("conv2.weight", size_t{kSecond} * kFirst * 9, std::sqrt(6.0 / 72));
  std::vector<float> bias2 = Values("conv2.bias", kSecond, 0.2);
  std::vector<float> fc = Values("fc.weight", size_t{kClasses} * kSecond, 2.0);
  std::vector<float> fc_bias = Values("fc.bias", kClasses, 0.5);
};

// Planes of height x width, channel after channel. Sums in double: the reference should not be the inexact side.
using Planes = std::vector<double>;

Planes ConvRelu(const Planes& in, int height, int width, const std::vector<float>& weight,
                const std::vector<float>& bias) {
  const int in_channels = static_cast<int>(in.size()) / (height * width);
  Planes out(bias.size() * static_cast<size_t>(height * width));
  for (int o = 0; o < static_cast<int>(bias.size()); ++o) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        double sum = bias[o];
        for (int c = 0; c < in_channels; ++c) {
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) {
              if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
              sum += in[(c * height + y + dy) * width + x + dx] *
                     weight[((o * in_channels + c) * 3 + dy + 1) * 3 + dx + 1];
            }
          }
        }
        out[(o * height + y) * width + x] = std::max(0.0, sum);
      }
    }
  }
  return out;
}

Planes HalfByMax(const Planes& in, int channels, int height, int width) {
  Planes out;
  for (int c = 0; c < channels; ++c) {
    for (int y = 0; y + 1 < height; y += 2) {
      for (int x = 0; x + 1 < width; x += 2) {
        const double* at = &in[(c * height + y) * width + x];
        out.push_back(std::max({at[0], at[1], at[width], at[width + 1]}));
      }
    }
  }
  return out;
}

std::vector<float> Logits(const Weights& weights, const Planes& image) {
  const Planes pooled =
      HalfByMax(ConvRelu(image, kHeight, kWidth, weights.conv1, weights.bias1), kFirst, kHeight, kWidth);
  const Planes last = ConvRelu(pooled, kHeight / 2, kWidth / 2, weights.conv2, weights.bias2);
  constexpr int kArea = (kHeight / 2) * (kWidth / 2);
  std::vector<float> logits;
  for (int k = 0; k < kClasses; ++k) {
    double sum = weights.fc_bias[k];
    for (int c = 0; c < kSecond; ++c) {
      double mean = 0;
      for (int i = 0; i < kArea; ++i) mean += last[c * kArea + i] / kArea;
      sum += mean * weights.fc[k * kSecond + c];
    }
    logits.push_back(static_cast<float>(sum));
  }
  return logits;
}

template <typename T>
std::vector<T> Elements(const NamedTensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

template <typename T>
NamedTensor Tensor(std::string name, DType type, Shape shape, const std::vector<T>& values) {
  NamedTensor tensor{std::move(name), type, std::move(shape), {}};
  tensor.data.resize(values.size() * sizeof(T));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

}  // namespace

std::vector<NamedTensor> NetAnswer(const std::vector<NamedTensor>& inputs) {
  static const Weights weights;
  const NamedTensor& image = inputs.at(0);
  const std::vector<float> pixels = Elements<float>(image);
  const bool channels_last = image.shape.back() == kChannels;
  constexpr int kPixels = kChannels * kHeight * kWidth;
  std::vector<float> logits;
  for (int64_t row = 0; row < image.shape[0]; ++row) {
    Planes planes(kPixels);
    for (int i = 0; i < kPixels; ++i) {
      const int c = i / (kHeight * kWidth), place = i % (kHeight * kWidth);
      planes[i] = pixels[row * kPixels + (channels_last ? place * kChannels + c : i)];
    }
    const std::vector<float> one = Logits(weights, planes);
    logits.insert(logits.end(), one.begin(), one.end());
  }
  return {Tensor("logits", DType::kF32, {image.shape[0], kClasses}, logits)};
}

std::vector<NamedTensor> PairAnswer(const std::vector<NamedTensor>& inputs) {
  const bool a_first = inputs.at(0).type == DType::kF32;
  const NamedTensor &a = inputs.at(a_first ? 0 : 1), &b = inputs.at(a_first ? 1 : 0);
  std::vector<float> sum = Elements<float>(a);
  std::vector<int32_t> product = Elements<int32_t>(b);
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] += static_cast<float>(product[i]);
    product[i] *= 3;
  }
  return {Tensor("sum", DType::kF32, a.shape, sum), Tensor("product", DType::kI32, b.shape, product)};
}

std::vector<NamedTensor> Echo(const std::vector<NamedTensor>& inputs) {
  return inputs;
}

void WriteNet(const std::filesystem::path& path, bool external_data) {
  graph::Model model;
  graph::Graph& g = model.graph;
  const Weights weights;
  const auto constant = [&](const char* name, std::vector<int64_t> dims, const std::vector<float>& values) {
    return &g.AddConstant(name, graph::Tensor::F32(std::move(dims), values));
  };
  const auto node = [&](const char* op, std::vector<graph::Value*> inputs, const char* output) -> graph::Node& {
    return g.AddNode(op, std::move(inputs), {&g.AddValue(output)}, output);
  };
  const auto conv = [&](graph::Value* in, const char* name, int out_channels, int in_channels,
                        const std::vector<float>& weight, const std::vector<float>& bias, const char* output) {
    const std::string prefix = name;
    graph::Node& made = node("Conv",
                             {in, constant((prefix + ".weight").c_str(), {out_channels, in_channels, 3, 3}, weight),
                              constant((prefix + ".bias").c_str(), {out_channels}, bias)},
                             name);
    made.attributes["pads"] = std::vector<int64_t>{1, 1, 1, 1};
    return node("Relu", {made.output(0)}, output).output(0);
  };
  graph::Value& image = g.AddInput("image", graph::ElementType::kF32,
                                   graph::SymbolicShape{graph::Dim::Symbol("N"), kChannels, kHeight, kWidth});
  graph::Value* r1 = conv(&image, "conv1", kFirst, kChannels, weights.conv1, weights.bias1, "r1");
  graph::Node& pool = node("MaxPool", {r1}, "p1");
  pool.attributes["kernel_shape"] = std::vector<int64_t>{2, 2};
  pool.attributes["strides"] = std::vector<int64_t>{2, 2};
  graph::Value* r2 = conv(pool.output(0), "conv2", kSecond, kFirst, weights.conv2, weights.bias2, "r2");
  graph::Value* mean = node("GlobalAveragePool", {r2}, "g").output(0);
  graph::Value* features = node("Flatten", {mean}, "features").output(0);
  graph::Node& fc = node("Gemm",
                         {features, constant("fc.weight", {kClasses, kSecond}, weights.fc),
                          constant("fc.bias", {kClasses}, weights.fc_bias)},
                         "logits");
  fc.attributes["transB"] = int64_t{1};
  fc.output(0)->type = graph::ElementType::kF32;
  fc.output(0)->shape = graph::SymbolicShape{graph::Dim::Symbol("N"), kClasses};
  g.AddOutput(*fc.output(0));
  graph::CheckOnnx(model);
  graph::WriteOnnx(model, path, {external_data ? graph::ExternalData::kAlways : graph::ExternalData::kWhereNeeded});
}

void WritePair(const std::filesystem::path& path) {
  graph::Model model;
  graph::Graph& g = model.graph;
  const graph::SymbolicShape shape{graph::Dim::Symbol("N"), 4};
  graph::Value& a = g.AddInput("a", graph::ElementType::kF32, shape);
  graph::Value& b = g.AddInput("b", graph::ElementType::kI32, shape);
  graph::Value& real = g.AddValue("b_real");
  graph::Value& sum = g.AddValue("sum", graph::ElementType::kF32, shape);
  graph::Value& product = g.AddValue("product", graph::ElementType::kI32, shape);
  graph::Tensor three{graph::ElementType::kI32, {}, graph::Bytes::OwnAs(std::vector<int32_t>{3}), {}};
  g.AddNode("Cast", {&b}, {&real}, "cast").attributes["to"] = static_cast<int64_t>(graph::ElementType::kF32);
  g.AddNode("Add", {&a, &real}, {&sum}, "add");
  g.AddNode("Mul", {&b, &g.AddConstant("three", std::move(three))}, {&product}, "mul");
  g.AddOutput(sum);
  g.AddOutput(product);
  graph::CheckOnnx(model);
  graph::WriteOnnx(model, path);
}

void WriteStranger(const std::filesystem::path& path) {
  graph::Model model;
  graph::Graph& g = model.graph;
  model.opsets["com.example.contract"] = 1;
  graph::Value& x = g.AddInput("x", graph::ElementType::kF32, graph::SymbolicShape{1, 4});
  graph::Value& y = g.AddValue("y", graph::ElementType::kF32, graph::SymbolicShape{1, 4});
  g.AddNode("Wibble", {&x}, {&y}, "odd_one").domain = "com.example.contract";
  g.AddOutput(y);
  graph::WriteOnnx(model, path);
}

}  // namespace bakeoff::contract
