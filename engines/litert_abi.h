// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// The part of LiteRT's C interface that the litert engine uses, declared by hand for version 2.3.0: its package has no
// headers.
//
// CheckLibrary() compares the loaded library with this page before anything of it is called. When the pin moves: read
// the new library's interface, correct this page, set kFunctionTableBytes to the size that `nm -DS` gives for
// kLiteRtRuntimeBuiltin, and run the contract tests.
#pragma once

#include <dlfcn.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bakeoff::litert_abi {

inline constexpr const char* kVersion = "2.3.0";
// Size of the table of all functions that the library exports: it grows or shrinks with the interface.
inline constexpr size_t kFunctionTableBytes = 0x548;

enum Status : int {
  kOk = 0,
  kInvalidArgument = 1,
  kUnsupported = 5,
  kFileIo = 500,
  kInvalidFlatbuffer = 501,
  kCompilation = 504,
};
enum ElementType : int {
  kFloat32 = 1,
  kInt32 = 2,
  kUInt8 = 3,
  kInt64 = 4,
  kBool = 6,
  kInt16 = 7,
  kInt8 = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kBFloat16 = 19,
};
inline constexpr int kAcceleratorCpu = 1;
inline constexpr int kHostMemory = 1;         // a tensor buffer's type
inline constexpr int kPerTensor = 1;          // a tensor's kind of quantization
inline constexpr int kOpCodeCustom = 32;      // an operator outside the schema
inline constexpr uint32_t kXnnForceFp16 = 4;  // bit of the xnnpack flags

struct Layout {
  unsigned rank : 7;
  unsigned has_strides : 1;
  int32_t dims[8];
  uint32_t strides[8];
};
struct RankedType {
  int element_type;
  Layout layout;
};
struct PerTensorQuantization {
  float scale;
  int64_t zero_point;
};
// An option of the environment: here always a number.
struct EnvironmentOption {
  int tag;
  struct {
    int type;
    int64_t number;
  } value;
};
inline constexpr int kNumber = 2;  // EnvironmentOption::value.type
inline constexpr int kTagAccelerators = 24;
inline constexpr int kTagLogSeverity = 25;
inline constexpr int kLogWarnings = 2;
static_assert(sizeof(EnvironmentOption) == 24);
static_assert(sizeof(Layout) == 68 && sizeof(RankedType) == 72 && sizeof(PerTensorQuantization) == 16);

// What the profiler keeps of one event. Times are in microseconds.
struct ProfiledEvent {
  const char* tag;  // kept by the profiler
  int type;
  uint64_t start_us, elapsed_us;
  uint64_t memory[6];  // not used
  uint64_t metadata[2];
  int source;
};
static_assert(sizeof(ProfiledEvent) == 104);
inline constexpr int kOperatorEvent = 2;          // a node of the model
inline constexpr int kDelegateOperatorEvent = 4;  // an operator inside a delegate
inline constexpr int kDelegateProfiledEvent = 8;  // the same, shown among the model's nodes

// Handles: never looked into.
using Handle = void*;

