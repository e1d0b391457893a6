"""PSNR and SSIM on the luma of BT.601 (studio range), 8-bit results, a border of `scale` pixels shaved, as the
super-resolution literature reports them, beside bicubic and Lanczos interpolation of the same small pictures.

    evaluate.py --model ../models/exact-x4.json
    evaluate.py --model ../models/photo-x4.json --noise 10 --strengths 0 0.25 0.5 0.75 1
    evaluate.py --model ../models/photo-x4.json --degraded --strengths 0 0.5 1 --show 3 --into /tmp/crops

With --degraded the small pictures are made by degrade.py from the square in the middle of each picture, by a seed that
is fixed: the same ones for every network of one scale. `sharpness` is the mean gradient of the luma, the truth's being
1: less is blurred, more is noisy or too sharp. --show writes pictures of small parts side by side."""
import argparse
import pathlib

import numpy
import torch
import torch.nn.functional as functional
from PIL import Image

import paths
from degrade import as_bytes, degrade
from export import load_network
from resize import resize


def luma(picture):
    """Rec. ITU-R BT.601 luma in studio range of an H x W x 3 picture in [0, 255]."""
    return 16 + (picture @ numpy.array([65.481, 128.553, 24.966])) / 255


def psnr(a, b):
    return 10 * numpy.log10(255**2 / numpy.mean((a - b)**2))


def ssim(a, b):
    """Wang et al. 2004: 11 x 11 Gaussian window of 1.5, valid part only."""
    taps = numpy.exp(-(numpy.arange(11) - 5)**2 / (2 * 1.5**2))
    taps /= taps.sum()

    def blur(x):
        rows = numpy.lib.stride_tricks.sliding_window_view(x, 11, axis=0) @ taps
        return numpy.lib.stride_tricks.sliding_window_view(rows, 11, axis=1) @ taps

    mean_a, mean_b = blur(a), blur(b)
    variance_a, variance_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255)**2, (0.03 * 255)**2
    return numpy.mean((2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
                      ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)))


def sharpness(picture):
    return numpy.abs(numpy.diff(picture, axis=0)).mean() + numpy.abs(numpy.diff(picture, axis=1)).mean()


def run(network, small, strength=1.0):
    if not network.self_ensemble:
        return run_once(network, small, strength)
    # Geometric self-ensemble (Lim et al. 2017), of quarter turns alone.
    return numpy.mean([numpy.rot90(run_once(network, numpy.rot90(small, turn), strength), -turn)
                       for turn in range(4)], axis=0)


def run_once(network, small, strength):
    """Sides that do not fold are lengthened by copies of the last row and column."""
    height, width = small.shape[:2]
    with torch.no_grad():
        tensor = torch.from_numpy(small.transpose(2, 0, 1).copy()).float()[None] / 255
        tensor = functional.pad(tensor, (0, -width % network.unshuffle, 0, -height % network.unshuffle),
                                mode="replicate")
        result = network(tensor, strength)[0, :, :height * network.scale, :width * network.scale]
        return result.numpy().transpose(1, 2, 0) * 255


