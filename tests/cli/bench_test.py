#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""`bakeoff bench` and `bakeoff verify` on the real binary, with the engines for testing and real models."""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

from support import SOURCE, CliTest, marked, wait_until

FIXTURES = SOURCE / "tests/fixtures"
QUICK = ["--count", "50", "--repeat", "1", "--warmup", "20ms"]


def strict(text):
    """JSON as the standard has it: Python would also take NaN and Infinity."""

    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


class BenchTest(CliTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "net.onnx"
        shutil.copy(FIXTURES / "net.onnx", self.model)

    def bench(self, *words, code=0, **options):
        return self.bakeoff("bench", self.model, *words, code=code, **options)

    def rows(self, *words, code=0):
        """The runs of the JSON result."""
        result = strict(self.bench(*words, "--json", code=code).stdout)
        self.assertEqual(result["schema"], 1)
        return result["runs"]

    def refused(self, *words, code=2, says=""):
        return self.fails("bench", self.model, *words, code=code, says=says)


class Measuring(BenchTest):
    def test_table_is_what_it_was(self):
        result = self.bench("--engines", "fake,null", "--threads", "1", "--count", "50", "--repeat", "2")
        # Times, rates and sizes differ from run to run; words and their order do not. Notes and the grade depend on the machine.
        told = re.sub(r"^.* note: .*\n(?:  .*\n)*", "", result.stdout.partition("environment ")[0], flags=re.M)
        lines = told.splitlines()
        text = "\n".join(re.sub(r" +", " ", re.sub(r"(?<![\w=])\d+(\.\d+)?(?=[kMx\s,]|$)", "#", line)) for line in lines) + "\n"
        text = re.sub(r"p50 [num]s", "p50 T", re.sub(r"#[kM]", "#", text))
        self.assertEqual(text, (pathlib.Path(__file__).parent / "bench_table.txt").read_text())
        self.assertIn("2 rows x 2 repetitions = 4 measurements, in a time that is not known before the first of them is done, order by seed 1", result.stderr)

    def test_table_fits_eighty_columns(self):
        result = self.bench("--engines", "fake,null", "-o", "fake.median_us=100,200", "--threads", "1,2", "--batch", "1,8", "--count", "500", "--repeat", "2")
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80, result.stdout)

    def test_count_alone_is_exact_and_percentiles_follow_the_samples(self):
        for count, supported in ((6, []), (7, ["p50"]), (100, ["p50", "p90", "p95"]), (459, ["p50", "p90", "p95", "p99"])):
            (run,) = self.rows("--engines", "fake", "--count", str(count), "--repeat", "1")
            self.assertEqual(run["samples"], count)
            self.assertEqual(run["stop_reason"], "count")
            self.assertEqual([p for p in ("p50", "p90", "p95", "p99") if run["latency_ns"][p] is not None], supported)

    def test_duration_or_count_whichever_comes_first(self):
        (run,) = self.rows("--engines", "fake", "-o", "fake.median_us=1000", "--count", "1000000", "--duration", "100ms", "--repeat", "1")
        self.assertEqual(run["stop_reason"], "duration")
        self.assertLess(run["samples"], 200)
        (run,) = self.rows("--engines", "fake", "--count", "5", "--duration", "100", "--repeat", "1")
        self.assertEqual((run["stop_reason"], run["samples"]), ("count", 5))

    def test_full_sample_buffer_ends_the_run(self):
        (run,) = self.rows("--engines", "null", "--duration", "5", "--max-samples", "100", "--repeat", "1")
        self.assertEqual((run["stop_reason"], run["samples"]), ("max_samples", 100))

    def test_the_product_is_measured_with_the_seed_that_was_printed(self):
        words = ("--engines", "fake", "--threads", "1,2", "--batch", "1,4", "-o", "fake.seed=1,2", "--count", "10", "--repeat", "2", "--warmup", "1ms")
        runs = self.rows(*words)
        self.assertEqual(len(runs), 16)
        self.assertEqual(sorted(run["order"] for run in runs), list(range(1, 17)))
        key = lambda run: (run["threads"], run["batch"], run["options"]["seed"], run["repetition"])
        self.assertEqual(len(set(map(key, runs))), 16)
        again = self.rows(*words)
        self.assertEqual([run["order"] for run in again], [run["order"] for run in runs])
        other = self.rows(*words, "--seed", "2")
        self.assertNotEqual([run["order"] for run in other], [run["order"] for run in runs])
        self.assertIn("seed 1", self.bench(*words).stderr)

    def test_offline_counts_samples_of_the_whole_batch(self):
        (run,) = self.rows("--engines", "fake", "-o", "fake.median_us=1000", "-o", "fake.wait=sleep", "--scenario", "offline", "--threads", "2", "--batch", "4", "--count", "100", "--repeat", "1")
        self.assertEqual((run["streams"], run["batch"], run["samples"]), (2, 4, 100))
        self.assertAlmostEqual(run["throughput_per_s"], 400 / (run["wall_ns"] / 1e9), delta=1)

    def test_pinned_workers_run_on_the_cpus_that_were_named(self):
        allowed = sorted(os.sched_getaffinity(0))
        (run,) = self.rows("--engines", "fake", *QUICK, "--pin", str(allowed[-1]))
        self.assertEqual((run["threads"], run["effective"]["process"]["cpus"]), (1, [allowed[-1]]))
        absent = allowed[-1] + 1000
        self.refused("--engines", "fake", "--pin", str(absent), says=f"--pin {absent}: this process may not use that CPU; it may use ")
        self.refused("--engines", "fake", "--pin", str(allowed[0]), "--threads", "2", says="--threads 2 on the 1 CPUs of --pin")
        self.refused("--engines", "fake", "--pin", str(allowed[0]), "--on", "env", says="taskset")
        self.refused("--engines", "fake", "--pin", str(allowed[0]), "--no-affinity", says="contradict")

    def test_doubts_come_with_what_helps(self):
        result = self.bench("--engines", "fake", *QUICK, "--json", "r.json")
        environment = strict((self.folder / "r.json").read_text())["environment"]
        text = " ".join(result.stdout.split())
        for doubt in environment["doubts"]:
            self.assertIn(f"{doubt['reason']} ({doubt['remedy']})", text)

    def test_prefix_starts_the_workers(self):
        log = self.folder / "log"
        (run,) = self.rows("--engines", "fake", *QUICK, "--on", f"sh -c 'echo started >> {log}; exec \"$@\"' --")
        self.assertEqual(run["status"], "ok")
        self.assertIn("started", log.read_text())

    def test_memory_is_told_by_phase(self):
        (run,) = self.rows("--engines", "fake", "-o", "fake.alloc_steady_mib=64", "--count", "500", "--repeat", "1")
        memory = run["memory"]
        self.assertGreater(memory["first_peak_rss_bytes"] - memory["load_peak_rss_bytes"], 60 << 20)
        self.assertGreaterEqual(memory["peak_rss_bytes"], memory["steady_peak_rss_bytes"])


