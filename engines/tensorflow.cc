// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The tensorflow engine: SavedModel folders through TensorFlow's C interface on the CPU.
//
// Signatures are read from saved_model.pb with the protobuf classes of TensorFlow's own package: no other protobuf may
// be in this process. Inputs are tensors that TensorFlow reads in place; results are allocated by TF_SessionRun in
// every run.
#include <fmt/format.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/core/protobuf/config.pb.h>
#include <tensorflow/core/protobuf/saved_model.pb.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include "bakeoff/engine.h"
#include "core/option_range.h"
#include "core/shapes.h"
#include "core/text.h"
#include "tensorflow_profile.h"

// Of tensorflow/core/util/util.h, declared here because that header takes longer to compile than everything else.
namespace tensorflow {
bool IsMKLEnabled();
}

namespace {

using namespace bakeoff;

constexpr const char* kOneDnnVariable = "TF_ENABLE_ONEDNN_OPTS";

struct Free {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
  void operator()(TF_Graph* graph) const { TF_DeleteGraph(graph); }
  void operator()(TF_SessionOptions* options) const { TF_DeleteSessionOptions(options); }
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
  void operator()(TF_Buffer* buffer) const { TF_DeleteBuffer(buffer); }
  void operator()(TF_DeviceList* list) const { TF_DeleteDeviceList(list); }
  void operator()(TF_Session* session) const {
    TF_Status* status = TF_NewStatus();
    TF_CloseSession(session, status);
    TF_DeleteSession(session, status);
    TF_DeleteStatus(status);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// TensorFlow's own words, shortened; an operator that the library lacks is named by itself.
[[noreturn]] void Throw(ErrorCode code, const std::string& what, const TF_Status* status) {
  const std::string words = TF_Message(status);
  constexpr std::string_view kUnknown = "Op type not registered '";
  if (const size_t at = words.find(kUnknown); at != std::string::npos) {
    const std::string_view rest = std::string_view(words).substr(at + kUnknown.size());
    throw Error(ErrorCode::kUnsupported, fmt::format("{}: needs operator '{}', which this TensorFlow does not have",
                                                     what, rest.substr(0, rest.find('\''))));
  }
  throw Error(code, fmt::format("{}: {}", what, core::Brief(words)));
}

constexpr std::pair<tensorflow::DataType, DType> kTypes[] = {
    {tensorflow::DT_FLOAT, DType::kF32},  {tensorflow::DT_HALF, DType::kF16},  {tensorflow::DT_BFLOAT16, DType::kBF16},
    {tensorflow::DT_DOUBLE, DType::kF64}, {tensorflow::DT_INT8, DType::kI8},   {tensorflow::DT_UINT8, DType::kU8},
    {tensorflow::DT_INT16, DType::kI16},  {tensorflow::DT_INT32, DType::kI32}, {tensorflow::DT_INT64, DType::kI64},
    {tensorflow::DT_BOOL, DType::kBool}};

DType OurType(tensorflow::DataType type, const std::string& name) {
  const auto row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                [&](const auto& candidate) { return candidate.first == type; });
  if (row == std::end(kTypes))
    throw Error(ErrorCode::kUnsupported,
                fmt::format("'{}' is {}, which Bakeoff does not carry", name, tensorflow::DataType_Name(type)));
  return row->second;
}

// One input or output of the signature.
struct Port {
  TensorSpec spec;
  bool rank_known = true;
  std::string tensor;  // "operation:index"
  TF_Output output{};
};

Port ReadPort(const std::string& name, const tensorflow::TensorInfo& info) {
  if (info.encoding_case() != tensorflow::TensorInfo::kName)
    throw Error(ErrorCode::kUnsupported, fmt::format("'{}' is a sparse or composite tensor", name));
  Port port{{name, OurType(info.dtype(), name), {}}, !info.tensor_shape().unknown_rank(), info.name(), {}};
  for (const auto& dim : info.tensor_shape().dim()) port.spec.shape.push_back(dim.size() < 0 ? kFree : dim.size());
  return port;
}

std::vector<TensorSpec> Specs(const std::vector<Port>& ports) {
  std::vector<TensorSpec> specs;
  for (const Port& port : ports) specs.push_back(port.spec);
  return specs;
}

template <typename Map>
std::string Keys(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) {
    // Names with two underscores at both ends are TensorFlow's own (initialisation, saving).
    if (!key.starts_with("__")) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys.empty() ? "none" : core::Join(keys, ", ");
}

struct Signature {
  std::vector<Port> inputs, outputs;
  int nodes = 0;
};

// The graph with exactly these tags, and in it the signature.
Signature ReadSignature(const std::string& folder, const std::vector<std::string>& tags, const std::string& wanted) {
  const std::string path = folder + "/saved_model.pb";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::kInvalidModel, folder + ": not a SavedModel folder: it has no saved_model.pb");
  tensorflow::SavedModel model;
  if (!model.ParseFromIstream(&file) || model.meta_graphs().empty())
    throw Error(ErrorCode::kInvalidModel, path + ": damaged or cut short");
  const tensorflow::MetaGraphDef* graph = nullptr;
  std::vector<std::string> present;
  for (const auto& candidate : model.meta_graphs()) {
    std::vector<std::string> its(candidate.meta_info_def().tags().begin(), candidate.meta_info_def().tags().end());
    present.push_back("'" + core::Join(its, ",") + "'");
    if (std::is_permutation(its.begin(), its.end(), tags.begin(), tags.end())) graph = &candidate;
  }
  if (graph == nullptr) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{}: no graph is tagged '{}'; its graphs are tagged {} (-o tensorflow.tags=...)", folder,
                            core::Join(tags, ","), core::Join(present, " and ")));
  }
  const auto found = graph->signature_def().find(wanted);
  if (found == graph->signature_def().end()) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{}: has no signature '{}'; its signatures are {} (-o tensorflow.signature=...)", folder,
                            wanted, Keys(graph->signature_def())));
  }
  // The file keeps them in a map without order: by name, which is the order in which TensorFlow itself lists them.
  Signature signature;
  for (const auto& [name, info] :
       std::map<std::string, tensorflow::TensorInfo>(found->second.inputs().begin(), found->second.inputs().end()))
    signature.inputs.push_back(ReadPort(name, info));
  for (const auto& [name, info] :
       std::map<std::string, tensorflow::TensorInfo>(found->second.outputs().begin(), found->second.outputs().end()))
    signature.outputs.push_back(ReadPort(name, info));
  if (signature.outputs.empty())
    throw Error(ErrorCode::kUnsupported, fmt::format("{}: signature '{}' has no outputs", folder, wanted));
  signature.nodes = graph->graph_def().node_size();
  for (const auto& function : graph->graph_def().library().function()) signature.nodes += function.node_def_size();
  return signature;
}

