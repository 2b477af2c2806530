#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff convert`: what is verified gets its name, what is wrong leaves nothing, and what cannot be says why."""
import json
import shutil
import unittest

import onnx_maker as maker
from support import BIN, SOURCE, CliTest

FIXTURES = SOURCE / "tests/fixtures"
HAS_HOP = (BIN / "bakeoff-hop-openvino").exists() and (BIN / "bakeoff-engine-openvino").exists()


class ConvertTest(CliTest):
    def names(self):
        """What lies in the folder, hidden names too: a staging folder that stays would show."""
        return sorted(path.name for path in self.folder.iterdir() if path.name != "cache")

    def damaged_in_every_way(self, source, target, *words):
        """A permuted convolution weight, two swapped channels, a dropped bias: each is a mismatch that names the output and leaves no file."""
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/damaging"))
        before = self.names()
        for how in ("permute", "swap", "bias"):
            self.env["DAMAGE"] = how
            result = self.bakeoff("convert", source, target, *words, code=1, timeout=180)
            self.assertIn(f"nothing was written to {target}", result.stdout, how)
            self.assertRegex(result.stdout, "output '[a-z0-9]+'", how)
            self.assertEqual(self.names(), before, how)
        # The premise: without damage that hop does no harm.
        self.env["DAMAGE"] = "none"
        self.bakeoff("convert", source, target, *words, timeout=180)


@unittest.skipUnless(HAS_HOP, "this build has no hop to OpenVINO IR")
class Converts(ConvertTest):
    def setUp(self):
        super().setUp()
        self.bakeoff("make-model", "resnet18", "net.onnx", "--image-size", "32", "--width", "0.25", "--classes", "10")

    def test_a_verified_result_gets_its_name_and_a_record(self):
        result = self.bakeoff("convert", "net.onnx", "net.xml", "--json", "convert.json")
        self.assertIn("verified", result.stdout)
        self.assertEqual(self.names(), ["convert.json", "net.bin", "net.onnx", "net.xml", "net.xml.conversion.json"])
        (row,) = json.loads((self.folder / "convert.json").read_text())["rows"]
        self.assertEqual((row["status"], row["route"]), ("verified", ["onnx", "openvino"]))
        self.assertGreaterEqual(row["centred_sqnr_db"], 90)
        self.assertEqual([case["shapes"]["input"][0] for case in row["proof"]["cases"]], [1, 3])
        record = json.loads((self.folder / "net.xml.conversion.json").read_text())
        self.assertTrue(record["verified"])
        self.assertEqual({file["path"] for file in record["target"]["files"]}, {"net.xml", "net.bin"})
        self.assertEqual(record["source"]["files"][0]["path"], "net.onnx")

    def test_the_result_answers_as_the_source_does(self):
        self.bakeoff("convert", "net.onnx", "net.xml")
        rows = json.loads(self.bakeoff("verify", "net.onnx", "net.xml", "--json").stdout)["rows"]
        compared = [row for row in rows if row["format"] == "openvino" and row["status"] == "agree"]
        self.assertEqual(len(compared), 1, rows)

    def test_half_precision_weights_are_half_as_large(self):
        self.bakeoff("make-model", "mlp", "mlp.onnx")
        self.bakeoff("convert", "mlp.onnx", "net.xml")
        self.bakeoff("convert", "mlp.onnx", "half.xml", "--precision", "f16")
        sizes = [(self.folder / name).stat().st_size for name in ("half.bin", "net.bin")]
        self.assertLess(sizes[0], sizes[1] * 0.55)

    def test_shapes_are_fixed_on_request(self):
        self.bakeoff("convert", "net.onnx", "net.xml", "--shape", "2x3x32x32")
        record = json.loads((self.folder / "net.xml.conversion.json").read_text())
        self.assertEqual(record["target"]["inputs"][0]["shape"], [2, 3, 32, 32])

    def test_without_verification_the_record_says_so(self):
        result = self.bakeoff("convert", "net.onnx", "net.xml", "--no-verify")
        self.assertIn("not verified", result.stdout)
        record = json.loads((self.folder / "net.xml.conversion.json").read_text())
        self.assertEqual((record["verified"], record["status"]), (False, "unverified"))

    def test_damage_between_writing_and_verifying_leaves_nothing(self):
        self.damaged_in_every_way("net.onnx", "net.xml")

    def test_axes_that_a_format_has_by_habit_stay_known(self):
        shutil.copy(FIXTURES / "net.tflite", self.folder / "net.tflite")
        self.bakeoff("convert", "net.tflite", "lite.xml")
        record = json.loads((self.folder / "lite.xml.conversion.json").read_text())
        self.assertIn("NHWC", record["target"]["layouts"].values())
        rows = json.loads(self.bakeoff("verify", "net.tflite", "lite.xml", "--json").stdout)["rows"]
        self.assertEqual({row["status"] for row in rows if row["format"] == "openvino"} - {"unsupported"}, {"agree"})

    def test_axes_said_of_the_whole_model_are_heeded(self):
        self.bakeoff("convert", "net.onnx", "net.xml", "--layout", "net.onnx=NHWC", "--no-verify")
        record = json.loads((self.folder / "net.xml.conversion.json").read_text())
        self.assertEqual(record["target"]["layouts"]["input"], "NHWC")