class Outputs(BenchTest):
    def test_csv_markdown_and_json_have_the_same_rows(self):
        self.bench("--engines", "fake,null", *QUICK, "--json", "r.json", "--csv", "r.csv", "--markdown", "r.md")
        result = strict((self.folder / "r.json").read_text())
        rows = list(csv.DictReader(io.StringIO((self.folder / "r.csv").read_text())))
        self.assertEqual([row["engine"] for row in rows], [run["engine"] for run in result["runs"]])
        self.assertEqual([int(row["samples"]) for row in rows], [50, 50])
        self.assertEqual(float(rows[0]["latency_ns.p50"]), result["runs"][0]["latency_ns"]["p50"])
        self.assertEqual(rows[0]["latency_ns.p99"], "")
        self.assertIn("| engine |", (self.folder / "r.md").read_text())

    def test_csv_on_stdout_replaces_the_table(self):
        self.assertTrue(self.bench("--engines", "fake", *QUICK, "--csv").stdout.startswith("engine,version,"))
        self.refused("--engines", "fake", *QUICK, "--csv", "--json", says="only one of")

    def test_full_disk_names_the_file_and_keeps_the_other_output(self):
        result = self.bench("--engines", "fake", *QUICK, "--json", "/dev/full", "--csv", "r.csv", code=3)
        self.assertIn("/dev/full", result.stderr)
        self.assertTrue((self.folder / "r.csv").exists())
        self.assertIn("fake", result.stdout)

    def test_unwritable_results_are_refused_before_anything_runs(self):
        start = time.monotonic()
        self.refused("--engines", "fake", "--duration", "60", "--json", "no/such/folder/r.json", says="no such folder")
        self.refused("--engines", "fake", "--duration", "60", "--csv", self.folder, says="folder")
        self.refused("--engines", "fake", "--duration", "60", "--json", "other.onnx", says="name of a model")
        self.assertLess(time.monotonic() - start, 20)

    def test_every_field_of_a_record_is_documented(self):
        self.bench("--engines", "fake", *QUICK, "--json", "r.json")
        page = (SOURCE / "docs/results-format.md").read_text()

        def names(value, path):
            # What is inside these belongs to the engine or the user.
            if isinstance(value, dict) and path not in ("options", "effective", "inputs.layouts"):
                for name, inner in value.items():
                    yield from names(inner, f"{path}.{name}" if path else name)
            else:
                yield path

        (run,) = strict((self.folder / "r.json").read_text())["runs"]
        missing = [name for name in names(run, "") if f"`{name}`" not in page and f"`{name}." not in page]
        self.assertEqual(missing, [])


