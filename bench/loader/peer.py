#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
"""PyTorch's side of bench/loader: torch.utils.data.DataLoader, Pillow and torchvision's transforms.

Reads lines: `epoch` goes through all pictures and answers "SECONDS PICTURES"; `save FILE N` writes the first N pictures,
pre-processed, as floats and answers with their count.
"""
import argparse
import sys
import time

import PIL
import torch
import torchvision
from torchvision import transforms

NORMALIZE = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
RECIPES = {
    "train": [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip()],
    "evaluate": [transforms.Resize(256), transforms.CenterCrop(224)],
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--recipe", required=True, choices=RECIPES)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    arguments = parser.parse_args()
    data = torchvision.datasets.ImageFolder(
        arguments.data, transforms.Compose([*RECIPES[arguments.recipe], transforms.ToTensor(), NORMALIZE]))
    # Persistent: the start of the worker processes is not timed.
    loader = torch.utils.data.DataLoader(data, batch_size=arguments.batch, shuffle=arguments.recipe == "train",
                                         num_workers=arguments.workers, persistent_workers=arguments.workers > 0)
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, Pillow {PIL.__version__}", flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "epoch":
            start = time.perf_counter()
            pictures = sum(len(images) for images, _ in loader)
            print(time.perf_counter() - start, pictures, flush=True)
        else:
            count = int(rest[1])
            with open(rest[0], "wb") as file:
                for i in range(count):
                    file.write(data[i][0].numpy().tobytes())
            print(count, flush=True)


if __name__ == "__main__":
    main()
