# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What single engines add to the contract: their options, signatures and refusals, on the files of tests/fixtures."""
import os
import shutil
import tempfile
import unittest
import zipfile
from pathlib import Path

from worker_client import FIXTURES, EngineTest, Worker

IMAGE = [((i * 2654435761) % 2**32) / 2**32 for i in range(12 * 20 * 3)]
NCHW, NHWC = [1, 3, 12, 20], [1, 12, 20, 3]
# The program of pair.pt, and the same with one of its operators on a thread of the pool between operators.
PAIR = b"    return (torch.add(a, b), torch.mul(b, 3))\n"
FORKING_PAIR = b"""\
    def forked():
      return torch.mul(b, 3)
    later = fork(forked)
    return (torch.add(a, b), torch.wait(later))
"""


class OptionsOnOnnx(EngineTest):
    """Each option of an engine on the same network: what it changes in effective(), and that the answer stays."""

    def loaded(self, options=None, **choices):
        with Worker(self.engine) as worker:
            effective = worker.load(FIXTURES / "net.onnx", "onnx", options, shapes={"image": NCHW}, **choices)["effective"]
            return effective, list(worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["logits"][2])

    def check_each(self, rows):
        plain, wanted = self.loaded()
        for options, shown in rows:
            with self.subTest(options):
                effective, answer = self.loaded(options)
                for key, value in shown.items():
                    self.assertEqual(effective[key], value, key)
                    self.assertNotEqual(plain[key], value, f"the premise: {key} is another without the option")
                self.assert_close(wanted, answer, 1e-5)


class OnnxRuntime(OptionsOnOnnx):
    engine = "onnxruntime"

    def test_options_show_in_effective_and_keep_the_answer(self):
        self.check_each([
            ({"graph_optimization": "disable"}, {"graph_optimization": "disable", "graph_passes_applied": []}),
            ({"intra_op_threads": "3"}, {"intra_op_threads": 3, "threads_started_at_load": 2}),
            ({"execution_mode": "parallel", "inter_op_threads": "2"}, {"execution_mode": "parallel", "threads_started_at_load": 1}),
            ({"memory_arena": "false"}, {"memory_arena": False}),
            ({"memory_pattern": "false"}, {"memory_pattern": False}),
            ({"free_dimensions": "fix"}, {"free_dimensions_fixed": True}),
            # The runtime tells nothing of these; they are taken, and change no answer.
            ({"allow_spinning": "false"}, {}),
            ({"denormal_as_zero": "true"}, {}),
            ({"execution_provider": "CPUExecutionProvider"}, {}),
        ])

    def test_a_provider_that_is_not_there_fails_by_name(self):
        with Worker(self.engine) as worker:
            self.assert_refused("usage", ["execution_provider", "NoSuchProvider", "CPUExecutionProvider"],
                                lambda: worker.load(FIXTURES / "net.onnx", "onnx", {"execution_provider": "NoSuchProvider"}))


class OpenVino(OptionsOnOnnx):
    engine = "openvino"

    def test_options_show_in_effective_and_keep_the_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check_each([
                ({"performance_hint": "throughput"}, {"performance_hint": "THROUGHPUT"}),
                ({"execution_mode": "accuracy"}, {"execution_mode": "ACCURACY"}),
                ({"denormals_as_zero": "true"}, {"denormals_as_zero": True}),
                ({"core_type": "pcore"}, {"core_type": "PCORE_ONLY"}),
                ({"threads": "2"}, {"threads": 2}),
                ({"cpu_pinning": "false"}, {"cpu_pinning": False}),
                ({"cache_dir": folder}, {}),
                ({"cache_dir": folder}, {"loaded_from_cache": True}),
                ({"device": "CPU"}, {}),
                ({"hyper_threading": "false"}, {}),
                ({"dynamic_shapes": "true"}, {}),
            ])

    def test_lower_precision_shows_per_layer_and_never_beside_f32(self):
        for precision in ("bf16", "f16"):
            with Worker(self.engine) as worker:
                self.assert_refused("usage", ["inference_precision", "--precision f32"],
                                    lambda: worker.load(FIXTURES / "net.onnx", "onnx", {"inference_precision": precision}))
        effective, _ = self.loaded({"inference_precision": "f32"}, precision="bf16")
        self.assertEqual(list(effective["layers_by_precision"]), ["f32"])