def pair(path, scale, degraded):
    """(small, large) of one picture of a set, float32 in [0, 255]."""
    large = numpy.asarray(Image.open(path).convert("RGB")).astype(numpy.float32)
    height, width = large.shape[0] // scale * scale, large.shape[1] // scale * scale
    if not degraded:
        large = large[:height, :width]
        return numpy.clip(numpy.rint(resize(large, height // scale, width // scale)), 0, 255), large
    side = min(height, width, 512) // (4 * scale) * 4 * scale
    top, left = (height - side) // 2, (width - side) // 2
    large = large[top:top + side, left:left + side]
    random = numpy.random.default_rng(list(path.name.encode()))
    small, _ = degrade(torch.from_numpy(large / 255).permute(2, 0, 1), scale, random)
    return as_bytes(small).astype(numpy.float32), large


def results_of(network, small, large, strengths):
    height, width = large.shape[:2]
    results = {f"ours {strength:g}": run(network, small, strength) for strength in strengths}
    if network.scale == 1:
        return {**results, "input": small}
    return {**results, "bicubic": resize(small, height, width, "bicubic"),
            "lanczos": resize(small, height, width, "lanczos")}


def measure(truth, result, border):
    """(PSNR-Y, SSIM-Y, sharpness)."""
    truth, result = (luma(numpy.clip(numpy.rint(picture), 0, 255))[border:-border, border:-border]
                     for picture in (truth, result))
    return psnr(truth, result), ssim(truth, result), sharpness(result) / sharpness(truth)


def show(path, small, large, results):
    """Input, every result and truth beside each other: the middle, 192 pixels a side, each pixel doubled."""
    nearest = small.repeat(len(large) // len(small), 0).repeat(len(large) // len(small), 1)
    side = min(192, len(large))
    at = (len(large) - side) // 2
    parts = [numpy.clip(numpy.rint(picture[at:at + side, at:at + side]), 0, 255).astype(numpy.uint8)
             for picture in (nearest, *results.values(), large)]
    Image.fromarray(numpy.concatenate(parts, 1).repeat(2, 0).repeat(2, 1)).save(path)


def noise_left(network, noise, strengths):
    """{method: how much of the noise on a grey plane is in the answer}: its deviation there by that of bicubic
    interpolation. Where there is something to see, a difference would also be what noise hides. The noise is Gaussian,
    of a deviation of `noise` levels."""
    random = numpy.random.default_rng(1)
    noisy = numpy.clip(numpy.rint(128 + random.normal(0, noise, (128, 128, 3))), 0, 255).astype(numpy.float32)
    side = 128 * network.scale
    inner = slice(side // 4, -side // 4)
    plain = numpy.std(resize(noisy, side, side)[inner, inner])
    return {f"ours {strength:g}": numpy.std(run(network, noisy, strength)[inner, inner]) / plain
            for strength in strengths}


def evaluate(network, directory, arguments):
    """{method: (PSNR-Y, SSIM-Y, sharpness)} averaged over the pictures of one folder."""
    scores = {}
    for at, path in enumerate(sorted(directory.glob("*.png"))[:arguments.most]):
        small, large = pair(path, network.scale, arguments.degraded)
        results = results_of(network, small, large, arguments.strengths)
        if at < arguments.show:
            pathlib.Path(arguments.into).mkdir(parents=True, exist_ok=True)
            show(pathlib.Path(arguments.into) / f"{directory.name}-{path.stem}.png", small, large, results)
        for name, result in results.items():
            scores.setdefault(name, []).append(measure(large, result, network.scale))
    return {name: tuple(numpy.mean(values, axis=0)) for name, values in scores.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="manifest")
    parser.add_argument("--bench", default=paths.BENCH, help="folder with one folder of PNG files for each set")
    parser.add_argument("--sets", nargs="+", default=["set5", "set14", "kodak", "urban20"])
    parser.add_argument("--degraded", action="store_true")
    parser.add_argument("--strengths", nargs="+", type=float, default=[1.0], help="of denoising")
    parser.add_argument("--noise", type=float, default=0.0, help="measures how much of such noise is left on a grey plane instead")
    parser.add_argument("--most", type=int, help="pictures of a set; without it, all")
    parser.add_argument("--show", type=int, default=0, help="pictures of a set that --into gets parts of")
    parser.add_argument("--into", default="crops")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    network, manifest = load_network(arguments.model)
    if arguments.noise > 0:
        print("| method | noise left |\n|---|---|")
        for method, left in noise_left(network, arguments.noise, arguments.strengths).items():
            print(f"| {method.replace('ours', manifest['name'])} | {left:.2f} |", flush=True)
        return
    print("| set | method | PSNR-Y (dB) | SSIM-Y | sharpness |")
    print("|---|---|---|---|---|")
    for name in arguments.sets:
        scores = evaluate(network, pathlib.Path(arguments.bench) / name, arguments)
        for method, (decibel, similarity, sharp) in scores.items():
            method = method.replace("ours", manifest["name"]) if manifest.get("denoise") else method.replace(
                "ours 1", manifest["name"])
            print(f"| {name} | {method} | {decibel:.2f} | {similarity:.4f} | {sharp:.2f} |", flush=True)


if __name__ == "__main__":
    main()