class Failures(BenchTest):
    """What goes wrong with one row is in its record; the others are measured."""

    CASES = {
        "fake.fail_at_load=unavailable": ("failed", "unavailable", ""),
        "fake.fail_at_load=unsupported": ("unsupported", "unsupported", ""),
        "fake.fail_at_run=1": ("failed", "engine_failed", ""),
        "fake.fail_at_run=30": ("failed", "engine_failed", "30"),
        "fake.crash_at_load=true": ("failed", "engine_failed", "SIGSEGV"),
        "fake.crash_at_run=30": ("failed", "engine_failed", "SIGSEGV"),
        "fake.exit_at_run=30": ("failed", "engine_failed", "exit code 7"),
        "fake.break_protocol_at=30": ("failed", "engine_failed", ""),
        "fake.nan_at=1": ("mismatch", "mismatch", "NaN"),
    }

    def test_each_is_a_record_beside_a_good_row(self):
        for option, (status, code, says) in self.CASES.items():
            with self.subTest(option=option):
                exit_code = {"failed": 3, "mismatch": 1, "unsupported": 0}[status]
                bad, good = self.rows("--engines", "fake,null", "-o", option, *QUICK, code=exit_code)
                self.assertEqual((bad["status"], bad["error"]["code"], good["status"]), (status, code, "ok"), bad["error"])
                self.assertIn(says, bad["error"]["text"])
                self.assertEqual(bad["samples"], 0)
                self.assertIsNone(bad["throughput_per_s"])

    def test_hung_worker_is_killed_after_the_limit(self):
        for where in ("load", "1", "30"):
            with self.subTest(where=where):
                start = time.monotonic()
                bad, good = self.rows("--engines", "fake,null", "-o", f"fake.hang_at={where}", *QUICK, "--timeout", "1", code=3)
                self.assertEqual((bad["error"]["code"], good["status"]), ("timeout", "ok"))
                self.assertLess(time.monotonic() - start, 30)

    def test_wrong_answers_have_no_speed_unless_forced(self):
        words = ("--engines", "fake", "-o", "fake.nan_at=1", *QUICK)
        result = self.bench(*words, code=1)
        self.assertNotIn("p50", result.stdout.partition("fake on")[0])
        (run,) = self.rows(*words, "--force", code=1)
        self.assertEqual((run["status"], run["samples"]), ("mismatch", 50))

    def test_no_ok_row_is_a_failure(self):
        self.rows("--engines", "fake", "-o", "fake.fail_at_load=unsupported", *QUICK, code=3)

    def test_results_survive_an_interrupt(self):
        self.env["MARK"] = "bench-interrupt"
        process = self.start("bench", self.model, "--engines", "fake,null", "-o", "fake.hang_at=30", "--count", "50", "--repeat", "1", "--seed", "4", "--json", "r.json", text=True)
        self.assertTrue(wait_until(lambda: len(marked("bench-interrupt")) == 2, 20))
        # Whichever order the seed gives: until only the hung row is left.
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("interrupted: ", err)
        result = strict((self.folder / "r.json").read_text())
        self.assertTrue(result["interrupted"])
        self.assertTrue(all(run["engine"] == "null" for run in result["runs"]), result["runs"])
        self.assertTrue(wait_until(lambda: not marked("bench-interrupt"), 5))