class LiteRt(EngineTest):
    engine = "litert"

    def logits(self, file, options=None):
        with Worker("litert") as worker:
            loaded = worker.load(FIXTURES / file, "tflite", options)
            name = loaded["inputs"][0]["name"]
            (answer,) = worker.call("infer", [(name, "f32", NHWC, IMAGE)])[1].values()
            return loaded["effective"], list(answer[2])

    def test_takes_models_with_and_without_signature(self):
        self.assert_close(self.logits("net.tflite")[1], self.logits("net_plain.tflite")[1], 1e-6)

    def test_own_kernels_agree_with_the_delegate_and_say_that_nothing_was_delegated(self):
        delegated, answer = self.logits("net.tflite")
        builtin, other = self.logits("net.tflite", {"kernels": "builtin"})
        self.assert_close(answer, other, 1e-5)
        self.assertEqual((delegated["fully_delegated"], delegated["nodes_delegated"]), (True, delegated["nodes"]))
        self.assertFalse(builtin["fully_delegated"])

    def test_int8_goes_in_and_out_and_agrees_with_f32(self):
        wanted = self.logits("net.tflite")[1]
        with Worker("litert") as worker:
            effective = worker.load(FIXTURES / "net_int8.tflite", "tflite")["effective"]["quantization"]
            into, out = effective["image"], effective["logits"]
            image = [max(-128, min(127, round(v / into["scale"]) + into["zero_point"])) for v in IMAGE]
            kind, _, values = worker.call("infer", [("image", "i8", NHWC, image)])[1]["logits"]
        self.assertEqual(kind, "i8")
        self.assert_close(wanted, [(v - out["zero_point"]) * out["scale"] for v in values], 0.1)

    def test_custom_operator_fails_by_name(self):
        with Worker("litert") as worker:
            self.assert_refused("unsupported", ["custom.tflite", "BesselI0e"],
                                lambda: worker.load(FIXTURES / "custom.tflite", "tflite"))

    def test_f16_through_flags_fails_beside_f32(self):
        with Worker("litert") as worker:
            self.assert_refused("usage", ["xnnpack_flags", "--precision f32"],
                                lambda: worker.load(FIXTURES / "net.tflite", "tflite", {"xnnpack_flags": "7"}))


class Torch(EngineTest):
    engine = "torch"

    def logits(self, options=None, precision="f32"):
        with Worker("torch") as worker:
            worker.load(FIXTURES / "net.pt", "torchscript", options, precision=precision, shapes={"image": NCHW})
            return worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["output"]

    def test_options_change_the_path_and_not_the_answer(self):
        wanted = self.logits()[2]
        for options in ({"freeze": "false"}, {"optimize_for_inference": "false"}, {"channels_last": "true"}, {"onednn": "false"}):
            with self.subTest(options):
                self.assert_close(list(wanted), list(self.logits(options)[2]), 1e-5)

    def test_operators_of_onednn_are_counted(self):
        counted = {}
        for optimized in ("true", "false"):
            with Worker("torch") as worker:
                effective = worker.load(FIXTURES / "net.pt", "torchscript", {"optimize_for_inference": optimized}, shapes={"image": NCHW})["effective"]
                counted[optimized] = effective["nodes_delegated"]
                self.assertGreaterEqual(effective["nodes"], 7, "two convolutions, two rectifiers, a pool, a mean, a product")
        self.assertEqual(counted, {"true": {"onednn": 2}, "false": {}})

    def test_bf16_shows_in_the_digits_and_keeps_the_declared_type(self):
        (kind, _, plain), (other_kind, _, half) = self.logits(), self.logits(precision="bf16")
        self.assertEqual((kind, other_kind), ("f32", "f32"))
        self.assertGreater(max(abs(a - b) for a, b in zip(plain, half)), 1e-4, "the premise: bf16 was computed")
        self.assert_close(list(plain), list(half), 0.05)

    def test_a_dictionary_names_the_outputs(self):
        with Worker("torch") as worker:
            outputs = worker.load(FIXTURES / "net_dict.pt", "torchscript", shapes={"image": NCHW})["outputs"]
            self.assertEqual([(o["name"], o["type"]) for o in outputs], [("features", "f32"), ("best", "i64")])

    def test_unknown_shape_fails_with_the_words_to_type(self):
        with Worker("torch") as worker:
            self.assert_refused("usage", ["net.pt", "--shape image="], lambda: worker.load(FIXTURES / "net.pt", "torchscript"))

    def test_absent_operator_fails_by_name(self):
        with Worker("torch") as worker:
            self.assert_refused("unsupported", ["absent_operator.pt", "stranger::twice"],
                                lambda: worker.load(FIXTURES / "absent_operator.pt", "torchscript", shapes={"x": [1, 4]}))

    def test_threads_between_operators_are_told_only_where_the_program_starts_them(self):
        with tempfile.TemporaryDirectory() as folder, Worker("torch", cpus=1) as worker:
            forks = Path(folder) / "forks.pt"
            with zipfile.ZipFile(FIXTURES / "pair.pt") as source, zipfile.ZipFile(forks, "w") as copy:
                for name in source.namelist():
                    if not name.endswith("debug_pkl"):
                        copy.writestr(name, source.read(name).replace(PAIR, FORKING_PAIR))
            shapes = {"a": [2, 4], "b": [2, 4]}
            wish = {"inter_threads": "64"}
            told = [worker.load(file, "torchscript", {**wish, "types": "b=i32"}, shapes=shapes)["effective"]["interop_threads"]
                    for file in (FIXTURES / "pair.pt", forks)]
            self.assertEqual(told, ["none: the program forks nothing", 64])
            self.assertGreaterEqual(len(os.listdir(f"/proc/{worker.process.pid}/task")), 64)
            answers = worker.call("infer", [("a", "f32", [2, 4], [1.0] * 8), ("b", "i32", [2, 4], [2] * 8)])[1]
            self.assertEqual([list(values) for _, _, values in answers.values()], [[3.0] * 8, [6] * 8])
            self.assert_refused("unsupported", ["inter-op threads once per process"],
                                lambda: worker.load(forks, "torchscript", {"inter_threads": "2", "types": "b=i32"}, shapes=shapes))

    def test_tells_the_runtimes_own_number_of_threads(self):
        with Worker("torch", cpus=1) as worker:
            loaded = worker.load(FIXTURES / "net.pt", "torchscript", {"intra_threads": "3"}, shapes={"image": NCHW})
            self.assertEqual(loaded["effective"]["threads"], 3)
            self.assertEqual(len(loaded["effective"]["process"]["cpus"]), 1)


