# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A package index on this machine whose downloads can be held, cut short or refused, and small packages to put in it."""
import hashlib
import http.server
import io
import json
import random
import tarfile
import threading
import zipfile


def wheel(name, version, files):
    """The bytes of a pure wheel holding `files` (path -> bytes)."""
    buffer = io.BytesIO()
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def sdist(name, version, files):
    """The bytes of a source archive holding `files` (path -> bytes)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def node_package(name, version, files):
    """The bytes of a package for Node as its client packs it: everything under package/."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def noise(size, seed):
    """Bytes that do not compress, the same for the same seed."""
    return random.Random(seed).randbytes(size)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class PackageIndex:
    """Serves /simple/NAME/ (Python), /node/NAME (Node) and /files/FILE; counts what it does so that tests can check their own premises."""

    def __init__(self):
        self.files = {}  # file name -> bytes
        self.refused = set()  # project names that are answered with 403
        self.cut_after = None  # bytes after which a download is dropped
        self.hold_after = None  # bytes after which a download waits until release()
        self.released = threading.Event()
        self.requests = 0
        self.sent = 0
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                index.requests += 1
                index.answer(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.address = f"{self.root}/simple"

    def release(self):
        self.hold_after = None
        self.released.set()

    def close(self):
        self.release()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        kind, _, name = handler.path.strip("/").partition("/")
        if name in self.refused:
            handler.send_error(403)
        elif kind == "simple":
            project = name.replace("-", "_")
            links = [f'<a href="/files/{file}">{file}</a>' for file in self.files if file.startswith(project + "-")]
            if links:
                self.send(handler, "".join(links).encode(), "text/html")
            else:
                handler.send_error(404)
        elif kind == "node":
            self.answer_node(handler, name)
        elif name in self.files:
            self.send(handler, self.files[name], "application/octet-stream", held=True)
        else:
            handler.send_error(404)

    def answer_node(self, handler, name):
        versions = {}
        for file, content in self.files.items():
            if file.startswith(name + "-") and file.endswith(".tgz"):
                version = file[len(name) + 1:-4]
                versions[version] = {"name": name, "version": version,
                                     "dist": {"tarball": f"{self.root}/files/{file}", "shasum": hashlib.sha1(content).hexdigest()}}
        if versions:
            document = {"name": name, "dist-tags": {"latest": sorted(versions)[-1]}, "versions": versions}
            self.send(handler, json.dumps(document).encode(), "application/json")
        else:
            handler.send_error(404)

    def send(self, handler, content, kind, held=False):
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        step = 8192
        try:
            for start in range(0, len(content), step):
                if held and self.cut_after is not None and start >= self.cut_after:
                    handler.close_connection = True
                    return
                handler.wfile.write(content[start:start + step])
                if held:
                    self.sent += step
                    if self.hold_after is not None and self.sent >= self.hold_after:
                        self.released.wait()
        except (BrokenPipeError, ConnectionResetError):
            pass
