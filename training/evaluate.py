"""PSNR and SSIM on the luma of BT.601 (studio range), 8-bit results, a border of `scale` pixels shaved, as the
super-resolution literature reports them, beside bicubic and Lanczos interpolation of the same small pictures.

    evaluate.py --model ../models/exact-x4.json"""
import argparse
import pathlib

import numpy
import torch
from PIL import Image

import paths
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


def run(network, small):
    with torch.no_grad():
        tensor = torch.from_numpy(small.transpose(2, 0, 1).copy()).float()[None] / 255
        return network(tensor)[0].numpy().transpose(1, 2, 0) * 255


def evaluate(network, scale, directory):
    """{method: (PSNR-Y, SSIM-Y)} averaged over the pictures of one folder."""
    scores = {}
    for path in sorted(directory.glob("*.png")):
        large = numpy.asarray(Image.open(path).convert("RGB")).astype(numpy.float32)
        height, width = large.shape[0] // scale * scale, large.shape[1] // scale * scale
        large = large[:height, :width]
        small = numpy.clip(numpy.rint(resize(large, height // scale, width // scale)), 0, 255)
        results = {"ours": run(network, small),
                   "bicubic": resize(small, height, width, "bicubic"),
                   "lanczos": resize(small, height, width, "lanczos")}
        for name, result in results.items():
            result = luma(numpy.clip(numpy.rint(result), 0, 255))[scale:-scale, scale:-scale]
            truth = luma(large)[scale:-scale, scale:-scale]
            scores.setdefault(name, []).append((psnr(truth, result), ssim(truth, result)))
    return {name: tuple(numpy.mean(values, axis=0)) for name, values in scores.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="manifest")
    parser.add_argument("--bench", default=paths.BENCH, help="folder with one folder of PNG files for each set")
    parser.add_argument("--sets", nargs="+", default=["set5", "set14", "kodak", "urban20"])
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    network, manifest = load_network(arguments.model)
    print("| set | method | PSNR-Y (dB) | SSIM-Y |")
    print("|---|---|---|---|")
    for name in arguments.sets:
        scores = evaluate(network, manifest["scale"], pathlib.Path(arguments.bench) / name)
        for method, (decibel, similarity) in scores.items():
            print(f"| {name} | {method.replace('ours', manifest['name'])} | {decibel:.2f} | {similarity:.4f} |",
                  flush=True)


if __name__ == "__main__":
    main()
