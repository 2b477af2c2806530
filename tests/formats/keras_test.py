# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The Keras baseline beyond the contract: modes and formats agree, threads are fixed once, custom layers are refused by name."""
import json
import tempfile
import unittest
import zipfile
from pathlib import Path

from worker_client import FIXTURES, EngineTest, Worker

IMAGE = [((i * 2654435761) % 2**32) / 2**32 for i in range(12 * 20 * 3)]


def with_custom_layer(path):
    with zipfile.ZipFile(FIXTURES / "net.keras") as source, zipfile.ZipFile(path, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                config = json.loads(data)
                (head,) = (layer for layer in config["config"]["layers"] if layer["config"]["name"] == "fc")
                head.update(class_name="OddHead", module="somebody", registered_name="somebody>OddHead")
                data = json.dumps(config)
            copy.writestr(name, data)


class Keras(EngineTest):
    engine = "keras"

    # One worker: each start imports TensorFlow.
    def test_modes_and_formats_agree_and_refusals_name_their_cause(self):
        with Worker("keras") as worker, tempfile.TemporaryDirectory() as folder:
            answers = []
            for file, kind in ("net.keras", "keras"), ("net.h5", "keras-h5"), ("net.savedmodel", "savedmodel"):
                for mode in "predict", "call", "function":
                    loaded = worker.load(FIXTURES / file, kind, {"mode": mode})
                    self.assertEqual(loaded["effective"]["mode"], mode)
                    self.assertEqual("TFSMLayer" in loaded["effective"]["through"], kind == "savedmodel")
                    self.assertGreater(loaded["effective"]["callback_overhead_ns"], 0)
                    (answer,) = worker.call("infer", [(loaded["inputs"][0]["name"], "f32", [1, 12, 20, 3], IMAGE)])[1].values()
                    answers.append(list(answer[2]))
            for answer in answers[1:]:
                self.assert_close(answers[0], answer, 1e-5)

            path = Path(folder) / "custom.keras"
            with_custom_layer(path)
            legacy = Path(folder) / "custom.h5"
            whole = (FIXTURES / "net.h5").read_bytes()
            self.assertIn(b'"class_name": "Dense"', whole, "the premise: the configuration is readable text")
            legacy.write_bytes(whole.replace(b'"class_name": "Dense"', b'"class_name": "Dunce"'))
            for code, words, file, kind, options in (
                    ("unsupported", "OddHead", path, "keras", {}),
                    ("unsupported", "Dunce", legacy, "keras-h5", {}),
                    ("unsupported", "no_such", FIXTURES / "net.savedmodel", "savedmodel", {"signature": "no_such"}),
                    ("usage", "signature", FIXTURES / "net.keras", "keras", {"signature": "serving_default"}),
                    ("unsupported", "start a new worker", FIXTURES / "net.keras", "keras", {"inter_threads": "3"}),
                    ("usage", "keras.intra_threads=0", FIXTURES / "net.keras", "keras", {"intra_threads": "0"}),
                    ("unsupported", "TF_ENABLE_ONEDNN_OPTS=1", FIXTURES / "net.keras", "keras", {"onednn": "1"})):
                self.assert_refused(code, [words], lambda: worker.load(file, kind, options))


if __name__ == "__main__":
    unittest.main()
