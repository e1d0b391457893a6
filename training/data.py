"""Pairs for training, kept on the device that trains: random patches of photographs, and the same patches made small by
the bicubic degradation or taken from a pool of degraded ones."""
import math
import pathlib

import numpy
import torch
import torch.nn.functional as functional
from PIL import Image

from resize import weights

TILE_PX = 320  # of the large pictures
# Photographs are seen at these sizes: smaller ones are cleaner than any camera's pixels.
ZOOMS = (1.0, 0.7, 0.5)


def pictures_in(directory):
    """Every PNG and JPEG file, through all folders."""
    return sorted(path for path in pathlib.Path(directory).rglob("*") if path.suffix in (".png", ".jpg"))


def load(path):
    """H x W x 3, uint8."""
    return numpy.asarray(Image.open(path).convert("RGB"))


def resized(picture, height, width):
    """picture: H x W x 3, float32, on any device; antialiased bicubic, not clamped."""
    vertical, horizontal = (torch.from_numpy(weights(length_in, length_out, "bicubic")).to(picture.device)
                            for length_in, length_out in ((picture.shape[0], height), (picture.shape[1], width)))
    return torch.einsum("oh,hwc,pw->opc", vertical, picture, horizontal)


def as_bytes(picture):
    return picture.round().clamp(0, 255).to(torch.uint8)


def starts(length, tile, multiple):
    """Where tiles begin so that they cover a side evenly."""
    count = -(-length // tile)
    return [at * (length - tile) // max(1, count - 1) // multiple * multiple for at in range(count)]


def pairs(paths, scale, device):
    """(small, large): N x T/scale x T/scale x 3 and N x T x T x 3, uint8. The degradation is made of whole pictures and
    rounded to 8 bits, as the pictures of a benchmark are."""
    smalls, larges = [], []
    side = TILE_PX // scale
    for path in paths:
        picture = torch.from_numpy(load(path).copy()).to(device)
        for zoom in ZOOMS:
            height, width = (int(length * zoom) // scale * scale for length in picture.shape[:2])
            if min(height, width) < TILE_PX:
                continue
            large = picture if zoom == 1 else as_bytes(resized(picture.float(), height, width))
            large = large[:height, :width]
            small = as_bytes(resized(large.float(), height // scale, width // scale))
            for top in starts(height, TILE_PX, scale):
                for left in starts(width, TILE_PX, scale):
                    larges.append(large[top:top + TILE_PX, left:left + TILE_PX])
                    smalls.append(small[top // scale:top // scale + side, left // scale:left // scale + side])
    return torch.stack(smalls), torch.stack(larges)


def cut(pictures, index, rows, columns, turns, colours):
    """Patches N x 3 x P x P in [0, 1]: of which pictures, at which rows and columns (N x P each), whether each is
    flipped and turned, and in which order its colours come."""
    patch = pictures[index[:, None, None], rows[:, :, None], columns[:, None, :]]
    patch = torch.gather(patch, 3, colours[:, None, None, :].expand_as(patch))
    patch = patch.permute(0, 3, 1, 2).float() / 255
    patch = torch.where(turns[0], patch.flip(2), patch)
    patch = torch.where(turns[1], patch.flip(3), patch)
    return torch.where(turns[2], patch.transpose(2, 3), patch)


class Patches:
    """Draws the same random patches from pictures of several sizes, with flips, quarter turns and permuted colours."""

    def __init__(self, pictures, factors, patch, batch, seed):
        """pictures: tensors N x S x S x 3, uint8; factors: the size of each in terms of the smallest."""
        self.pictures, self.factors, self.patch, self.batch = pictures, factors, patch, batch
        self.device, self.cut = pictures[0].device, cut
        self.random = torch.Generator(self.device)
        self.random.manual_seed(seed)

    def numbers(self, below, count):
        return torch.randint(below, (count,), generator=self.random, device=self.device)

    def next(self):
        """One N x 3 x P x P in [0, 1] for each of the pictures."""
        side = self.pictures[0].shape[1] // self.factors[0] - self.patch + 1
        index, y, x = (self.numbers(below, self.batch) for below in (len(self.pictures[0]), side, side))
        y, x = y // 2 * 2, x // 2 * 2  # where pixels are folded, patches begin where the picture's folds do
        turns = [self.numbers(2, self.batch).bool()[:, None, None, None] for _ in range(3)]
        colours = torch.rand(self.batch, 3, generator=self.random, device=self.device).argsort(1)
        patches = []
        for pictures, factor in zip(self.pictures, self.factors):
            line = torch.arange(self.patch * factor, device=self.device)
            rows, columns = (factor * start[:, None] + line for start in (y, x))
            patches.append(self.cut(pictures, index, rows, columns, turns, colours))
        return patches


class Sampler:
    def __init__(self, found, scale, patch, batch, seed):
        self.patches = Patches(found, (1, scale), patch, batch, seed)

    def next(self):
        """(small, large, 1.0): the strength of denoising is of no account here."""
        small, large = self.patches.next()
        return small, large, 1.0


def sharpened(pictures, amount, sigma):
    """N x 3 x H x W: adds what a Gaussian blur takes away."""
    reach = math.ceil(3 * sigma)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=pictures.device).float() / sigma)**2)
    line = (line / line.sum()).expand(3, 1, 1, -1)
    padded = functional.pad(pictures, (reach,) * 4, mode="reflect")
    blurred = functional.conv2d(functional.conv2d(padded, line, groups=3), line.transpose(2, 3), groups=3)
    return pictures + amount * (pictures - blurred)


class PoolSampler:
    """Random patches from the files that degrade.py wrote. Each batch has one strength of denoising s: the noise that a
    pair came to is kept to the share 1 - s in what is asked for. `sharpen` is how much sharper than the photo that is,
    as networks that are trained for the least error are shy of contrast. With `strength`, it is that in every batch."""

    def __init__(self, files, scale, patch, batch, seed, device, sharpen=0.0, strength=None):
        pools = [numpy.load(file) for file in files]
        pictures = [torch.from_numpy(numpy.concatenate([pool[key] for pool in pools])).to(device)
                    for key in ("small", "quiet", "large")]
        self.patches = Patches(pictures, (1, 1, scale), patch, batch, seed)
        self.scale, self.sharpen, self.strength = scale, sharpen, strength
        self.random = numpy.random.default_rng(seed)

    def next(self):
        """(small, asked for, strength)."""
        small, quiet, large = self.patches.next()
        # Both ends are asked for most: between them the effect is nearly linear by itself.
        strength = self.strength
        if strength is None:
            strength = float(numpy.clip(self.random.uniform(-0.2, 1.6), 0, 1))
        if self.sharpen > 0:
            large = sharpened(large, self.sharpen, 0.375 * self.scale).clamp(0, 1)
        if strength < 1:
            noise = small - quiet
            if self.scale > 1:
                noise = functional.interpolate(noise, scale_factor=self.scale, mode="bicubic", align_corners=False)
            large = large + (1 - strength) * noise
        return small, large, strength
