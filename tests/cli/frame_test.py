#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""The frame of the command line: help, errors, exit codes, generated pages, output that cannot be written."""
import json
import os
import signal
import re
import subprocess
import unittest

import support


class Help(support.CliTest):
    def commands(self):
        """Every command, hidden ones as well, as the generated page lists them."""
        return re.findall(r"^## bakeoff (.+)$", self.bakeoff("docs", "cli").stdout, re.M)

    def test_every_command_has_an_example_that_is_one_of_its_own(self):
        for command in self.commands():
            text = self.bakeoff(*command.split(), "--help").stdout
            example = text.split("\nExample:\n")[1]
            self.assertRegex(example, rf"^  .*bakeoff {command}\b", command)
            self.assertEqual(text, self.bakeoff("help", *command.split()).stdout)
            for line in text.split("\nExample:\n")[0].splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_short_help_leaves_out_hidden_commands(self):
        text = self.bakeoff("--help").stdout
        self.assertIn("\n  engines ", text)
        self.assertNotIn("\n  docs", text)
        self.assertEqual(text, self.bakeoff("help").stdout)

    def test_page_is_up_to_date(self):
        page = (support.SOURCE / "docs/cli.md").read_text()
        self.assertEqual(page, self.bakeoff("docs", "cli").stdout, "run: bakeoff docs cli > docs/cli.md")

    def test_completion_is_bash_and_completes(self):
        script = self.bakeoff("docs", "completion").stdout
        asked = subprocess.run(
            ["bash", "-c", script + '\nCOMP_WORDS=(bakeoff engines --js) COMP_CWORD=2; _bakeoff; echo "${COMPREPLY[@]}"'
             '\nCOMP_WORDS=(bakeoff eng) COMP_CWORD=1; _bakeoff; echo "${COMPREPLY[@]}"'],
            capture_output=True, text=True)
        self.assertEqual(asked.stdout, "--json\nengines\n", asked.stderr)

    def test_every_help_fits_80_columns(self):
        page = (support.SOURCE / "docs/cli.md").read_text()
        commands = [line.removeprefix("## bakeoff ") for line in page.splitlines() if line.startswith("## bakeoff ")]
        self.assertIn("train", commands)
        for command in ("", *commands):
            with self.subTest(command=command):
                lines = self.bakeoff(*command.split(), "--help").stdout.splitlines()
                self.assertLessEqual(max(map(len, lines)), 80, max(lines, key=len))

    def test_version(self):
        self.assertRegex(self.bakeoff("--version").stdout, r"^bakeoff \d+\.\d+\.\d+\n$")


class Usage(support.CliTest):
    def test_wrong_words_fail(self):
        for words, says in [
            (["engins"], "bakeoff: unknown command 'engins'; did you mean 'engines'?\n"),
            (["engines", "--al"], "bakeoff: unknown option --al; did you mean '--all'? (see: bakeoff engines --help)\n"),
            (["engines", "--all", "--zzzzzzzz"], "bakeoff: unknown option --zzzzzzzz (see: bakeoff engines --help)\n"),
            (["engines", "x"], "bakeoff: one word too many: 'x' (see: bakeoff engines --help)\n"),
            (["engines", "--options"], "bakeoff: --options needs a value: ENGINE (see: bakeoff engines --help)\n"),
            (["engines", "--options="], "bakeoff: the option --options= has an empty value (see: bakeoff engines --help)\n"),
            (["engines", "--options", "a", "--options", "b"], "bakeoff: --options was given 2 times (see: bakeoff engines --help)\n"),
            (["engines", "--all=yes"], "bakeoff: --all takes no value; leave '=yes' out (see: bakeoff engines --help)\n"),
            ([""], "bakeoff: the command is empty; there are: run, engines, inspect, bench"),
            (["docs"], "bakeoff: TEXT is missing: "),
            (["--verbose"], "bakeoff: unknown option --verbose"),
            (["--log-level", "loud", "engines"], "bakeoff: unknown log level 'loud'; there are: error, warn, info, debug, off\n"),
            (["help", "engins"], "bakeoff: unknown command 'engins'; did you mean 'engines'?\n"),
        ]:
            with self.subTest(words=words):
                self.fails(*words, says=says)

    def test_no_command_fails_with_the_list(self):
        self.assertIn("Commands:", self.bakeoff(code=2).stderr)

    def test_a_word_that_is_the_name_of_a_command_is_a_word(self):
        self.bakeoff("engines", "--json", "help")
        self.assertIn("engines", json.loads((self.folder / "help").read_text()))


class Output(support.CliTest):
    def test_stdout_that_cannot_be_written_fails(self):
        with open("/dev/full", "w") as full:
            result = self.bakeoff("docs", "cli", code=3, stdout=full)
        self.assertEqual(result.stderr, "bakeoff: cannot write to stdout: No space left on device\n")
        closed = subprocess.run(["sh", "-c", 'exec "$0" docs cli >&-', support.PROGRAM], capture_output=True, text=True, env=self.env)
        self.assertEqual((closed.returncode, closed.stderr), (3, "bakeoff: cannot write to stdout: Bad file descriptor\n"))
        read, write = os.pipe()
        os.close(read)
        # As with any filter: whoever closed the pipe has seen enough, and nobody needs to hear of it.
        result = self.bakeoff("docs", "cli", code=128 + signal.SIGPIPE, stdout=write)
        os.close(write)
        self.assertEqual(result.stderr, "")

    def test_stderr_that_nobody_reads_ends_no_work(self):
        read, write = os.pipe()
        os.close(read)
        with open("/dev/full", "w") as full:
            for stderr in (write, full):
                self.bakeoff("docs", "nothing", code=2, stderr=stderr)
                self.bakeoff("make-model", "mlp", "net.onnx", "--force", code=0, stderr=stderr)
        os.close(write)

    def test_files_that_cannot_be_written_fail(self):
        for file, code, says in [
            ("/dev/full", 3, "/dev/full: cannot write: No space left on device"),
            ("nowhere/x.json", 2, "nowhere/x.json: cannot write: No such file or directory"),
            (self.folder, 3, "cannot write: Is a directory"),
            ("model.onnx", 2, "that is the name of a model (ONNX)"),
        ]:
            with self.subTest(file=file):
                self.bakeoff_refuses_file(file, code, says)

    def bakeoff_refuses_file(self, file, code, says):
        result = self.bakeoff("engines", "--json", file, code=code)
        self.assertIn(says, result.stderr)

    def test_a_full_disk_fails_and_keeps_the_old_file(self):
        folder = self.small_disk(64)
        result = folder / "result.json"
        result.write_text("old")
        (folder / "ballast").write_bytes(b"x" * (60 << 10))
        answer = self.bakeoff("engines", "--json", result, code=3)
        self.assertIn(f"{result}: cannot write: No space left on device; free some space there or name another place", answer.stderr)
        self.assertEqual(result.read_text(), "old")
        self.assertEqual(sorted(os.listdir(folder)), ["ballast", "result.json"])


if __name__ == "__main__":
    unittest.main()