class BadInput(BenchTest):
    def test_command_line(self):
        for words, says in (
            (["--engines", "fke"], "unknown engine 'fke' (did you mean 'fake'?)"),
            (["--engines", "fake", "-o", "fake.medin_us=3"], "fake has no option 'medin_us' (did you mean 'median_us'?)"),
            (["--engines", "fake", "-o", "fake.delay=gaussian"], "not one of constant, uniform, lognormal"),
            (["--engines", "fake", "-o", "null.shapes=1"], "'null' is not among the engines"),
            (["--engines", "fake", "-o", "median_us=3"], "ENGINE.OPTION=VALUE"),
            (["--engines", "fake", "-o", "fake"], "--option 'fake': must be ENGINE.OPTION=V"),
            (["--engines", "fake", "--count", "0"], "--count '0': must be between 1 and"),
            (["--engines", "fake", "--count", "-5"], "--count '-5': must be between 1 and"),
            (["--engines", "fake", "--repeat", "0"], "--repeat '0'"),
            (["--engines", "fake", "--threads", "0"], "'0' is outside 1..4096"),
            (["--engines", "fake", "--threads", "2..1"], "runs backwards"),
            (["--engines", "fake", "--batch", "-1"], "outside 1.."),
            (["--engines", "fake", "--duration", "0"], "above zero"),
            (["--engines", "fake", "--duration", "-1s"], "above zero"),
            (["--engines", "fake", "--count", "9999999"], "--max-samples"),
            (["--engines", "fake", "--precision", "f23"], "did you mean 'f32'?"),
            (["--engines", "fake", "--scenario", "online"], "did you mean 'offline'?"),
            (["--engines", "fake", "--shape", "x=1x0x3"], "not a shape"),
            (["--engines", "fake", "--shape", "x=2x3", "--shape", "x=2x4"], "given twice"),
            (["--engines", "fake", "--batch", "8", "--shape", "x=2x4"], "--batch 8 contradicts --shape x=2x4"),
            (["--engines", "fake", "--range", "x=5"], "give LOW..HIGH"),
            (["--engines", "fake", "--layout", "x=NHHC"], "each once"),
            (["--engines", "fake", "--layout", "met.tflite=NCHW"], "'met.tflite' is none of the models; they are "),
            (["--engines", "fake", "--layout", "net.onnx:iamge=NCHW"], "no input or output is called 'iamge' (did you mean 'image'?); there are "),
            (["--engines", "fake", "--tolerance", "tight"], "unknown tolerance"),
            (["--engines", "fake", "--reference", "fake"], "for testing"),
            (["--engines", "fake", "--on", "ssh 'host"], "a quote is not closed"),
        ):
            with self.subTest(words=words):
                self.refused(*words, says=says)

    def test_shapes_that_the_model_contradicts(self):
        for words, says in ((["--shape", "input=1x5"], "input 'input'"), (["--shape", "inptu=1x4"], "did you mean 'input'?"), (["--shape", "2x2x2"], "input 'input' is ?x4")):
            with self.subTest(words=words):
                result = self.bench("--engines", "fake", "-o", "fake.shapes=?x4", *words, *QUICK, code=2)
                self.assertIn(says, result.stderr)

    def test_shape_beside_engines_that_read_no_model(self):
        for engine in ("null", "fake"):
            with self.subTest(engine=engine):
                # What the host can read itself is told to them.
                (run,) = self.rows("--engines", engine, "--shape", "image=2x3x12x20", *QUICK)
                self.assertEqual(run["inputs"]["layouts"]["image"]["shape"], [2, 3, 12, 20])
                lite = SOURCE / "tests/fixtures/net.tflite"
                result = self.bakeoff("bench", lite, "--engines", engine, "--shape", "image=2x12x20x3", *QUICK, code=2)
                self.assertIn(f"--shape image=2x12x20x3: {engine} reads no model and has an input of its own here; give it that shape with "
                              f"-o {engine}.shapes=2x12x20x3 instead of --shape, or name an engine that reads the model beside {engine}", result.stderr)
                # The advice is right.
                self.bakeoff("bench", lite, "--engines", engine, "-o", f"{engine}.shapes=2x12x20x3", *QUICK)

    def test_free_extent_that_nobody_set(self):
        result = self.bench("--engines", "fake", "-o", "fake.shapes=?x3x?", *QUICK, code=2)
        self.assertIn("its extent 2 is free; give it with --shape input=", result.stderr)
        self.rows("--engines", "fake", "-o", "fake.shapes=?x3x?", "--shape", "input=?x3x8", *QUICK)

    def test_input_files(self):
        (self.folder / "bad.npy").write_bytes(b"not numpy")
        self.refused("--engines", "fake", "--input", "input=bad.npy", says="bad.npy: not a usable .npy file")
        self.refused("--engines", "fake", "--input", "input=none.npy", says="none.npy")


