/* SPDX-License-Identifier: Apache-2.0
 * Copyright 2026 The Bakeoff Authors
 * The worker library for other languages: libbakeoff_worker.so with callbacks, so that scenarios, statistics and meters
 * are the same code for every engine. The Python baselines load it with ctypes.
 *
 * Texts are UTF-8. JSON is as in docs/architecture.md. A text that a callback returns stays valid until that callback
 * is called again. A callback that fails calls bakeoff_worker_fail() and returns NULL or a value other than 0.
 * Callbacks come on the thread that called bakeoff_worker_main(), but run(), which comes on several threads where load
 * got "streams" above 1. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BAKEOFF_MAX_RANK 16

/* A dense, row-major tensor of the callee's memory. Its type is the one of the model's description. */
typedef struct bakeoff_tensor {
  void* data;
  int32_t rank;
  int64_t shape[BAKEOFF_MAX_RANK];
} bakeoff_tensor;

typedef struct bakeoff_worker_callbacks {
  uint32_t size; /* sizeof(bakeoff_worker_callbacks) of the caller */
  /* The `info` object; called once, before anything else. Must not load a model. What it names in "libraries" (scripts,
   * packages) is added to the shared objects of the process. */
  const char* (*describe)(void* context);
  /* {"artifact": {..}, "options": {..}} as in the protocol, "engine" with the values of all declared options. Returns
   * {"inputs": [spec..], "outputs": [spec..], "effective": {..}} and, where it did not read an option, "unread":
   * [name..]. Replaces the model of before. Its time is the load time. With "census": true in the request, which comes
   * only for formats that `describe` lists under "census", it loads nothing and returns the protocol's `census` reply.
   */
  const char* (*load)(void* context, const char* request);
  void (*unload)(void* context);
  /* Makes request number `request` (0, 1, ..; a number may come again after free_request) for concrete shapes {name:
   * [..]}, and tells its buffers, to be filled by the library before run(): inputs[i] in the order of load's "inputs".
   * They stay where they are. */
  int32_t (*new_request)(void* context, int32_t request, const char* shapes, bakeoff_tensor* inputs, int32_t count);
  void (*free_request)(void* context, int32_t request);
  /* The only timed call: from filled inputs to results that can be read in host memory. */
  int32_t (*run)(void* context, int32_t request);
  /* The results of the last run(), in the order of load's "outputs"; valid until the next run(). */
  int32_t (*outputs)(void* context, int32_t request, bakeoff_tensor* outputs, int32_t count);
  /* Does nothing and returns 0, by the same way as run(): its cost is measured and told as "callback_overhead_ns" in
   * load's `effective`. */
  int32_t (*empty)(void* context, int32_t request);
} bakeoff_worker_callbacks;

/* The life of a worker process; call it from the program's main thread, before the runtime is loaded. Returns the exit
 * code; does not return after an orderly end (`bye`), which ends the process at once. */
__attribute__((visibility("default"))) int32_t bakeoff_worker_main(int32_t argc, char** argv,
                                                                   const bakeoff_worker_callbacks* callbacks,
                                                                   void* context);

/* Says why the callback that is running fails: a code of the protocol ("engine_failed", "unsupported" ..) and a text.
 */
__attribute__((visibility("default"))) void bakeoff_worker_fail(const char* code, const char* text);

#ifdef __cplusplus
}
#endif
