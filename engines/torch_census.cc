// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// What a TorchScript program consists of. Multiply-adds come from watching the operators of one run, because the file
// has no shapes.
#include "torch_census.h"

#include <ATen/record_function.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/shapes.h"
#include "core/text.h"
#include "torch_model.h"

namespace bakeoff {
namespace {

// Of the run that is watched on this thread; nothing on overflow.
thread_local std::optional<int64_t> t_multiply_adds;
thread_local std::set<std::string>* t_not_counted = nullptr;

void Add(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  for (const int64_t factor : factors) {
    if (__builtin_mul_overflow(product, factor, &product)) t_multiply_adds.reset();
  }
  if (t_multiply_adds && __builtin_add_overflow(*t_multiply_adds, product, &*t_multiply_adds)) t_multiply_adds.reset();
}

// A convolution's size is known by its result.
struct Convolution final : at::ObserverContext {
  int64_t per_element = 0;
};

// Everything that multiplies matrices ends in one of these operators, whatever it is called in the program.
std::unique_ptr<at::ObserverContext> Started(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  const auto tensor = [&](size_t index) {
    const auto inputs = function.inputs();
    return index < inputs.size() && inputs[index].isTensor() ? inputs[index].toTensor() : at::Tensor();
  };
  if (name == "aten::_convolution") {
    const at::Tensor input = tensor(0), weight = tensor(1);
    if (!input.defined() || !weight.defined() || weight.dim() < 3 || weight.size(0) < 1) return nullptr;
    const auto inputs = function.inputs();
    const bool transposed = inputs.size() > 6 && inputs[6].isBool() && inputs[6].toBool();
    if (transposed) {
      Add({input.numel(), weight.numel() / weight.size(0)});
      return nullptr;
    }
    auto convolution = std::make_unique<Convolution>();
    convolution->per_element = weight.numel() / weight.size(0);
    return convolution;
  }
  const bool added = name == "aten::addmm" || name == "aten::baddbmm" || name == "aten::addmv";
  if (added || name == "aten::mm" || name == "aten::bmm" || name == "aten::mv" || name == "aten::dot") {
    const at::Tensor a = tensor(added ? 1 : 0), b = tensor(added ? 2 : 1);
    if (a.defined() && b.defined()) Add({a.numel(), b.dim() == 1 ? 1 : b.size(-1)});
  } else if (name == "aten::_scaled_dot_product_flash_attention_for_cpu") {
    const at::Tensor query = tensor(0), key = tensor(1), value = tensor(2);
    if (!query.defined() || !key.defined() || !value.defined()) return nullptr;
    Add({query.numel(), key.size(-2)});
    Add({query.numel() / std::max<int64_t>(query.size(-1), 1), key.size(-2), value.size(-1)});
  } else if (t_not_counted && (name.starts_with("quantized::") || name == "aten::mkldnn_rnn_layer" ||
                               name == "aten::_mkldnn_rnn_layer" || name == "aten::fft")) {
    t_not_counted->insert(std::string(name));
  }
  return nullptr;
}

void Ended(const at::RecordFunction& function, at::ObserverContext* context) {
  const auto* convolution = dynamic_cast<const Convolution*>(context);
  if (!convolution || function.outputs().empty() || !function.outputs()[0].isTensor()) return;
  Add({function.outputs()[0].toTensor().numel(), convolution->per_element});
}

class Watch {
 public:
  explicit Watch(std::set<std::string>& not_counted)
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(Started, Ended)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {
    t_multiply_adds = 0;
    t_not_counted = &not_counted;
  }
  ~Watch() {
    at::removeCallback(handle_);
    t_not_counted = nullptr;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  at::CallbackHandle handle_;
};

struct Counter {
  std::map<std::string, int64_t> operators;
  std::map<std::string, uint64_t> bytes;
  int64_t parameters = 0;
  bool quantised = false;
  std::set<const void*> seen;

  void Tensor(const at::Tensor& tensor) {
    quantised |= tensor.is_quantized();
    if (!tensor.has_storage() || !seen.insert(tensor.unsafeGetTensorImpl()).second) return;
    const auto type = tensor.scalar_type();
    bytes[TypeName(type)] += tensor.nbytes();
    // Counters, shapes and axes.
    if (type != at::kLong && type != at::kInt && type != at::kBool) parameters += tensor.numel();
  }

