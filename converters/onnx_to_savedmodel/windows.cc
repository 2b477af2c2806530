// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Convolutions and pools. TFLite's filters are output, height, width, input; TensorFlow's height, width, input, output.
#include "bakeoff/error.h"
#include "translate.h"

namespace bakeoff::to_savedmodel {
namespace {

const char* PaddingName(tflite::Padding padding) {
  return padding == tflite::Padding::SAME ? "SAME" : "VALID";
}

Attributes WindowAttributes(Translator& to, const OperatorRow& row, tflite::Padding padding, int32_t stride_h,
                            int32_t stride_w) {
  const int64_t strides[] = {1, stride_h, stride_w, 1};
  return to.TypeT(row.inputs[0]).Ints("strides", strides).Text("padding", PaddingName(padding));
}

// The product and the bias, if there is one.
void Biased(Translator& to, const OperatorRow& row, const char* op, const std::string& filter,
            const Attributes& attributes) {
  const bool biased = row.inputs.size() > 2 && row.inputs[2] != channels_last::kAbsent;
  if (!biased) return to.Result(op, {to.Ref(row.inputs[0]), filter}, attributes);
  const std::string product = to.Step(op, {to.Ref(row.inputs[0]), filter}, attributes);
  to.Result("BiasAdd", {product, to.Ref(row.inputs[2])}, to.TypeT(row.outputs[0]));
}

const channels_last::StoredConstant& FilterOf(Translator& to, const OperatorRow& row) {
  const channels_last::StoredConstant* filter = to.program().ConstantOf(row.inputs[1]);
  if (!filter) throw Error(ErrorCode::kInternal, "a convolution whose filter is no constant");
  return *filter;
}

std::string FilterName(Translator& to, const OperatorRow& row) {
  return to.program().tensors()[static_cast<size_t>(row.inputs[1])].name;
}

// Groups need no attribute: they follow from the filter's number of inputs.
void Convolution(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsConv2DOptions();
  const std::string filter = to.Constant(FilterName(to, row), FilterOf(to, row).Reordered({1, 2, 3, 0}));
  const int64_t dilations[] = {1, options.dilation_h, options.dilation_w, 1};
  Biased(to, row, "Conv2D", filter,
         WindowAttributes(to, row, options.padding, options.stride_h, options.stride_w).Ints("dilations", dilations));
}

void Depthwise(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsDepthwiseConv2DOptions();
  // 1 x height x width x (channels * multiplier), kept as ONNX's channels x 1 x height x width in another order.
  const channels_last::StoredConstant filter = FilterOf(to, row);
  const std::vector<int64_t> extents = filter.Extents();
  const auto attributes = WindowAttributes(to, row, options.padding, options.stride_h, options.stride_w);
  // TensorFlow's own operator for it takes neither other steps down than across nor dilation on the CPU; a convolution
  // with as many groups as channels does.
  if (options.stride_h != options.stride_w || options.dilation_h != 1 || options.dilation_w != 1) {
    const int64_t dilations[] = {1, options.dilation_h, options.dilation_w, 1};
    const std::string grouped = to.Constant(FilterName(to, row), filter.Reordered({1, 2, 0, 3}));
    return Biased(to, row, "Conv2D", grouped, Attributes(attributes).Ints("dilations", dilations));
  }
  const auto multiplier = static_cast<int32_t>(options.depth_multiplier);
  const std::vector<int32_t> split{static_cast<int32_t>(extents[1]), static_cast<int32_t>(extents[2]),
                                   static_cast<int32_t>(extents[3]) / multiplier, multiplier};
  std::string ref = to.Constant(FilterName(to, row), filter.Reordered({1, 2, 3, 0}));
  if (multiplier != 1) {
    ref = to.Step("Reshape", {ref, to.Numbers(split)}, to.TypeT(row.inputs[0]).Type("Tshape", DataType::kI32));
  }
  Biased(to, row, "DepthwiseConv2dNative", ref, attributes);
}

// The gradient of a convolution for its input is what is called a transposed convolution.
void Transposed(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsTransposeConvOptions();
  const channels_last::StoredConstant* stored = to.program().ConstantOf(row.inputs[1]);
  if (!stored) throw Error(ErrorCode::kInternal, "a transposed convolution whose filter is no constant");
  const std::string filter = to.Constant(FilterName(to, row), stored->Reordered({1, 2, 0, 3}));
  const int64_t strides[] = {1, options.stride_h, options.stride_w, 1};
  const std::string product =
      to.Step("Conv2DBackpropInput", {to.Ref(row.inputs[0]), filter, to.Ref(row.inputs[2])},
              to.TypeT(row.inputs[2]).Ints("strides", strides).Text("padding", PaddingName(options.padding)));
  to.Result("BiasAdd", {product, to.Ref(row.inputs[3])}, to.TypeT(row.outputs[0]));
}

void Resize(Translator& to, const OperatorRow& row) {
  const auto* linear = row.options.AsResizeBilinearOptions();
  const auto* nearest = row.options.AsResizeNearestNeighborOptions();
  to.Result(linear ? "ResizeBilinear" : "ResizeNearestNeighbor", to.Refs(row),
            to.TypeT(row.inputs[0])
                .Bool("align_corners", linear ? linear->align_corners : nearest->align_corners)
                .Bool("half_pixel_centers", linear ? linear->half_pixel_centers : nearest->half_pixel_centers));
}

void Pool(Translator& to, const OperatorRow& row) {
  const auto& options = *row.options.AsPool2DOptions();
  const int64_t size[] = {1, options.filter_height, options.filter_width, 1};
  to.Result(row.code == BuiltinOperator::MAX_POOL_2D ? "MaxPool" : "AvgPool", {to.Ref(row.inputs[0])},
            WindowAttributes(to, row, options.padding, options.stride_h, options.stride_w).Ints("ksize", size));
}

constexpr Rule kRules[] = {
    {BuiltinOperator::CONV_2D, Convolution},
    {BuiltinOperator::DEPTHWISE_CONV_2D, Depthwise},
    {BuiltinOperator::MAX_POOL_2D, Pool},
    {BuiltinOperator::AVERAGE_POOL_2D, Pool},
    {BuiltinOperator::TRANSPOSE_CONV, Transposed},
    {BuiltinOperator::RESIZE_BILINEAR, Resize},
    {BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, Resize},
};

}  // namespace

std::span<const Rule> WindowRules() {
  return kRules;
}

}  // namespace bakeoff::to_savedmodel
