# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""bakeoff-bench-bare-keras and -torch-eager: a bare loop in Python, as bare_main.cc is one in C++, with the same frames.

`ENGINE MODEL THREADS SHAPE` loads the model as our baseline does by default, then answers each request {"warmup": n, "runs": n} on stdin
with the times of its runs. Nothing of engines/python is used.
"""
import array
import json
import os
import struct
import sys
import time


def core_of(cpu):
    try:
        with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", encoding="ascii") as file:
            return file.read()
    except OSError:
        return str(cpu)


def restrict_cpus(count):
    """The mask that the worker library gives a worker with --cpus: one thread of each core first. Before any thread is made."""
    taken, order = {}, []
    for cpu in sorted(os.sched_getaffinity(0)):
        core = core_of(cpu)
        order.append((taken.get(core, 0), cpu))
        taken[core] = taken.get(core, 0) + 1
    os.sched_setaffinity(0, [cpu for _, cpu in sorted(order)[:count]])


def fill(numpy, index, values):
    """The numbers of SeededInput() in bare.h: the same generator, seeded alike."""
    raw = numpy.random.RandomState(index + 1).randint(0, 2**32, values.size, dtype=numpy.uint32)
    values[...] = (raw / 2147483648.0 - 1).astype(numpy.float32).reshape(values.shape)


def load_keras(path, threads, _shape):
    """model.predict() on an array whose memory TensorFlow takes as it is."""
    os.environ.update(KERAS_BACKEND="tensorflow", KERAS_HOME="/dev/null/keras", TF_CPP_MIN_LOG_LEVEL="2", OPENBLAS_NUM_THREADS="1")
    import keras
    import numpy
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    model = keras.models.load_model(path, compile=False)
    shape = [extent or 1 for extent in model.inputs[0].shape]
    memory = numpy.zeros(int(numpy.prod(shape)) + 16, numpy.float32)
    start = -memory.ctypes.data % 64 // 4
    image = memory[start : start + memory.size - 16].reshape(shape)
    fill(numpy, 0, image)
    return lambda: model.predict(image, batch_size=1, verbose=0)


def load_torch_eager(path, threads, shape):
    """A program of torch.export, called in inference mode."""
    os.environ.update(CUDA_VISIBLE_DEVICES="", OPENBLAS_NUM_THREADS="1", TORCH_FORCE_WEIGHTS_ONLY_LOAD="1")
    import numpy
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    module = torch.export.load(path).module()
    image = torch.zeros(shape)
    fill(numpy, 0, image.numpy())

    def run():
        with torch.inference_mode():
            return module(image).contiguous().numpy()

    return run


def measure(run, warmup, runs):
    for _ in range(warmup):
        run()
    samples = array.array("q", bytes(8 * runs))
    now = time.perf_counter_ns
    for i in range(runs):
        start = now()
        run()
        samples[i] = now() - start
    return samples


def main():
    engine, path, threads, shape = sys.argv[1:]
    restrict_cpus(int(threads))
    # What the runtime prints goes to stderr.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def write(head, payload=b""):
        text = json.dumps(head).encode()
        out.write(struct.pack("<IQ", len(text), len(payload)) + text + payload)
        out.flush()

    load = {"keras": load_keras, "torch-eager": load_torch_eager}[engine]
    run = load(path, int(threads), [int(extent) for extent in shape.split("x")])
    write({"ready": True})
    while header := sys.stdin.buffer.read(12):
        request = json.loads(sys.stdin.buffer.read(struct.unpack("<IQ", header)[0]))
        samples = measure(run, request["warmup"], request["runs"])
        write({"tensors": [{"name": "latency_ns", "type": "i64", "shape": [len(samples)]}]}, samples.tobytes())


if __name__ == "__main__":
    main()
