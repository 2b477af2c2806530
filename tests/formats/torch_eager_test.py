# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The PyTorch baseline beyond the contract: modes agree, a model folder is built and filled, refusals name their cause."""
import json
import os
import pickle
import re
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

from worker_client import BIN, FIXTURES, EngineTest, Worker

IMAGE = [((i * 2654435761) % 2**32) / 2**32 for i in range(12 * 20 * 3)]
NCHW = [1, 3, 12, 20]

# A model folder as the trainer writes it, and what the network in it answers: made by torchvision itself.
MAKE_FOLDER = """
import json, pathlib, sys, torch, torchvision
from safetensors.torch import save_file
folder = pathlib.Path(sys.argv[1])
torch.manual_seed(3)
network = torchvision.models.mobilenet_v2(num_classes=5, width_mult=0.25)
with torch.no_grad():
    # Norms that have seen something: else an untrained network answers the same to all.
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    network(torch.rand(16, 3, 64, 64))
    network.eval().classifier[1].weight.mul_(20)
state = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith("num_batches_tracked")}
save_file(state, folder / "weights.safetensors")
image = torch.rand(1, 3, 64, 64)
with torch.inference_mode():
    torch.jit.trace(network, image).save(folder / "model.pt")
    answer = network(image)
(folder / "model.json").write_text(json.dumps({
    "schema": 1, "name": "made", "format": "torchscript", "file": "model.pt", "arch": "mobilenet_v2", "weights": "weights.safetensors",
    "training": {"options": {"width": 0.25}},
    "inputs": [{"name": "images", "type": "f32", "shape": [-1, 3, 64, 64], "layout": "NCHW"}],
    "outputs": [{"name": "logits", "type": "f32", "shape": [-1, 5], "layout": "NC"}]}))
print(json.dumps({"image": image.flatten().tolist(), "answer": answer[0].tolist()}))
"""


def bench(*words):
    """The rows of `bakeoff bench`, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        run = subprocess.run([BIN / "bakeoff", "bench", *words, "--count", "20", "--repeat", "1", "--threads", "1", "--json", out],
                             capture_output=True, text=True)
        return json.loads(out.read_text())["runs"] if out.exists() else [], run


class Evil:
    """Unpickled, it makes a file."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


