# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""PyTorch baseline: what people run today, a program of torch.export or a torchvision network, eagerly or through torch.compile.

torch is imported by the first load, after the threads are known: the pool between operators is fixed once per process.
A description is asked for often and imports next to nothing: what only load() needs is imported there.
"""
import contextlib
import ctypes
import gc
import importlib.util
import os
import sys
import time

import bakeoff_worker
from bakeoff_worker import Failure, installed, shortened

NOT_TOLD = "not told by the runtime"
OPTIONS = [
    {"name": "mode", "default": "eager", "choices": "eager|compile",
     "help": "eager: the module's call, compile: torch.compile (inductor, C++), compiled for the shapes of the load."},
    {"name": "channels_last", "default": "false", "choices": "true|false",
     "help": "Keep four-dimensional weights and inputs in channels-last order."},
    {"name": "grad", "default": "inference_mode", "choices": "inference_mode|no_grad",
     "help": "What keeps autograd out of the call."},
    {"name": "onednn", "default": "true", "choices": "true|false", "help": "Let PyTorch use oneDNN."},
    {"name": "intra_threads", "default": "", "help": "Threads inside an operator; without it --threads."},
    {"name": "inter_threads", "default": "1", "help": "Threads for independent operators; fixed once per worker."},
]


def read_threads(options, name, otherwise):
    text = options["engine"][name] or str(otherwise)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 4096):
        raise Failure("usage", f"-o torch-eager.{name}={text}: takes 1 to 4096")
    return int(text)


class Runtime:
    """torch, imported once."""

    def __init__(self, inter_threads):
        start = time.perf_counter_ns()
        os.environ.update(
            CUDA_VISIBLE_DEVICES="",
            # A program's file may carry pickled objects, which run code when they are read: tensors only.
            TORCH_FORCE_WEIGHTS_ONLY_LOAD="1",
            # Compilers in processes of their own would outlive a load that is cut off.
            TORCHINDUCTOR_COMPILE_THREADS="1")
        # numpy's BLAS computes nothing here; its idle pool would only add threads.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # Warnings about what is not installed are no news to a user of this baseline.
        os.environ.setdefault("TORCH_LOGS", "-all")
        import numpy
        import torch
        import torch.export

        self.torch, self.numpy, self.inter_threads = torch, numpy, inter_threads
        torch.set_num_interop_threads(inter_threads)
        self.types = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16", torch.float64: "f64", torch.int8: "i8",
                      torch.uint8: "u8", torch.int16: "i16", torch.int32: "i32", torch.int64: "i64", torch.bool: "bool"}
        self.dtypes = {ours: theirs for theirs, ours in self.types.items()}
        self.import_ns = time.perf_counter_ns() - start

    def facts(self):
        """What this process really has, in the runtime's own words where there are any."""
        import platform
        import re

        told = self.torch.__config__.parallel_info()
        backend = re.search(r"ATen parallel backend: (\S+)", told)
        openmp = re.search(r"OpenMP (\d+)", told)
        onednn = re.search(r"MKL-DNN (v[\d.]+)", self.torch.__config__.show())
        facts = {
            "runtime": f"PyTorch {self.torch.__version__}, Python {platform.python_version()}",
            "threads": self.torch.get_num_threads(),
            # PyTorch's number is what was asked for; the pool would start with TorchScript's first fork, which is not run here.
            "inter_op_threads": "none: only TorchScript's fork takes them",
            "parallel_backend": (backend.group(1) if backend else NOT_TOLD) + (f", OpenMP {openmp.group(1)}" if openmp else ""),
            "onednn": bool(self.torch.backends.mkldnn.is_available() and self.torch._C._get_mkldnn_enabled()),
            "onednn_version": onednn.group(1) if onednn else NOT_TOLD,
            "cpu_instructions": self.torch.backends.cpu.get_cpu_capability(),
            "import_ns": self.import_ns,
        }
        packages = os.path.dirname(os.path.dirname(self.torch.__file__))
        if os.path.exists(os.path.join(packages, "nvidia/cu13/lib/libcuda_stand_in.so")):
            facts["cuda_libraries"] = "stand-ins: this environment is for the CPU only"
        return facts