class Verifying(BenchTest):
    def test_test_engines_prove_nothing(self):
        result = self.bakeoff("verify", self.model, "--engines", "fake", code=3)
        self.assertIn("nothing was compared", result.stdout)
        self.assertEqual(strict(self.bakeoff("verify", self.model, "--engines", "fake", "--json", code=3).stdout)["rows"][0]["status"], "weak")

    def test_refusals(self):
        for words, says in ((["--engines", "fke"], "did you mean 'fake'"), (["--seeds", "0"], "--seeds '0'"), (["--precision", "f33"], "unknown"), (["--tolerance", "-1"], "tolerance")):
            with self.subTest(words=words):
                self.fails("verify", self.model, *words, code=2, says=says)
        self.fails("verify", self.folder / "absent.onnx", code=2, says="absent.onnx")

    def test_a_misspelt_input_of_a_layout_fails_in_every_format_that_the_host_reads(self):
        for name in ("net.onnx", "net.tflite", "net_plain.tflite", "net.xml", "net.savedmodel"):
            for command in ("verify", "bench"):
                with self.subTest(command=command, model=name):
                    refusal = self.fails(command, FIXTURES / name, "--engines", "fake", "--layout", f"{name}:iamge=NCHW", says="no input or output is called 'iamge'").stderr
                    known = refusal.split("there are ")[1].strip().split(", ")
                    self.assertGreaterEqual(len(known), 2)
                    # Each of the names that it lists is taken.
                    for word in known:
                        self.bakeoff("verify", FIXTURES / name, "--engines", "fake", "--layout", f"{name}:{word}=" + ("NC" if "logits" in word or "dense" in word or "Call" in word else "NCHW"), code=3)

    def test_a_misspelt_input_of_a_layout_fails_where_only_an_engine_reads_the_file(self):
        formats = {name for row in strict(self.bakeoff("engines", "--json").stdout)["engines"] if row["status"] == "present" for name in row["formats"]}
        shape = ("--shape", "image=1x3x12x20")
        models = [(name, words) for name, kind, words in (("net.pt", "torchscript", shape), ("net.keras", "keras", ()), ("net.ort", "ort", ()), ("net.pb", "frozen", ()))
                  if kind in formats]
        if not models:
            self.skipTest("no engine here reads any of these formats")
        for name, words in models:
            with self.subTest(model=name):
                layout = ("--layout", f"{name}:iamge=NCHW")
                refusal = self.bakeoff("verify", FIXTURES / name, *words, *layout, code=2)
                self.assertIn(f"bakeoff: --layout {name}:iamge=NCHW: no input or output is called 'iamge'", refusal.stderr)
                self.assertEqual(refusal.stdout, "")
                known = refusal.stderr.split("there are ")[1].strip().split(", ")
                # The names that it lists are those of the run, and each is taken.
                result = strict(self.bakeoff("verify", FIXTURES / name, *words, "--no-convert", "--json", "--layout", f"{known[0]}={'NHWC' if name in ('net.keras', 'net.pb') else 'NCHW'}",
                                             "--layout", f"{name}:{known[1]}=NC", code=(0, 3)).stdout)
                asked = [row for row in result["rows"] if row["inputs"]["layouts"]]
                self.assertTrue(asked)
                for row in asked:
                    self.assertEqual([*row["inputs"]["layouts"], *(output["output"] for output in row["outputs"])], known)
                    self.assertFalse(row["inputs"]["layouts"][known[0]]["assumed"])
        name, words = models[0]
        for command in (["bench", FIXTURES / name, *QUICK], ["convert", FIXTURES / name, "out.onnx"],
                        ["compare", "--live", f"{FIXTURES / name} {' '.join(words)} --layout iamge=NCHW", f"{FIXTURES / name} {' '.join(words)} --threads 1"]):
            with self.subTest(command=command):
                own = [] if command[0] == "compare" else [*words, "--layout", "iamge=NCHW"]
                self.assertIn("no input or output is called 'iamge'", self.bakeoff(*command, *own, code=2).stderr)

    def test_options_of_engines_reach_them_and_wrong_ones_fail(self):
        (row,) = strict(self.bakeoff("verify", self.model, "--engines", "fake", "-o", "fake.shapes=?x7", "--json", code=3).stdout)["rows"]
        self.assertEqual(row["options"], {"shapes": "?x7"})
        self.assertEqual(row["outputs"][0]["shape"], [1, 7])
        for words, says in (
            (["-o", "fake.shapse=?x7"], "did you mean 'shapes'?"),
            (["-o", "fkae.shapes=?x7"], "'fkae' is not among the engines of this run (fake)"),
            (["-o", "shapes=?x7"], "give ENGINE.OPTION=VALUE"),
            (["-o", "fake.seed=1,2"], "-o fake.seed=1,2: one value is wanted here"),
            (["-o", "fake.seed=1", "-o", "fake.seed=2"], "given twice"),
        ):
            with self.subTest(words=words):
                self.fails("verify", self.model, "--engines", "fake", *words, says=says)


