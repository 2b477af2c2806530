#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff report` on real runs of `fake`: forms, where they go, that every number resolves to a run, and refusals."""
import collections
import contextlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import make_campaign
from support import PROGRAM, CliTest


class Page(html.parser.HTMLParser):
    """What a page names as the origin of its numbers, and the texts with numbers that stand in nothing that names one."""

    ENDLESS = {"meta", "link", "br", "wbr", "img", "input", "hr"}
    # Names of what stands elsewhere, and of columns; `code` in a sentence is an example of a command.
    NAMES = {"script", "style", "title", "h1", "nav", "thead", "button", "noscript", "footer", "summary", "code"}
    # What the tool says of every report alike.
    FIXED = re.compile(r"\b99\s%|\btop-[15]\b")

    def __init__(self):
        super().__init__()
        self.runs, self.files, self.without, self.outside = set(), set(), [], []
        self.kinds = collections.Counter()  # of the elements whose numbers have an origin
        self.open = []  # of each element: its name and class, whether it or one around it names an origin
        self.data = None  # of the charts

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.runs.update(given.get("data-runs", "").split())
        self.files.update(given.get("data-from", "").split())
        traced = bool(self.open and self.open[-1][2]) or bool(given.get("data-runs") or given.get("data-from"))
        if "data-value" in given and not traced:
            self.without.append(given["data-value"])
        for name in ("src", "href"):
            if given.get(name, "").split(":")[0] in ("http", "https") or given.get(name, "").startswith("//"):
                self.outside.append(given[name])
        if tag not in self.ENDLESS:
            self.open.append((tag, given.get("class", "") or given.get("id", ""), traced))

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        tags = [tag for tag, _, _ in self.open]
        if tags[-1:] == ["script"] and self.open[-1][1] == "report-data":
            self.data = json.loads(data)
        if "pre" not in tags and self.NAMES.intersection(tags) or not re.search(r"\d", self.FIXED.sub("", data)):
            return
        if self.open[-1][2]:
            self.kinds[f"{self.open[-1][0]}.{self.open[-1][1].split(' ')[0]}"] += 1
            self.kinds["alt"] += any(name == "alt" for _, name, _ in self.open)
        else:
            self.without.append(data.strip())


def texts_of(report):
    for answer in report["answers"]:
        yield answer["headline"]
        yield from (card["sentence"] for card in answer["cards"])
        yield from (answer[part]["sentence"] for part in ("speed_up", "accuracy") if answer.get(part))
    for section in report["sections"]:
        yield from (sentence["text"] for sentence in section["sentences"])


