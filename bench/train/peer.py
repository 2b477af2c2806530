#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""PyTorch's side of bench/train: the same network, batch, threads and optimiser, data in memory.

Reads "FORMAT STEPS" lines (FORMAT: plain or channels_last), trains so many steps and answers with the seconds that they took.
"""
import argparse
import sys
import time

import torch
import torchvision


def network(arch):
    model = getattr(torchvision.models, arch)(num_classes=10)
    if arch == "resnet18":  # the 32x32 stem
        model.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
        model.maxpool = torch.nn.Identity()
    return model.train()


class Side:
    def __init__(self, arguments, memory_format):
        torch.manual_seed(1)
        self.format = memory_format
        self.model = network(arguments.arch).to(memory_format=memory_format)
        # None is what people get who do not ask for `fused`.
        fused = True if arguments.fused else None
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=1e-4, fused=fused)
        shape = (arguments.batch, 3, arguments.side, arguments.side)
        self.batches = [(torch.randn(shape).contiguous(memory_format=memory_format), torch.randint(10, (arguments.batch,))) for _ in range(4)]

    def steps(self, count):
        start = time.perf_counter()
        for i in range(count):
            images, labels = self.batches[i % len(self.batches)]
            logits = self.model(images)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            loss.item()
            (logits.argmax(1) == labels).sum().item()
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--fused", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sides = {"plain": Side(arguments, torch.contiguous_format), "channels_last": Side(arguments, torch.channels_last)}
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        print(sides[name].steps(int(count)), flush=True)


if __name__ == "__main__":
    main()