class Model:
    def __init__(self, runtime, loaded, options):
        torch, wanted = runtime.torch, options["engine"]
        self.runtime, self.loaded = runtime, loaded
        self.inputs, self.outputs, self.unread = loaded.inputs, loaded.outputs, []
        self.bf16 = options["precision"] == "bf16"
        self.no_grad = torch.inference_mode if wanted["grad"] == "inference_mode" else torch.no_grad
        self.channels_last = wanted["channels_last"] == "true"
        self.module = loaded.module
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        compiled = {}
        if wanted["mode"] == "compile":
            compiled = self.compile(options)
        self.effective = {**runtime.facts(), "mode": wanted["mode"], "through": loaded.through, **self.probe(), **compiled,
                          "memory_format": self.memory_format(), "timed_copies": ["outputs that are not dense are made so"]}
        if self.channels_last:
            self.effective["timed_copies"].insert(0, "four-dimensional inputs are reordered to channels-last in every run")

    def compile(self, options):
        """Compiles for the shapes that were asked for: the cost is part of the load, and told."""
        torch = self.runtime.torch
        torch._dynamo.reset()
        from torch._dynamo.utils import counters

        counters.clear()
        start = time.perf_counter_ns()
        self.module = torch.compile(self.module, dynamic=False)
        request = self.new_request(self.first_shapes(options))
        request.run()
        inductor, stats = counters["inductor"], counters["stats"]
        return {"compile_ns": time.perf_counter_ns() - start,
                "compiled_graphs": stats.get("unique_graphs", NOT_TOLD),
                "graph_breaks": sum(counters["graph_break"].values()),
                "compiled_from_cache": inductor.get("fxgraph_cache_hit", 0) > 0}

    def first_shapes(self, options):
        """What the host asked for; its own checks come later and name what is wrong."""
        shapes = {}
        for spec in self.inputs:
            given = options["shapes"].get(spec["name"]) or (options["shapes"].get("") if len(self.inputs) == 1 else None) or spec["shape"]
            if len(given) != len(spec["shape"]):
                given = spec["shape"]
            extents = [known if asked < 1 else asked for asked, known in zip(given, spec["shape"])]
            if extents and extents[0] < 1:
                extents[0] = options["batch"] or 1
            if min(extents, default=1) < 1:
                raise Failure("usage", f"{self.loaded.path}: torch.compile needs the shape of '{spec['name']}': --shape {spec['name']}=...")
            shapes[spec["name"]] = extents
        return shapes

    @contextlib.contextmanager
    def settings(self):
        torch = self.runtime.torch
        with self.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            yield

    def probe(self):
        """Read back inside the settings of a call."""
        torch = self.runtime.torch
        with self.settings():
            half = torch.is_autocast_enabled("cpu")
            grad = "inference_mode" if torch.is_inference_mode_enabled() else "grad" if torch.is_grad_enabled() else "no_grad"
            precision = f"{self.runtime.types[torch.get_autocast_dtype('cpu')]} by autocast" if half else self.parameter_types()
        return {"grad": grad, "precision": precision}

    def parameter_types(self):
        types = {self.runtime.types.get(tensor.dtype, str(tensor.dtype)) for tensor in self.loaded.module.state_dict().values()
                 if tensor.is_floating_point()}
        return ", ".join(sorted(types)) or "f32"

    def memory_format(self):
        """Of the weights of convolutions: where all have one row, column or channel, both orders are the same."""
        torch = self.runtime.torch
        telling = [t for t in self.loaded.module.state_dict().values() if t.ndim == 4 and t.shape[1] > 1 and t.shape[2] * t.shape[3] > 1]
        if not telling:
            return "no weight tells"
        last = sum(t.is_contiguous(memory_format=torch.channels_last) for t in telling)
        return "channels_last" if last == len(telling) else "contiguous" if last == 0 else "mixed"

    def new_request(self, shapes):
        self.loaded.check(shapes)
        return Request(self, shapes)

    def close(self):
        compiled = self.module is not self.loaded.module
        self.module = self.loaded = None
        if compiled and "torch._dynamo" in sys.modules:
            self.runtime.torch._dynamo.reset()
        gc.collect()
        # Freed memory that the allocator keeps would look like growth.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