extern "C" {
Status LiteRtCreateEnvironment(int count, const EnvironmentOption* options, Handle* out);
void LiteRtDestroyEnvironment(Handle environment);
Status LiteRtCreateModelFromFile(Handle environment, const char* path, Handle* out);
void LiteRtDestroyModel(Handle model);
Status LiteRtGetNumModelSignatures(Handle model, size_t* out);
Status LiteRtGetModelSignature(Handle model, size_t index, Handle* out);
Status LiteRtGetSignatureKey(Handle signature, const char** out);
Status LiteRtGetSignatureSubgraph(Handle signature, Handle* out);
Status LiteRtGetNumSignatureInputs(Handle signature, size_t* out);
Status LiteRtGetNumSignatureOutputs(Handle signature, size_t* out);
Status LiteRtGetSignatureInputName(Handle signature, size_t index, const char** out);
Status LiteRtGetSignatureOutputName(Handle signature, size_t index, const char** out);
Status LiteRtGetSignatureInputTensorByIndex(Handle signature, size_t index, Handle* out);
Status LiteRtGetSignatureOutputTensorByIndex(Handle signature, size_t index, Handle* out);
Status LiteRtGetNumSubgraphOps(Handle subgraph, size_t* out);
Status LiteRtGetSubgraphOp(Handle subgraph, size_t index, Handle* out);
Status LiteRtGetOpCode(Handle op, int* out);
Status LiteRtGetCustomCode(Handle op, const char** out);
Status LiteRtGetTensorTypeId(Handle tensor, int* out);
Status LiteRtGetRankedTensorType(Handle tensor, RankedType* out);
Status LiteRtGetQuantizationTypeId(Handle tensor, int* out);
Status LiteRtGetPerTensorQuantization(Handle tensor, PerTensorQuantization* out);
Status LiteRtCreateOptions(Handle* out);
void LiteRtDestroyOptions(Handle options);
Status LiteRtSetOptionsHardwareAccelerators(Handle options, int accelerators);
Status LiteRtCreateOpaqueOptions(const char* identifier, void* payload, void (*release)(void*), Handle* out);
Status LiteRtAddOpaqueOptions(Handle options, Handle opaque);  // takes `opaque` over
Status LiteRtCreateCompiledModel(Handle environment, Handle model, Handle options, Handle* out);
void LiteRtDestroyCompiledModel(Handle compiled);
Status LiteRtCompiledModelIsFullyAccelerated(Handle compiled, bool* out);
Status LiteRtCompiledModelResizeInputTensor(Handle compiled, size_t signature, size_t input, const int* dims,
                                            size_t rank);
Status LiteRtCompiledModelResizeInputTensorNonStrict(Handle compiled, size_t signature, size_t input, const int* dims,
                                                     size_t rank);
Status LiteRtGetCompiledModelOutputTensorLayouts(Handle compiled, size_t signature, size_t count, Layout* out,
                                                 bool allocate);
Status LiteRtGetCompiledModelInputBufferRequirements(Handle compiled, size_t signature, size_t input, Handle* out);
Status LiteRtGetCompiledModelOutputBufferRequirements(Handle compiled, size_t signature, size_t output, Handle* out);
Status LiteRtCreateManagedTensorBufferFromRequirements(Handle environment, const RankedType* type, Handle requirements,
                                                       Handle* out);
Status LiteRtGetTensorBufferType(Handle buffer, int* out);
Status LiteRtGetTensorBufferHostMemory(Handle buffer, void** out);
Status LiteRtGetTensorBufferSize(Handle buffer, size_t* out);
void LiteRtDestroyTensorBuffer(Handle buffer);
Status LiteRtCompiledModelGetProfiler(Handle compiled, Handle* out);  // null unless it was compiled with profiling
Status LiteRtStartProfiler(Handle profiler);
Status LiteRtStopProfiler(Handle profiler);
Status LiteRtResetProfiler(Handle profiler);
Status LiteRtGetNumProfilerEvents(Handle profiler, int* out);
Status LiteRtGetProfilerEvents(Handle profiler, int count, ProfiledEvent* out);
Status LiteRtRunCompiledModel(Handle compiled, size_t signature, size_t inputs, Handle* input, size_t outputs,
                              Handle* output);
}

// "" if the loaded library is the one that this page describes, else what differs. Reads symbols only; starts nothing.
// By dlsym, not by a declaration: the linker would copy a declared table, with its size, into our program.
inline std::string CheckLibrary() {
  Dl_info info{};
  const ElfW(Sym)* symbol = nullptr;
  const void* table = dlsym(RTLD_DEFAULT, "kLiteRtRuntimeBuiltin");
  if (table == nullptr || dladdr1(table, &info, (void**)&symbol, RTLD_DL_SYMENT) == 0 || symbol == nullptr) {
    return "it exports no function table";
  }
  if (symbol->st_size != kFunctionTableBytes) {
    return "its function table has " + std::to_string(symbol->st_size) + " bytes, that of " + kVersion + " has " +
           std::to_string(kFunctionTableBytes);
  }
  return "";
}

}  // namespace bakeoff::litert_abi