  void Block(const torch::jit::Block* block) {
    for (const torch::jit::Node* node : block->nodes()) {
      const std::string space = node->kind().ns().toUnqualString(), name = node->kind().toUnqualString();
      if (node->kind() == c10::prim::Constant && node->hasAttribute(c10::attr::value) &&
          node->kindOf(c10::attr::value) == torch::jit::AttributeKind::t)
        Tensor(node->t(c10::attr::value));
      quantised |= space == "quantized" || name.starts_with("quantize_per") || name == "dequantize";
      if (space != "prim") ++operators[space + "::" + name];
      for (const torch::jit::Block* inner : node->blocks()) Block(inner);
    }
  }

  static std::string TypeName(at::ScalarType type) {
    try {
      return std::string(DTypeName(OurType(type, "")));
    } catch (const Error&) {
      return c10::toString(type);
    }
  }
};

// With inputs of zeros.
std::vector<std::pair<std::string, at::Tensor>> RunOnce(torch::jit::Module& module,
                                                        const std::vector<TensorSpec>& inputs,
                                                        const std::map<std::string, Shape>& shapes) {
  std::vector<std::pair<std::string, at::Tensor>> results;
  Guarded(ErrorCode::kEngineFailed, "running the program", [&] {
    std::vector<c10::IValue> stack;
    for (const TensorSpec& spec : inputs) stack.emplace_back(at::zeros(shapes.at(spec.name), TorchType(spec.type)));
    FlattenTensors(module.forward(std::move(stack)), "output", results);
  });
  return results;
}

Json PortsJson(const std::vector<TensorSpec>& specs, bool ranks_known) {
  Json ports = Json::array();
  for (const TensorSpec& spec : specs)
    ports.push_back({{"name", spec.name},
                     {"type", std::string(DTypeName(spec.type))},
                     {"shape", ranks_known ? Json(spec.shape) : Json()}});
  return ports;
}

}  // namespace

Json TorchCensus(const Artifact& artifact, const SessionOptions& options) {
  const c10::InferenceMode inference;
  at::globalContext().setFloat32MatmulPrecision("highest");
  torch::jit::Module module = ReadTorchScript(artifact.path);
  Counter counter;
  for (const at::Tensor& tensor : module.parameters()) counter.Tensor(tensor);
  for (const at::Tensor& tensor : module.buffers()) counter.Tensor(tensor);
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  counter.Block(graph->block());

  Json notes = Json::array(), outputs = Json::array(), multiply_adds, counted_for;
  std::set<std::string> not_counted;
  std::vector<TensorSpec> inputs;
  const std::vector<std::string> names = TorchInputNames(module, artifact);
  const auto told = [&](const std::string& name) {
    return options.shapes.contains(name) || (names.size() == 1 && options.shapes.contains("")) ||
           artifact.inputs.size() == names.size();
  };
  const bool complete = std::ranges::all_of(names, told);
  if (!complete) {
    for (const std::string& name : names) inputs.push_back({name, DType::kF32, {}});
    notes.push_back(
        "the format does not tell types and shapes of inputs, nor the outputs; give --shape for every input to have "
        "them learnt from a run, with multiply-adds");
  } else {
    inputs = TorchInputs(module, artifact, options.shapes, {});
    const auto shapes = core::CompleteShapes(inputs, options.shapes, options.batch);
    try {
      const Watch watch(not_counted);
      outputs = PortsJson(TorchOutputs(RunOnce(module, inputs, shapes), shapes, artifact), true);
    } catch (const Error& error) {
      t_multiply_adds.reset();
      notes.push_back("multiply-adds are not known: " + error.text());
    }
    if (t_multiply_adds) multiply_adds = *t_multiply_adds;
    counted_for = shapes;
  }
  Json named = Json::array();
  for (const std::string& name : not_counted) named.push_back(name);
  return {{"inputs", PortsJson(inputs, complete)},
          {"outputs", outputs},
          {"shapes", counted_for},
          {"notes", notes},
          {"census",
           {{"operators", counter.operators},
            {"parameters", counter.parameters},
            {"bytes_by_type", counter.bytes},
            {"quantised", counter.quantised},
            {"multiply_adds", multiply_adds},
            {"not_counted", named}}}};
}

}  // namespace bakeoff
