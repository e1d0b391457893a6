"""Pairs for training: a random patch of a photo, and the same patch made small by the bicubic degradation."""
import pathlib

import numpy
import torch
from PIL import Image

from resize import resize

TILE = 512


def load(path):
    """H x W x 3, uint8."""
    return numpy.asarray(Image.open(path).convert("RGB"))


def pairs(directory, scale):
    """Cuts every picture into tiles whose sides are multiples of the scale; answers (small, large) uint8 arrays.
    The degradation is rounded to 8 bits, as the pictures of a benchmark are."""
    found = []
    for path in sorted(pathlib.Path(directory).rglob("*.png")):
        picture = load(path)
        for top in range(0, picture.shape[0], TILE):
            for left in range(0, picture.shape[1], TILE):
                large = picture[top:top + TILE, left:left + TILE]
                large = large[:large.shape[0] // scale * scale, :large.shape[1] // scale * scale]
                if min(large.shape[:2]) < 128:
                    continue
                small = resize(large.astype(numpy.float32), large.shape[0] // scale, large.shape[1] // scale)
                found.append((numpy.clip(numpy.rint(small), 0, 255).astype(numpy.uint8), large))
    return found


class Sampler:
    """Random patches with flips, quarter turns and permuted colour channels, from a seed."""

    def __init__(self, found, scale, patch, batch, seed):
        self.found, self.scale, self.patch, self.batch = found, scale, patch, batch
        self.random = numpy.random.default_rng(seed)
        areas = numpy.array([small.shape[0] * small.shape[1] for small, _ in found], dtype=numpy.float64)
        self.odds = areas / areas.sum()

    def next(self):
        smalls, larges = [], []
        for index in self.random.choice(len(self.found), self.batch, p=self.odds):
            small, large = self.found[index]
            y = self.random.integers(small.shape[0] - self.patch + 1)
            x = self.random.integers(small.shape[1] - self.patch + 1)
            s = self.scale
            small = small[y:y + self.patch, x:x + self.patch]
            large = large[y * s:(y + self.patch) * s, x * s:(x + self.patch) * s]
            turn, flip = self.random.integers(4), self.random.integers(2)
            channels = self.random.permutation(3)
            for picture, out in ((small, smalls), (large, larges)):
                picture = numpy.rot90(picture, turn)
                out.append((picture[:, ::-1] if flip else picture)[:, :, channels])
        return tuple(torch.from_numpy(numpy.ascontiguousarray(numpy.stack(out).transpose(0, 3, 1, 2))).float() / 255
                     for out in (smalls, larges))
