// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Counts operators, parameters and multiply-adds.
#include "graph/census.h"

#include <set>
#include <string_view>

namespace bakeoff::graph {
namespace {

std::optional<int64_t> Product(const std::vector<int64_t>& factors) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (factor < 0 || __builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  return product;
}

std::optional<std::vector<int64_t>> ShapeOf(const Value* value) {
  return value ? value->StaticShape() : std::nullopt;
}

// Each element of `counted` takes part in (weights / the weight's extent on this axis) multiplications.
std::optional<int64_t> Convolution(const Value* counted, const Value* weight, size_t shared_axis) {
  const auto elements = ShapeOf(counted);
  auto kernel = ShapeOf(weight);
  if (!elements || !kernel || kernel->size() < 3) return std::nullopt;
  (*kernel)[shared_axis] = 1;
  kernel->insert(kernel->end(), elements->begin(), elements->end());
  return Product(*kernel);
}

std::optional<int64_t> MatrixProduct(const Node& node, size_t left) {
  const auto a = ShapeOf(node.input(left));
  auto out = ShapeOf(node.output(0));
  if (!a || a->empty() || !out) return std::nullopt;
  if (a->size() < 2 || node.op == "MatMul" || node.Int("transA", 0) == 0) {
    out->push_back(a->back());
  } else {
    out->push_back((*a)[a->size() - 2]);
  }
  return Product(*out);
}

// ONNX's operators with an activation or a factor added, which a widely used runtime writes into optimised models.
bool IsFused(const Node& node) {
  return node.domain == "com.microsoft" &&
         (node.op == "FusedConv" || node.op == "FusedGemm" || node.op == "FusedMatMul");
}

bool IsQuantised(const Node& node) {
  return node.op.starts_with("QLinear") || node.op.ends_with("Integer") || node.op == "QuantizeLinear" ||
         node.op == "DequantizeLinear" || node.op == "DynamicQuantizeLinear";
}

bool IsWeight(ElementType type) {
  return type != ElementType::kI64 && type != ElementType::kBool && type != ElementType::kString &&
         type != ElementType::kUndefined;
}

void CountTensor(const Tensor& tensor, Census& census) {
  census.weight_bytes += tensor.bytes.size();
  census.bytes_by_type[std::string(ElementTypeName(tensor.type))] += tensor.bytes.size();
  if (IsWeight(tensor.type)) census.parameters += tensor.Count();
}

void CountNodes(const Graph& graph, bool main, Census& census) {
  static const std::set<std::string, std::less<>> uncounted{"LSTM",       "GRU",       "RNN", "Einsum",
                                                            "DeformConv", "Attention", "DFT", "STFT"};
  for (const Value& value : graph.values()) {
    if (value.constant()) CountTensor(*value.constant(), census);
  }
  for (const Node& node : graph.nodes()) {
    ++census.nodes;
    ++census.operators[node.domain.empty() ? node.op : node.domain + "." + node.op];
    census.quantised |= IsQuantised(node);
    for (const auto& [name, attribute] : node.attributes) {
      if (const auto* tensor = std::get_if<Tensor>(&attribute)) CountTensor(*tensor, census);
    }
    const auto count = MultiplyAdds(node);
    if (uncounted.contains(node.op) || (!main && count != 0) ||
        (!node.domain.empty() && node.domain != "ai.onnx.ml" && !IsFused(node))) {
      census.not_counted.push_back(node.Describe());
    } else if (!count) {
      census.without_shape.push_back(node.Describe());
    } else if (census.multiply_adds && __builtin_add_overflow(*census.multiply_adds, *count, &*census.multiply_adds)) {
      census.multiply_adds.reset();
    }
    ForEachSubgraph(node, [&](const Graph& body) { CountNodes(body, false, census); });
  }
}

}  // namespace

std::optional<int64_t> MultiplyAdds(const Node& node) {
  if (IsFused(node)) {
    if (node.op == "FusedConv") return Convolution(node.output(0), node.input(1), 0);
    return MatrixProduct(node, 0);
  }
  if (!node.domain.empty()) return 0;
  if (node.op == "Conv" || node.op == "ConvInteger") return Convolution(node.output(0), node.input(1), 0);
  if (node.op == "QLinearConv") return Convolution(node.output(0), node.input(3), 0);
  if (node.op == "ConvTranspose") return Convolution(node.input(0), node.input(1), 0);
  if (node.op == "Gemm" || node.op == "MatMul" || node.op == "MatMulInteger" || node.op == "QLinearMatMul")
    return MatrixProduct(node, 0);
  return 0;
}

Census CountGraph(const Graph& graph) {
  Census census;
  census.multiply_adds = 0;
  CountNodes(graph, true, census);
  if (!census.without_shape.empty()) census.multiply_adds.reset();
  return census;
}

}  // namespace bakeoff::graph
