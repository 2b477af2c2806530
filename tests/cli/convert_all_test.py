#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff convert FOLDER --all`: a model folder in every format, each of which says what the model is; read back by readers of our own."""
import json
import re
import shutil
import sys
import unittest
import xml.etree.ElementTree as xml
import zipfile

from support import BIN, SOURCE, CliTest, bmp

sys.path.append(str(SOURCE / "tests/support"))
from model_files import FlatTable, fields, nested

FIXTURES = SOURCE / "tests/fixtures"
HOPS = ("bakeoff-hop-openvino", "bakeoff-hop-onnx-tflite", "bakeoff-hop-onnx-savedmodel")
ENGINES = ("onnxruntime", "openvino", "litert", "tensorflow")
HAS = all((BIN / name).exists() for name in (*HOPS, *(f"bakeoff-engine-{engine}" for engine in ENGINES)))
HAS_TORCH = (BIN / "bakeoff-hop-torch").exists() and (BIN / "bakeoff-engine-torch").exists()
CLASSES = [f"class {i}" for i in range(10)]
PREPROCESS = {
    "resize": {"mode": "exact", "size": [32, 32], "filter": "bilinear"},
    "center_crop": None,
    "color": "RGB",
    "scale": 1 / 255,
    "mean": [0.5, 0.25, 0.75],
    "std": [0.5, 0.5, 0.25],
    "layout": "NCHW",
}
MEAN = [127.5, 63.75, 191.25]
STD = [127.5, 127.5, 63.75]


class ModelFolderTest(CliTest):
    """A folder as `bakeoff train` writes it, with an ONNX model in it: no engine is needed to make it."""

    def make_folder(self, name="fruit", seed=1):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        self.bakeoff("make-model", "--force", "resnet18", folder / "net.onnx", "--image-size", "32", "--width", "0.25", "--classes", "10", "--seed", str(seed))
        self.describe(folder, "onnx", "net.onnx", ("input", [-1, 3, 32, 32]), ("logits", [-1, 10]))
        return folder

    def describe(self, folder, model_format, file, source, target, **more):
        model = {"schema": 1, "name": "fruit", "format": model_format, "file": file, "classes": CLASSES, "preprocess": PREPROCESS}
        model["inputs"] = [{"name": source[0], "type": "f32", "shape": source[1], "layout": "NCHW", "meaning": "pixels after preprocess"}]
        model["outputs"] = [{"name": target[0], "type": "f32", "shape": target[1], "layout": "NC", "meaning": "one logit per class"}]
        (folder / "model.json").write_text(json.dumps(model | more))

    def convert_all(self, folder, *words, code=0):
        result = self.bakeoff("convert", folder, "--all", "--json", "all.json", *words, code=code, timeout=300)
        return {row["format"]: row for row in json.loads((self.folder / "all.json").read_text())["rows"]}, result


