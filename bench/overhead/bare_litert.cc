// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// LiteRT: the first signature of a TFLite model, compiled for the CPU, its buffers made once.
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "bare.h"
#include "engines/litert_abi.h"

namespace bakeoff::bench {
namespace {

using namespace litert_abi;

void Check(Status status, const char* doing) {
  if (status != kOk) throw std::runtime_error(std::string(doing) + ": LiteRT status " + std::to_string(status));
}

struct Loaded {
  Handle environment = nullptr, model = nullptr, compiled = nullptr;
  std::vector<Handle> inputs, outputs;

  void Run() {
    Check(LiteRtRunCompiledModel(compiled, 0, inputs.size(), inputs.data(), outputs.size(), outputs.data()), "running");
  }
};

Handle MakeBuffer(const Loaded& loaded, bool is_input, size_t index, const RankedType& type) {
  Handle needs = nullptr, buffer = nullptr;
  Check((is_input ? LiteRtGetCompiledModelInputBufferRequirements : LiteRtGetCompiledModelOutputBufferRequirements)(
            loaded.compiled, 0, index, &needs),
        "asking what a buffer needs");
  Check(LiteRtCreateManagedTensorBufferFromRequirements(loaded.environment, &type, needs, &buffer), "making a buffer");
  return buffer;
}

void Compile(Loaded& loaded, const BareJob& job) {
  const EnvironmentOption environment[] = {{kTagAccelerators, {kNumber, kAcceleratorCpu}},
                                           {kTagLogSeverity, {kNumber, kLogWarnings}}};
  Check(LiteRtCreateEnvironment(2, environment, &loaded.environment), "starting");
  Check(LiteRtCreateModelFromFile(loaded.environment, job.model.c_str(), &loaded.model), "reading the model");
  Handle options = nullptr, cpu = nullptr;
  Check(LiteRtCreateOptions(&options), "making options");
  Check(LiteRtSetOptionsHardwareAccelerators(options, kAcceleratorCpu), "choosing the CPU");
  const std::string toml = "num_threads = " + std::to_string(job.threads) + "\nkernel_mode = \"delegate\"\n";
  Check(LiteRtCreateOpaqueOptions("xnnpack", strdup(toml.c_str()), std::free, &cpu), "making CPU options");
  Check(LiteRtAddOpaqueOptions(options, cpu), "adding CPU options");
  Check(LiteRtCreateCompiledModel(loaded.environment, loaded.model, options, &loaded.compiled), "compiling");
  LiteRtDestroyOptions(options);
}

}  // namespace

BareModel LoadBare(const BareJob& job) {
  auto loaded = std::make_shared<Loaded>();
  Compile(*loaded, job);
  Handle signature = nullptr, tensor = nullptr;
  size_t count = 0;
  Check(LiteRtGetModelSignature(loaded->model, 0, &signature), "reading the signature");
  Check(LiteRtGetNumSignatureInputs(signature, &count), "counting inputs");
  std::vector<RankedType> types(count);
  for (size_t i = 0; i < count; ++i) {
    Check(LiteRtGetSignatureInputTensorByIndex(signature, i, &tensor), "reading an input");
    Check(LiteRtGetRankedTensorType(tensor, &types[i]), "reading a shape");
    Layout& layout = types[i].layout;
    bool free = false;
    for (unsigned axis = 0; axis < layout.rank; ++axis) {
      free = free || layout.dims[axis] < 0;
      layout.dims[axis] = std::max(layout.dims[axis], 1);
    }
    if (free) Check(LiteRtCompiledModelResizeInputTensor(loaded->compiled, 0, i, layout.dims, layout.rank), "resizing");
  }
  size_t outputs = 0;
  Check(LiteRtGetNumSignatureOutputs(signature, &outputs), "counting outputs");
  std::vector<Layout> layouts(outputs);
  Check(LiteRtGetCompiledModelOutputTensorLayouts(loaded->compiled, 0, outputs, layouts.data(), true), "preparing");
  BareModel model{{}, [loaded] { loaded->Run(); }, loaded};
  for (size_t i = 0; i < count; ++i) {
    loaded->inputs.push_back(MakeBuffer(*loaded, true, i, types[i]));
    void* data = nullptr;
    Check(LiteRtGetTensorBufferHostMemory(loaded->inputs.back(), &data), "asking for memory");
    size_t elements = 1;
    for (unsigned axis = 0; axis < types[i].layout.rank; ++axis)
      elements *= static_cast<size_t>(types[i].layout.dims[axis]);
    model.inputs.emplace_back(static_cast<float*>(data), elements);
  }
  for (size_t i = 0; i < outputs; ++i) {
    RankedType type{};
    Check(LiteRtGetSignatureOutputTensorByIndex(signature, i, &tensor), "reading an output");
    Check(LiteRtGetRankedTensorType(tensor, &type), "reading a shape");
    type.layout = layouts[i];
    type.layout.has_strides = 0;
    loaded->outputs.push_back(MakeBuffer(*loaded, false, i, type));
  }
  return model;
}

}  // namespace bakeoff::bench
