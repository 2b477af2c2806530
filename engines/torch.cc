// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The torch engine: TorchScript programs through LibTorch on the CPU.
//
// A TorchScript file names its arguments but neither their shapes and types nor its results. Inputs come from the
// host's description, --shape and -o torch.types; results are learnt from one run of the program as it was stored.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <memory>

#include "bakeoff/engine.h"
#include "core/shapes.h"
#include "core/text.h"

namespace {

using namespace bakeoff;

constexpr std::pair<DType, at::ScalarType> kTypes[] = {
    {DType::kF32, at::kFloat}, {DType::kF16, at::kHalf}, {DType::kBF16, at::kBFloat16}, {DType::kF64, at::kDouble},
    {DType::kI8, at::kChar},   {DType::kU8, at::kByte},  {DType::kI16, at::kShort},     {DType::kI32, at::kInt},
    {DType::kI64, at::kLong},  {DType::kBool, at::kBool}};

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

// Runs `body` and turns LibTorch's exceptions into ours: `what` says what was being done.
template <typename Body>
auto Guarded(ErrorCode code, const std::string& what, Body body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw Error(code, fmt::format("{}: {}", what, core::Brief(error.what_without_backtrace())));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(code, fmt::format("{}: {}", what, core::Brief(error.what())));
  }
}

// The tensors in a result, with names: dictionaries bring theirs, everything else is numbered.
void Flatten(const c10::IValue& value, const std::string& name, std::vector<std::pair<std::string, at::Tensor>>& out) {
  const auto part = [&](size_t index) { return name + (name == "output" ? "" : "_") + std::to_string(index); };
  if (value.isTensor()) {
    out.emplace_back(name, value.toTensor());
  } else if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    const auto type = value.type()->cast<c10::TupleType>();
    for (size_t i = 0; i < elements.size(); ++i) {
      const bool named = type && type->schema() && i < type->schema()->arguments().size();
      Flatten(elements[i], named ? type->schema()->arguments()[i].name() : part(i), out);
    }
  } else if (value.isTensorList() || value.isList()) {
    const auto list = value.toList();
    for (size_t i = 0; i < list.size(); ++i) Flatten(list.get(i), part(i), out);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      Flatten(entry.value(), entry.key().isString() ? entry.key().toStringRef() : part(out.size()), out);
    }
  } else if (!value.isNone()) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("the program's result '{}' is a {}, not a tensor", name, value.tagKind()));
  }
}

struct Program {
  torch::jit::Module module;
  std::vector<TensorSpec> inputs, outputs;
  bool bf16 = false, channels_last = false;
};

// bf16 by autocast for as long as it lives, on this thread.
class Autocast {
 public:
  explicit Autocast(bool on) : on_(on) {
    if (!on_) return;
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  }
  ~Autocast() {
    if (!on_) return;
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool on_;
};

class TorchRequest final : public Request {
 public:
  TorchRequest(const Program& program, const std::map<std::string, Shape>& shapes) : program_(program) {
    const c10::InferenceMode inference;
    for (const TensorSpec& spec : program_.inputs) {
      tensors_.push_back(at::zeros(shapes.at(spec.name), TorchType(spec.type)));
      inputs_.push_back(View(spec.type, shapes.at(spec.name), tensors_.back().data_ptr()));
    }
  }

  Tensors Inputs() override { return inputs_; }

  void Run() override {
    const c10::InferenceMode inference;
    const Autocast autocast(program_.bf16);
    // OpenMP keeps its number of threads per calling thread: LibTorch hands its own on only when told to.
    thread_local const bool threads_set = (at::init_num_threads(), true);
    static_cast<void>(threads_set);
    results_.clear();
    Guarded(ErrorCode::kEngineFailed, "running the program", [&] {
      std::vector<c10::IValue> stack;
      stack.reserve(tensors_.size());
      for (const at::Tensor& tensor : tensors_) {
        stack.emplace_back(
            program_.channels_last && tensor.dim() == 4 ? tensor.contiguous(at::MemoryFormat::ChannelsLast) : tensor);
      }
      Flatten(program_.module.forward(std::move(stack)), "output", results_);
      for (size_t i = 0; i < results_.size(); ++i) {
        at::Tensor& tensor = results_[i].second;
        tensor = (tensor.is_mkldnn() ? tensor.to_dense() : tensor).contiguous();
        // Under autocast a result may come as bf16 or not, as the program was optimised: the declared type holds.
        if (i < program_.outputs.size()) tensor = tensor.to(TorchType(program_.outputs[i].type));
      }
    });
  }

  Tensors Outputs() override {
    if (!program_.outputs.empty() && results_.size() != program_.outputs.size()) {
      throw Error(ErrorCode::kEngineFailed,
                  fmt::format("the program gave {} tensors, {} at load", results_.size(), program_.outputs.size()));
    }
    Tensors views;
    for (const auto& [name, tensor] : results_)
      views.push_back(View(OurType(tensor.scalar_type(), name), tensor.sizes().vec(), tensor.data_ptr()));
    return views;
  }