@unittest.skipUnless((BIN / "bakeoff-engine-litert").exists(), "this build has no engine for TFLite")
class ToTflite(ConvertTest):
    def made(self, name, *options):
        self.bakeoff("make-model", name, f"{name}.onnx", *options)
        result = self.bakeoff("convert", f"{name}.onnx", f"{name}.tflite", "--json", "convert.json")
        (row,) = json.loads((self.folder / "convert.json").read_text())["rows"]
        self.assertEqual(row["status"], "verified", result.stdout)
        return row

    def test_networks_of_every_kind(self):
        small = ("--image-size", "32", "--width", "0.25")
        self.assertEqual(self.made("mlp")["facts"]["transposes"], 0)
        self.made("multi")
        for name in ("resnet18", "mobilenet_v2"):
            row = self.made(name, *small)
            self.assertEqual(row["facts"]["transposes"], 0, name)
            self.assertEqual(row["proof"]["target_layouts"]["input"]["axes"], "NHWC")

    def test_models_of_older_opsets(self):
        """Softmax and Squeeze meant other things before opset 13."""
        port = [maker.port("x", "batch", 6)], [maker.port("y", "batch", 6)]
        weights = [maker.tensor("w", [6, 6], maker.floats(*((7 * i % 11) / 11 for i in range(36))))]
        axis = maker.field(5, maker.field(1, "axes") + maker.field(8, 2) + maker.field(20, 7))
        nodes = [
            maker.node("MatMul", ["x", "w"], ["xw"], "product"),
            maker.node("Unsqueeze", ["xw"], ["wide"], "wider", axis),
            maker.node("Squeeze", ["wide"], ["narrow"], "narrower", axis),
            maker.node("Softmax", ["narrow"], ["y"], "probabilities"),
        ]
        for opset in (9, 11, 12):
            (self.folder / f"old{opset}.onnx").write_bytes(maker.model(nodes, *port, weights, opset=opset))
            self.bakeoff("convert", f"old{opset}.onnx", f"old{opset}.tflite", "--json", "convert.json")
            (row,) = json.loads((self.folder / "convert.json").read_text())["rows"]
            self.assertEqual(row["status"], "verified")

    def test_a_fixed_batch_stays_fixed(self):
        row = self.made("resnet18", "--image-size", "32", "--width", "0.25", "--batch", "2")
        self.assertEqual([case["shapes"]["input"][0] for case in row["proof"]["cases"]], [2])

    def test_damage_between_writing_and_verifying_leaves_nothing(self):
        self.bakeoff("make-model", "resnet18", "net.onnx", "--image-size", "32", "--width", "0.25")
        self.damaged_in_every_way("net.onnx", "net.tflite")

    def test_half_precision_weights(self):
        row = self.made("mlp")
        self.assertEqual(row["status"], "verified")
        self.bakeoff("convert", "mlp.onnx", "half.tflite", "--precision", "f16")
        self.assertLess((self.folder / "half.tflite").stat().st_size, (self.folder / "mlp.tflite").stat().st_size * 0.55)


