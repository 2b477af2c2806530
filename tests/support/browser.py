# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A headless Chromium, driven by chromedriver's WebDriver protocol (W3C) over plain HTTP on this machine."""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


def missing():
    """What is not on this machine, in words; None where everything is."""
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return "no Chromium here (deps/setup.sh --with browser)"
    return None if shutil.which("chromedriver") else "no chromedriver here (deps/setup.sh --with browser)"


class Browser:
    """One window. Close it, or use it in a `with`."""

    def __init__(self, dark=False, scripts=True):
        self.folder = tempfile.TemporaryDirectory()
        self.log = open(pathlib.Path(self.folder.name) / "driver.log", "w+")
        # It chooses the port itself and prints it.
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, env=os.environ | {"HOME": self.folder.name})
        self.session = None
        try:
            self.root = f"http://127.0.0.1:{self.port()}"
            words = ["--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", f"--user-data-dir={self.folder.name}/profile"]
            if os.geteuid() == 0:
                words.append("--no-sandbox")  # which root cannot have
            options = {"args": words}
            if not scripts:
                options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
            answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
            self.session = answer["sessionId"]
            self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def port(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            text = pathlib.Path(self.log.name).read_text()
            # Before that it says "Starting ... on port 0".
            found = re.search(r"successfully on port (\d+)", text)
            if found:
                return int(found[1])
            time.sleep(0.05)
        raise TimeoutError("chromedriver did not start: " + pathlib.Path(self.log.name).read_text())

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.root + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {json.load(error)['value']['message']}") from None

    def command(self, method, path, body=None):
        return self.ask(method, f"/session/{self.session}{path}", body)

    def devtools(self, command, **parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path):
        self.command("POST", "/url", {"url": pathlib.Path(path).resolve().as_uri()})

    def run(self, script, *arguments):
        """The value of a script's `return`."""
        return self.command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def log_of(self, kind):
        return self.command("POST", "/se/log", {"type": kind})

    def requests(self):
        """Addresses that the page asked for."""
        found = []
        for entry in self.log_of("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return found

    def press(self, key):
        self.command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def picture(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.command("GET", "/screenshot")))

    def close(self):
        if self.session:
            try:
                self.command("DELETE", "")
            except (OSError, RuntimeError):
                pass
            self.session = None
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()
        self.folder.cleanup()