  const std::vector<std::pair<std::string, at::Tensor>>& Results() const { return results_; }

 private:
  // A copy shares the module; forward() may run in several threads.
  Program program_;
  std::vector<at::Tensor> tensors_;
  std::vector<std::pair<std::string, at::Tensor>> results_;
  Tensors inputs_;
};

void CountNodes(const torch::jit::Block* block, int64_t& nodes, std::map<std::string, int64_t>& accelerated) {
  for (const torch::jit::Node* node : block->nodes()) {
    const std::string space = node->kind().ns().toUnqualString();
    if (space == "mkldnn" || space == "mkldnn_prepacked" || space == "onednn" || space == "prepacked")
      ++accelerated[space];
    if (space != "prim") ++nodes;
    for (const torch::jit::Block* inner : node->blocks()) CountNodes(inner, nodes, accelerated);
  }
}

class TorchSession final : public Session {
 public:
  explicit TorchSession(Program program) : program_(std::move(program)) {}

  std::vector<TensorSpec> Inputs() const override { return program_.inputs; }
  std::vector<TensorSpec> Outputs() const override { return program_.outputs; }

  Json Effective() const override {
    std::map<std::string, int64_t> parameters, accelerated;
    for (const at::Tensor& tensor : program_.module.parameters()) ++parameters[c10::toString(tensor.scalar_type())];
    int64_t nodes = 0;
    CountNodes(program_.module.get_method("forward").graph()->block(), nodes, accelerated);
    Json effective = {
        {"runtime", std::string("LibTorch ") + TORCH_VERSION},
        {"provider", "ATen, CPU"},
        {"threads", at::get_num_threads()},
        {"interop_threads", at::get_num_interop_threads()},
        {"precision", program_.bf16 ? "bf16 where autocast allows" : kNotTold},
        {"float32_matmul_precision",
         at::globalContext().float32MatmulPrecision() == at::Float32MatmulPrecision::HIGHEST ? "highest" : "reduced"},
        {"onednn", at::globalContext().userEnabledMkldnn()},
        {"cpu_instructions", at::get_cpu_capability()},
        {"nodes", nodes},
        {"nodes_delegated", accelerated}};
    if (!parameters.empty()) effective["parameter_types"] = parameters;
    Json copies = Json::array({"the results are allocated in every run"});
    if (program_.channels_last) copies.push_back("four-dimensional inputs are rearranged to channels-last");
    if (program_.bf16) copies.push_back("results in bf16 are converted to the type of the f32 program");
    effective["timed_copies"] = copies;
    effective["load_includes"] = "one run of the stored program, to learn its results";
    return effective;
  }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<TorchRequest>(program_, shapes);
  }

 private:
  Program program_;
};

EngineInfo DescribeTorch() {
  EngineInfo info;
  info.name = "torch";
  info.version = TORCH_VERSION;
  info.reads = {"torchscript"};
  info.precisions = {"f32", "bf16"};
  info.options = {
      {"freeze", "true", "Freeze the program: parameters become constants, batch norms fold.", ""},
      {"optimize_for_inference", "", "LibTorch's rewrites for inference (oneDNN, folding); without it as `freeze`.",
       "true|false"},
      {"channels_last", "false", "Keep four-dimensional weights and inputs in channels-last order.", ""},
      {"onednn", "true", "Let LibTorch use oneDNN.", ""},
      {"intra_threads", "", "Threads inside an operator; without it --threads divided by the streams.", ""},
      {"inter_threads", "1", "Threads for independent operators; fixed once per worker.", ""},
      {"types", "", "Types of inputs, as name=i64,other=i32; without it the host's description, else f32.", ""}};
  info.note = "TorchScript names no shapes: give --shape for every input that model.json does not describe";
  return info;
}

torch::jit::Module Read(const std::string& path) {
  try {
    torch::jit::Module module = torch::jit::load(path, at::kCPU);
    module.eval();
    return module;
  } catch (const std::exception& error) {
    const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
    const std::string words = torch_error ? torch_error->what_without_backtrace() : error.what();
    constexpr std::string_view kUnknown = "Unknown builtin op: ";
    if (const size_t at = words.find(kUnknown); at != std::string::npos) {
      const std::string_view rest = std::string_view(words).substr(at + kUnknown.size());
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("{}: needs operator '{}' of a library that is no part of LibTorch", path,
                              rest.substr(0, rest.find_first_of(". \n"))));
    }
    if (words.find("constants.pkl") != std::string::npos) {
      throw Error(ErrorCode::kInvalidModel, path +
                                                ": holds no TorchScript program (weights alone, or an exported "
                                                "program); write it with torch.jit.trace or torch.jit.script");
    }
    throw Error(ErrorCode::kInvalidModel, fmt::format("{}: not a TorchScript file: {}", path, core::Brief(words, 120)));
  }
}