@unittest.skipUnless(HAS, "this build lacks hops or engines")
class EveryFormat(ModelFolderTest):
    def test_one_table_and_each_format_says_what_the_model_is(self):
        folder = self.make_folder()
        rows, result = self.convert_all(folder)
        self.assertEqual({name: row["status"] for name, row in rows.items()}, dict.fromkeys(("openvino", "savedmodel", "tflite"), "verified"))
        self.assertEqual(
            sorted(path.name for path in folder.iterdir()),
            ["formats.json", "model.json", "net.bin", "net.onnx", "net.savedmodel", "net.tflite", "net.tflite.conversion.json", "net.xml"]
            + ["net.xml.conversion.json"],
        )
        self.assertIn("3 of 3 formats", result.stdout)
        # Names are never broken, whatever the width: the way there gives way first.
        for name in ("net.xml", "net.savedmodel", "net.tflite"):
            self.assertEqual(sum(name in line.split() for line in result.stdout.splitlines()), 1, result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)
        self.assertEqual(json.loads((folder / "formats.json").read_text())["rows"], list(rows.values()))
        for row in rows.values():
            self.assertGreaterEqual(row["centred_sqnr_db"], 90)

        # OpenVINO's model_info, for samples from 0 to 255 that come as blue, green, red.
        info = xml.parse(folder / "net.xml").getroot().find("rt_info/model_info")
        told = {field.tag: field.get("value") for field in info}
        self.assertEqual(told["labels"].split(" "), [name.replace(" ", "_") for name in CLASSES])
        self.assertEqual([float(word) for word in told["mean_values"].split()], MEAN)
        self.assertEqual([float(word) for word in told["scale_values"].split()], STD)
        self.assertEqual(
            (told["model_type"], told["reverse_input_channels"], told["resize_type"], told["layout"]),
            ("Classification", "True", "standard", "input:NCHW"),
        )

        # TFLite's metadata: buffers by name, labels in an archive behind the model.
        blob = (folder / "net.tflite").read_bytes()
        model = FlatTable.root(blob)
        buffers = model.tables(4)
        entries = {entry.text(0): buffers[entry.number(1, "I")].bytes(0) for entry in model.tables(6)}
        self.assertEqual(set(entries), {"TFLITE_METADATA", "bakeoff.model"})
        metadata = entries["TFLITE_METADATA"]
        self.assertEqual(metadata[4:8], b"M001")
        metadata = FlatTable.root(metadata)
        self.assertEqual(metadata.text(0), "fruit")
        (graph,) = metadata.tables(3)
        (source,), (target,) = graph.tables(2), graph.tables(3)
        self.assertEqual((source.text(0), source.text(1)), ("input", "pixels after preprocess"))
        self.assertEqual(source.table(3).number(0, "B"), 2)  # content: ImageProperties
        self.assertEqual(source.table(3).table(1).number(0, "B"), 1)  # RGB
        (unit,) = source.tables(4)
        self.assertEqual(unit.number(0, "B"), 1)  # NormalizationOptions
        self.assertEqual((unit.table(1).numbers(0, "f"), unit.table(1).numbers(1, "f")), (MEAN, STD))
        (labels,) = target.tables(6)
        self.assertEqual((labels.text(0), labels.number(2, "B")), ("labels.txt", 2))  # TENSOR_AXIS_LABELS
        with zipfile.ZipFile(folder / "net.tflite") as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.read("labels.txt").decode().splitlines(), CLASSES)
        lite = json.loads(entries["bakeoff.model"])
        self.assertEqual((lite["classes"], lite["preprocess"]["layout"], lite["inputs"][0]["layout"]), (CLASSES, "NHWC", "NHWC"))
        self.assertEqual(lite["inputs"][0]["shape"], [-1, 32, 32, 3])
        self.assertEqual(lite["outputs"][0]["meaning"], "one logit per class")

        # A SavedModel keeps files beside the graph.
        extra = folder / "net.savedmodel/assets.extra"
        self.assertEqual((extra / "labels.txt").read_text().splitlines(), CLASSES)
        self.assertEqual(json.loads((extra / "bakeoff.model.json").read_text())["preprocess"], PREPROCESS | {"layout": "NHWC"})

        # What the records say is what the files say.
        self.assertEqual(json.loads((folder / "net.tflite.conversion.json").read_text())["model"], lite)

    def test_the_file_alone_still_says_it(self):
        folder = self.make_folder()
        self.convert_all(folder)
        for name in ("net.xml", "net.bin", "net.tflite"):
            shutil.move(folder / name, self.folder / name)
        shutil.move(folder / "net.savedmodel", self.folder / "moved")
        (self.folder / "moved/conversion.json").unlink()
        for name in ("net.xml", "net.tflite", "moved"):
            facts = json.loads(self.bakeoff("inspect", name, "--json").stdout)
            self.assertEqual((facts["description"]["classes"], facts["description"]["name"]), (CLASSES, "fruit"), name)
            text = self.bakeoff("inspect", name).stdout
            self.assertIn("10: class 0, class 1", text)
            self.assertIn("mean [0.5,0.25,0.75]", text)

    def test_eval_takes_classes_and_preprocessing_from_a_converted_file(self):
        folder = self.make_folder()
        data = self.folder / "data"
        for name in CLASSES[:2]:
            (data / name).mkdir(parents=True)
        bmp(data / CLASSES[0] / "a.bmp", (10, 200, 90), 1)
        bmp(data / CLASSES[1] / "b.bmp", (250, 20, 90), 2)
        self.convert_all(folder)
        answers = []
        for model, engine in (folder, "onnxruntime"), (folder / "net.tflite", "litert"), (folder / "net.xml", "openvino"):
            result = json.loads(self.bakeoff("eval", model, "--data", data, "--split", "all", "--engine", engine, "--json").stdout)
            self.assertEqual(result["preprocess"]["mean"], PREPROCESS["mean"])
            answers.append((result["top1"], result["confusion"]))
        self.assertEqual(answers[1:], answers[:1] * 2)

    def test_a_second_run_keeps_what_is_current_and_renews_what_is_not(self):
        folder = self.make_folder()
        self.convert_all(folder)
        before = (folder / "net.tflite").stat().st_mtime_ns
        rows, _ = self.convert_all(folder)
        self.assertEqual({row["kept"] for row in rows.values()}, {True})
        self.assertEqual((folder / "net.tflite").stat().st_mtime_ns, before)
        # One format changed, in the same number of bytes: only that one.
        whole = (folder / "net.xml").read_bytes()
        (folder / "net.xml").write_bytes(whole.replace(b"fruit", b"FRUIT"))
        rows, _ = self.convert_all(folder)
        self.assertEqual({name: row["kept"] for name, row in rows.items()}, {"openvino": False, "savedmodel": True, "tflite": True})
        self.assertEqual((folder / "net.xml").read_bytes(), whole)
        # Another model under the same name: all of them.
        self.make_folder(seed=2)
        self.assertIn("net.tflite, not current: it was made from another net.onnx", " ".join(self.bakeoff("inspect", folder).stdout.split()))
        rows, _ = self.convert_all(folder)
        self.assertEqual({row["kept"] for row in rows.values()}, {False})
        # Other classes are another file as well.
        model = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps(model | {"classes": CLASSES[::-1]}))
        self.assertIn("another 'classes'", " ".join(self.bakeoff("inspect", folder).stdout.split()))
        # And --force makes everything anew.
        self.convert_all(folder)
        rows, _ = self.convert_all(folder, "--force")
        self.assertEqual({row["kept"] for row in rows.values()}, {False})

    def test_what_fails_is_a_row_and_the_rest_stays(self):
        folder = self.make_folder()
        (folder / "net.tflite").write_text("mine")
        rows, result = self.convert_all(folder, code=3)
        self.assertEqual({name: row["status"] for name, row in rows.items()}, {"openvino": "verified", "savedmodel": "verified", "tflite": "failed"})
        self.assertIn("--force", rows["tflite"]["error"]["text"])
        self.assertEqual((folder / "net.tflite").read_text(), "mine")
        self.assertIn("2 of 3 formats", result.stdout)
        self.assertEqual(json.loads((folder / "formats.json").read_text())["rows"], list(rows.values()))

    def test_a_wrong_answer_is_the_worst_and_leaves_the_old_file(self):
        folder = self.make_folder()
        self.convert_all(folder)
        old = (folder / "net.tflite").read_bytes()
        self.make_folder(seed=2)
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/damaging"), DAMAGE="permute")
        rows, _ = self.convert_all(folder, code=1)
        self.assertEqual(rows["tflite"]["status"], "mismatch")
        self.assertEqual((folder / "net.tflite").read_bytes(), old)
        self.assertIn("made from another net.onnx", " ".join(rows["tflite"]["notes"]))

    def test_options_that_make_no_sense_for_all(self):
        folder = self.make_folder()
        self.fails("convert", folder / "net.onnx", "--all", says="--all is for a model folder")
        self.fails("convert", folder, "out.xml", "--all", says="leave DST out")
        self.fails("convert", folder, "--all", "--precision", "f16", says="f32 weights")
        self.fails("convert", folder, "--all", "--to", "onnx", says="convert one format")
        self.fails("convert", folder, says="DST is missing")

    def test_formats_that_are_offered_can_be_made(self):
        net = self.make_folder() / "net.onnx"
        for words in ((net,), (net, "made"), (net, "made.bin"), (net, "made", "--to", "bogus")):
            text = self.fails("convert", *words, says="onnx can become ").stderr
            offered = re.search(r"onnx can become ([a-z, ]+)", text)[1].strip().split(", ")
            self.assertIn("tflite", offered)
            self.assertNotIn("torchscript", offered, "no hop writes it")
        for name in offered:
            with self.subTest(name=name):
                self.bakeoff("convert", net, f"made-{name}" + (".xml" if name == "openvino" else ""), "--to", name, timeout=300)


