// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// TensorFlow: the signature 'serving_default' of a SavedModel, TF_SessionRun() on tensors that are made once.
#include <tensorflow/c/c_api.h>
#include <tensorflow/core/protobuf/config.pb.h>
#include <tensorflow/core/protobuf/saved_model.pb.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "bare.h"

namespace bakeoff::bench {
namespace {

struct Loaded {
  TF_Status* status = TF_NewStatus();
  TF_Graph* graph = TF_NewGraph();
  TF_Session* session = nullptr;
  std::vector<TF_Output> inputs, outputs;
  std::vector<TF_Tensor*> feeds, results;

  void Check() const {
    if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
  }
  void Run() {
    for (TF_Tensor*& result : results) {
      if (result != nullptr) TF_DeleteTensor(result);
      result = nullptr;
    }
    TF_SessionRun(session, nullptr, inputs.data(), feeds.data(), static_cast<int>(feeds.size()), outputs.data(),
                  results.data(), static_cast<int>(results.size()), nullptr, 0, nullptr, status);
    Check();
  }
  TF_Output Find(const std::string& tensor) const {
    const size_t colon = tensor.rfind(':');
    return {TF_GraphOperationByName(graph, tensor.substr(0, colon).c_str()), std::stoi(tensor.substr(colon + 1))};
  }
};

// By name, as our engine orders them: both sides then fill the same tensors with the same numbers.
std::map<std::string, tensorflow::TensorInfo> ByName(
    const google::protobuf::Map<std::string, tensorflow::TensorInfo>& ports) {
  return {ports.begin(), ports.end()};
}

tensorflow::SignatureDef Signature(const std::string& folder) {
  std::ifstream file(folder + "/saved_model.pb", std::ios::binary);
  tensorflow::SavedModel saved;
  if (!saved.ParseFromIstream(&file) || saved.meta_graphs_size() != 1)
    throw std::runtime_error(folder + ": not a SavedModel with one graph");
  return saved.meta_graphs(0).signature_def().at("serving_default");
}

}  // namespace

BareModel LoadBare(const BareJob& job) {
  // The program ends when its driver closes the pipe: nothing is freed.
  auto loaded = std::make_shared<Loaded>();
  tensorflow::ConfigProto config;
  config.set_intra_op_parallelism_threads(job.threads);
  config.set_inter_op_parallelism_threads(1);
  config.set_use_per_session_threads(true);
  config.mutable_graph_options()->mutable_optimizer_options()->set_global_jit_level(tensorflow::OptimizerOptions::OFF);
  const std::string bytes = config.SerializeAsString();
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, bytes.data(), bytes.size(), loaded->status);
  loaded->Check();
  const char* tags[] = {"serve"};
  loaded->session = TF_LoadSessionFromSavedModel(options, nullptr, job.model.c_str(), tags, 1, loaded->graph, nullptr,
                                                 loaded->status);
  loaded->Check();
  const tensorflow::SignatureDef signature = Signature(job.model);
  BareModel model{{}, [loaded] { loaded->Run(); }, loaded};
  for (const auto& [name, info] : ByName(signature.inputs())) {
    std::vector<int64_t> shape;
    size_t count = 1;
    for (const auto& dim : info.tensor_shape().dim()) {
      shape.push_back(dim.size() < 0 ? 1 : dim.size());
      count *= static_cast<size_t>(shape.back());
    }
    loaded->inputs.push_back(loaded->Find(info.name()));
    loaded->feeds.push_back(
        TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), count * sizeof(float)));
    model.inputs.emplace_back(static_cast<float*>(TF_TensorData(loaded->feeds.back())), count);
  }
  for (const auto& [name, info] : ByName(signature.outputs())) loaded->outputs.push_back(loaded->Find(info.name()));
  loaded->results.resize(loaded->outputs.size());
  return model;
}

}  // namespace bakeoff::bench
