#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""A worker of 60 lines from docs/architecture.md alone: output n of its model is input n, whatever file the model is."""
import json, math, os, queue, struct, sys, threading, time
SIZES = dict(f32=4, f16=2, bf16=2, f64=8, i8=1, u8=1, i16=2, i32=4, i64=8, bool=1)
INFO = {"name": "python", "version": "1", "reads": ["any"], "devices": ["cpu"], "precisions": ["f32"], "options": [{"name": "delay_ms", "default": "0",
        "help": "Sleep per run.", "choices": ""}], "batch_changes_after_load": True, "max_requests": 1, "note": "", "for_testing": True, "libraries": []}
requests, cancelled, model, output = queue.Queue(), threading.Event(), {}, os.fdopen(os.dup(1), "wb")
class Refused(Exception): pass
def send(head, tensors=()):
    text = json.dumps(head | ({"tensors": [spec for spec, _ in tensors]} if tensors else {})).encode()
    output.write(struct.pack("<IQ", len(text), sum(len(data) for _, data in tensors)) + text + b"".join(data for _, data in tensors))
    output.flush()
def exactly(count):
    data = sys.stdin.buffer.read(count)
    return data if len(data) == count else os._exit(0)
def read_requests():
    while True:
        text, payload = struct.unpack("<IQ", exactly(12))
        if text > 16 << 20 or payload > 8 << 30: os._exit(3)
        head = json.loads(exactly(text))
        head["tensors"] = [(spec, exactly(SIZES[spec["type"]] * math.prod(spec["shape"]))) for spec in head.get("tensors", [])]
        if head["op"] == "cancel": cancelled.set()
        else: requests.put(head)
def load(head):
    artifact, options, start = head["artifact"], head["options"], time.perf_counter_ns()
    if not os.path.exists(artifact["path"]): raise Refused("not_found", artifact["path"] + ": no such file")
    for name in options["engine"]:
        if name != "delay_ms": raise Refused("usage", f"python has no option '{name}'; it has: delay_ms")
    inputs = artifact["inputs"] or [{"name": "input", "type": "f32", "shape": [-1, 4]}]
    outputs = [dict(spec, name=f"output{n or ''}") for n, spec in enumerate(inputs)]
    for spec in inputs:
        shape = options["shapes"].get(spec["name"], spec["shape"])
        if len(shape) != len(spec["shape"]) or -1 in shape[1:]: raise Refused("usage", f"input '{spec['name']}' needs a concrete shape like {spec['shape']}")
    for name in set(options["shapes"]) - {spec["name"] for spec in inputs}: raise Refused("usage", f"no input '{name}'")
    model.update(inputs=inputs, outputs=outputs, delay=float(options["engine"].get("delay_ms", 0)) / 1e3)
    return {"inputs": inputs, "outputs": outputs, "effective": {"threads": 1}, "load_ns": time.perf_counter_ns() - start}, []
def run(head):
    given, start = {spec["name"]: (spec, data) for spec, data in head["tensors"]}, time.perf_counter_ns()
    if sorted(given) != sorted(spec["name"] for spec in model.get("inputs", [])): raise Refused("usage", "no model is loaded, or not its inputs")
    results = [(dict(given[i["name"]][0], name=o["name"]), given[i["name"]][1]) for i, o in zip(model["inputs"], model["outputs"])]
    if model["delay"]: time.sleep(model["delay"])
    return time.perf_counter_ns() - start, results
def measure(head):
    plan, start, warm, samples = head["plan"], time.perf_counter_ns(), 0, []
    while warm < plan["warmup"]["min_runs"] and time.perf_counter_ns() - start < plan["warmup"]["max_ns"]: warm += bool(run(head))
    timed = time.perf_counter_ns()
    stops = [("cancelled", lambda: cancelled.is_set()), ("count", lambda: len(samples) >= (plan["count"] or 1 << 62)), ("max_samples", lambda:
             len(samples) >= plan["max_samples"]), ("duration", lambda: time.perf_counter_ns() - timed >= (plan["duration_ns"] or 1 << 62))]
    while not (stop := next((name for name, test in stops if test()), None)): samples.append(run(head)[0])
    return {"result": {"stop_reason": stop, "warmup_runs": warm, "warmup_ns": timed - start, "runs": len(samples), "wall_ns": time.perf_counter_ns() - timed, "requests": 1,
            "cpu_ns": time.process_time_ns(), "runner_overhead_ns": 0}}, [({"name": "latency_ns", "type": "i64", "shape": [len(samples)]}, struct.pack(f"<{len(samples)}q", *samples))]
OPS = {"describe": lambda head: ({"info": INFO}, []), "load": load, "infer": lambda head: (lambda ran: ({"run_ns": ran[0]}, ran[1]))(run(head)),
       "measure": measure, "unload": lambda head: (model.clear() or {}, []), "bye": lambda head: ({}, [])}
arguments = sys.argv[1:]
if arguments[:1] == ["--cpus"]: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(arguments[1])]); arguments = arguments[2:]
if arguments: sys.exit(print(json.dumps(INFO)) if arguments == ["--describe"] else 2)
output.write(b"\1BAKEOFF-WORKER\2" + struct.pack("<I", 1)); send({"hello": {"worker": "python", "pid": os.getpid(), "shm": False}})
threading.Thread(target=read_requests, daemon=True).start()
while (head := requests.get())["op"] and (cancelled.clear() or True):
    try: ok, tensors = OPS.get(head["op"], lambda head: (_ for _ in ()).throw(Refused("unsupported", f"no operation '{head['op']}'")))(head); send({"id": head["id"], "ok": ok}, tensors)
    except Refused as error: send({"id": head["id"], "error": {"code": error.args[0], "text": error.args[1]}})
    if head["op"] == "bye": os._exit(0)