void Resolve(TF_Graph* graph, std::vector<Port>& ports) {
  for (Port& port : ports) {
    const size_t colon = port.tensor.rfind(':');
    port.output.oper = TF_GraphOperationByName(graph, port.tensor.substr(0, colon).c_str());
    port.output.index = colon == std::string::npos ? 0 : std::atoi(port.tensor.c_str() + colon + 1);
    if (port.output.oper == nullptr)
      throw Error(ErrorCode::kInvalidModel,
                  fmt::format("the signature names tensor '{}', which the graph has not", port.tensor));
  }
}

// What the requests of one session share.
struct Model {
  std::string path;
  Signature signature;
  Owned<TF_Graph> graph;
  Owned<TF_Session> session;
  std::shared_ptr<Profile> profile;
};

class TensorFlowRequest final : public Request {
 public:
  TensorFlowRequest(std::shared_ptr<const Model> model, const std::map<std::string, Shape>& shapes)
      : model_(std::move(model)), status_(TF_NewStatus()) {
    for (const Port& port : model_->signature.inputs) {
      const Shape& shape = shapes.at(port.spec.name);
      Fits(port, shape);
      const size_t bytes = static_cast<size_t>(ElementCount(shape)) * DTypeSize(port.spec.type);
      const auto type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& row) {
                          return row.second == port.spec.type;
                        })->first;
      tensors_.emplace_back(
          TF_AllocateTensor(static_cast<TF_DataType>(type), shape.data(), static_cast<int>(shape.size()), bytes));
      feeds_.push_back(tensors_.back().get());
      views_.push_back(View(port.spec.type, shape, TF_TensorData(feeds_.back())));
      inputs_.push_back(port.output);
    }
    for (const Port& port : model_->signature.outputs) outputs_.push_back(port.output);
    results_.resize(outputs_.size());
    fetched_.resize(outputs_.size());
  }

  Tensors Inputs() override { return views_; }

  void Run() override {
    for (Owned<TF_Tensor>& result : results_) result.reset();
    const bool traced = model_->profile != nullptr;
    if (traced) metadata_.reset(TF_NewBuffer());
    TF_SessionRun(model_->session.get(), traced ? TracingRunOptions() : nullptr, inputs_.data(), feeds_.data(),
                  static_cast<int>(feeds_.size()), outputs_.data(), fetched_.data(), static_cast<int>(fetched_.size()),
                  nullptr, 0, metadata_.get(), status_.get());
    if (TF_GetCode(status_.get()) != TF_OK)
      Throw(ErrorCode::kEngineFailed, model_->path + ": running the model", status_.get());
    for (size_t i = 0; i < fetched_.size(); ++i) results_[i].reset(fetched_[i]);
    if (traced) TensorFlowProfile(*metadata_, *model_->profile);
  }

  Tensors Outputs() override {
    Tensors views;
    for (size_t i = 0; i < results_.size(); ++i) {
      const TF_Tensor* tensor = results_[i].get();
      Shape shape;
      for (int axis = 0; axis < TF_NumDims(tensor); ++axis) shape.push_back(TF_Dim(tensor, axis));
      const auto type =
          OurType(static_cast<tensorflow::DataType>(TF_TensorType(tensor)), model_->signature.outputs[i].spec.name);
      views.push_back(View(type, std::move(shape), TF_TensorData(tensor)));
    }
    return views;
  }

 private:
  // TensorFlow itself would say this only when it runs, and without the input's name.
  static void Fits(const Port& port, const Shape& shape) {
    if (!port.rank_known) return;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (port.spec.shape[axis] == kFree || port.spec.shape[axis] == shape[axis]) continue;
      throw Error(ErrorCode::kUnsupported, fmt::format("input '{}' of this model is {}, it does not take {}",
                                                       port.spec.name, ShapeText(port.spec.shape), ShapeText(shape)));
    }
  }

  std::shared_ptr<const Model> model_;
  Owned<TF_Status> status_;
  Owned<TF_Buffer> metadata_;  // null: nothing is traced
  std::vector<Owned<TF_Tensor>> tensors_, results_;
  std::vector<TF_Tensor*> feeds_, fetched_;
  std::vector<TF_Output> inputs_, outputs_;
  Tensors views_;
};