@unittest.skipUnless((BIN / "bakeoff-engine-tensorflow").exists(), "this build has no engine for SavedModel")
class ToSavedModel(ConvertTest):
    SMALL = ("--image-size", "32", "--width", "0.25")

    def made(self, name, *options):
        self.bakeoff("make-model", name, f"{name}.onnx", *options)
        result = self.bakeoff("convert", f"{name}.onnx", f"{name}.sm", "--to", "savedmodel", "--json", "convert.json", timeout=180)
        (row,) = json.loads((self.folder / "convert.json").read_text())["rows"]
        self.assertEqual(row["status"], "verified", result.stdout)
        return row

    def test_networks_of_every_kind(self):
        self.assertEqual(self.made("mlp")["facts"]["transposes"], 0)
        self.made("multi")
        for name in ("resnet18", "mobilenet_v2"):
            row = self.made(name, *self.SMALL)
            self.assertEqual(row["facts"]["transposes"], 0, name)
            self.assertEqual(row["proof"]["target_layouts"]["input"]["axes"], "NHWC")
            self.assertEqual([case["shapes"]["input"][0] for case in row["proof"]["cases"]], [1, 3])
        self.assertEqual(sorted(path.name for path in (self.folder / "resnet18.sm").iterdir()), ["conversion.json", "saved_model.pb"])

    def test_half_precision_weights(self):
        self.made("mlp")
        self.bakeoff("convert", "mlp.onnx", "half", "--to", "savedmodel", "--precision", "f16")
        sizes = [(self.folder / name / "saved_model.pb").stat().st_size for name in ("half", "mlp.sm")]
        self.assertLess(sizes[0], sizes[1] * 0.55)

    @unittest.skipUnless((BIN / "bakeoff-engine-openvino").exists(), "this build has no second reader of SavedModel")
    def test_openvino_reads_it_and_answers_alike(self):
        self.made("mobilenet_v2", *self.SMALL)
        # Two engines by name: OpenCV answers wrongly where a depthwise convolution sees a single pixel, as here at the end.
        result = self.bakeoff("verify", "mobilenet_v2.onnx", "mobilenet_v2.sm", "--engines", "onnxruntime,openvino", "--json", timeout=180)
        rows = json.loads(result.stdout)["rows"]
        self.assertIn(("openvino", "savedmodel", "agree"), [(row["engine"], row["format"], row["status"]) for row in rows])

    def test_damage_between_writing_and_verifying_leaves_nothing(self):
        self.bakeoff("make-model", "resnet18", "net.onnx", *self.SMALL)
        self.damaged_in_every_way("net.onnx", "net.sm", "--to", "savedmodel")