@unittest.skipUnless(HAS, "this build lacks hops or engines")
class BenchTakesWhatLiesThere(ModelFolderTest):
    QUICK = ("--count", "5", "--repeat", "1", "--warmup", "10ms")

    def bench(self, folder, *words):
        result = self.bakeoff("bench", folder, "--engines", ",".join(ENGINES), *self.QUICK, "--json", "out.json", *words, timeout=300)
        return {run["engine"]: run for run in json.loads((self.folder / "out.json").read_text())["runs"]}, " ".join(result.stdout.split())

    def test_formats_of_the_folder_are_taken_while_they_are_current(self):
        folder = self.make_folder()
        self.convert_all(folder)
        runs, text = self.bench(folder)
        self.assertEqual({run["status"] for run in runs.values()}, {"ok"})
        self.assertEqual({engine: run["format"] for engine, run in runs.items() if run["conversion"]}, {"litert": "tflite", "tensorflow": "savedmodel"})
        self.assertFalse((self.folder / "cache/converted").exists())
        self.assertIn("from the folder", text)
        self.make_folder(seed=2)
        runs, text = self.bench(folder)
        self.assertEqual({run["status"] for run in runs.values()}, {"ok"})
        self.assertIn("net.tflite is passed over: it was made from another net.onnx", text)
        self.assertTrue((self.folder / "cache/converted").exists())