class TensorFlowSession final : public Session {
 public:
  TensorFlowSession(std::shared_ptr<const Model> model, std::string signature)
      : model_(std::move(model)), name_(std::move(signature)) {}

  std::vector<TensorSpec> Inputs() const override { return Specs(model_->signature.inputs); }
  std::vector<TensorSpec> Outputs() const override { return Specs(model_->signature.outputs); }

  Json Effective() const override {
    Owned<TF_Status> status(TF_NewStatus());
    const Owned<TF_DeviceList> list(TF_SessionListDevices(model_->session.get(), status.get()));
    Json devices = Json::array();
    for (int i = 0; list && i < TF_DeviceListCount(list.get()); ++i)
      devices.push_back(TF_DeviceListType(list.get(), i, status.get()));
    return {{"runtime", std::string("TensorFlow ") + TF_Version()},
            {"provider", devices},
            {"signature", name_},
            {"onednn", tensorflow::IsMKLEnabled()},
            {"threads", kNotTold},
            {"interop_threads", kNotTold},
            {"precision", kNotTold},
            {"cpu_instructions", kNotTold},
            {"nodes", model_->signature.nodes},
            {"nodes_delegated", kNotTold},
            {"timed_copies", {"the results are allocated in every run"}}};
  }

  std::unique_ptr<Request> NewRequest(const std::map<std::string, Shape>& shapes) override {
    return std::make_unique<TensorFlowRequest>(model_, shapes);
  }

 private:
  std::shared_ptr<const Model> model_;
  std::string name_;
};

EngineInfo DescribeTensorFlow() {
  EngineInfo info;
  info.name = "tensorflow";
  info.version = TF_Version();
  info.reads = {"savedmodel"};
  info.profile = "TensorFlow's step statistics";
  // Its scheduling thread takes part in an operator's work: with two threads or more, one thread more gets busy in
  // turn.
  info.note = "from 2 threads on its scheduling thread works too: one thread more than asked for may show as busy";
  info.options = {
      {.name = "signature", .default_value = "serving_default", .help = "Signature to run.", .selects = true},
      {.name = "tags",
       .default_value = "serve",
       .help = "Tags of the graph to load, separated by commas.",
       .selects = true},
      {"intra_threads", "", "Threads inside operators, one pool for all requests; without it --threads.", ""},
      {"inter_threads", "", "Threads that run independent operators; without it one per stream.", ""},
      {"onednn", "", "oneDNN's operators; without it TensorFlow's own choice.", "0|1", kOneDnnVariable},
      {"xla", "false", "Compile with XLA's auto-clustering.", ""},
      {"grappler", "true", "Let Grappler rewrite the graph.", ""}};
  return info;
}