class RealEngines(BenchTest):
    """With whatever real engines this build has; the pictures of the fixtures are 12 high and 20 wide."""

    def setUp(self):
        super().setUp()
        self.formats = {row["name"]: row["formats"] for row in strict(self.bakeoff("engines", "--json").stdout)["engines"] if row["status"] == "present" and not row["for_testing"]}

    def needs(self, *formats):
        for wanted in formats:
            if not any(wanted in reads for reads in self.formats.values()):
                self.skipTest(f"no engine here reads {wanted}")

    def verify(self, *words, code=0):
        return strict(self.bakeoff("verify", *words, "--no-convert", "--json", code=code).stdout)

    def test_formats_of_one_network_agree_and_a_wrong_layout_does_not(self):
        self.needs("onnx", "tflite")
        tflite = FIXTURES / "net.tflite"
        rows = self.verify(self.model, tflite)["rows"]
        compared = [row for row in rows if row["status"] in ("agree", "reference")]
        self.assertEqual({row["format"] for row in compared}, {"onnx", "tflite"})
        self.assertEqual(len({row["inputs"]["canonical_sha256"] for row in compared}), 1)
        for row in compared:
            if row["status"] == "agree":
                self.assertGreater(row["centred_sqnr_db"], 90)
        wrong = self.verify(self.model, tflite, "--layout", f"{tflite}=NCHW", code=1)["rows"]
        self.assertIn("mismatch", {row["status"] for row in wrong})

    def test_several_inputs_of_different_types_find_their_partners(self):
        self.needs("onnx", "tflite")
        rows = self.verify(FIXTURES / "pair.onnx", FIXTURES / "pair.tflite", "--range", "b=-9..9")["rows"]
        self.assertEqual({row["status"] for row in rows} - {"agree", "reference", "unsupported"}, set())
        self.assertIn("agree", {row["status"] for row in rows})

    def test_options_change_what_an_engine_does(self):
        self.needs("onnx", "savedmodel")
        words = (FIXTURES / "net.savedmodel", "--engines", "tensorflow")
        if "tensorflow" not in self.formats:
            self.skipTest("the engine tensorflow is not here")
        (row,) = self.verify(*words, "-o", "tensorflow.signature=explain", code=3)["rows"]  # alone: nothing is compared
        self.assertEqual(sorted(output["output"] for output in row["outputs"]), ["best", "features"])
        # In bench, each signature is held against itself.
        result = strict(self.bakeoff("bench", *words, "-o", "tensorflow.signature=serving_default,explain", *QUICK, "--json", timeout=120).stdout)
        self.assertEqual({(run["options"]["signature"], run["status"], run["check"]["reference"]) for run in result["runs"]},
                         {("serving_default", "ok", "tensorflow"), ("explain", "ok", "tensorflow")})
        self.fails("verify", *words, "-o", "tensorflow.onednn=maybe", says="onednn")

    def test_two_networks_do_not_agree(self):
        self.needs("onnx")
        for seed, name in ((1, "a.onnx"), (2, "b.onnx")):
            self.bakeoff("make-model", "mlp", name, "--seed", seed)
        result = self.verify("a.onnx", "b.onnx", code=1)
        self.assertIn("mismatch", {row["status"] for row in result["rows"]})
        self.verify("a.onnx", "a.onnx")

    def test_wrong_answers_are_found_before_timing(self):
        self.needs("onnx")
        (self.folder / "one").mkdir()
        (self.folder / "two").mkdir()
        for seed, name in ((1, "one/net.onnx"), (2, "two/net.onnx")):
            self.bakeoff("make-model", "mlp", name, "--seed", seed)
        engine = next(name for name, reads in self.formats.items() if "onnx" in reads)
        result = strict(self.bakeoff("bench", "one/net.onnx", "two/net.onnx", "--engines", engine, *QUICK, "--json", code=1).stdout)
        self.assertEqual([run["status"] for run in result["runs"]], ["ok", "mismatch"])
        self.assertEqual(result["runs"][1]["samples"], 0)

    def test_batch_and_shape_reach_the_engine(self):
        self.needs("onnx")
        engine = next(name for name, reads in self.formats.items() if "onnx" in reads)
        runs = self.rows("--engines", engine, "--batch", "1,4", "--shape", "1x3x12x20", *QUICK)
        self.assertEqual([run["batch"] for run in runs], [1, 4])
        self.assertEqual([next(iter(run["inputs"]["layouts"].values()))["shape"][0] for run in runs], [1, 4])
        self.refused("--engines", engine, "--shape", "1x4x12x20", *QUICK, says="1x4x12x20")

    def test_the_batch_counts_where_no_axis_of_the_input_is_known(self):
        self.needs("onnx")
        self.bakeoff("make-model", "mlp", "flat.onnx", "--seed", "1")
        engines = ",".join(name for name, reads in self.formats.items() if "onnx" in reads)
        for words, batches in ((("--batch", "1,4"), {1, 4}), (("--shape", "4x784"), {4})):
            runs = strict(self.bakeoff("bench", "flat.onnx", "--engines", engines, *words, *QUICK, "--json").stdout)["runs"]
            self.assertEqual({(run["engine"], run["batch"]) for run in runs}, {(engine, batch) for engine in engines.split(",") for batch in batches})
            for run in runs:
                self.assertAlmostEqual(run["throughput_per_s"], run["samples"] * run["batch"] / (run["wall_ns"] * 1e-9), delta=1e-6 * run["throughput_per_s"])

    def test_the_batch_counts_where_only_an_engine_reads_the_file(self):
        self.needs("onnx", "openvino")
        self.bakeoff("make-model", "mlp", "flat.onnx", "--seed", "1")
        self.bakeoff("make-model", "mlp", "eight.onnx", "--seed", "1", "--batch", "8")
        self.bakeoff("convert", "flat.onnx", "flat.xml")
        for words, batch in ((["flat.xml", "--shape", "4x784"], 4), (["eight.onnx"], 8)):
            runs = [run for run in strict(self.bakeoff("bench", *words, *QUICK, "--json").stdout)["runs"] if run["status"] == "ok"]
            self.assertIn("openvino", [run["engine"] for run in runs])
            for run in runs:
                self.assertEqual(run["batch"], batch, run["engine"])
                self.assertAlmostEqual(run["throughput_per_s"], run["samples"] * batch / (run["wall_ns"] * 1e-9), delta=1e-6 * run["throughput_per_s"])


if __name__ == "__main__":
    unittest.main()
