#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff eval` with a network whose answers are known (the mean colour), on every engine that is here, and after a training."""
import json
import os
import shutil
import unittest

from support import BIN, CliTest, bmp

COLOURS = {"red": (40, 50, 200), "green": (50, 200, 40), "blue": (200, 40, 50)}  # blue, green, red
PREPROCESS = {"resize": {"mode": "exact", "size": [16, 16], "filter": "bilinear"}, "center_crop": None, "color": "RGB", "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1], "layout": "NCHW"}


def field(number, value):
    """One field of a protobuf message: whole numbers as varints, all else with its length."""
    def varint(n):
        out = b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def mean_colour(path, batch="n", names=("scores",)):
    """An ONNX network on 16x16 pictures that answers with the means of red, green and blue; several outputs are all the same."""
    def port(name, extents):
        dims = b"".join(field(1, field(1, e) if isinstance(e, int) else field(2, e)) for e in extents)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))

    def node(kind, source, target):
        return field(1, field(1, source) + field(2, target) + field(3, target) + field(4, kind))

    graph = node("GlobalAveragePool", "image", "pooled") + b"".join(node("Flatten", "pooled", name) for name in names) + field(2, "mean_colour")
    graph += field(11, port("image", (batch, 3, 16, 16))) + b"".join(field(12, port(name, (batch, 3))) for name in names)
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)))


