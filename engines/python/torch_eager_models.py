# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""What the PyTorch baseline loads: programs of torch.export, and networks of a model folder built by torchvision."""
import difflib
import json
import logging
import pathlib
import re
import zipfile

from bakeoff_worker import Failure, shortened


class Overheard(logging.Handler):
    """torch.export.load() writes the cause of a failure to its log and raises something vaguer."""

    def __init__(self):
        super().__init__()
        self.error = None

    def emit(self, record):
        if record.exc_info and self.error is None:
            self.error = record.exc_info[1]

    def __enter__(self):
        self.logger = logging.getLogger("torch.export")
        self.kept = self.logger.handlers[:], self.logger.propagate, self.logger.level
        self.logger.handlers, self.logger.propagate = [self], False
        self.logger.setLevel(logging.WARNING)
        return self

    def __exit__(self, *unused):
        self.logger.handlers, self.logger.propagate = self.kept[0], self.kept[1]
        self.logger.setLevel(self.kept[2])


def names_of(path):
    """The zip file's entries, each read through: torch does not look at their checksums."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            if broken:
                raise Failure("invalid_model", f"{path}: its part {broken} is damaged (checksum)")
            return archive.namelist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Failure("invalid_model", f"{path}: no exported program: no zip archive, or one that is cut short ({shortened(error)})") from error


def read_program(runtime, path):
    names = names_of(path)
    if any("/data/aotinductor/" in name for name in names):
        raise Failure("unsupported", f"{path}: an AOTInductor package, which is compiled code; save the program with torch.export.save")
    if not any(name.endswith(("/models/model.json", "serialized_exported_program.json")) or "/models/" in name for name in names):
        raise Failure("invalid_model", f"{path}: a zip archive without an exported program in it; save one with torch.export.save")
    with Overheard() as log:
        try:
            return runtime.torch.export.load(path)
        except Exception as error:
            cause = log.error or error
            words = str(cause)
            unknown = re.search(r"failed to resolve torch\.ops\.([\w.]+) to an operator", words)
            if unknown:
                raise Failure("unsupported", f"{path}: it needs the operator {unknown.group(1).replace('.', '::', 1)} of a library that is "
                                             f"not here: {shortened(words[unknown.start():].split('. ')[0])}") from error
            if "weights_only" in words or "WeightsUnpickler" in words:
                raise Failure("unsupported", f"{path}: it carries pickled objects, which would run code when read; only tensors are: "
                                             f"{shortened(words)}") from error
            raise Failure("invalid_model", f"{path}: PyTorch cannot read it: {type(cause).__name__}: {shortened(words)}") from error


def extent_of(extent):
    return int(extent) if isinstance(extent, int) else -1


def spec_of(runtime, path, name, value):
    if not isinstance(value, runtime.torch.Tensor):
        raise Failure("unsupported", f"{path}: '{name}' is no tensor but a {type(value).__name__}; this baseline carries tensors only")
    if value.dtype not in runtime.types:
        raise Failure("unsupported", f"{path}: '{name}' is {value.dtype}, which this baseline does not carry")
    return {"name": name, "type": runtime.types[value.dtype], "shape": [extent_of(extent) for extent in value.shape]}


def leaf_names(tree, spec, name="output"):
    """One name per leaf: a dictionary's keys, else numbers."""
    if spec.is_leaf():
        return [name]
    children = spec.children() if callable(getattr(spec, "children", None)) else spec.children_specs
    if issubclass(spec.type, dict):
        parts = [str(key) for key in spec.context]
    else:
        parts = [f"{name}{'' if name == 'output' else '_'}{i}" for i in range(len(children))]
    return [leaf for child, part in zip(children, parts) for leaf in leaf_names(tree, child, part)]


class Exported:
    """A program of torch.export: nested arguments and results are flattened."""

    def __init__(self, runtime, artifact):
        from torch.utils import _pytree

        self.tree, self.path, self.through = _pytree, artifact["path"], "exported program"
        program = read_program(runtime, self.path)
        self.module = program.module()
        placeholders = {node.name: node.meta.get("val") for node in program.graph.nodes if node.op == "placeholder"}
        output = next(node for node in program.graph.nodes if node.op == "output")
        results = {node.name: node.meta.get("val") for node in output.args[0] if hasattr(node, "meta")}
        signature = program.graph_signature
        self.inputs = [spec_of(runtime, self.path, name, placeholders.get(name)) for name in signature.user_inputs]
        names = leaf_names(_pytree, program.call_spec.out_spec)
        if len(set(names)) != len(names):
            names = [f"output{i}" for i in range(len(names))]
        self.outputs = [spec_of(runtime, self.path, name, results.get(theirs)) for name, theirs in zip(names, signature.user_outputs, strict=True)]
        self.arguments = program.call_spec.in_spec
        self.bounds = {}
        for name in signature.user_inputs:
            for axis, extent in enumerate(placeholders[name].shape):
                allowed = None if isinstance(extent, int) else program.range_constraints.get(extent.node.expr)
                if allowed is not None:
                    self.bounds[name, axis] = allowed

    def check(self, shapes):
        for (name, axis), allowed in self.bounds.items():
            if not allowed.lower <= shapes[name][axis] <= allowed.upper:
                raise Failure("unsupported", f"{self.path}: '{name}' takes {allowed.lower} to {allowed.upper} on axis {axis}, not "
                                             f"{shapes[name][axis]}: the program was exported so")

    def call(self, module, tensors):
        arguments, by_name = self.tree.tree_unflatten(tensors, self.arguments)
        return self.tree.tree_leaves(module(*arguments, **by_name))


