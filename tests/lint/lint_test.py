#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Rules about the tree that a compiler does not check: who may include whom, names, headers, tests that are never run.

Each rule is a function over a tree's root, so that the rules themselves are tested on small broken trees
(RulesFindWhatTheyForbid): a lint that cannot fail is no lint.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
CODE = {".cc", ".h"}

# A folder may include itself and what stands in its row. Verbs may use each other only where named.
ALLOWED = {
    "include/bakeoff": set(),
    "src/core": {"include/bakeoff"},
    "src/graph": {"include/bakeoff", "src/core"},
    "src/worker": {"include/bakeoff", "src/core", "src/graph"},
    "engines": {"include/bakeoff", "src/core", "src/graph"},
    # A hop of a vendor reads that vendor's models with the code of its engine.
    "converters": {"include/bakeoff", "src/core", "src/graph", "engines"},
    "meters": {"include/bakeoff", "src/core", "src/graph"},
}
BELOW_VERBS = {"include/bakeoff", "src/core", "src/graph", "src/worker"}
VERBS = ["data", "train", "convert", "verify", "measure", "store", "report", "serve", "campaign"]
for verb in VERBS:
    # verify compares sessions and measure checks answers before timing with the same code; both are verbs.
    ALLOWED[f"src/{verb}"] = BELOW_VERBS | {f"src/{other}" for other in VERBS if other != verb}
ALLOWED["src/cli"] = BELOW_VERBS | {f"src/{verb}" for verb in VERBS}

ENGINE_NAMES = re.compile(r"(?<![a-z])(onnxruntime|openvino|tensorflow|litert|libtorch|opencv|tensorrt)", re.IGNORECASE)
ENGINE_NAMES_ALLOWED = ("src/train/", "src/core/formats.", "src/core/formats_test.")


