"""Pairs for training, made on the device that trains: random patches of photographs, and the same patches made small by
the bicubic degradation or taken from a pool of degraded ones."""
import math
import pathlib

import numpy
import torch
import torch.nn.functional as functional
from PIL import Image

from resize import weights

# Photographs are seen at these sizes: smaller ones are cleaner than any camera's pixels.
ZOOMS = (1.0, 0.84, 0.7, 0.59, 0.5)
HELD_TILE_PX = 320


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


def sizes_of(path, multiple, least, device):
    """The picture at each of ZOOMS, sides multiples of `multiple` and not below `least`, H x W x 3, uint8."""
    picture = torch.from_numpy(load(path).copy()).to(device)
    for zoom in ZOOMS:
        height, width = (int(length * zoom) // multiple * multiple for length in picture.shape[:2])
        if min(height, width) >= least:
            yield picture[:height, :width] if zoom == 1 else as_bytes(resized(picture.float(), height, width))


def pairs(paths, scale, device):
    """(small, large) to measure with: N x T/scale x T/scale x 3 and N x T x T x 3, uint8. The degradation is made of
    whole pictures and rounded to 8 bits, as the pictures of a benchmark are."""
    smalls, larges = [], []
    side = HELD_TILE_PX // scale
    for path in paths:
        for large in sizes_of(path, scale, HELD_TILE_PX, device):
            height, width = large.shape[:2]
            small = as_bytes(resized(large.float(), height // scale, width // scale))
            for top in starts(height, HELD_TILE_PX, scale):
                for left in starts(width, HELD_TILE_PX, scale):
                    larges.append(large[top:top + HELD_TILE_PX, left:left + HELD_TILE_PX])
                    smalls.append(small[top // scale:top // scale + side, left // scale:left // scale + side])
    return torch.stack(smalls), torch.stack(larges)


def cut(pixels, first, stride, side, turns, colours):
    """Patches N x 3 x P x P in [0, 1] of pixels M x 3: the pixel where each begins, and how many a row of its picture
    has (N each), the side P, whether each is flipped and turned, and in which order its colours come."""
    line = torch.arange(side, device=pixels.device)
    patch = pixels[first[:, None, None] + line[:, None] * stride[:, None, None] + line]
    patch = torch.gather(patch, 3, colours[:, None, None, :].expand_as(patch))
    patch = patch.permute(0, 3, 1, 2).float() / 255
    patch = torch.where(turns[0], patch.flip(2), patch)
    patch = torch.where(turns[1], patch.flip(3), patch)
    return torch.where(turns[2], patch.transpose(2, 3), patch)


class Draws:
    """The random numbers of one run."""

    def __init__(self, batch, seed, device):
        self.batch, self.device, self.cut = batch, device, cut
        self.random = torch.Generator(device)
        self.random.manual_seed(seed)

    def below(self, limits):
        """Whole numbers from 0 to below each limit, or N of them where there is but one."""
        share = torch.rand(self.batch, generator=self.random, device=self.device, dtype=torch.float64)
        return (share * limits).long()

    def orders(self):
        """How a batch of patches is flipped and turned, and in which order its colours come."""
        turns = [self.below(2).bool()[:, None, None, None] for _ in range(3)]
        return turns, torch.rand(self.batch, 3, generator=self.random, device=self.device).argsort(1)


class Sampler:
    """Random patches of photographs, at any place and several sizes, with flips, quarter turns and permuted colours. They
    are made small as they are drawn: a pixel of a photograph can lie anywhere in a small one, so that one photograph
    makes scale^2 different small ones."""

    def __init__(self, paths, scale, patch, batch, seed, device):
        self.scale, self.draws = scale, Draws(batch, seed, device)
        # The kernel reaches this far beyond a patch (Keys's has two lobes): so much more is cut, and left out afterwards.
        self.margin = 2 * scale
        self.side = patch * scale + 2 * self.margin
        found = [large for path in paths for large in sizes_of(path, 1, self.side, device)]
        self.pixels = torch.cat([large.reshape(-1, 3) for large in found])
        shapes = torch.tensor([large.shape[:2] for large in found], device=device)
        self.heights, self.widths = shapes.T.contiguous()
        self.ends = (self.heights * self.widths).cumsum(0)
        self.starts = self.ends - self.heights * self.widths
        whole = weights(self.side, self.side // scale, "bicubic")
        self.shrink = torch.from_numpy(whole[2:-2].copy()).to(device)

    def next(self):
        """(small, large, 1.0): N x 3 x P x P and N x 3 x P*scale x P*scale in [0, 1]; the strength of denoising is of no
        account here."""
        draws, margin = self.draws, self.margin
        picture = torch.searchsorted(self.ends, draws.below(self.ends[-1]), right=True)
        row, column = (draws.below(length[picture] - self.side + 1) for length in (self.heights, self.widths))
        width = self.widths[picture]
        patch = draws.cut(self.pixels, self.starts[picture] + row * width + column, width, self.side, *draws.orders())
        small = torch.einsum("oh,nchw,pw->ncop", self.shrink, patch, self.shrink)
        small = (small * 255).round().clamp(0, 255) / 255
        return small, patch[:, :, margin:-margin, margin:-margin], 1.0


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
    as networks that are trained for the least error are shy of contrast. With `strength`, it is that in every batch.
    With a scale of 1 and pools of another, what is asked for is the small picture itself, without its noise."""

    def __init__(self, files, scale, patch, batch, seed, device, sharpen=0.0, strength=None):
        pools = [numpy.load(file) for file in files]
        self.small, self.quiet, self.large = (
            torch.from_numpy(numpy.concatenate([pool[key] for pool in pools])).to(device)
            for key in ("small", "quiet", "large"))
        if scale == 1:
            self.large = self.large if self.large.shape == self.small.shape else self.quiet
        self.scale, self.patch, self.sharpen, self.strength = scale, patch, sharpen, strength
        self.draws, self.random = Draws(batch, seed, device), numpy.random.default_rng(seed)

    def cut_of(self, pictures, factor, index, row, column, orders):
        side = pictures.shape[1]
        stride = torch.full_like(index, side)
        first = (index * side + row * factor) * side + column * factor
        return self.draws.cut(pictures.view(-1, 3), first, stride, self.patch * factor, *orders)

    def next(self):
        """(small, asked for, strength)."""
        draws = self.draws
        index = draws.below(len(self.small))
        # Where pixels are folded, patches begin where the picture's folds do.
        row, column = (draws.below(self.small.shape[1] - self.patch + 1) // 2 * 2 for _ in range(2))
        orders = draws.orders()
        small, quiet, large = (self.cut_of(pictures, factor, index, row, column, orders) for pictures, factor in
                               ((self.small, 1), (self.quiet, 1), (self.large, self.scale)))
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