class Folder:
    """A model folder: its weights in torchvision's network of that name."""

    def __init__(self, runtime, artifact):
        self.path = artifact["path"]
        folder = pathlib.Path(self.path)
        self.about = self.read_json(folder / "model.json")
        arch = self.text("arch")
        weights = folder / self.text("weights")
        if folder.resolve() not in weights.resolve().parents:
            raise Failure("invalid_model", f"{folder / 'model.json'}: the field 'weights': {weights} is outside the folder")
        if not weights.is_file():
            raise Failure("not_found", f"{folder / 'model.json'}: it names the weights {weights}, which do not exist")
        self.inputs, self.outputs = self.ports("inputs"), self.ports("outputs")
        if len(self.inputs) != 1 or len(self.outputs) != 1:
            raise Failure("unsupported", f"{self.path}: torchvision's classifiers have one input and one output, not {len(self.inputs)} and {len(self.outputs)}")
        self.module = self.build(arch).eval()
        self.fill(runtime, weights, arch)
        self.through = f"torchvision {self.version}, {arch}"

    def read_json(self, path):
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Failure("invalid_model", f"{path}: cannot be read: {shortened(error)}") from error
        if not isinstance(about, dict) or about.get("schema") != 1:
            raise Failure("invalid_model", f"{path}: no model folder of schema 1")
        return about

    def text(self, field):
        value = self.about.get(field)
        if not isinstance(value, str) or not value:
            raise Failure("unsupported", f"{self.path}/model.json has no '{field}': this baseline needs the zoo's name of the network (arch) and its weights")
        return value

    def ports(self, field):
        try:
            return [{"name": port["name"], "type": port["type"], "shape": [int(extent) for extent in port["shape"]]} for port in self.about[field]]
        except (KeyError, TypeError, ValueError) as error:
            raise Failure("invalid_model", f"{self.path}/model.json: the field '{field}' is missing or not what docs/model-folder.md says") from error

    def build(self, arch):
        try:
            import torchvision
        except ImportError as error:
            raise Failure("unavailable", f"{self.path}: torchvision, which builds the network '{arch}', is not installed beside torch: {shortened(error)}") from error
        self.version = torchvision.__version__
        known = torchvision.models.list_models(module=torchvision.models)
        if arch not in known:
            near = difflib.get_close_matches(arch, known, 3)
            raise Failure("unsupported", f"{self.path}: torchvision {self.version} has no network '{arch}', so this baseline cannot build it"
                                         + (f"; the nearest it has: {', '.join(near)}" if near else "") + "; an exported program (.pt2) runs whatever it is")
        training = self.about.get("training") if isinstance(self.about.get("training"), dict) else {}
        options = training.get("options") if isinstance(training.get("options"), dict) else {}
        given = {"num_classes": self.outputs[0]["shape"][-1]}
        if arch.startswith("mobilenet_v2") and options.get("width", 1.0) != 1.0:
            given["width_mult"] = options["width"]
        if arch.startswith("vit_"):
            given["image_size"] = self.inputs[0]["shape"][-1]
        network = torchvision.models.get_model(arch, weights=None, **given)
        if arch.startswith("resnet") and options.get("small_stem"):
            # The stem for 32x32 images that the trainer gives it: docs/model-folder.md.
            import torch

            network.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
            network.maxpool = torch.nn.Identity()
        return network

    def fill(self, runtime, weights, arch):
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            state = load_file(weights)
        except (SafetensorError, ValueError, OSError) as error:
            raise Failure("invalid_model", f"{weights}: no safetensors file: {shortened(error)}") from error
        try:
            missing, surplus = self.module.load_state_dict(state, strict=False)
        except RuntimeError as error:
            raise Failure("invalid_model", f"{weights}: not the weights of {arch}: {shortened(error)}") from error
        # How many batches a norm has seen has no part in an answer.
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or surplus:
            first = f"it lacks {missing[0]}" if missing else f"it has {surplus[0]}, which the network has not"
            raise Failure("invalid_model", f"{weights}: not the weights of {arch}: {first} ({len(missing)} missing, {len(surplus)} too many)")

    def check(self, shapes):
        spec = self.inputs[0]
        for axis, (known, asked) in enumerate(zip(spec["shape"], shapes[spec["name"]])):
            # The networks take other sizes; channels are theirs.
            if axis == 1 and known not in (-1, asked):
                raise Failure("unsupported", f"{self.path}: '{spec['name']}' has {known} channels, not {asked}")

    def call(self, module, tensors):
        return [module(*tensors)]
