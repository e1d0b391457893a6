"""Makes a pool of pairs as real photographs need them: each a clean patch, and the same patch after what happens to a
picture between lens and upload. Blur, resizing, noise, sharpening and JPEG come in random order and strength, in one
round or two, after Real-ESRGAN (Wang et al. 2021), but milder: most uploads are decent, and a clean picture must not
be harmed.

    degrade.py --scale 4 --count 8000 --seed 1

writes runs/pool-x4-1.npz with `large` (clean, N x S x S x 3), `small` (degraded) and `quiet` (degraded without noise
and JPEG), all uint8. Their difference is what a denoise strength of less than 1 keeps."""
import argparse
import io
import math
import multiprocessing

import numpy
import torch
import torch.nn.functional as functional
from PIL import Image

import paths
from data import load, pictures_in, sharpened

SMALL_PX = {4: 64, 2: 96, 1: 128}  # side of the degraded patch, by scale


def gaussian_kernel(random, sigma_max):
    """Isotropic or not, 3 to 21 taps a side."""
    first = random.uniform(0.2, sigma_max)
    second = first if random.random() < 0.5 else random.uniform(0.2, sigma_max)
    angle = random.uniform(0, math.pi)
    reach = max(1, min(10, math.ceil(3 * max(first, second))))
    y, x = numpy.mgrid[-reach:reach + 1, -reach:reach + 1].astype(numpy.float64)
    u, v = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    power = random.uniform(0.7, 1.5) if random.random() < 0.2 else 1.0  # generalised: flatter or more pointed
    kernel = numpy.exp(-0.5 * ((u / first)**2 + (v / second)**2)**power)
    return torch.from_numpy(kernel / kernel.sum()).float()


def convolve(picture, kernel):
    """picture: 3 x H x W."""
    reach = kernel.shape[0] // 2
    padded = functional.pad(picture[None], (reach,) * 4, mode="reflect")
    return functional.conv2d(padded, kernel.expand(3, 1, *kernel.shape), groups=3)[0]


def resized(picture, side, mode):
    if mode == "area":
        return functional.interpolate(picture[None], size=(side, side), mode="area")[0]
    return functional.interpolate(picture[None], size=(side, side), mode=mode, antialias=True,
                                  align_corners=False)[0]


def noise_like(picture, random, sigma_max):
    sigma = (1 + (sigma_max - 1) * random.random()**2) / 255
    shape = list(picture.shape)
    if random.random() < 0.4:
        shape[0] = 1  # grey
    noise = torch.from_numpy(random.standard_normal(shape).astype(numpy.float32)) * sigma
    if random.random() < 0.3:
        noise = noise * torch.sqrt(picture.clamp(0.02, 1) * 2)  # grows with the light, as photons do
    return noise


def jpeg(picture, quality, subsampling):
    array = (picture.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return torch.from_numpy(numpy.asarray(Image.open(file)).copy()).permute(2, 0, 1).float() / 255


MODES = ("area", "bilinear", "bicubic")


def degrade(large, scale, random):
    """large: 3 x S x S in [0, 1]. Answers (degraded, degraded without noise and JPEG), 3 x S/scale x S/scale."""
    side = large.shape[1] // scale
    if random.random() < 0.25:
        quiet = resized(large, side, "bicubic") if scale > 1 else large
        small = jpeg(quiet, int(random.integers(80, 99)), 0) if random.random() < 0.5 or scale == 1 else quiet
        return small, quiet
    quiet, noisy = large, large
    softness = {4: 2.4, 2: 1.5, 1: 1.0}[scale]
    for turn in range(2 if random.random() < 0.4 else 1):
        if random.random() < 0.75:
            kernel = gaussian_kernel(random, softness if turn == 0 else softness / 2)
            quiet, noisy = convolve(quiet, kernel), convolve(noisy, kernel)
        if random.random() < 0.4 and scale > 1:
            between, mode = int(large.shape[1] * random.uniform(0.55, 1.2)), MODES[random.integers(3)]
            quiet, noisy = resized(quiet, between, mode), resized(noisy, between, mode)
        if random.random() < 0.6:
            noisy = noisy + noise_like(noisy, random, 22 if turn == 0 else 10)
        if random.random() < 0.35:
            noisy = jpeg(noisy, int(random.integers(55, 98)), 2 if random.random() < 0.5 else 0)
    if quiet.shape[1] != side:
        mode = MODES[random.integers(3)]
        quiet, noisy = resized(quiet, side, mode), resized(noisy, side, mode)
    # The camera's noise is that of the picture as it is uploaded: what came before the resizing is averaged away.
    if random.random() < (0.55 if scale > 1 else 0.3):
        noisy = noisy + noise_like(noisy, random, 25 if scale > 1 else 14)
    if random.random() < 0.25:
        amount = random.uniform(0.2, 0.8)
        quiet, noisy = sharpened(quiet[None], amount, 1.0)[0], sharpened(noisy[None], amount, 1.0)[0]
    if random.random() < 0.65:
        noisy = jpeg(noisy, int(random.integers(45, 98)), 2 if random.random() < 0.5 else 0)
    return noisy, quiet


def photographs(directory):
    """Every picture, and the large ones also at half size: those are cleaner than any camera's pixels."""
    found = []
    for path in pictures_in(directory):
        picture = load(path)
        found.append(picture)
        if min(picture.shape[:2]) >= 1024:
            half = Image.fromarray(picture).resize((picture.shape[1] // 2, picture.shape[0] // 2), Image.LANCZOS)
            found.append(numpy.asarray(half))
    return found


def as_bytes(picture):
    return (picture.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(1, 2, 0).numpy()


pictures = []  # read once; the processes of the pool inherit them


def make_some(task):
    scale, count, seed = task
    torch.set_num_threads(1)
    random = numpy.random.default_rng(seed)
    areas = numpy.array([picture.shape[0] * picture.shape[1] for picture in pictures], dtype=numpy.float64)
    side = SMALL_PX[scale] * scale
    rows = []
    for index in random.choice(len(pictures), count, p=areas / areas.sum()):
        picture = pictures[index]
        # Flat patches teach little: the busier of two is taken.
        choices = []
        for _ in range(2):
            y = random.integers(picture.shape[0] - side + 1)
            x = random.integers(picture.shape[1] - side + 1)
            patch = picture[y:y + side, x:x + side]
            choices.append((patch[::4, ::4].std(), patch))
        patch = max(choices, key=lambda choice: choice[0])[1]
        patch = numpy.ascontiguousarray(numpy.rot90(patch, random.integers(4)))
        large = torch.from_numpy(patch).permute(2, 0, 1).float() / 255
        small, quiet = degrade(large, scale, random)
        rows.append((patch, as_bytes(small), as_bytes(quiet)))
    return [numpy.stack(column) for column in zip(*rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, required=True)
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", default=paths.TRAIN)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    paths.RUNS.mkdir(exist_ok=True)
    parts = 16
    pictures.extend(photographs(arguments.data))
    tasks = [(arguments.scale, arguments.count // parts, [arguments.seed, part])
             for part in range(parts)]
    with multiprocessing.Pool(arguments.processes) as pool:
        made = pool.map(make_some, tasks, chunksize=1)
    large, small, quiet = (numpy.concatenate(column) for column in zip(*made))
    numpy.savez(paths.RUNS / f"pool-x{arguments.scale}-{arguments.seed}.npz", large=large, small=small, quiet=quiet)


if __name__ == "__main__":
    main()