class Request:
    def __init__(self, model, shapes):
        torch = model.runtime.torch
        self.model, self.outputs = model, []
        self.tensors = [torch.zeros(shapes[spec["name"]], dtype=model.runtime.dtypes[spec["type"]]) for spec in model.inputs]
        self.inputs = [view(torch, tensor) for tensor in self.tensors]
        self.results = [model.runtime.dtypes[spec["type"]] for spec in model.outputs]

    def run(self):
        model, torch = self.model, self.model.runtime.torch
        try:
            with model.settings():
                given = self.tensors
                if model.channels_last:
                    given = [t.contiguous(memory_format=torch.channels_last) if t.ndim == 4 else t for t in given]
                answers = model.loaded.call(model.module, given)
                # Under autocast a result may come in half precision: the declared type holds.
                self.outputs = [view(torch, answer.to(dtype).contiguous()) for answer, dtype in zip(answers, self.results, strict=True)]
        except Exception as error:
            raise self.failure(error) from error

    def failure(self, error):
        kind, words = type(error).__name__, str(error)
        if "Compiler" in kind or "compiler" in words[:200]:
            return Failure("unavailable", f"torch.compile needs a C++ compiler and Python's headers (g++, python3-dev): {shortened(words)}")
        if kind == "AssertionError" and "Guard failed" in words:
            return Failure("unsupported", f"{self.model.loaded.path}: the program was exported for other shapes: {shortened(words)}")
        return Failure("engine_failed", f"running {self.model.loaded.path} ({self.model.effective['mode'] if hasattr(self.model, 'effective') else 'compile'}): "
                                        f"{kind}: {shortened(words)}")


def view(torch, tensor):
    """The memory of a dense tensor as an array; numpy has no bf16, so its bits."""
    tensor = tensor.detach()
    return (tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor).numpy()


class TorchEager:
    def __init__(self):
        self.runtime = None

    def info(self):
        """From how the packages are installed: importing torch would take seconds."""
        version, torch_file = installed("torch", "torch")
        torchvision = importlib.util.find_spec("torchvision")
        return {
            "name": "torch-eager", "version": version,
            "reads": ["exported", "folder"], "census": ["exported"], "devices": ["cpu"], "precisions": ["f32", "bf16"], "options": OPTIONS,
            "batch_changes_after_load": True,
            # One interpreter: a second request would wait for the first one's Python.
            "max_requests": 1,
            "note": "a baseline in Python; load includes importing PyTorch, and with mode=compile the compiling",
            "for_testing": False,
            "framework": {"name": "PyTorch eager", "makes": ["exported", "folder"], "options": {}},
            "libraries": [torch_file, *([torchvision.origin] if torchvision else [])],
        }

    def census(self, artifact, options):
        """A program's operators, for `bakeoff inspect`."""
        import torch_eager_census
        import torch_eager_models

        self.runtime = self.runtime or Runtime(read_threads(options, "inter_threads", 1))
        return torch_eager_census.census(self.runtime, torch_eager_models.Exported(self.runtime, artifact), options)

    def load(self, artifact, options):
        import torch_eager_models

        intra, inter = read_threads(options, "intra_threads", options["threads"]), read_threads(options, "inter_threads", 1)
        if self.runtime is not None and self.runtime.inter_threads != inter:
            raise Failure("unsupported", f"PyTorch fixed its {self.runtime.inter_threads} threads between operators when it started: "
                                         "start a new worker to change them")
        self.runtime = self.runtime or Runtime(inter)
        torch = self.runtime.torch
        torch.set_num_threads(intra)
        torch._C._set_mkldnn_enabled(options["engine"]["onednn"] == "true")
        if artifact["format"] == "folder":
            loaded = torch_eager_models.Folder(self.runtime, artifact)
        else:
            loaded = torch_eager_models.Exported(self.runtime, artifact)
        return Model(self.runtime, loaded, options)


if __name__ == "__main__":
    bakeoff_worker.main(TorchEager())
