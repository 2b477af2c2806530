// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The torch engine: TorchScript programs through LibTorch on the CPU.
//
// A TorchScript file names its arguments but neither their shapes and types nor its results. Inputs come from the
// host's description, --shape and -o torch.types; results are learnt from one run of the program as it was stored.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <memory>

#include "bakeoff/engine.h"
#include "core/option_range.h"
#include "core/shapes.h"
#include "core/text.h"
#include "torch_census.h"
#include "torch_model.h"
#include "torch_profile.h"

namespace {

using namespace bakeoff;

struct Program {
  torch::jit::Module module;
  std::vector<TensorSpec> inputs, outputs;
  std::shared_ptr<Profile> profile;
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
    const TorchRecording recording(program_.profile.get());
    Guarded(ErrorCode::kEngineFailed, "running the program", [&] {
      std::vector<c10::IValue> stack;
      stack.reserve(tensors_.size());
      for (const at::Tensor& tensor : tensors_) {
        stack.emplace_back(
            program_.channels_last && tensor.dim() == 4 ? tensor.contiguous(at::MemoryFormat::ChannelsLast) : tensor);
      }
      FlattenTensors(program_.module.forward(std::move(stack)), "output", results_);
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

// optimize_for_inference() keeps most of oneDNN's operators among the primitives: prim::mkldnn_convolution,
// prim::MKLDNNHardTanh. Its constants are no operators.
bool IsOneDnnPrimitive(const std::string& name) {
  return !name.starts_with("Constant") && core::Lower(name).find("mkldnn") != std::string::npos;
}

struct NodeCount {
  int64_t nodes = 0;
  std::map<std::string, int64_t> accelerated;
  bool forks = false;

  void Add(const torch::jit::Block* block) {
    for (const torch::jit::Node* node : block->nodes()) {
      const std::string space = node->kind().ns().toUnqualString();
      if (space == "mkldnn" || space == "mkldnn_prepacked" || space == "onednn" || space == "prepacked")
        ++accelerated[space == "mkldnn" ? "onednn" : space];
      const bool primitive = space == "prim" && IsOneDnnPrimitive(node->kind().toUnqualString());
      if (primitive) ++accelerated["onednn"];
      if (space != "prim" || primitive) ++nodes;
      forks |= node->kind() == c10::prim::fork;
      for (const torch::jit::Block* inner : node->blocks()) Add(inner);
    }
  }
};

class TorchSession final : public Session {
 public:
  explicit TorchSession(Program program) : program_(std::move(program)) {}

  std::vector<TensorSpec> Inputs() const override { return program_.inputs; }
  std::vector<TensorSpec> Outputs() const override { return program_.outputs; }

  Json Effective() const override {
    std::map<std::string, int64_t> parameters;
    for (const at::Tensor& tensor : program_.module.parameters()) ++parameters[c10::toString(tensor.scalar_type())];
    const auto graph = program_.module.get_method("forward").graph()->copy();
    torch::jit::Inline(*graph);
    NodeCount count;
    count.Add(graph->block());
    Json effective = {
        {"runtime", std::string("LibTorch ") + TORCH_VERSION},
        {"provider", "ATen, CPU"},
        {"threads", at::get_num_threads()},
        // LibTorch starts that pool when a program forks first; until then its number is only what was asked for.
        {"interop_threads",
         count.forks ? Json(at::get_num_interop_threads()) : Json("none: the program forks nothing")},
        {"precision", program_.bf16 ? "bf16 where autocast allows" : kNotTold},
        {"float32_matmul_precision",
         at::globalContext().float32MatmulPrecision() == at::Float32MatmulPrecision::HIGHEST ? "highest" : "reduced"},
        {"onednn", at::globalContext().userEnabledMkldnn()},
        {"cpu_instructions", at::get_cpu_capability()},
        {"nodes", count.nodes},
        {"nodes_delegated", count.accelerated}};
    effective["profiling"] = at::hasCallbacks() || program_.profile != nullptr;
    if (!parameters.empty()) effective["parameter_types"] = parameters;
    Json copies = Json::array({"the results are allocated in every run"});
    if (program_.channels_last) copies.push_back("four-dimensional inputs are rearranged to channels-last");
    if (program_.bf16) copies.push_back("results in bf16 are converted to the type of the f32 program");
    effective["timed_copies"] = copies;
    effective["load_includes"] = "one run of the program, to learn its results";
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
  info.census = {"torchscript"};
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
  info.profile = "LibTorch's RecordFunction";
  info.framework = {.name = "LibTorch unfrozen", .makes = {"torchscript"}, .options = {{"freeze", "false"}}};
  info.note = "TorchScript names no shapes: give --shape for every input that model.json does not describe";
  return info;
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

// One run with inputs of zeros.
std::vector<TensorSpec> ProbeOutputs(const Program& program, const std::map<std::string, Shape>& shapes,
                                     const Artifact& artifact) {
  TorchRequest request(program, shapes);
  request.Run();
  return TorchOutputs(request.Results(), shapes, artifact);
}

void SetThreads(const SessionOptions& options) {
  const int64_t intra =
      core::ThreadsOf(options.engine, "intra_threads", std::max(1, options.threads / std::max(1, options.streams)));
  const int64_t inter = core::ThreadsOf(options.engine, "inter_threads", 1);
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
  program.module = ReadTorchScript(artifact.path);
  program.channels_last = options.engine.Bool("channels_last");
  program.inputs = TorchInputs(program.module, artifact, options.shapes, TypesFrom(options.engine.Text("types")));
  const auto shapes = core::CompleteShapes(program.inputs, options.shapes, options.batch);
  if (program.channels_last) {
    for (at::Tensor tensor : program.module.parameters()) {
      if (tensor.dim() == 4) tensor.set_data(tensor.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
  // The allocator remembers the stored program's run, and what is frozen afterwards lies where it answers some percent
  // slower. Only autocast needs to be told by it, in f32, which types its results have.
  const bool bf16 = options.precision == "bf16";
  if (bf16) program.outputs = ProbeOutputs(program, shapes, artifact);
  if (freeze) {
    Guarded(ErrorCode::kUnsupported, artifact.path + ": cannot be frozen (-o torch.freeze=false runs it as it is)",
            [&] {
              program.module = torch::jit::freeze(program.module);
              if (optimize) program.module = torch::jit::optimize_for_inference(program.module);
            });
  }
  if (!bf16) program.outputs = ProbeOutputs(program, shapes, artifact);
  program.bf16 = bf16;
  program.profile = options.profile;
  return std::make_unique<TorchSession>(std::move(program));
}

}  // namespace

BAKEOFF_ENGINE(DescribeTorch, LoadTorch, bakeoff::TorchCensus);