class TensorFlow(EngineTest):
    engine = "tensorflow"

    def logits(self, options=None, environment=None):
        with Worker("tensorflow", environment) as worker:
            loaded = worker.load(FIXTURES / "net.savedmodel", "savedmodel", options)
            return loaded["effective"], list(worker.call("infer", [("image", "f32", NHWC, IMAGE)])[1]["logits"][2])

    def test_options_change_the_path_and_not_the_answer(self):
        plain, wanted = self.logits()
        for value in ("0", "1"):
            effective, answer = self.logits({"onednn": value}, {"TF_ENABLE_ONEDNN_OPTS": value})
            self.assert_close(wanted, answer, 1e-5)
            self.assertEqual(effective["onednn"], value == "1")
        self.assert_close(wanted, self.logits({"xla": "true"})[1], 1e-5)
        self.assert_close(wanted, self.logits({"grappler": "false"})[1], 1e-5)

    def test_onednn_that_the_process_was_not_started_with_fails(self):
        with Worker("tensorflow", {"TF_ENABLE_ONEDNN_OPTS": "0"}) as worker:
            self.assert_refused("unsupported", ["TF_ENABLE_ONEDNN_OPTS=1"],
                                lambda: worker.load(FIXTURES / "net.savedmodel", "savedmodel", {"onednn": "1"}))

    def test_takes_another_signature(self):
        with Worker("tensorflow") as worker:
            loaded = worker.load(FIXTURES / "net.savedmodel", "savedmodel", {"signature": "explain"})
            self.assertEqual([(o["name"], o["type"]) for o in loaded["outputs"]], [("best", "i32"), ("features", "f32")])

    def test_what_is_not_there_fails_naming_what_is(self):
        with Worker("tensorflow") as worker:
            self.assert_refused("unsupported", ["untagged.savedmodel", "'serve'", "'train'"],
                                lambda: worker.load(FIXTURES / "untagged.savedmodel", "savedmodel"))
            self.assert_refused("unsupported", ["'nosuch'", "explain, serving_default"],
                                lambda: worker.load(FIXTURES / "net.savedmodel", "savedmodel", {"signature": "nosuch"}))

    def test_missing_variables_fail_naming_the_file(self):
        with tempfile.TemporaryDirectory() as folder, Worker("tensorflow") as worker:
            broken = Path(folder) / "broken"
            shutil.copytree(FIXTURES / "net.savedmodel", broken)
            (broken / "variables/variables.data-00000-of-00001").unlink()
            self.assert_refused("invalid_model", ["variables.data-00000-of-00001"], lambda: worker.load(broken, "savedmodel"))


class OpenCv(EngineTest):
    engine = "opencv"

    def logits(self, options=None):
        with Worker("opencv") as worker:
            worker.load(FIXTURES / "net.onnx", "onnx", options)
            return list(worker.call("infer", [("image", "f32", NCHW, IMAGE)])[1]["logits"][2])

    def test_options_change_the_path_and_not_the_answer(self):
        wanted = self.logits()
        self.assert_close(wanted, self.logits({"winograd": "false"}), 1e-5)
        self.assert_close(wanted, self.logits({"fusion": "false"}), 1e-5)

    def test_half_precision_target_fails_beside_f32(self):
        with Worker("opencv") as worker:
            self.assert_refused("usage", ["opencv.target=cpu_fp16", "--precision f32"],
                                lambda: worker.load(FIXTURES / "net.onnx", "onnx", {"target": "cpu_fp16"}))

    def test_tells_the_runtimes_own_number_of_threads(self):
        with Worker("opencv") as worker:
            self.assertEqual(worker.load(FIXTURES / "net.onnx", "onnx", threads=2)["effective"]["threads"], 2)


if __name__ == "__main__":
    unittest.main()