class ReportTest(CliTest):
    @classmethod
    def setUpClass(cls):
        """Both are measured once; each test gets a copy."""
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.made = pathlib.Path(made.name)
        env = os.environ | {"BAKEOFF_CACHE": str(cls.made / "cache"), "BAKEOFF_STORE": str(cls.made / "runs.db")}
        campaign = make_campaign.Campaign(PROGRAM, cls.made / "demo", env=env)
        make_campaign.of_fakes(campaign, cls.made / "demo" / "mlp.onnx")
        make_campaign.add_examples(campaign)
        campaign.finish()
        # Two settings of `fake` that are the same but for a seed that decides nothing.
        campaign.run("bench", cls.made / "demo" / "mlp.onnx", "--engines", "fake", "-o", "fake.seed=1,2", "-o", "fake.median_us=300", "-o", "fake.wait=sleep", "--threads", "1,2", "--batch", "1,2", "--count", 100,
                     "--repeat", 3, "--no-affinity", "--name", "equal")

    def campaign(self):
        shutil.copytree(self.made / "demo", self.folder / "demo")
        return self.folder / "demo"

    def store_of_equals(self):
        (self.folder / "store").mkdir()
        shutil.copy(self.made / "runs.db", self.folder / "store" / "runs.db")

    def test_EveryNumberResolvesToARunOrAFile(self):
        folder = self.campaign()
        result = self.bakeoff("report", folder)
        self.assertIn("report: ", result.stderr)
        content = (folder / "report.html").read_text()
        self.assertLess(len(content), 5_000_000)
        page = Page()
        page.feed(content)
        self.assertEqual(page.outside, [])
        self.assertEqual(page.without, [])
        self.assertGreater(len(page.runs), 50, "premise")
        for kind in ("alt", "li.sentence", "p.headline", "p.why", "p.note", "p.meta", "dd.", "code.", "span."):
            self.assertGreater(page.kinds[kind], 0, f"premise: numbers in {kind} were looked at: {page.kinds}")
        # What charts are drawn from, tooltips included; only what would be ideal was not measured.
        points = 0
        for chart in page.data["charts"]:
            for part in [point for series in chart["series"] for point in series["points"] if not series.get("ideal")] + chart.get("trends", []):
                self.assertTrue(part.get("runs") or part.get("from"), (chart["id"], part))
                page.runs.update(f"r{run}" for run in part.get("runs", []))
                page.files.update(part.get("from", []))
                points += 1
        self.assertGreater(points, 100, "premise")
        listed = json.loads(self.bakeoff("runs", "list", "--store", folder / "results.db", "--json").stdout)["campaigns"]
        exported = self.bakeoff("runs", "export", *(campaign["id"] for campaign in listed), "--store", folder / "results.db").stdout
        known = {f"r{json.loads(run)['id']}" for run in exported.splitlines()}
        self.assertEqual(page.runs - known, set())
        for file in page.files:
            self.assertTrue((folder / file).is_file(), file)

    def test_ValuesAreThoseOfTheStore(self):
        self.store_of_equals()
        report = json.loads(self.bakeoff("report", "equal", "--json").stdout)
        table = next(table for section in report["sections"] if section["id"] == "latency" for table in section["tables"])
        median = [column["title"] for column in table["columns"]].index("Median")
        self.assertEqual(len(table["rows"]), 8)
        for row in table["rows"]:
            values = sorted(json.loads(self.bakeoff("runs", "show", f"r{run}", "--json").stdout)["latency_ns"]["p50"] for run in row["runs"])
            self.assertEqual(len(values), 3)
            self.assertAlmostEqual(row["cells"][median]["value"] / values[1], 1, delta=1e-4)

    def test_OfEqualEnginesNoSentenceSaysFaster(self):
        self.store_of_equals()
        self.bakeoff("report", "equal", "--out", "page.html", "--json", "data.json", "--markdown", "page.md")
        report = json.loads((self.folder / "data.json").read_text())
        texts = list(texts_of(report))
        self.assertGreater(len(texts), 6)
        for text in texts:
            self.assertNotIn("faster", text)
        # At 0.01 one in a hundred such pairs is called different, so only this is certain: nothing is said without an interval that leaves out 1.
        for text in texts:
            for low, high in re.findall(r"times as fast .*99 % interval ([\d.]+) to ([\d.]+)", text):
                self.assertTrue(float(low) >= 1 or float(high) <= 1, text)
        for name in ("page.html", "page.md"):
            self.assertNotIn("faster", (self.folder / name).read_text().split("<script")[0])

    def test_FormsGoWhereTheyAreTold(self):
        self.store_of_equals()
        self.bakeoff("report", "equal")
        self.assertTrue((self.folder / "report.html").is_file())
        (self.folder / "report.html").unlink()
        page = self.bakeoff("report", "equal", "--out", "-")
        self.assertTrue(page.stdout.startswith("<!") and page.stdout.rstrip().endswith("</html>"), page.stdout[-200:])
        self.assertFalse((self.folder / "-").exists())
        both = self.bakeoff("report", "equal", "--json", "-", "--out", "page.html")
        json.loads(both.stdout)
        self.assertTrue((self.folder / "page.html").exists())
        self.fails("report", "equal", "--json", "-", "--out", "-", says="only one of --json, --markdown, --csv and --out can have stdout")
        markdown = self.bakeoff("report", "equal", "--markdown").stdout
        self.assertIn("## Latency", markdown)
        self.assertFalse((self.folder / "report.html").exists(), "only what was asked for")
        rows = self.bakeoff("report", "equal", "--csv").stdout.splitlines()
        self.assertEqual(rows[0], "section,kind,part,series,x,y,low,high,text,from")
        self.assertGreater(len(rows), 100)
        self.assertTrue(all(line.endswith(tuple("0123456789")) for line in rows if ",chart,threads-efficiency," in line and "ideal" not in line))

    def test_TheSameStoreGivesTheSameReport(self):
        self.store_of_equals()
        first, second = (json.loads(self.bakeoff("report", "equal", "--json").stdout) for _ in range(2))
        first.pop("made_at"), second.pop("made_at")
        self.assertEqual(first, second)

    def test_CampaignsOfBenchWithAProfileOrAnAblationHaveAnAnswerToo(self):
        model = self.made / "demo" / "mlp.onnx"
        quick = ("--engines", "fake", "--threads", "1", "--count", "60", "--repeat", "3", "--warmup", "5ms")
        for name, words, also in (("profiled", ("--profile",), "operators"), ("ablated", ("--ablate", "-o", "fake.median_us=100,300"), "options")):
            self.bakeoff("bench", model, *quick, *words, "--name", name)
            report = json.loads(self.bakeoff("report", name, "--json").stdout)
            card = report["answers"][0]["cards"][0]
            self.assertIn("fake", card["winners"][0]["label"], name)
            sections = {section["id"]: section for section in report["sections"]}
            for section in ("latency", "memory", "cpu", also):
                self.assertTrue(sections[section]["tables"], (name, section))

    def test_BaselineAndTitleOfTheCommandLine(self):
        self.store_of_equals()
        report = json.loads(self.bakeoff("report", "equal", "--baseline", "fake", "--title", "A <b>title</b>", "--json").stdout)
        self.assertEqual(report["title"], "A <b>title</b>")
        self.assertEqual(report["answers"][0]["speed_up"]["baseline"], "fake")
        self.fails("report", "equal", "--baseline", "fkae", says="did you mean 'fake'?")

    def test_UnfinishedCampaignIsReportedAsFarAsItCame(self):
        folder = self.campaign()
        state = json.loads((folder / "campaign.json").read_text())
        state["status"] = "running"
        state["steps"][1].update(status="running", wall_ns=None, exit_code=None)
        state["steps"][2].update(status="pending", wall_ns=None, started_at=None, campaign=None, json=None)
        (folder / "campaign.json").write_text(json.dumps(state))
        (folder / "json" / "convert.json").write_text('{"rows": [{"format"')
        self.bakeoff("report", folder)
        content = (folder / "report.html").read_text()
        self.assertIn("campaign not finished", content)
        self.assertIn("json/convert.json is no JSON", content)

    def test_CampaignThatWasStoppedIsToldSo(self):
        self.bakeoff("bench", self.campaign() / "mlp.onnx", "--engines", "fake", "--count", "10", "--name", "half", "--store", "half.db")
        with contextlib.closing(sqlite3.connect(self.folder / "half.db")) as store:
            store.execute("UPDATE campaigns SET state = 'stopped', planned = 12")
            store.commit()
        report = json.loads(self.bakeoff("report", "half", "--store", "half.db", "--json").stdout)
        failures = next(section for section in report["sections"] if section["id"] == "failures")
        self.assertIn("half is not finished: it has 3 of 12 runs", json.dumps(failures))
        self.assertNotIn("Everything that was asked for worked", json.dumps(failures))

    def test_FilesOutsideTheFolderAreNotRead(self):
        folder = self.campaign()
        state = json.loads((folder / "campaign.json").read_text())
        state["steps"][0]["json"] = "../secret.json"
        (self.folder / "secret.json").write_text('{"rows": []}')
        (folder / "campaign.json").write_text(json.dumps(state))
        self.bakeoff("report", folder)
        self.assertIn("which is not in its folder", (folder / "report.html").read_text())

    def test_WhatIsNoCampaignFails(self):
        (self.folder / "empty").mkdir()
        self.fails("report", "empty", says="no campaign.json in this folder")
        (self.folder / "empty" / "campaign.json").write_text("[]")
        self.fails("report", "empty", says="no campaign's state")
        self.fails("report", says="DIR|CAMPAIGN")
        self.store_of_equals()
        self.fails("report", "nobody", says="nobody")
        self.fails("report", "equal", "--json", "--csv", says="only one of")
        self.fails("report", "equal", "--out", self.folder / "not" / "there.html", says="no such folder")
        self.fails("report", "equal", "--out", self.folder / "store" / "runs.db", says="that is a store of results")

    def test_NoBrowserFailsAndKeepsThePage(self):
        self.store_of_equals()
        self.env["PATH"] = "/nowhere"
        result = self.bakeoff("report", "equal", "--out", "page.html", "--pdf", "page.pdf", code=3)
        self.assertIn("needs Chromium", result.stderr)
        self.assertTrue((self.folder / "page.html").is_file())
        self.assertFalse((self.folder / "page.pdf").exists())


if __name__ == "__main__":
    unittest.main(verbosity=1)