@unittest.skipUnless(HAS_HOP, "this build has no hop to OpenVINO IR")
class Refuses(CliTest):
    def setUp(self):
        super().setUp()
        self.bakeoff("make-model", "mlp", "net.onnx")

    def test_an_existing_destination_stays(self):
        (self.folder / "net.xml").write_text("mine")
        self.fails("convert", "net.onnx", "net.xml", says="--force")
        self.assertEqual((self.folder / "net.xml").read_text(), "mine")
        self.bakeoff("convert", "net.onnx", "net.xml", "--force")
        self.assertNotEqual((self.folder / "net.xml").read_text(), "mine")

    def test_an_impossible_route_names_what_is_missing(self):
        self.fails("convert", "net.onnx", "net.keras", code=3, says="no hop leads from onnx to keras")

    def test_a_name_that_says_no_format(self):
        self.fails("convert", "net.onnx", "net.zzz", says="--to")
        self.fails("convert", "net.onnx", "net.xml", "--to", "savedmodl", says="--to 'savedmodl': unknown (did you mean 'savedmodel'?); onnx can become ")

    def test_options_that_mean_nothing(self):
        self.fails("convert", "net.onnx", "net.xml", "-o", "nohop.x=1", says="the hops are")
        self.fails("convert", "missing.onnx", "net.xml", says="missing.onnx")
        self.fails("convert", "net.onnx", "nowhere/net.xml", says="no such folder")

    def test_damaged_models(self):
        whole = (self.folder / "net.onnx").read_bytes()
        (self.folder / "cut.onnx").write_bytes(whole[: len(whole) // 2])
        self.fails("convert", "cut.onnx", "net.xml", code=3, says="cut.onnx")
        self.assertFalse((self.folder / "net.xml").exists())


@unittest.skipUnless((BIN / "bakeoff-hop-torch").exists(), "this build has no hop from TorchScript")
class FromTorchScript(ConvertTest):
    def test_a_program_becomes_onnx_with_a_free_batch(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        result = self.bakeoff("convert", "net.pt", "net.onnx", "--shape", "1x3x32x24", "--json", "convert.json")
        self.assertIn("verified", result.stdout + (self.folder / "convert.json").read_text())
        (row,) = json.loads((self.folder / "convert.json").read_text())["rows"]
        self.assertEqual((row["status"], row["route"]), ("verified", ["torchscript", "onnx"]))
        self.assertGreaterEqual(row["centred_sqnr_db"], 90)
        facts = json.loads(self.bakeoff("inspect", "net.onnx", "--json").stdout)
        self.assertEqual(facts["inputs"][0]["shape"][0], "batch")
        self.assertEqual(facts["opsets"]["ai.onnx"], 17)

    @unittest.skipUnless(HAS_HOP, "this build has no hop to OpenVINO IR")
    def test_multiply_adds_of_a_free_size_are_known_in_every_format(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        self.bakeoff("convert", "net.pt", "net.onnx", "--shape", "1x3x32x24", "--no-verify")
        sums = {}
        for name, shape in ("net.onnx", "1x3x64x96"), ("net.xml", "1x3x64x96"), ("net.tflite", "1x64x96x3"):
            if name != "net.onnx":
                self.bakeoff("convert", "net.onnx", name, "--no-verify")
            sums[name] = json.loads(self.bakeoff("inspect", name, "--shape", shape, "--json").stdout)["multiply_adds"]
        self.assertGreater(sums["net.onnx"], 1e6)
        self.assertEqual(len(set(sums.values())), 1, sums)

    def test_the_opset_is_the_one_asked_for(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        for opset in ("13", "21"):
            self.bakeoff("convert", "net.pt", f"net{opset}.onnx", "--shape", "1x3x32x24", "--opset", opset)
            facts = json.loads(self.bakeoff("inspect", f"net{opset}.onnx", "--json").stdout)
            self.assertEqual(facts["opsets"]["ai.onnx"], int(opset))

    def test_damage_between_writing_and_verifying_leaves_nothing(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        self.damaged_in_every_way("net.pt", "net.onnx", "--shape", "1x3x32x24")

    def test_a_program_without_a_shape_fails(self):
        shutil.copy(FIXTURES / "net.pt", self.folder / "net.pt")
        result = self.bakeoff("convert", "net.pt", "net.onnx", code=2)
        self.assertIn("--shape", result.stderr + result.stdout)
        self.assertFalse((self.folder / "net.onnx").exists())


if __name__ == "__main__":
    unittest.main()