class EvalTest(CliTest):
    def setUp(self):
        super().setUp()
        os.environ["OMP_WAIT_POLICY"] = "passive"
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        self.engines = [row["name"] for row in engines if row["status"] == "present" and not row["for_testing"] and "onnx" in row["formats"]]
        self.data = self.folder / "colours"
        for number, (name, colour) in enumerate(COLOURS.items()):
            (self.data / name).mkdir(parents=True)
            for i in range(7):
                bmp(self.data / name / f"{i}.bmp", colour, number * 100 + i)
        # A red picture under blue: one answer of 22 is wrong.
        bmp(self.data / "blue/wrong.bmp", COLOURS["red"], 999)
        mean_colour(self.folder / "net.onnx")
        (self.folder / "names.txt").write_text("red\ngreen\nblue\n")

    def model_folder(self, **more):
        folder = self.folder / "model"
        folder.mkdir(exist_ok=True)
        mean_colour(folder / "net.onnx")
        ports = {"inputs": [{"name": "image", "type": "f32", "shape": [-1, 3, 16, 16], "layout": "NCHW"}], "outputs": [{"name": "scores", "type": "f32", "shape": [-1, 3]}]}
        model = {"schema": 1, "name": "mean colour", "format": "onnx", "file": "net.onnx", "classes": ["red", "green", "blue"], "preprocess": PREPROCESS} | ports | more
        (folder / "model.json").write_text(json.dumps(model))
        return folder

    def eval(self, *words, code=0):
        return json.loads(self.bakeoff("eval", *words, "--json", code=code).stdout)

    def needs_engine(self):
        if not self.engines:
            self.skipTest("no engine here reads onnx")

    def test_full_disk(self):
        self.needs_engine()
        words = ("eval", self.model_folder(), "--data", self.data, "--split", "all", "--json")
        result = self.bakeoff(*words, "/dev/full", code=3)
        self.assertIn("bakeoff: /dev/full: cannot write: No space left on device; free some space there or name another place", result.stderr)
        self.assertIn("top-1", self.bakeoff(*words, "there.json").stdout, "the premise: it works where there is room")
        with open("/dev/full", "w") as full:
            result = self.bakeoff(*words, code=3, stdout=full)
        self.assertIn("bakeoff: cannot write to stdout: No space left on device", result.stderr)
        disk = self.small_disk(4)
        (disk / "filler").write_bytes(bytes(4096))
        result = self.bakeoff(*words, disk / "r.json", code=3)
        self.assertIn(f"bakeoff: {disk}/r.json: cannot write: No space left on device", result.stderr)
        self.assertEqual([path.name for path in disk.iterdir()], ["filler"])

    def test_every_engine_counts_the_same(self):
        self.needs_engine()
        self.model_folder()
        for engine in self.engines:
            for batch in ("1", "4", "32"):
                with self.subTest(engine=engine, batch=batch):
                    result = self.eval("model", "--data", "colours", "--split", "all", "--engine", engine, "--batch", batch)
                    self.assertEqual(result["engine"], engine)
                    self.assertEqual((result["examples"], result["pictures"], result["broken"], result["batch"]), (22, 22, [], int(batch)))
                    self.assertAlmostEqual(result["top1"], 21 / 22)
                    self.assertIsNone(result["top5"])
                    self.assertEqual(result["confusion"], [[7, 0, 0], [0, 7, 0], [1, 0, 7]])
                    self.assertEqual([row["name"] for row in result["classes"]], ["red", "green", "blue"])
                    self.assertAlmostEqual(result["classes"][0]["precision"], 7 / 8)
                    self.assertAlmostEqual(result["classes"][2]["recall"], 7 / 8)
                    self.assertAlmostEqual(result["macro_recall"], (1 + 1 + 7 / 8) / 3)
                    self.assertEqual(result["preprocess"], PREPROCESS)
                    self.assertGreater(result["run_ns"], 0)

    def test_table(self):
        self.needs_engine()
        shown = self.bakeoff("eval", self.model_folder(), "--data", "colours", "--split", "all").stdout
        self.assertIn("22 pictures on " + self.engines[0], shown)
        self.assertIn("top-1 95.5 %, top-5 -", shown)
        self.assertRegex(shown, r"blue +8 +100.0 % +87.5 % +93.3 %")
        self.assertRegex(shown, r"macro +22 +95.8 % +95.8 %")
        self.assertRegex(shown, r"2 blue +1 +0 +7")

    def test_a_bare_model_says_what_is_assumed(self):
        self.needs_engine()
        result = self.eval("net.onnx", "--data", "colours", "--split", "all", "--classes", "names.txt")
        self.assertAlmostEqual(result["top1"], 21 / 22)
        self.assertIn("pre-processing assumed", " ".join(result["notes"]))
        # Without names the data's own order, which is not this network's.
        result = self.eval("net.onnx", "--data", "colours", "--split", "all")
        self.assertIn("classes assumed", " ".join(result["notes"]))
        self.assertLess(result["top1"], 0.5)
        # Pre-processing given by hand; BGR answers red for blue.
        (self.folder / "bgr.json").write_text(json.dumps(PREPROCESS | {"color": "BGR"}))
        result = self.eval("net.onnx", "--data", "colours", "--split", "all", "--classes", "names.txt", "--preprocess", "bgr.json")
        self.assertEqual(result["confusion"], [[0, 0, 7], [0, 7, 0], [7, 0, 1]])
        # A fixed batch is kept and filled up.
        mean_colour(self.folder / "five.onnx", 5)
        result = self.eval("five.onnx", "--data", "colours", "--split", "all", "--classes", "names.txt", "--engine", self.engines[0])
        self.assertEqual((result["batch"], result["examples"]), (5, 22))
        self.assertAlmostEqual(result["top1"], 21 / 22)

    def test_judged_against_earlier_answers(self):
        self.needs_engine()
        self.model_folder()
        words = ("eval", "model", "--data", "colours", "--split", "all", "--engine", self.engines[0])
        first = self.eval(*words[1:], "--answers", "answers.jsonl")
        self.assertIsNone(first["against"])
        rows = [json.loads(line) for line in (self.folder / "answers.jsonl").read_text().splitlines()]
        self.assertEqual((rows[0]["pictures"], rows[0]["model"], len(rows)), (22, "model/net.onnx", 23))
        wrong = [row["path"] for row in rows[1:] if row["answer"] != row["label"]]
        self.assertEqual(wrong, ["blue/wrong.bmp"])
        # Means of colours are no probabilities; worked out here from the same answers.
        self.assertEqual(first["confidence_of"], "softmax of the scores")
        bins = [[] for _ in range(15)]
        for row in rows[1:]:
            bins[max(0, -int(-row["confidence"] * 15 // 1) - 1)].append((row["answer"] == row["label"], row["confidence"]))
        ece = sum(abs(sum(right for right, _ in b) - sum(c for _, c in b)) for b in bins) / 22
        self.assertAlmostEqual(first["ece"], ece)
        self.assertEqual([b["examples"] for b in first["confidence_bins"]], [len(b) for b in bins])
        same = self.eval(*words[1:], "--against", "answers.jsonl")["against"]
        self.assertEqual((same["pictures"], same["both_right"], same["both_wrong"], same["same_answer"], same["verdict"], same["p_value"]), (22, 21, 1, 22, "tie", 1))
        # With red and blue exchanged 14 answers are lost and the wrong one is right: 1 against 14.
        (self.folder / "bgr.json").write_text(json.dumps(PREPROCESS | {"color": "BGR"}))
        worse = self.eval(*words[1:], "--preprocess", "bgr.json", "--against", "answers.jsonl")["against"]
        self.assertEqual((worse["only_this"], worse["only_other"], worse["verdict"]), (1, 14, "worse"))
        self.assertAlmostEqual(worse["p_value"], 2 * (1 + 15) / 2**15)
        self.assertLess(worse["high"], 0)
        shown = self.bakeoff(*words, "--preprocess", "bgr.json", "--against", "answers.jsonl").stdout
        self.assertRegex(" ".join(shown.split()), r"Against model/net.onnx on \w+: worse. 7 of 22 pictures are answered alike; 1 are right only here, 14 only there: -59.09 points of accuracy")
        # What is wrong with the file is said before anything runs.
        self.fails(*words, "--against", "absent.jsonl", says="absent.jsonl")
        (self.folder / "cut.jsonl").write_text("\n".join((self.folder / "answers.jsonl").read_text().splitlines()[:9]))
        self.fails(*words, "--against", "cut.jsonl", says="8 pictures instead of 22: the file is cut short")
        self.fails(*words, "--answers", "nosuch/answers.jsonl", says="nosuch")
        self.assertIn("No space left", self.bakeoff(*words, "--answers", "/dev/full", code=3).stderr)

    def test_parts(self):
        self.needs_engine()
        folder = self.model_folder()
        self.fails("eval", folder, "--data", "colours", says="has no parts; give --split all")
        self.bakeoff("data", "split", "colours", "--out", folder / "manifest.jsonl", "--train", "0.5", "--val", "0.1", "--test", "0.4", "--seed", "5")
        rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()[1:]]
        test = [row["path"] for row in rows if row.get("split") == "test"]
        result = self.eval("model", "--data", "colours")
        self.assertEqual((result["split"], result["examples"]), ("test", len(test)))
        self.assertIn("parts are those of", " ".join(result["notes"]))
        self.assertEqual(self.eval(folder / "net.onnx", "--data", folder / "manifest.jsonl", "--classes", "names.txt")["confusion"], result["confusion"])
        # Pictures that it was trained on are said, whoever else made the parts.
        train = sum(row.get("split") == "train" for row in rows)
        self.assertIn(f"{train} of these pictures are training pictures of this model", " ".join(self.eval("model", "--data", "colours", "--split", "all")["notes"]))
        # A picture that came later has no part; one that was replaced is said; one that is gone is broken.
        bmp(self.data / "red/later.bmp", COLOURS["red"], 5000)
        bmp(self.data / test[0], COLOURS["green"], 5001)
        notes = " ".join(self.eval("model", "--data", "colours")["notes"])
        self.assertIn("1 pictures are not in it and were left out", notes)
        self.assertIn(f"1 pictures are not the ones that the manifest's hashes stand for: {test[0]}", notes)
        shutil.move(self.data, self.folder / "moved")
        self.data.mkdir()
        (self.data / "red").mkdir()
        bmp(self.data / "red/other.bmp", COLOURS["red"], 1)
        self.fails("eval", "model", "--data", "colours", says="it is the split of other data")

    def test_broken_pictures(self):
        self.needs_engine()
        folder = self.model_folder()
        (self.data / "green/cut.bmp").write_bytes((self.data / "green/1.bmp").read_bytes()[:300])
        refusal = self.bakeoff("eval", folder, "--data", "colours", "--split", "all", code=2).stderr
        self.assertIn("1 of 23 pictures are broken, --max-broken allows 1%", refusal)
        self.assertIn("green/cut.bmp: ", refusal)
        result = self.bakeoff("eval", folder, "--data", "colours", "--split", "all", "--max-broken", "1", "--json")
        self.assertIn("skipped green/cut.bmp: ", result.stderr)
        told = json.loads(result.stdout)
        self.assertEqual(([row["path"] for row in told["broken"]], told["pictures"], told["examples"]), (["green/cut.bmp"], 23, 22))
        self.assertAlmostEqual(told["top1"], 21 / 22)

    def test_refusals_before_anything_runs(self):
        folder = self.model_folder()
        self.fails("eval", folder, says="eval needs --data DATA")
        data = ("--data", "colours", "--split", "all")
        self.fails("eval", folder, "--data", "colours", "--split", "exam", says="--split 'exam': give train, val, test or all")
        self.fails("eval", folder, *data, "--max-broken", "some", says="--max-broken 'some'")
        self.fails("eval", folder, *data, "--classes", "absent.txt", says="absent.txt")
        (self.folder / "twice.txt").write_text("red\nred\n")
        self.fails("eval", folder, *data, "--classes", "twice.txt", says="'red' stands there twice")
        (self.folder / "p.json").write_text("[]")
        self.fails("eval", folder, *data, "--preprocess", "p.json", says="no JSON object")
        self.fails("eval", folder, *data, "--engine", "nosuch", says="nosuch")
        self.fails("eval", "absent.onnx", *data, says="absent.onnx")
        self.fails("eval", folder, "--data", "absent", says="absent")

    def test_engine_options(self):
        self.needs_engine()
        self.model_folder()
        words = ("eval", "model", "--data", "colours", "--split", "all", "--engine")
        if "onnxruntime" in self.engines:
            for level in ("disable", "all"):
                result = json.loads(self.bakeoff(*words, "onnxruntime", "-o", f"onnxruntime.graph_optimization={level}", "--json").stdout)
                self.assertEqual((result["options"], result["effective"]["graph_optimization"]), ({"graph_optimization": level}, level))
                self.assertAlmostEqual(result["top1"], 21 / 22)
            self.fails(*words, "onnxruntime", "-o", "onnxruntime.graph_optimization=disable,all", says="one value is wanted here")
        engine = self.engines[0]
        self.fails(*words, engine, "-o", f"{engine}.nosuch=1", says="nosuch")
        self.fails(*words, engine, "-o", "other.nosuch=1", says=f"'other' is not among the engines of this run ({engine})")

    def test_an_engine_that_does_not_read_the_model_names_the_command_that_converts(self):
        if not all((BIN / name).exists() for name in ("bakeoff-engine-litert", "bakeoff-hop-onnx-tflite")):
            self.skipTest("no engine here that reads no ONNX, with the hop to what it reads")
        words = ("eval", "net.onnx", "--data", "colours", "--split", "all", "--classes", "names.txt", "--engine", "litert")
        result = self.fails(*words, "--no-convert", code=3, says="litert does not read onnx; it reads tflite; `bakeoff convert net.onnx net.tflite` makes one that it reads")
        command = result.stderr.split("`")[1].split()
        self.assertEqual(command[0], "bakeoff")
        # The advice is right.
        self.bakeoff(*command[1:])
        self.assertIn("95.5 %", self.bakeoff("eval", "net.tflite", *words[2:]).stdout)

    def test_refusals_of_engines(self):
        self.needs_engine()
        data = ("--data", "colours", "--split", "all")
        self.model_folder(classes=["red", "green", "violet"])
        self.fails("eval", "model", *data, says="1 of 3 classes are none of the model's 3: blue; of its own the data lack violet")
        self.model_folder(classes=["red", "green", "blue", "violet"])
        self.fails("eval", "model", *data, says="has not one number for each of 4 classes")
        self.model_folder(preprocess=PREPROCESS | {"resize": {"mode": "exact", "size": [8, 8], "filter": "bilinear"}})
        self.fails("eval", "model", *data, says="makes pictures of 8 x 8, the input takes 16 x 16")
        mean_colour(self.folder / "two.onnx", names=("scores", "more"))
        words = ("eval", "two.onnx", *data, "--classes", "names.txt", "--engine", self.engines[0])
        self.fails(*words, says="choose with --output")
        self.fails(*words, "--output", "score", says="--output 'score': the model has no such output")
        self.assertIn("95.5 %", self.bakeoff(*words, "--output", "more").stdout)

    @unittest.skipUnless((BIN / "bakeoff-train").exists(), "this build has no training")
    def test_what_was_trained_is_evaluated_alike(self):
        engines = json.loads(self.bakeoff("engines", "--json").stdout)["engines"]
        if not any("torchscript" in row["formats"] for row in engines if row["status"] == "present" and not row["for_testing"]):
            self.skipTest("no engine here reads torchscript")
        tiny = ("--arch", "mobilenet_v2", "--width", "0.1", "--image-size", "16", "--batch", "4", "--threads", "1", "--seed", "3")
        self.bakeoff("train", "--data", "colours", "--out", "trained", "--epochs", "2", *tiny, timeout=200)
        model = json.loads((self.folder / "trained/model.json").read_text())
        result = self.eval("trained", "--data", "colours", "--threads", "1")
        self.assertEqual(result["format"], "torchscript")
        for name in ("examples", "top1", "macro_f1", "confusion"):
            self.assertEqual(result[name], model["metrics"]["test"][name], name)


if __name__ == "__main__":
    unittest.main()
