#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff convert` with models that are wrong and hops that go wrong: an error that says what, in bounded time, and nothing left behind."""
import json
import os
import shutil
import signal
import struct
import time
import unittest
import uuid

import onnx_maker as onnx
from support import BIN, SOURCE, CliTest, marked, wait_until

FIXTURES = SOURCE / "tests/fixtures"
HAS = all((BIN / name).exists() for name in ("bakeoff-engine-litert", "bakeoff-engine-onnxruntime", "bakeoff-hop-onnx-tflite"))


class NothingIsLeft(CliTest):
    def setUp(self):
        super().setUp()
        self.mark = uuid.uuid4().hex
        self.env["MARK"] = self.mark

    def names(self):
        """Hidden names too: a staging folder that stays would show."""
        return sorted(path.name for path in self.folder.iterdir() if path.name != "cache")

    def refused(self, source, target, *says, code=3, words=(), seconds=60):
        """Exit code and words; no other file than before, no process of it."""
        before = self.names()
        begin = time.monotonic()
        result = self.bakeoff("convert", source, target, *words, code=code, timeout=seconds)
        self.assertLess(time.monotonic() - begin, seconds)
        text = " ".join((result.stdout + result.stderr).split())
        for part in says:
            self.assertIn(part, text)
        self.assertEqual(self.names(), before)
        self.assertTrue(wait_until(lambda: not marked(self.mark), 5), marked(self.mark))
        return text


@unittest.skipUnless(HAS, "this build lacks the engines or the hop")
class Hops(NothingIsLeft):
    def setUp(self):
        super().setUp()
        self.bakeoff("make-model", "mlp", "net.onnx")

    def troubled(self, trouble, *says, words=(), seconds=60):
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/troubled"), TROUBLE=trouble)
        return self.refused("net.onnx", "net.tflite", "nothing was written to net.tflite", "the onnx-tflite worker", *says, words=words, seconds=seconds)

    def test_a_hop_that_hangs_is_killed_with_its_children(self):
        self.troubled("hang", "gave no answer to 'convert' (2 s) within the time limit and was killed", words=("--timeout", "2s"), seconds=30)

    def test_an_interrupt_leaves_nothing_and_what_a_killed_one_left_goes_with_the_next(self):
        before = self.names()
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/troubled"), TROUBLE="hang")
        for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            process = self.start("convert", "net.onnx", "net.tflite")
            self.addCleanup(lambda process=process: (process.stdout.close(), process.stderr.close()))
            # A folder with another one in it: the hop is at work.
            working = lambda: [path for path in self.folder.glob(f".bakeoff-convert-{process.pid}-*/0")]
            self.assertTrue(wait_until(working, 30), "the conversion did not begin")
            # The killed one's folder stays behind at first; whoever works there next removes it.
            self.assertEqual(len(list(self.folder.glob(".bakeoff-convert-*"))), 1)
            process.send_signal(number)
            self.assertEqual(process.wait(20), code)
            self.assertEqual(len(list(self.folder.glob(".bakeoff-convert-*"))), 1 if number == signal.SIGKILL else 0, number)
        self.assertEqual(self.names(), before)
        self.assertTrue(wait_until(lambda: not marked(self.mark), 5), marked(self.mark))

    def test_a_hop_that_takes_memory_without_end_is_stopped(self):
        text = self.troubled("hungry", "refused after")
        # 16 GiB and eight times the model; the interpreter itself takes some.
        taken = int(text.partition("refused after ")[2].split()[0])
        self.assertGreaterEqual(taken, 12)
        self.assertLess(taken, 17)

    def test_a_hop_that_dies_is_an_error_with_its_last_words(self):
        self.troubled("exit", "last words")
        self.troubled("segv", "killed by SIGSEGV")

    def test_the_same_hop_without_trouble(self):
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/troubled"), TROUBLE="none")
        self.bakeoff("convert", "net.onnx", "net.tflite")

    def test_bench_has_a_failed_row_and_keeps_nothing(self):
        self.env.update(BAKEOFF_BIN=str(BIN), BAKEOFF_ENGINE_PATH=str(SOURCE / "tests/support/troubled"), TROUBLE="hang")
        words = ("bench", "net.onnx", "--engines", "onnxruntime,litert", "--count", "5", "--repeat", "1", "--warmup", "10ms", "--timeout", "3s")
        self.bakeoff(*words, "--json", "out.json", code=3)
        runs = {run["engine"]: run for run in json.loads((self.folder / "out.json").read_text())["runs"]}
        self.assertEqual({name: run["status"] for name, run in runs.items()}, {"onnxruntime": "ok", "litert": "failed"})
        self.assertEqual(runs["litert"]["error"]["code"], "timeout")
        self.assertEqual([path.name for path in (self.folder / "cache/converted").iterdir()], [])
        self.assertTrue(wait_until(lambda: not marked(self.mark), 5), marked(self.mark))