def code_files(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CODE:
                yield path


def folder_of(root, path):
    relative = path.relative_to(root).as_posix()
    matches = [folder for folder in ALLOWED if relative.startswith(folder + "/")]
    return max(matches, key=len) if matches else None


def dependency_order(root):
    """Includes that go against the order of docs/architecture.md."""
    for path in code_files(root, "include", "src", "engines", "converters", "meters"):
        here = folder_of(root, path)
        if here is None:
            yield f"{path.relative_to(root)}: in a folder that the order of docs/architecture.md does not have"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            for base in ("include", "src", "", path.parent.relative_to(root).as_posix()):
                target = root / base / match[1]
                if target.exists():
                    there = folder_of(root, target)
                    if there and there != here and there not in ALLOWED[here]:
                        yield f"{path.relative_to(root)}:{number}: {here} may not include {match[1]} ({there})"
                    break


def engine_names(root):
    """Names of engines where only the contract may be known."""
    for path in code_files(root, "include", "src"):
        relative = path.relative_to(root).as_posix()
        if relative.startswith(ENGINE_NAMES_ALLOWED):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split("//")[0]
            match = ENGINE_NAMES.search(code)
            if match:
                yield f"{relative}:{number}: names the engine '{match[0]}'"


def spdx(root):
    """Source files start with the two-line header."""
    want = ("SPDX-License-Identifier: Apache-2.0", "Copyright 2026 The Bakeoff Authors")
    for folder in ("include", "src", "engines", "converters", "meters", "tests", "bench", "cmake", "deps", "tools"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CODE | {".py", ".sh", ".cmake"} or path.name == "CMakeLists.txt":
                head = path.read_text(errors="replace")[:400]
                if not all(part in head for part in want):
                    yield f"{path.relative_to(root)}: has no licence header"


def tests_are_built(root):
    """A *_test.cc lies in a folder whose CMakeLists.txt builds tests by pattern, or is named there."""
    for path in code_files(root, "src", "tests", "engines", "converters", "meters", "bench"):
        if not path.name.endswith("_test.cc"):
            continue
        lists = path.parent / "CMakeLists.txt"
        text = lists.read_text() if lists.exists() else ""
        if "bakeoff_unit_tests(" not in text and path.name not in text:
            yield f"{path.relative_to(root)}: no CMakeLists.txt beside it builds it"


def python_tests_are_run(root):
    """Every *_test.py is started by CTest: named, or globbed, in a CMakeLists.txt of its folder or above."""
    for path in sorted((root / "tests").rglob("*_test.py")):
        for folder in path.parents:
            lists = folder / "CMakeLists.txt"
            text = lists.read_text() if lists.exists() else ""
            if path.name in text or ("_test.py" in text and "GLOB" in text):
                break
            if folder == root:
                yield f"{path.relative_to(root)}: no CMakeLists.txt runs it"
                break


HOSTS = re.compile(r"(https?|ftp)://(?!127\.0\.0\.1|localhost|\[::1\])", re.IGNORECASE)


def no_hosts(root):
    """Packages come by name from whatever registry the machine is set up for: no address in anything that runs."""
    names = ["Makefile", "CMakeLists.txt", ".ci/run"]
    files = [root / name for name in names]
    for folder in ("deps", "cmake", "tools", "tests/setup"):
        files += [path for path in (root / folder).rglob("*") if path.is_file()]
    for path in files:
        if not path.exists() or path.suffix in {".pyc"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if HOSTS.search(line):
                yield f"{path.relative_to(root)}:{number}: names an address"


def open_ends(root):
    """TODO needs an issue number."""
    for path in code_files(root, "include", "src", "engines", "converters", "meters", "tests", "bench"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line) and not re.search(r"#\d+", line):
                yield f"{path.relative_to(root)}:{number}: an open end without an issue number"


RULES = [dependency_order, engine_names, spdx, tests_are_built, python_tests_are_run, no_hosts, open_ends]


class TreeFollowsTheRules(unittest.TestCase):
    def test_every_rule(self):
        for rule in RULES:
            with self.subTest(rule=rule.__name__):
                found = list(rule(ROOT))
                self.assertEqual(found, [], f"{rule.__doc__}\n" + "\n".join(found))

    def test_large_files_are_not_committed(self):
        listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True)
        if listed.returncode != 0:
            self.skipTest("not a git checkout")
        for name in listed.stdout.decode().split("\0"):
            path = ROOT / name
            if name and path.is_file():
                self.assertLess(path.stat().st_size, 1 << 20, name)


class RulesFindWhatTheyForbid(unittest.TestCase):
    """Each rule on a tree that breaks it."""

    CASES = [
        (dependency_order, "src/core/a.cc", '#include "cli/b.h"\n'),
        (dependency_order, "engines/a.cc", '#include "measure/b.h"\n'),
        (engine_names, "src/cli/a.cc", 'const char* kName = "onnxruntime";\n'),
        (engine_names, "include/bakeoff/a.h", "class OpenVinoThing;\n"),
        (spdx, "src/core/a.cc", "int x;\n"),
        (tests_are_built, "src/core/a_test.cc", "\n"),
        (python_tests_are_run, "tests/cli/a_test.py", "\n"),
        (no_hosts, "deps/setup.sh", "curl https://example.org/x\n"),
        (open_ends, "src/core/a.cc", "// TODO: later\n"),
    ]

    def test_every_rule(self):
        for rule, name, text in self.CASES:
            with self.subTest(rule=rule.__name__, file=name), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                for other in ("src/cli/b.h", "src/measure/b.h"):
                    (root / other).parent.mkdir(parents=True, exist_ok=True)
                    (root / other).write_text("")
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
                self.assertTrue(list(rule(root)), f"{rule.__name__} does not see {text!r}")

    def test_comments_may_name_engines(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src/core").mkdir(parents=True)
            (root / "src/core/a.cc").write_text("int x;  // openvino writes this\n")
            self.assertEqual(list(engine_names(root)), [])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