std::map<std::string, DType> TypesFrom(const std::string& text) {
  std::map<std::string, DType> types;
  for (const std::string& part : core::Split(text, ',')) {
    const size_t equal = part.find('=');
    if (equal == std::string::npos)
      throw Error(ErrorCode::kUsage, fmt::format("-o torch.types={}: write name=type, as in ids=i64", text));
    types[part.substr(0, equal)] = DTypeFromName(part.substr(equal + 1));
  }
  return types;
}

// The program's tensor arguments, with shape and type from whoever knows them.
std::vector<TensorSpec> ReadInputs(const torch::jit::Module& module, const Artifact& artifact,
                                   const SessionOptions& options) {
  const auto types = TypesFrom(options.engine.Text("types"));
  std::vector<TensorSpec> inputs;
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
  const auto unknown = [&](const char* option, const std::string& name) {
    if (name.empty() && names.size() == 1) return;  // an only input needs no name
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    throw Error(ErrorCode::kUsage, fmt::format("{} {}: the program has no such input{}; its inputs are {}", option,
                                               name, core::DidYouMean(name, names), core::Join(names, ", ")));
  };
  for (const auto& [name, type] : types) unknown("-o torch.types", name);
  for (const auto& [name, shape] : options.shapes) unknown("--shape", name);
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
    } else if (const auto given = options.shapes.find(options.shapes.contains(names[i]) ? names[i] : "");
               given != options.shapes.end()) {
      spec.shape = given->second;
      // Nothing in the file fixes an extent; the first is the batch.
      if (!spec.shape.empty()) spec.shape[0] = kFree;
    } else {
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: TorchScript does not tell the shape of input '{}'; give --shape {}=1x3x224x224",
                              artifact.path, names[i], names[i]));
    }
    if (const auto type = types.find(names[i]); type != types.end()) spec.type = type->second;
    inputs.push_back(std::move(spec));
  }
  return inputs;
}

// One run of `program` as stored, with inputs of zeros. The names are the host's where it describes as many outputs.
std::vector<TensorSpec> ProbeOutputs(const Program& program, const std::map<std::string, Shape>& shapes,
                                     const Artifact& artifact) {
  TorchRequest request(program, shapes);
  request.Run();
  std::vector<TensorSpec> outputs;
  for (const auto& [name, tensor] : request.Results())
    outputs.push_back({name, OurType(tensor.scalar_type(), name), tensor.sizes().vec()});
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (artifact.outputs.size() == outputs.size()) outputs[i].name = artifact.outputs[i].name;
    // An extent equal to the batch follows it, as far as one run can tell.
    const Shape& first = shapes.begin()->second;
    if (!outputs[i].shape.empty() && !first.empty() && outputs[i].shape[0] == first[0]) outputs[i].shape[0] = kFree;
  }
  return outputs;
}

void SetThreads(const SessionOptions& options) {
  const int64_t intra =
      options.engine.Int("intra_threads", std::max(1, options.threads / std::max(1, options.streams)));
  const int64_t inter = options.engine.Int("inter_threads", 1);
  if (intra < 1 || intra > 4096 || inter < 1 || inter > 4096)
    throw Error(ErrorCode::kUsage, "-o torch.intra_threads and inter_threads take 1 to 4096");
  at::set_num_threads(static_cast<int>(intra));
  if (at::get_num_interop_threads() == static_cast<size_t>(inter)) return;
  Guarded(ErrorCode::kUnsupported, "LibTorch takes the number of inter-op threads once per process",
          [&] { at::set_num_interop_threads(static_cast<int>(inter)); });
}

std::unique_ptr<Session> LoadTorch(const Artifact& artifact, const SessionOptions& options) {
  const bool freeze = options.engine.Bool("freeze");
  const bool optimize = options.engine.Bool("optimize_for_inference", freeze);
  if (optimize && !freeze)
    throw Error(ErrorCode::kUsage, "-o torch.optimize_for_inference=true freezes the program: leave out freeze=false");
  SetThreads(options);
  at::globalContext().setFloat32MatmulPrecision("highest");
  at::globalContext().setUserEnabledMkldnn(options.engine.Bool("onednn"));
  const c10::InferenceMode inference;

  Program program;
  program.module = Read(artifact.path);
  program.channels_last = options.engine.Bool("channels_last");
  program.inputs = ReadInputs(program.module, artifact, options);
  const auto shapes = core::CompleteShapes(program.inputs, options.shapes, options.batch);
  if (program.channels_last) {
    for (at::Tensor tensor : program.module.parameters()) {
      if (tensor.dim() == 4) tensor.set_data(tensor.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
  program.outputs = ProbeOutputs(program, shapes, artifact);
  program.bf16 = options.precision == "bf16";
  if (freeze) {
    Guarded(ErrorCode::kUnsupported, artifact.path + ": cannot be frozen (-o torch.freeze=false runs it as it is)",
            [&] {
              program.module = torch::jit::freeze(program.module);
              if (optimize) program.module = torch::jit::optimize_for_inference(program.module);
            });
  }
  return std::make_unique<TorchSession>(std::move(program));
}

}  // namespace

BAKEOFF_ENGINE(DescribeTorch, LoadTorch);
