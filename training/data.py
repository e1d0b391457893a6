"""Pairs for training: a random patch of a photo, and the same patch made small by the bicubic degradation or taken from
a pool of degraded ones."""
import math
import pathlib

import numpy
import torch
import torch.nn.functional as functional
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
        """(small, large, 1.0): the strength of denoising is of no account here."""
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
        return batch_of(smalls), batch_of(larges), 1.0


def batch_of(pictures):
    """A list of H x W x 3, uint8, becomes N x 3 x H x W in [0, 1]."""
    return torch.from_numpy(numpy.ascontiguousarray(numpy.stack(pictures).transpose(0, 3, 1, 2))).float() / 255


def sharpened(pictures, amount, sigma):
    """N x 3 x H x W: adds what a Gaussian blur takes away."""
    reach = math.ceil(3 * sigma)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1).float() / sigma)**2)
    line = (line / line.sum()).expand(3, 1, 1, -1)
    padded = functional.pad(pictures, (reach,) * 4, mode="reflect")
    blurred = functional.conv2d(functional.conv2d(padded, line, groups=3), line.transpose(2, 3), groups=3)
    return pictures + amount * (pictures - blurred)


class PoolSampler:
    """Random patches from the files that degrade.py wrote. Each batch has one strength of denoising s: the noise that a
    pair came to is kept to the share 1 - s in what is asked for. `sharpen` is how much sharper than the photo that is,
    as networks that are trained for the least error are shy of contrast."""

    def __init__(self, files, scale, patch, batch, seed, sharpen=0.0):
        pools = [numpy.load(file) for file in files]
        self.large, self.small, self.quiet = (numpy.concatenate([pool[key] for pool in pools])
                                              for key in ("large", "small", "quiet"))
        self.scale, self.patch, self.batch, self.sharpen = scale, patch, batch, sharpen
        self.random = numpy.random.default_rng(seed)

    def next(self):
        """(small, asked for, strength)."""
        smalls, quiets, larges = [], [], []
        s, side = self.scale, self.small.shape[1] - self.patch + 1
        for index in self.random.choice(len(self.small), self.batch):
            y, x = (int(at) for at in self.random.integers(side, size=2) // 2 * 2)
            channels, flip, turn = self.random.permutation(3), self.random.integers(2), self.random.integers(4)
            for pictures, out, k in ((self.small, smalls, 1), (self.quiet, quiets, 1), (self.large, larges, s)):
                picture = pictures[index, y * k:(y + self.patch) * k, x * k:(x + self.patch) * k]
                picture = numpy.rot90(picture, turn)
                out.append((picture[:, ::-1] if flip else picture)[:, :, channels])
        # Both ends are asked for most: between them the effect is nearly linear by itself.
        strength = float(numpy.clip(self.random.uniform(-0.2, 1.6), 0, 1))
        small, large = batch_of(smalls), batch_of(larges)
        if self.sharpen > 0:
            large = sharpened(large, self.sharpen, 0.375 * s).clamp(0, 1)
        if strength < 1:
            noise = small - batch_of(quiets)
            if s > 1:
                noise = functional.interpolate(noise, scale_factor=s, mode="bicubic", align_corners=False)
            large = large + (1 - strength) * noise
        return small, large, strength
