# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""deps/setup.sh: killed and concurrent runs, wrong content, packages that cannot be had, unknown names, repeated runs."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import package_index as packages

SOURCE = pathlib.Path(os.environ.get("BAKEOFF_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
SETUP = SOURCE / "deps" / "setup.sh"
LIBRARY = packages.noise(400_000, seed=1)


def stanza(name, files, why, extra=""):
    """One stanza of a lock; files: (kind, requirement, file name, content, takes[, hash])."""
    lines = [f"name: {name}", "version: 1.0", f"needed-by: {why}", "disk: 1"]
    for kind, requirement, file, content, takes, *rest in files:
        digest = rest[0] if rest else packages.sha256(content)
        tail = " backend=not_there.backend" if kind == "sdist" else ""
        lines.append(f"file: {kind} {requirement} {len(content)} {digest} {file}{tail}")
        lines += [f"take: {take}" for take in takes]
    return "\n".join(lines) + "\n" + extra + "\n"


class SetupTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bakeoff-setup-"))
        self.cache = self.folder / "cache"
        self.lock = self.folder / "deps.lock"
        self.output = self.folder / "out" / "deps.cmake"
        self.index = packages.PackageIndex()
        self.alpha = packages.wheel("alpha", "1.0", {"alpha/libalpha.so": LIBRARY, "alpha/unwanted.py": b"no"})
        self.beta = packages.wheel("beta", "1.0", {"beta/libbeta.so": b"beta"})
        self.index.files = {"alpha-1.0-py3-none-any.whl": self.alpha, "beta-1.0-py3-none-any.whl": self.beta}
        self.stanzas = {
            "alpha": stanza("alpha", [("wheel", "alpha==1.0", "alpha-1.0-py3-none-any.whl", self.alpha,
                                       ["alpha/libalpha.so -> lib/"])], "engine alpha"),
            "beta": stanza("beta", [("wheel", "beta==1.0", "beta-1.0-py3-none-any.whl", self.beta,
                                     ["beta/libbeta.so -> lib/"])], "engine beta"),
        }
        self.processes = []

    def tearDown(self):
        self.index.close()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *arguments, **environment):
        """Starts a set-up; its words go to a file, so that they can be read while it runs."""
        self.lock.write_text("\n".join(self.stanzas.values()))
        variables = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "BAKEOFF_"))}
        variables.update(PIP_INDEX_URL=self.index.address, PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0",
                         PIP_DEFAULT_TIMEOUT="300", npm_config_registry=f"{self.index.root}/node/", npm_config_fetch_retries="0",
                         npm_config_proxy="", npm_config_https_proxy="", npm_config_noproxy="*", NO_PROXY="*", BAKEOFF_CACHE=str(self.cache), BAKEOFF_SKIP_APT="1",
                         **environment)
        words = self.folder / f"words.{len(self.processes)}"
        with words.open("w") as log:
            process = subprocess.Popen([SETUP, "--lock", self.lock, "--output", self.output, *arguments],
                                       env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        process.words = words.read_text
        self.processes.append(process)
        return process

    def run_setup(self, *arguments, **environment):
        process = self.start(*arguments, **environment)
        process.wait(timeout=200)
        process.stderr = process.words()
        return process

    def wait_for(self, condition, what):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what} did not happen")
            time.sleep(0.01)

    def clients(self):
        """Processes that were told to work in this test's cache."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self.cache).encode() in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:
                pass
        return found

    def installed(self, name, file):
        found = list(self.cache.glob(f"pkg/{name}-1.0-*/{file}"))
        self.assertLessEqual(len(found), 1, found)
        return found[0].read_bytes() if found else None

    def assert_alpha_is_right(self):
        self.assertEqual(packages.sha256(self.installed("alpha", "lib/libalpha.so") or b""), packages.sha256(LIBRARY))
        self.assertEqual(list((self.cache / "tmp").iterdir()), [], "left-overs of a killed run")

    def start_and_hold(self):
        """A run whose download of alpha has begun and cannot end before the index is told so."""
        self.index.hold_after = 50_000
        run = self.start("--engines", "alpha")
        self.wait_for(lambda: self.index.sent >= 50_000, "a download")
        self.assertLess(self.index.sent, len(self.alpha), "premise: the download is not finished")
        self.assertNotEqual(self.clients(), [], "premise: a download client runs")
        return run

    def start_and_wait_for_lock(self):
        run = self.start("--engines", "alpha")
        self.wait_for(lambda: "another set-up is at it" in run.words(), "the second run's waiting")
        return run

    # Two at once on an empty cache, one killed in mid-download: a third run ends with the right hashes.
    def test_TwoAtOnceOneKilledEndsRight(self):
        first = self.start_and_hold()
        second = self.start_and_wait_for_lock()
        first.kill()
        self.assertEqual(first.wait(), -signal.SIGKILL)
        self.index.release()
        self.assertEqual(second.wait(timeout=200), 0, second.words())
        third = self.run_setup()
        self.assertEqual(third.returncode, 0, third.stderr)
        self.assert_alpha_is_right()

    def test_BothKilledStartsOverCleanly(self):
        runs = [self.start_and_hold(), self.start_and_wait_for_lock()]
        for run in reversed(runs):
            run.kill()
            run.wait()
        self.assertNotEqual(list((self.cache / "tmp").iterdir()), [], "premise: the kill left something behind")
        self.index.release()
        third = self.run_setup()
        self.assertEqual(third.returncode, 0, third.stderr)
        self.assert_alpha_is_right()

    def test_TwoAtOnceDownloadOnlyOnce(self):
        runs = [self.start_and_hold(), self.start_and_wait_for_lock()]
        self.index.release()
        for run in runs:
            self.assertEqual(run.wait(timeout=200), 0, run.words())
        self.assertLess(self.index.sent, 1.5 * len(self.alpha))
        self.assert_alpha_is_right()

    def test_InterruptLeavesNoProcessAndNoHalfMadeFolder(self):
        run = self.start_and_hold()
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 130, run.words())
        self.assertIn("interrupted", run.words())
        self.wait_for(lambda: not self.clients(), "the end of the download client")
        self.assertEqual(list((self.cache / "tmp").iterdir()), [])

    def test_DownloadCutShortStartsOver(self):
        self.index.cut_after = 100_000
        first = self.run_setup("--engines", "alpha")
        self.assertNotEqual(first.returncode, 0, first.stderr)
        self.assertIsNone(self.installed("alpha", "lib/libalpha.so"))
        self.index.cut_after = None
        second = self.run_setup("--engines", "alpha")
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assert_alpha_is_right()

    def test_WrongContentFails(self):
        expected = "0" * 64
        self.stanzas["alpha"] = stanza("alpha", [("wheel", "alpha==1.0", "alpha-1.0-py3-none-any.whl", self.alpha,
                                                  ["alpha/libalpha.so -> lib/"], expected)], "engine alpha")
        # Also when the engine is only a default one: wrong content is never just left out.
        run = self.run_setup()
        self.assertEqual(run.returncode, 3, run.stderr)
        for word in ("alpha-1.0-py3-none-any.whl", expected, packages.sha256(self.alpha)):
            self.assertIn(word, run.stderr)
        self.assertIsNone(self.installed("alpha", "lib/libalpha.so"))

    def test_DamagedFinishedDownloadFails(self):
        self.assertEqual(self.run_setup("--engines", "alpha", BAKEOFF_KEEP_DOWNLOADS="1").returncode, 0)
        kept = next(self.cache.glob("download/*/alpha-1.0-py3-none-any.whl"))
        kept.write_bytes(b"damaged")
        shutil.rmtree(next(self.cache.glob("pkg/alpha-*")))
        run = self.run_setup("--engines", "alpha")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn(packages.sha256(b"damaged"), run.stderr)
        # The damaged file is gone, so the next run gets it again.
        self.assertEqual(self.run_setup("--engines", "alpha").returncode, 0)
        self.assert_alpha_is_right()

    def test_EngineThatCannotBeHadIsLeftOut(self):
        self.index.refused.add("alpha")
        run = self.run_setup()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("alpha left out:", run.stderr)
        self.assertEqual(self.installed("beta", "lib/libbeta.so"), b"beta")
        cmake = self.output.read_text()
        self.assertIn("BAKEOFF_DEP_beta", cmake)
        self.assertNotIn("BAKEOFF_DEP_alpha", cmake)
        self.assertIn("BAKEOFF_LEFT_OUT_alpha", cmake)

    def test_EngineAskedForThatCannotBeHadFails(self):
        self.index.refused.add("alpha")
        run = self.run_setup("--engines", "alpha,beta")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("error: alpha", run.stderr)
        self.assertEqual(self.installed("beta", "lib/libbeta.so"), b"beta")

    def test_BaseThatCannotBeHadFails(self):
        self.index.refused.add("alpha")
        self.stanzas["alpha"] = self.stanzas["alpha"].replace("engine alpha", "base")
        self.assertEqual(self.run_setup("--engines", "none").returncode, 3)

    def test_UnknownEngineFails(self):
        run = self.run_setup("--engines", "alhpa")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn('did you mean "alpha"?', run.stderr)
        self.assertIn("Known: alpha beta", run.stderr)
        self.assertEqual(self.index.requests, 0)

    def test_SubsetAndNone(self):
        self.assertEqual(self.run_setup("--engines", "none").returncode, 0)
        self.assertEqual(self.index.requests, 0)
        self.assertEqual(self.run_setup("--engines", "beta").returncode, 0)
        self.assertEqual(self.installed("beta", "lib/libbeta.so"), b"beta")
        self.assertIsNone(self.installed("alpha", "lib/libalpha.so"))

    def test_OptionalEngineComesByNameAndStays(self):
        # Out of the same archive as alpha.
        self.stanzas["gamma"] = stanza("gamma", [("wheel", "alpha==1.0", "alpha-1.0-py3-none-any.whl", self.alpha,
                                                  ["alpha/unwanted.py -> lib/"])], "optional-engine gamma")
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertIsNone(self.installed("gamma", "lib/unwanted.py"))
        shutil.rmtree(self.cache)
        before = self.index.sent
        run = self.run_setup("--engines", "default,gamma")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((self.installed("gamma", "lib/unwanted.py"), self.installed("beta", "lib/libbeta.so")), (b"no", b"beta"))
        self.assert_alpha_is_right()
        self.assertLess(self.index.sent - before, 2 * len(self.alpha), "the shared archive came twice")
        self.assertEqual([path for path in (self.cache / "download").glob("*/*")], [], "archives that nobody needs any more")
        self.assertEqual(self.run_setup().returncode, 0)
        for name in ("alpha", "beta", "gamma"):
            self.assertIn(f"BAKEOFF_DEP_{name} ", self.output.read_text())

    def test_SecondRunIsQuickAndChangesNothing(self):
        started = time.monotonic()
        self.assertEqual(self.run_setup().returncode, 0)
        self.assertGreater(self.index.requests, 0)
        requests, stamp, first = self.index.requests, self.output.stat().st_mtime_ns, time.monotonic() - started
        started = time.monotonic()
        self.assertEqual(self.run_setup().returncode, 0)
        # A ratio of one run, not a time: CI machines are busy.
        self.assertLess(time.monotonic() - started, first / 2)
        self.assertEqual(self.index.requests, requests)
        self.assertEqual(self.output.stat().st_mtime_ns, stamp)

    def test_ChangedStanzaMakesANewFolder(self):
        self.assertEqual(self.run_setup("--engines", "beta").returncode, 0)
        self.stanzas["beta"] = self.stanzas["beta"].rstrip("\n") + "\nlink: lib/link.so -> libbeta.so\n"
        self.assertEqual(self.run_setup("--engines", "beta").returncode, 0)
        self.assertEqual(len(list(self.cache.glob("pkg/beta-*"))), 2)
        self.assertEqual(len(list(self.cache.glob("pkg/beta-*/lib/link.so"))), 1)

    def test_OnlyTheWantedFilesAreKept(self):
        self.assertEqual(self.run_setup("--engines", "alpha").returncode, 0)
        self.assertEqual([path.name for path in self.cache.glob("pkg/alpha-*/**/*") if path.is_file()], ["libalpha.so"])
        self.assertEqual(list(self.cache.glob("download/*")), [])

    # pip would run the archive's own build code to learn its name; ours must not.
    def test_SourceArchiveIsNeverRun(self):
        trap = self.folder / "ran"
        build = f"open({str(trap)!r}, 'w')\n".encode()
        source = packages.sdist("gamma", "1.0", {
            "pyproject.toml": b'[build-system]\nrequires = ["not-there"]\nbuild-backend = "not_there.backend"\n',
            "setup.py": build, "not_there/backend.py": build, "gamma.cc": b"int gamma;"})
        self.index.files["gamma-1.0.tar.gz"] = source
        self.stanzas["gamma"] = stanza("gamma", [("sdist", "gamma==1.0", "gamma-1.0.tar.gz", source, ["gamma-1.0/ -> ./"])],
                                       "extra sources")
        run = self.run_setup("--engines", "none", "--with", "sources")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.installed("gamma", "gamma.cc"), b"int gamma;")
        self.assertFalse(trap.exists())

    def add_node_package(self, content=None):
        """A package for Node whose scripts leave a trace if anybody runs them."""
        trap = self.folder / "ran"
        scripts = {event: f"touch {trap}" for event in ("prepack", "prepare", "preinstall", "install", "postinstall")}
        package = packages.node_package("delta", "1.0.0", {
            "package.json": json.dumps({"name": "delta", "version": "1.0.0", "scripts": scripts}).encode(),
            "dist/delta.min.js": b"var delta;", "dist/unwanted.js": b"no"})
        self.index.files["delta-1.0.0.tgz"] = content or package
        self.stanzas["delta"] = stanza("delta", [("npm", "delta@1.0.0", "delta-1.0.0.tgz", package, ["package/dist/delta.min.js -> ./"])],
                                       "extra charts")
        return trap

    @unittest.skipUnless(shutil.which("npm"), "there is no npm on PATH")
    def test_NodePackageIsTakenApartAndNeverRun(self):
        trap = self.add_node_package()
        run = self.run_setup("--engines", "none", "--with", "charts")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([path.name for path in self.cache.glob("pkg/delta-*/**/*") if path.is_file()], ["delta.min.js"])
        self.assertEqual(self.installed("delta", "delta.min.js"), b"var delta;")
        self.assertFalse(trap.exists())
        self.assertEqual(list(self.cache.glob("download/*")), [])

    @unittest.skipUnless(shutil.which("npm"), "there is no npm on PATH")
    def test_NodePackageOfOtherContentFails(self):
        self.add_node_package(packages.node_package("delta", "1.0.0", {"package.json": b'{"name": "delta", "version": "1.0.0"}'}))
        run = self.run_setup("--engines", "none", "--with", "charts")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("the content is not what", run.stderr)
        self.assertIsNone(self.installed("delta", "delta.min.js"))

    @unittest.skipUnless(shutil.which("npm"), "there is no npm on PATH")
    def test_NodePackageThatIsNotThereFails(self):
        self.add_node_package()
        self.index.files.pop("delta-1.0.0.tgz")
        run = self.run_setup("--engines", "none", "--with", "charts")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("delta-1.0.0.tgz (delta@1.0.0) cannot be had", run.stderr)

    def test_DiskTooSmallFailsBeforeDownloading(self):
        self.stanzas["alpha"] = self.stanzas["alpha"].replace("disk: 1", "disk: 999999999")
        run = self.run_setup()
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("MB free", run.stderr)
        self.assertEqual(self.index.requests, 0)

    def test_OverrideWithoutTheFilesFails(self):
        self.stanzas["alpha"] = self.stanzas["alpha"].rstrip("\n") + "\noverride: ALPHA_ROOT\ncheck: lib/libalpha.so\n"
        run = self.run_setup(ALPHA_ROOT=str(self.folder))
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("lib/libalpha.so", run.stderr)
        (self.folder / "lib").mkdir()
        (self.folder / "lib" / "libalpha.so").write_bytes(b"own")
        self.assertEqual(self.run_setup(ALPHA_ROOT=str(self.folder)).returncode, 0)
        self.assertIn(f'BAKEOFF_DEP_alpha "{self.folder}"', self.output.read_text())

    def test_OtherMachineIsLeftOut(self):
        self.stanzas["alpha"] = self.stanzas["alpha"].replace("disk: 1", "disk: 1\narch: other")
        self.assertEqual(self.run_setup().returncode, 0)
        asked = self.run_setup("--engines", "alpha")
        self.assertEqual(asked.returncode, 3, asked.stderr)
        self.assertIn("no package for", asked.stderr)

    def test_BrokenLockFails(self):
        self.stanzas["alpha"] = "name: alpha\nversion: 1.0\ncolour: red\n"
        run = self.run_setup()
        self.assertEqual(run.returncode, 3)
        self.assertIn('stanza "alpha": unknown key "colour"', run.stderr)

    def test_NeitherRootNorSudoFails(self):
        if not shutil.which("dpkg-query"):
            self.skipTest("no dpkg-query on this machine")
        tools = self.folder / "tools"
        tools.mkdir()
        for tool in pathlib.Path("/usr/bin").iterdir():
            if tool.name != "sudo":
                (tools / tool.name).symlink_to(tool)
        os.chmod(self.folder, 0o755)
        lock = self.folder / "apt.lock"
        lock.write_text("name: debian\nneeded-by: base\napt: bash no-such-package-of-bakeoff\n")
        shutil.copytree(SOURCE / "deps", self.folder / "deps")
        drop = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        run = subprocess.run([self.folder / "deps" / "setup.sh", "--lock", lock, "--output", self.folder / "x"], **drop,
                             env={"PATH": str(tools), "HOME": str(self.folder / "absent"), "BAKEOFF_CACHE": str(self.folder / "absent/cache")},
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("neither root nor able to use sudo", run.stderr)
        self.assertIn("no-such-package-of-bakeoff", run.stderr)
        self.assertNotIn("recommends bash", run.stderr)


if __name__ == "__main__":
    unittest.main()