// XLA's flags are read at the first use: a second load may not ask for something else.
void SetXlaFlags(bool xla) {
  static std::optional<bool> first;
  if (!first) first = xla;
  if (*first != xla)
    throw Error(ErrorCode::kUnsupported,
                "TensorFlow reads XLA's flags once per process: start a new worker to change -o tensorflow.xla");
  if (xla) setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit", 1);
}

// TensorFlow decides about oneDNN while it is loaded. A CPU that oneDNN does not suit may still end up without it.
void CheckOneDnn(const OptionValues& options) {
  const std::string& wanted = options.Text("onednn");
  const char* started_with = std::getenv(kOneDnnVariable);
  if (wanted.empty() || (started_with != nullptr && wanted == started_with)) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("TensorFlow decided about oneDNN when this worker started: start it with {}={}",
                          kOneDnnVariable, wanted));
}

Owned<TF_SessionOptions> Configure(const SessionOptions& options) {
  const auto threads = [&](const char* name, int fallback) {
    return static_cast<int32_t>(core::ThreadsOf(options.engine, name, fallback));
  };
  tensorflow::ConfigProto config;
  config.set_intra_op_parallelism_threads(threads("intra_threads", std::max(1, options.threads)));
  config.set_inter_op_parallelism_threads(threads("inter_threads", std::max(1, options.streams)));
  config.set_use_per_session_threads(true);
  auto* graph = config.mutable_graph_options();
  graph->mutable_rewrite_options()->set_disable_meta_optimizer(!options.engine.Bool("grappler"));
  const bool xla = options.engine.Bool("xla");
  graph->mutable_optimizer_options()->set_global_jit_level(xla ? tensorflow::OptimizerOptions::ON_2
                                                               : tensorflow::OptimizerOptions::OFF);
  SetXlaFlags(xla);
  CheckOneDnn(options.engine);

  Owned<TF_SessionOptions> session(TF_NewSessionOptions());
  const Owned<TF_Status> status(TF_NewStatus());
  const std::string bytes = config.SerializeAsString();
  TF_SetConfig(session.get(), bytes.data(), bytes.size(), status.get());
  if (TF_GetCode(status.get()) != TF_OK) Throw(ErrorCode::kInternal, "TensorFlow's session settings", status.get());
  return session;
}

std::unique_ptr<Session> LoadTensorFlow(const Artifact& artifact, const SessionOptions& options) {
  const std::vector<std::string> tags = core::Split(options.engine.Text("tags"), ',');
  const std::string& name = options.engine.Text("signature");
  const Owned<TF_SessionOptions> session_options = Configure(options);
  auto model = std::make_shared<Model>();
  model->path = artifact.path;
  model->profile = options.profile;
  model->signature = ReadSignature(artifact.path, tags, name);
  for (Port& port : model->signature.inputs) {
    if (port.rank_known) continue;
    const auto given = options.shapes.find(port.spec.name);
    if (given == options.shapes.end())
      throw Error(ErrorCode::kUsage,
                  fmt::format("{}: the model does not tell the rank of input '{}'; give --shape {}=...", artifact.path,
                              port.spec.name, port.spec.name));
    port.spec.shape.assign(given->second.size(), kFree);
  }
  core::CompleteShapes(Specs(model->signature.inputs), options.shapes, options.batch);

  std::vector<const char*> tag_texts;
  for (const std::string& tag : tags) tag_texts.push_back(tag.c_str());
  const Owned<TF_Status> status(TF_NewStatus());
  model->graph.reset(TF_NewGraph());
  model->session.reset(TF_LoadSessionFromSavedModel(session_options.get(), nullptr, artifact.path.c_str(),
                                                    tag_texts.data(), static_cast<int>(tag_texts.size()),
                                                    model->graph.get(), nullptr, status.get()));
  if (TF_GetCode(status.get()) != TF_OK)
    Throw(ErrorCode::kInvalidModel, artifact.path + ": TensorFlow cannot load it", status.get());
  try {
    Resolve(model->graph.get(), model->signature.inputs);
    Resolve(model->graph.get(), model->signature.outputs);
  } catch (const Error& error) {
    throw error.With(artifact.path);
  }
  return std::make_unique<TensorFlowSession>(std::move(model), name);
}

}  // namespace

BAKEOFF_ENGINE(DescribeTensorFlow, LoadTensorFlow);