@unittest.skipUnless(HAS and HAS_TORCH, "this build lacks hops or engines")
class FromTorchScript(ModelFolderTest):
    def test_onnx_is_made_once_and_says_what_the_model_is(self):
        folder = self.folder / "net"
        folder.mkdir()
        shutil.copy(FIXTURES / "net.pt", folder / "model.pt")
        square = PREPROCESS | {"resize": {"mode": "exact", "size": [24, 32], "filter": "bilinear"}}
        # net.pt has its own classes; how many does not matter here.
        self.describe(folder, "torchscript", "model.pt", ("images", [-1, 3, 32, 24]), ("logits", [-1, 10]), preprocess=square)
        rows, _ = self.convert_all(folder)
        self.assertEqual({name: row["status"] for name, row in rows.items()}, dict.fromkeys(("onnx", "openvino", "savedmodel", "tflite"), "verified"))
        self.assertEqual(rows["tflite"]["route"], ["torchscript", "onnx", "tflite"])
        self.assertEqual(rows["tflite"]["source_engine"], "torch")
        # The second route begins with the first's result: the very same step, its time included.
        self.assertEqual(rows["tflite"]["steps"][0], rows["onnx"]["steps"][0])
        blob = (folder / "model.onnx").read_bytes()
        properties = {}
        for entry in nested(blob, [(0, len(blob))], 14):
            key, value = (blob[start:end].decode() for _, start, end in sorted(fields(blob, *entry)))
            properties[key] = value
        told = json.loads(properties["bakeoff.model"])
        self.assertEqual((told["classes"], told["preprocess"], told["inputs"][0]["layout"]), (CLASSES, square, "NCHW"))
        facts = json.loads(self.bakeoff("inspect", folder / "model.onnx", "--json").stdout)
        self.assertEqual(facts["description"], told)


