// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// Reads TorchScript programs and says what they take.
#include "torch_model.h"

#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>

#include "core/format_probe.h"
#include "core/model_description.h"

namespace bakeoff {
namespace {

constexpr std::pair<DType, at::ScalarType> kTypes[] = {
    {DType::kF32, at::kFloat}, {DType::kF16, at::kHalf}, {DType::kBF16, at::kBFloat16}, {DType::kF64, at::kDouble},
    {DType::kI8, at::kChar},   {DType::kU8, at::kByte},  {DType::kI16, at::kShort},     {DType::kI32, at::kInt},
    {DType::kI64, at::kLong},  {DType::kBool, at::kBool}};

// The input's shape for one sample as the file's own description has it; else an example.
std::string ShapeToGive(const std::string& path, size_t input) {
  try {
    const Json told = core::ParseDescription(
        core::ZipContent(path, std::string("/extra/") + core::kDescriptionFile, 1 << 20).value_or(""));
    Shape shape = told.at("inputs").at(input).at("shape").get<Shape>();
    if (!shape.empty() && shape[0] < 1) shape[0] = 1;
    if (!shape.empty() && std::all_of(shape.begin(), shape.end(), [](int64_t extent) { return extent > 0; }))
      return ShapeText(shape);
  } catch (const std::exception&) {  // a description is a help, not a must
  }
  return "1x3x224x224";
}

}  // namespace

at::ScalarType TorchType(DType type) {
  return std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& row) { return row.first == type; })->second;
}

DType OurType(at::ScalarType type, const std::string& name) {
  const auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                [&](const auto& candidate) { return candidate.second == type; });
  if (row == std::end(kTypes))
    throw Error(ErrorCode::kUnsupported,
                fmt::format("'{}' is {}, which Bakeoff does not carry", name, c10::toString(type)));
  return row->first;
}

std::string TorchWords(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  return torch_error ? torch_error->what_without_backtrace() : error.what();
}

void FlattenTensors(const c10::IValue& value, const std::string& name,
                    std::vector<std::pair<std::string, at::Tensor>>& out) {
  const auto part = [&](size_t index) { return name + (name == "output" ? "" : "_") + std::to_string(index); };
  if (value.isTensor()) {
    out.emplace_back(name, value.toTensor());
  } else if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    const auto type = value.type()->cast<c10::TupleType>();
    for (size_t i = 0; i < elements.size(); ++i) {
      const bool named = type && type->schema() && i < type->schema()->arguments().size();
      FlattenTensors(elements[i], named ? type->schema()->arguments()[i].name() : part(i), out);
    }
  } else if (value.isTensorList() || value.isList()) {
    const auto list = value.toList();
    for (size_t i = 0; i < list.size(); ++i) FlattenTensors(list.get(i), part(i), out);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      FlattenTensors(entry.value(), entry.key().isString() ? entry.key().toStringRef() : part(out.size()), out);
    }
  } else if (!value.isNone()) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("the program's result '{}' is a {}, not a tensor", name, value.tagKind()));
  }
}

torch::jit::Module ReadTorchScript(const std::string& path) {
  try {
    torch::jit::Module module = torch::jit::load(path, at::kCPU);
    module.eval();
    return module;
  } catch (const std::exception& error) {
    const std::string words = TorchWords(error);
    constexpr std::string_view kUnknown = "Unknown builtin op: ";
    if (const size_t at = words.find(kUnknown); at != std::string::npos) {
      const std::string_view said = std::string_view(words).substr(at, words.find('\n', at) - at);
      const std::string_view rest = said.substr(kUnknown.size());
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: needs operator '{}' of a library that is no part of LibTorch: {}", path,
                              rest.substr(0, rest.find_first_of(". ")), core::Brief(said, 120)));
    }
    if (words.find("constants.pkl") != std::string::npos) {
      throw Error(ErrorCode::kInvalidModel, path +
                                                ": holds no TorchScript program (weights alone, or an exported "
                                                "program); write it with torch.jit.trace or torch.jit.script");
    }
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: not a TorchScript file: {}", path, core::Brief(words, 120)));
  }
}

std::vector<TensorSpec> TorchOutputs(const std::vector<std::pair<std::string, at::Tensor>>& results,
                                     const std::map<std::string, Shape>& shapes, const Artifact& artifact) {
  std::vector<TensorSpec> outputs;
  for (const auto& [name, tensor] : results)
    outputs.push_back({name, OurType(tensor.scalar_type(), name), tensor.sizes().vec()});
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (artifact.outputs.size() == outputs.size()) outputs[i].name = artifact.outputs[i].name;
    if (shapes.empty()) continue;
    const Shape& first = shapes.begin()->second;
    if (!outputs[i].shape.empty() && !first.empty() && outputs[i].shape[0] == first[0]) outputs[i].shape[0] = kFree;
  }
  return outputs;
}

std::vector<std::string> TorchInputNames(const torch::jit::Module& module, const Artifact& artifact) {
  std::vector<std::string> names;
  const auto& arguments = module.get_method("forward").function().getSchema().arguments();
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].default_value()) break;  // the caller may leave these out, and so do we
    if (!arguments[i].type()->isSubtypeOf(*c10::TensorType::get())) {
      throw Error(ErrorCode::kUnsupported, fmt::format("{}: argument '{}' is a {}, not a tensor", artifact.path,
                                                       arguments[i].name(), arguments[i].type()->annotation_str()));
    }
    names.push_back(arguments[i].name());
  }
  return names;
}

std::vector<TensorSpec> TorchInputs(const torch::jit::Module& module, const Artifact& artifact,
                                    const std::map<std::string, Shape>& shapes,
                                    const std::map<std::string, DType>& types) {
  std::vector<TensorSpec> inputs;
  const std::vector<std::string> names = TorchInputNames(module, artifact);
  const auto unknown = [&](const char* option, const std::string& name) {
    if (name.empty() && names.size() == 1) return;  // an only input needs no name
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    throw Error(ErrorCode::kUsage, fmt::format("{} {}: the program has no such input{}; its inputs are {}", option,
                                               name, core::DidYouMean(name, names), core::Join(names, ", ")));
  };
  for (const auto& [name, type] : types) unknown("-o torch.types", name);
  for (const auto& [name, shape] : shapes) unknown("--shape", name);
  for (size_t i = 0; i < names.size(); ++i) {
    // By name; by place where the description has as many inputs under other names.
    auto known = std::find_if(artifact.inputs.begin(), artifact.inputs.end(),
                              [&](const TensorSpec& spec) { return spec.name == names[i]; });
    if (known == artifact.inputs.end() && artifact.inputs.size() == names.size())
      known = artifact.inputs.begin() + static_cast<std::ptrdiff_t>(i);
    TensorSpec spec{names[i], DType::kF32, {}};
    if (known != artifact.inputs.end()) {
      spec.type = known->type;
      spec.shape = known->shape;
    } else if (const auto given = shapes.find(shapes.contains(names[i]) ? names[i] : ""); given != shapes.end()) {
      spec.shape = given->second;
      // Nothing in the file fixes an extent; the first is the batch.
      if (!spec.shape.empty()) spec.shape[0] = kFree;
    } else {
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: TorchScript does not tell the shape of input '{}'; give --shape {}={}",
                              artifact.path, names[i], names[i], ShapeToGive(artifact.path, i)));
    }
    if (const auto type = types.find(names[i]); type != types.end()) spec.type = type->second;
    inputs.push_back(std::move(spec));
  }
  return inputs;
}

}  // namespace bakeoff
