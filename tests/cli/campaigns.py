# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What the tests of `bakeoff run` share: a model, campaign files, and a look at the campaign's state."""
import json
import unittest

from support import BIN, CliTest

# A measurement of a moment.
QUICK = "threads: 1, batch: 1, count: 40, repeat: 3, warmup: 5ms"
# Stages that name no engine take every one but those for testing.
NEEDS_ENGINE = unittest.skipUnless({path.name for path in BIN.glob("bakeoff-engine-*")} - {"bakeoff-engine-null", "bakeoff-engine-fake"},
                                   "this build has no engine but those for testing")


class Campaign(CliTest):
    def setUp(self):
        super().setUp()
        self.bakeoff("make-model", "mlp", "net.onnx", "--seed", "1")

    def write(self, text, name="c.yaml"):
        (self.folder / name).write_text(text)
        return name

    def fake(self, options="fake.median_us: 100", engines='[fake, "null"]', more=""):
        return self.write(f"name: tiny\nmodel: net.onnx\nconvert: none\nverify: false\nreport: false\nmeasure: {{engines: {engines}, {QUICK}, options: {{{options}}}{more}}}\n")

    def run_it(self, file="c.yaml", *words, out="out", code=0, **options):
        return self.bakeoff("run", file, "--out", out, *words, code=code, timeout=300, **options)

    def state(self, out="out"):
        return json.loads((self.folder / out / "campaign.json").read_text())

    def steps(self, out="out"):
        return {step["name"]: step for step in self.state(out)["steps"]}

    def statuses(self, out="out"):
        return {name: step["status"] for name, step in self.steps(out).items()}

    def result(self, step, out="out"):
        return json.loads((self.folder / out / "json" / f"{step}.json").read_text())
