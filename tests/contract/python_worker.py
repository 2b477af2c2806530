#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A worker of 60 lines, written from docs/architecture.md alone: output n of its model is input n, whatever file the model is."""
import json, math, os, queue, struct, sys, threading, time
SIZES = dict(f32=4, f16=2, bf16=2, f64=8, i8=1, u8=1, i16=2, i32=4, i64=8, bool=1)
INFO = {"name": "python", "version": "1", "reads": ["any"], "devices": ["cpu"], "precisions": ["f32"], "options": [],
        "batch_changes_after_load": True, "max_requests": 1, "note": "", "for_testing": True, "libraries": []}
requests, cancelled, model, output, now = queue.Queue(), threading.Event(), {}, os.fdopen(os.dup(1), "wb"), time.perf_counter_ns
Refused, fits = type("Refused", (Exception,), {}), lambda known, shape: len(known) == len(shape) and all(k in (-1, s) for k, s in zip(known, shape))
def send(head, tensors=()):
    text = json.dumps(head | ({"tensors": [spec for spec, _ in tensors]} if tensors else {})).encode()
    output.write(struct.pack("<IQ", len(text), sum(len(data) for _, data in tensors)) + text + b"".join(data for _, data in tensors)); output.flush()
def exactly(count): return data if len(data := sys.stdin.buffer.read(count)) == count else os._exit(0)
def read_requests():
    while True:
        text, payload = struct.unpack("<IQ", exactly(12))
        if text > 16 << 20 or payload > 8 << 30: os._exit(3)
        head = json.loads(exactly(text))
        head["tensors"] = [(spec, exactly(SIZES[spec["type"]] * math.prod(spec["shape"]))) for spec in head.get("tensors", [])]
        cancelled.set() if head["op"] == "cancel" else (cancelled.clear(), requests.put(head))
def load(head):
    artifact, options, start = head["artifact"], head["options"], now()
    inputs = artifact["inputs"] or [{"name": "input", "type": "f32", "shape": [-1, 4]}]
    if not os.path.exists(artifact["path"]): raise Refused("not_found", artifact["path"] + ": no such file")
    if (what := "tell the time of operators" if options.get("profile") else "compute in " + options["precision"]) != "compute in f32": raise Refused("unsupported", f"python does not {what}")
    if options["engine"]: raise Refused("usage", f"python has no option '{next(iter(options['engine']))}': it has none")
    for name, shape in options["shapes"].items():
        known = [spec["shape"] for spec in inputs if spec["name"] == name or not name and len(inputs) == 1]
        if not known: raise Refused("usage", f"the model has no input '{name}'")
        if not fits(known[0], shape): raise Refused("usage", f"{name}: {shape} is not {known[0]}")
    model.update(inputs=inputs, outputs=[dict(spec, name=f"output{n or ''}") for n, spec in enumerate(inputs)])
    return model | {"effective": {"threads": 1}, "load_ns": now() - start}, []
def run(head):
    given, start = {spec["name"]: (spec, data) for spec, data in head["tensors"]}, now()
    if not model or set(given) != {spec["name"] for spec in model["inputs"]}: raise Refused("usage", "no model is loaded, or not its inputs")
    for spec, got in [(spec, given[spec["name"]][0]) for spec in model["inputs"]]:
        if got["type"] != spec["type"] or not fits(spec["shape"], got["shape"]): raise Refused("usage", f"input '{spec['name']}' is not {got['type']} {got['shape']}")
    outputs = [(dict(given[i["name"]][0], name=o["name"]), given[i["name"]][1]) for i, o in zip(model["inputs"], model["outputs"])]
    return {"run_ns": now() - start}, outputs
def measure(head):
    plan, samples, warm, stop, start = head["plan"], [], 0, None, now()
    while warm < plan["warmup"]["min_runs"] and not cancelled.is_set(): warm += bool(run(head))
    timed = now()
    while not stop:
        stop = ("cancelled" if cancelled.is_set() else "count" if plan["count"] and len(samples) >= plan["count"] else "max_samples" if
                len(samples) >= plan["max_samples"] else "duration" if plan["duration_ns"] and now() - timed >= plan["duration_ns"] else None)
        if not stop: samples.append(run(head)[0]["run_ns"])
    result = {"stop_reason": stop, "warmup_runs": warm, "warmup_ns": timed - start, "runs": len(samples), "wall_ns": now() - timed, "requests": 1}
    return {"result": result}, [({"name": "latency_ns", "type": "i64", "shape": [len(samples)]}, struct.pack(f"<{len(samples)}q", *samples))]
OPS = {"describe": lambda head: ({"info": INFO}, []), "load": load, "infer": run, "measure": measure, "unload": lambda head: (model.clear() or {}, []), "bye": lambda head: ({}, [])}
if sys.argv[1:2] == ["--cpus"]: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[2])]); del sys.argv[1:3]
if sys.argv[1:]: sys.exit(print(json.dumps(INFO)) if sys.argv[1:] == ["--describe"] else 2)
output.write(b"\1BAKEOFF-WORKER\2" + struct.pack("<I", 1)); send({"hello": {"worker": "python", "pid": os.getpid(), "shm": False}})
threading.Thread(target=read_requests, daemon=True).start()
while (head := requests.get()):
    try: send({"id": head["id"], "ok": (reply := OPS[head["op"]](head) if head["op"] in OPS else ())[0]}, reply[1])
    except IndexError: send({"id": head["id"], "error": {"code": "unsupported", "text": f"python does not know '{head['op']}'"}})
    except Refused as error: send({"id": head["id"], "error": dict(zip(("code", "text"), error.args))})
    if head["op"] == "bye": os._exit(0)
