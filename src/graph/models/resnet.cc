// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// ResNet-18 and ResNet-50 (He et al. 2015), with the stride in the 3x3 convolution of a bottleneck.
#include <fmt/format.h>

#include <array>

#include "graph/models/layers.h"

namespace bakeoff::graph {
namespace {

struct Plan {
  std::array<int, 4> blocks;
  bool bottleneck;
};

class ResNet {
 public:
  ResNet(Layers& layers, const ModelRequest& request, const Plan& plan)
      : layers_(layers), request_(request), plan_(plan) {}

  void Build() {
    const Dim batch = request_.batch > 0 ? Dim(request_.batch) : Dim::Symbol("batch");
    Value* x = layers_.build().Input("input", ElementType::kF32, {batch, 3, request_.image_size, request_.image_size});
    int64_t channels = Scaled(64, request_.width);
    x = layers_.Relu(Normed(x, "conv1", "bn1", 3, channels, 7, 2), "relu");
    Attributes pool;
    pool["kernel_shape"] = std::vector<int64_t>{3, 3};
    pool["strides"] = std::vector<int64_t>{2, 2};
    pool["pads"] = std::vector<int64_t>{1, 1, 1, 1};
    x = layers_.build().Op("MaxPool", {x}, std::move(pool), "maxpool");
    for (size_t stage = 0; stage < plan_.blocks.size(); ++stage) {
      const int64_t inner = Scaled(int64_t{64} << stage, request_.width);
      for (int block = 0; block < plan_.blocks[stage]; ++block) {
        const std::string name = fmt::format("layer{}.{}", stage + 1, block);
        const int64_t stride = block == 0 && stage > 0 ? 2 : 1, out = plan_.bottleneck ? inner * 4 : inner;
        x = Block(x, name, channels, inner, out, stride);
        channels = out;
      }
    }
    x = layers_.Gemm(layers_.PoolToRow(x), "fc", channels, request_.classes);
    layers_.build().Output(x, "logits");
  }

 private:
  Value* Normed(Value* x, const std::string& conv, const std::string& norm, int64_t in, int64_t out, int64_t kernel,
                int64_t stride, float gain = 1) {
    return layers_.BatchNorm(layers_.Conv(x, conv, in, out, kernel, stride), norm, out, gain);
  }

  Value* Block(Value* x, const std::string& name, int64_t in, int64_t inner, int64_t out, int64_t stride) {
    Value* y = nullptr;
    if (plan_.bottleneck) {
      y = layers_.Relu(Normed(x, name + ".conv1", name + ".bn1", in, inner, 1, 1), name + ".relu1");
      y = layers_.Relu(Normed(y, name + ".conv2", name + ".bn2", inner, inner, 3, stride), name + ".relu2");
      y = Normed(y, name + ".conv3", name + ".bn3", inner, out, 1, 1, kResidualGain);
    } else {
      y = layers_.Relu(Normed(x, name + ".conv1", name + ".bn1", in, out, 3, stride), name + ".relu1");
      y = Normed(y, name + ".conv2", name + ".bn2", out, out, 3, 1, kResidualGain);
    }
    Value* shortcut =
        in == out && stride == 1 ? x : Normed(x, name + ".downsample.0", name + ".downsample.1", in, out, 1, stride);
    return layers_.Relu(layers_.build().Op("Add", {y, shortcut}, {}, name + ".add"), name + ".relu");
  }

  Layers& layers_;
  const ModelRequest& request_;
  const Plan plan_;
};

}  // namespace

void BuildResNet18(Layers& layers, const ModelRequest& request) {
  ResNet(layers, request, {{2, 2, 2, 2}, false}).Build();
}
void BuildResNet50(Layers& layers, const ModelRequest& request) {
  ResNet(layers, request, {{3, 4, 6, 3}, true}).Build();
}

}  // namespace bakeoff::graph