class Eager(EngineTest):
    engine = "torch-eager"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        launcher = (BIN / "bakeoff-engine-torch-eager").read_text()
        cls.python = re.search(r"exec '([^']+)'", launcher).group(1)

    def python_makes(self, folder):
        run = subprocess.run([self.python, "-E", "-s", "-B", "-c", MAKE_FOLDER, folder], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr[-800:])
        return json.loads(run.stdout.splitlines()[-1])

    # One worker for several tests' worth: each start imports PyTorch.
    def test_options_change_the_path_and_not_the_answer(self):
        with Worker("torch-eager") as worker:
            def logits(options=None, precision="f32"):
                loaded = worker.load(FIXTURES / "net.pt2", "exported", options, precision=precision)
                self.assertGreater(loaded["effective"]["callback_overhead_ns"], 0)
                kind, _, values = worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["output"]
                self.assertEqual(kind, "f32")
                return loaded["effective"], list(values)

            effective, wanted = logits()
            self.assertEqual((effective["mode"], effective["grad"], effective["memory_format"], effective["precision"], effective["onednn"]),
                             ("eager", "inference_mode", "contiguous", "f32", True))
            for options, field, told in (({"channels_last": "true"}, "memory_format", "channels_last"), ({"grad": "no_grad"}, "grad", "no_grad"),
                                         ({"onednn": "false"}, "onednn", False), ({"intra_threads": "2"}, "threads", 2)):
                with self.subTest(options):
                    effective, answer = logits(options)
                    self.assertEqual(effective[field], told)
                    self.assert_close(wanted, answer, 1e-5)
            effective, half = logits(precision="bf16")
            self.assertEqual(effective["precision"], "bf16 by autocast")
            self.assertGreater(max(abs(a - b) for a, b in zip(wanted, half)), 1e-4, "the premise: bf16 was computed")
            self.assert_close(wanted, half, 0.05)

    def test_compiled_agrees_and_tells_what_it_cost(self):
        with Worker("torch-eager") as worker:
            worker.load(FIXTURES / "net.pt2", "exported")
            wanted = list(worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["output"][2])
            effective = worker.load(FIXTURES / "net.pt2", "exported", {"mode": "compile"})["effective"]
            self.assertGreater(effective["compile_ns"], 0)
            self.assertEqual((effective["mode"], effective["compiled_graphs"], effective["graph_breaks"]), ("compile", 1, 0))
            self.assert_close(wanted, list(worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["output"][2]), 1e-4)

    def test_a_dictionary_names_the_outputs_and_nested_inputs_are_flat(self):
        with Worker("torch-eager") as worker:
            loaded = worker.load(FIXTURES / "net_dict.pt2", "exported")
            self.assertEqual([i["name"] for i in loaded["inputs"]], ["picture_image"])
            self.assertEqual([(o["name"], o["type"]) for o in loaded["outputs"]], [("features", "f32"), ("best", "i64")])
            worker.call("infer", [("picture_image", "f32", NCHW, IMAGE)])

    def test_refusals_name_their_cause(self):
        with Worker("torch-eager") as worker, tempfile.TemporaryDirectory() as folder:
            net, marker, evil = FIXTURES / "net.pt2", Path(folder) / "ran", Path(folder) / "evil.pt2"
            with zipfile.ZipFile(net) as source, zipfile.ZipFile(evil, "w") as copy:
                for name in source.namelist():
                    copy.writestr(name, pickle.dumps(Evil(marker)) if name.endswith("sample_inputs/model.pt") else source.read(name))
            script = Path(folder) / "script.pt2"
            script.write_bytes((FIXTURES / "net.pt").read_bytes())
            for code, words, file, options in (
                    ("unsupported", ["absent_operator.pt2", "stranger::twice"], FIXTURES / "absent_operator.pt2", {}),
                    ("invalid_model", ["script.pt2", "torch.export.save"], script, {}),
                    ("unsupported", ["evil.pt2", "pickled"], evil, {}),
                    ("usage", ["torch-eager.intra_threads=0"], net, {"intra_threads": "0"}),
                    ("unsupported", ["start a new worker"], net, {"inter_threads": "3"})):
                with self.subTest(words):
                    worker.load(net, "exported")  # the first load fixes the threads between operators
                    self.assert_refused(code, words, lambda: worker.load(file, "exported", options))
            self.assertFalse(marker.exists(), "a program's file ran code while it was read")
            worker.load(net, "exported")
            self.assert_refused("unsupported", ["'image'", "1 to 4096", "5000"],
                                lambda: worker.call("infer", [("image", "f32", [5000, 3, 12, 20], [0.0] * (5000 * 720))]))

    def test_a_model_folder_is_built_by_its_name_and_filled(self):
        with Worker("torch-eager") as worker, tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            made = self.python_makes(folder)
            loaded = worker.load(folder, "folder")
            self.assertIn("mobilenet_v2", loaded["effective"]["through"])
            answer = worker.call("infer", [("images", "f32", [1, 3, 64, 64], made["image"])])[1]["logits"][2]
            self.assert_close(made["answer"], list(answer), 1e-4)

            rows, run = bench(folder, "--engines", "torch-eager,torch")
            self.assertEqual({(row["engine"], row["format"], row["status"]) for row in rows},
                             {("torch-eager", "folder", "ok"), ("torch", "torchscript", "ok")}, run.stdout + run.stderr)

            about = json.loads((folder / "model.json").read_text())
            for code, words, change in (("unsupported", ["no network 'mobilenet_v1'", "mobilenet_v2"], {"arch": "mobilenet_v1"}),
                                        ("invalid_model", ["weights.safetensors", "resnet18"], {"arch": "resnet18"}),
                                        ("invalid_model", ["outside the folder"], {"weights": "../weights.safetensors"}),
                                        ("not_found", ["gone.safetensors"], {"weights": "gone.safetensors"}),
                                        ("unsupported", ["'arch'"], {"arch": None})):
                with self.subTest(words):
                    (folder / "model.json").write_text(json.dumps({**about, **change}))
                    self.assert_refused(code, words, lambda: worker.load(folder, "folder"))
            (folder / "model.json").write_text(json.dumps(about))
            (folder / "weights.safetensors").write_bytes(b"no tensors at all")
            self.assert_refused("invalid_model", ["weights.safetensors", "no safetensors file"], lambda: worker.load(folder, "folder"))

    def test_bench_takes_an_exported_program(self):
        rows, run = bench(FIXTURES / "net.pt2", "--engines", "torch-eager")
        self.assertEqual([(row["format"], row["status"]) for row in rows], [("exported", "ok")], run.stdout + run.stderr)


class Absent(unittest.TestCase):
    def test_a_row_says_how_to_get_it(self):
        rows = json.loads((BIN / "bakeoff-engines.json").read_text())["engines"]
        (row,) = (row for row in rows if row["name"] == "torch-eager")
        if row["built"]:
            self.skipTest("torch-eager is present")
        runs, run = bench(FIXTURES / "net.pt2", "--engines", "torch-eager")
        self.assertEqual([row["status"] for row in runs], ["skipped"], run.stdout + run.stderr)
        if "switched off" not in row["reason"]:
            self.assertIn("deps/setup.sh --engines torch-eager", runs[0]["error"]["text"])


if __name__ == "__main__":
    unittest.main()