@unittest.skipUnless(HAS and HAS_TORCH and (BIN / "bakeoff-train").exists(), "this build lacks training, hops or engines")
class Trained(CliTest):
    """From pictures to every format and every engine of this build, as a user goes."""

    # The last layers still see more than one pixel: OpenCV answers wrongly to a depthwise convolution of a single one.
    TINY = ("--arch", "mobilenet_v2", "--width", "0.25", "--image-size", "64", "--batch", "12", "--epochs", "1", "--threads", "1", "--seed", "3")

    def setUp(self):
        super().setUp()
        self.env["OMP_WAIT_POLICY"] = "passive"
        for number, (name, colour) in enumerate({"red": (40, 50, 200), "green": (50, 200, 40), "blue": (200, 40, 50)}.items()):
            (self.folder / "colours" / name).mkdir(parents=True)
            for i in range(12):
                bmp(self.folder / "colours" / name / f"{i}.bmp", colour, number * 100 + i)
        self.bakeoff("train", "--data", "colours", "--out", "model", *self.TINY, timeout=200)

    def test_the_program_carries_the_description_and_every_engine_answers_alike(self):
        folder = self.folder / "model"
        self.bakeoff("convert", "model", "--all", timeout=300)
        model = json.loads((folder / "model.json").read_text())
        # The format's own place is an extra file, which torch.jit.load() gives by its name.
        with zipfile.ZipFile(folder / "model.pt") as program:
            (name,) = [name for name in program.namelist() if "/extra/" in name]
            self.assertEqual(name.split("/", 1)[1], "extra/bakeoff.model.json")
            told = json.loads(program.read(name))
        for key in ("name", "classes", "preprocess"):
            self.assertEqual(told[key], model[key], key)
        for ports in ("inputs", "outputs"):
            self.assertEqual([{key: port[key] for key in ("name", "shape", "layout", "meaning")} for port in told[ports]],
                             [{key: port[key] for key in ("name", "shape", "layout", "meaning")} for port in model[ports]])
        # It is what the other formats say, but for names and axes; the file alone says it as well.
        record = json.loads((folder / "model.onnx.conversion.json").read_text())["model"]
        self.assertEqual((record["classes"], record["preprocess"]), (told["classes"], told["preprocess"]))
        shutil.copy(folder / "model.pt", self.folder / "alone.pt")
        self.assertEqual(json.loads(self.bakeoff("inspect", "alone.pt", "--shape", "1x3x64x64", "--json", timeout=120).stdout)["description"], told)

        result = self.bakeoff("bench", "model", "--engines", "all", "--count", "5", "--repeat", "1", "--warmup", "10ms", "--json", "r.json", timeout=600)
        runs = json.loads((self.folder / "r.json").read_text())["runs"]
        present = [row["name"] for row in json.loads(self.bakeoff("engines", "--json").stdout)["engines"] if row["status"] == "present" and not row["for_testing"]]
        self.assertEqual({run["engine"]: (run["status"], run["error"]) for run in runs}, {name: ("ok", None) for name in present}, result.stdout)
        # One picture for all of them, and one answer.
        self.assertEqual(len({run["inputs"]["canonical_sha256"] for run in runs}), 1)
        for run in runs:
            if run["check"]["reference"] != run["engine"]:
                self.assertEqual(run["check"]["verdict"], "agree", run["engine"])


if __name__ == "__main__":
    unittest.main()
