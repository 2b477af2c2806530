#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""Networks whose conversion bench/convert measures, as TorchScript: torchvision's classifiers and our own zoo.

    python3 -m venv V && V/bin/pip install torch==2.13.0 torchvision==0.28.0 numpy
    V/bin/python bench/convert/make_models.py --into models [--names resnet18,zoo_vit_tiny]

A freshly initialised network proves little: biases of zero, scales of one, layer scales of 1e-6 and statistics of batch norms that
were never measured hide an operator that was lost, and outputs hardly depend on the picture. So every weight is drawn anew, every
batch norm measures its statistics on noise, which are then scattered, and a network whose answers to two pictures are nearly the
same is refused. Files that exist are kept. `zoo_*` come from `bakeoff train --epochs 0 --init`, with weights drawn the same way.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
import torchvision
from torch import nn

CLASSIFIERS = """alexnet vgg11_bn resnet18 resnet50 resnext50_32x4d wide_resnet50_2 densenet121 googlenet inception_v3 mobilenet_v2
    mobilenet_v3_large efficientnet_b0 efficientnet_v2_s mnasnet1_0 shufflenet_v2_x1_0 squeezenet1_0 regnet_x_400mf regnet_y_400mf
    convnext_tiny vit_b_16 swin_t swin_v2_t maxvit_t""".split()
ZOO = "resnet18 resnet34 resnet50 mobilenet_v1 mobilenet_v2 efficientnet_b0 efficientnet_v2_s convnext_tiny vit_tiny vit_b_16".split()
SIDE = 224
# Answers to two pictures differ by at least this share of what the answers vary: a hundred times the difference that
# a conversion may make. Pictures of noise are much alike to a network that ends in an average.
LEAST_SPREAD = 0.01
# A network that amplifies rounding says nothing about a conversion.
LEAST_DB = 95


class MobilenetV1(nn.Module):
    """With the names of src/train/zoo: torchvision has none."""

    def __init__(self):
        super().__init__()

        def conv(inputs, outputs, kernel, stride, groups):
            layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
            return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())

        features, channels = [conv(3, 32, 3, 2, 1)], 32
        for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
            features.append(nn.Sequential(conv(channels, channels, 3, stride, channels), conv(channels, outputs, 1, 1, 1)))
            channels = outputs
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(channels, 1000))

    def forward(self, images):
        return self.classifier(self.features(images).mean((2, 3)))


def network(name):
    if name == "mobilenet_v1":
        return MobilenetV1()
    if name == "vit_tiny":
        return torchvision.models.VisionTransformer(SIDE, patch_size=16, num_layers=12, num_heads=3, hidden_dim=192, mlp_dim=768)
    # Their own way of drawing weights takes half a minute, and the weights are drawn anew here.
    slow = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(torchvision.models, name)(weights=None, **slow)


def draw(name, value, owner):
    """New numbers for one parameter, of the size that keeps signals at about their strength."""
    if isinstance(owner, nn.modules.conv._ConvNd) and value.dim() > 1:
        value.normal_(0, (2 / value[0].numel()) ** 0.5)
    elif name.endswith("bias") and value.dim() == 1:
        value.normal_(0, 0.1)
    elif value.dim() == 1:  # scales of norms
        value.uniform_(0.5, 1.5)
    elif name.endswith("layer_scale"):
        value.uniform_(0.1, 0.5)
    elif name.endswith("logit_scale"):  # an exponent
        value.mul_(torch.rand_like(value) * 0.4 + 0.8)
    elif name.endswith("weight"):
        value.normal_(0, value[0].numel() ** -0.5)
    else:  # embeddings, tokens, tables of relative positions
        value.normal_(0, 0.5)


def calm(model):
    """Networks this deep make any rounding grow to the size of the answers, in every runtime: blocks that add little, and gates that
    are nearly still, keep it small."""
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.8, 1.2)
        elif name.endswith((".fc1", ".fc2")):
            module.weight.mul_(0.1)
    for module in model.modules():
        # Without an activation: the end of a block.
        if isinstance(module, torchvision.ops.misc.Conv2dNormActivation) and len(module) == 2:
            module[1].weight.mul_(0.25)


@torch.no_grad()
def scattered(name):
    """The network with weights that make its answers depend on everything in it."""
    torch.manual_seed(2026)
    model = network(name).eval()
    for prefix, owner in model.named_modules():
        for own, value in owner.named_parameters(recurse=False):
            draw(f"{prefix}.{own}", value, owner)
    if name.startswith("efficientnet"):
        calm(model)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
        norm.train()
    if norms:
        model(torch.randn(4, 3, SIDE, SIDE))
    for norm in norms:
        norm.eval()
        norm.running_mean += 0.2 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
        norm.running_var *= torch.rand_like(norm.running_var) * 0.8 + 0.6
    pictures = torch.randn(2, 3, SIDE, SIDE)
    one, other = answers = model(pictures)
    spread = ((one - other).std() / one.std()).item()
    if not spread >= LEAST_SPREAD:
        sys.exit(f"{name}: answers to two pictures differ by {spread:.3f} of what they vary, at least {LEAST_SPREAD} is wanted")
    # As large as the roundings of one layer.
    change = model(pictures * (1 + 1e-6 * torch.randn_like(pictures))) - answers
    level = 20 * torch.log10((answers - answers.mean()).std() / change.std()).item()
    if not level >= LEAST_DB:
        sys.exit(f"{name}: a change of 1e-6 in the pictures leaves {level:.0f} dB of the answers, at least {LEAST_DB} are wanted")
    return model, spread


def make(name, path, program):
    """Writes one network; returns how much its answers to two pictures differ."""
    model, spread = scattered(name.removeprefix("zoo_"))
    beside = path.with_suffix(".part")
    if name.startswith("zoo_"):
        with tempfile.TemporaryDirectory(dir=path.parent) as text:
            folder = pathlib.Path(text)
            torch.save(model.state_dict(), folder / "weights.pth")
            words = [program, "train", "--arch", name.removeprefix("zoo_"), "--init", folder / "weights.pth", "--epochs", "0",
                     "--image-size", str(SIDE), "--out", folder / "model"]
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{name}: {done.stderr}")
            (folder / "model" / "model.pt").rename(beside)
    else:
        with torch.no_grad():
            torch.jit.trace(model, torch.randn(2, 3, SIDE, SIDE), check_trace=False).save(beside)
    beside.rename(path)
    return spread


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=pathlib.Path, required=True, help="folder for the files")
    parser.add_argument("--names", help="some of the networks, with commas")
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/bakeoff")
    arguments = parser.parse_args()
    known = CLASSIFIERS + [f"zoo_{name}" for name in ZOO]
    names = arguments.names.split(",") if arguments.names else known
    if unknown := set(names) - set(known):
        sys.exit(f"no network {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    arguments.into.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = arguments.into / f"{name}.pt"
        if path.exists():
            continue
        spread = make(name, path, arguments.program)
        print(f"{name}: {path.stat().st_size / 1e6:.0f} MB, two pictures differ by {spread:.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