def linear(weights=None, nodes=None, **more):
    """y = relu(x w + b) for four numbers, with what a test wants otherwise."""
    weights = weights or [onnx.tensor("w", [4, 4], onnx.floats(*range(16))), onnx.tensor("b", [4], onnx.floats(1, 2, 3, 4))]
    nodes = nodes or [
        onnx.node("MatMul", ["x", "w"], ["xw"], "product"),
        onnx.node("Add", ["xw", "b"], ["s"], "sum"),
        onnx.node("Relu", ["s"], ["y"], "rectify"),
    ]
    return onnx.model(nodes, [onnx.port("x", "batch", 4)], [onnx.port("y", "batch", 4)], weights, **more)


@unittest.skipUnless(HAS, "this build lacks the engines or the hop")
class Models(NothingIsLeft):
    def wrong(self, content, *says, code=3):
        (self.folder / "wrong.onnx").write_bytes(content)
        return self.refused("wrong.onnx", "wrong.tflite", *says, code=code)

    def test_the_premise(self):
        (self.folder / "right.onnx").write_bytes(linear())
        self.bakeoff("convert", "right.onnx", "right.tflite")

    def test_truncated(self):
        whole = linear()
        for length in (1, len(whole) // 3, len(whole) - 1):
            self.wrong(whole[:length], "bakeoff: wrong.onnx: ")

    def test_garbled(self):
        whole = (FIXTURES / "net.onnx").read_bytes()
        for seed in range(1, 6):
            place = seed * len(whole) // 7
            (self.folder / "garbled.onnx").write_bytes(whole[:place] + bytes((17 * i * seed) % 256 for i in range(64)) + whole[place + 64 :])
            before = self.names()
            process = self.start("convert", "garbled.onnx", "garbled.tflite")
            out, err = process.communicate(timeout=60)
            # Garbled weights may still be a model; everything else is an error, and none is a crash of the tool.
            self.assertIn(process.returncode, (0, 1, 3), err)
            if process.returncode == 0:
                (self.folder / "garbled.tflite").unlink()
                (self.folder / "garbled.tflite.conversion.json").unlink()
            self.assertEqual(self.names(), before)

    def test_bytes_that_disagree_with_the_shape(self):
        for count in (15, 17):
            weights = [onnx.tensor("w", [4, 4], onnx.floats(*range(count))), onnx.tensor("b", [4], onnx.floats(1, 2, 3, 4))]
            self.wrong(linear(weights), "wrong.onnx: ", "tensor 'w'", "64 bytes", f"has {4 * count}")
        self.wrong(linear([onnx.tensor("w", [1 << 40, 1 << 40], b""), onnx.tensor("b", [4], onnx.floats(1, 2, 3, 4))]), "tensor 'w'")

    def test_a_cycle(self):
        nodes = [onnx.node("Add", ["x", "y"], ["s"], "first"), onnx.node("Relu", ["s"], ["y"], "second")]
        self.wrong(linear(nodes=nodes), "wrong.onnx: ", "cycle", "'first' (Add)", "'second' (Relu)")

    def test_names_that_stand_twice(self):
        weight = onnx.tensor("w", [4, 4], onnx.floats(*range(16)))
        self.wrong(linear([weight, weight]), "wrong.onnx: ", "'w'")
        self.wrong(linear(nodes=[onnx.node("Relu", ["x"], ["y"], "a"), onnx.node("Neg", ["x"], ["y"], "b")]), "wrong.onnx: ", "'y'")

    def test_weights_that_are_no_numbers(self):
        nan = struct.pack("<I", 0x7FC00000)
        weights = [onnx.tensor("w", [4, 4], onnx.floats(*range(15)) + nan), onnx.tensor("b", [4], onnx.floats(1, 2, 3, 4))]
        self.wrong(linear(weights), "wrong.onnx: the weights 'w' hold NaN")

    def test_opsets_that_nobody_knows(self):
        self.wrong(linear(opset=9999), "wrong.onnx: ai.onnx opset 9999 is not known; the newest known is")
        self.wrong(linear(opset=0), "wrong.onnx: ", "opset")

    def test_all_operators_that_cannot_be_converted_are_told_at_once(self):
        nodes = [onnx.node("Wibble", ["x"], ["a"], "one", domain="com.example"), onnx.node("Wobble", ["a"], ["y"], "two", domain="com.example")]
        self.wrong(linear(nodes=nodes, domain="com.example"), "Wibble", "'one'", "Wobble", "'two'")
        # Nodes without names are known by what they make, as the source calls it.
        nodes = [onnx.node("Wibble", ["x"], ["y"], "", domain="com.example")]
        (self.folder / "wrong.onnx").write_bytes(linear(nodes=nodes, domain="com.example"))
        lines = self.bakeoff("convert", "wrong.onnx", "net.tflite", code=3).stdout.splitlines()
        self.assertFalse(any("seconds" in line for line in lines), lines)
        self.assertTrue(any(line.startswith("  com.example.Wibble: ") for line in lines), lines)
        self.assertIn("(node 'y')", " ".join(" ".join(lines).split()))

    @unittest.skipUnless((BIN / "bakeoff-hop-torch").exists(), "this build has no hop from TorchScript")
    def test_programs_that_are_cut_or_garbled(self):
        whole = (FIXTURES / "net.pt").read_bytes()
        (self.folder / "cut.pt").write_bytes(whole[: len(whole) // 2])
        self.refused("cut.pt", "cut.onnx", "cut.pt", "cut short", words=("--shape", "1x3x32x24"))
        for part in (3, 5, 8):
            place = part * len(whole) // 10
            (self.folder / "garbled.pt").write_bytes(whole[:place] + bytes(255 - (31 * i) % 256 for i in range(256)) + whole[place + 256 :])
            before = self.names()
            process = self.start("convert", "garbled.pt", "garbled.onnx", "--shape", "1x3x32x24", text=True)
            out, err = process.communicate(timeout=120)
            self.assertIn(process.returncode, (0, 1, 3), err)
            if process.returncode == 0:
                (self.folder / "garbled.onnx").unlink()
                (self.folder / "garbled.onnx.conversion.json").unlink()
            else:
                self.assertIn("garbled.pt", out + err)
            self.assertEqual(self.names(), before)


@unittest.skipUnless(HAS, "this build lacks the engines or the hop")
class MoreThanTwoGigabytes(NothingIsLeft):
    """Weights of 2.25 GB that take no room: the file has a hole."""

    ROWS, COLUMNS = 1 << 15, 17 << 10

    def setUp(self):
        super().setUp()
        nodes = [onnx.node("MatMul", ["x", "w"], ["y"], "product")]
        length = 4 * self.ROWS * self.COLUMNS
        self.assertGreater(length, 1 << 31)
        # A megabyte in front, so that the end of the weights lies beyond what 31 bits can say by more than their size.
        weights = [onnx.outside("w", [self.ROWS, self.COLUMNS], "weights.bin", 1 << 20, length)]
        (self.folder / "big.onnx").write_bytes(onnx.model(nodes, [onnx.port("x", 1, self.ROWS)], [onnx.port("y", 1, self.COLUMNS)], weights))
        with open(self.folder / "weights.bin", "wb") as file:
            file.truncate((1 << 20) + length)
        if os.stat(self.folder / "weights.bin").st_blocks > 1 << 10:
            self.skipTest("this file system has no holes")

    def test_formats_that_cannot_hold_it_say_so(self):
        self.refused("big.onnx", "big.tflite", "a TFLite file holds less than 2 GB; --precision f16 halves them", words=("--no-verify",))
        if (BIN / "bakeoff-hop-onnx-savedmodel").exists():
            self.refused("big.onnx", "big", "a SavedModel's graph holds less than 2 GB", words=("--no-verify", "--to", "savedmodel"))

    def test_it_is_read(self):
        facts = json.loads(self.bakeoff("inspect", "big.onnx", "--json").stdout)
        self.assertEqual(facts["weight_bytes"], 4 * self.ROWS * self.COLUMNS)

    def test_the_last_byte_counts(self):
        os.truncate(self.folder / "weights.bin", (1 << 20) + 4 * self.ROWS * self.COLUMNS - 1)
        self.refused("big.onnx", "big.tflite", "tensor 'w'", "weights.bin", "are needed")


if __name__ == "__main__":
    unittest.main()
