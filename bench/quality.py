"""How faithful the program's results are: PSNR and SSIM of the luma after bicubic reduction, by training/evaluate.py's
measure, of whole runs of `tintype enhance`: what a user gets, in whatever precision the processor takes.

    quality.py --models FOLDER --names photo-x4 exact-x4 [--scale 4] [--sets set5 set14] [--backend avx512]

Lanczos and bicubic interpolation stand beside them."""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "training"))
import paths
from evaluate import measure, pair
from resize import resize


def reduce_all(directory, scale, into):
    """{name: (small, large)} of a set, with the small pictures as files."""
    pairs = {}
    for path in sorted(directory.glob("*.png")):
        small, large = pair(path, scale, False)
        Image.fromarray(small.astype(numpy.uint8)).save(into / path.name)
        pairs[path.stem] = (small, large)
    return pairs


def enhanced(arguments, name, small, into):
    """{name: result} of one model."""
    command = [str(arguments.program), "enhance", *map(str, sorted(small.glob("*.png"))), "-o", str(into), "--scale",
               str(arguments.scale), "--model", name, "--models", str(arguments.models),
               "--denoise", str(arguments.denoise)]
    if arguments.backend:
        command += ["--backend", arguments.backend]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {path.stem.removesuffix("-enhanced"): numpy.asarray(Image.open(path).convert("RGB")).astype(numpy.float32)
            for path in into.glob("*.png")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=HERE.parent / "build/release/tintype")
    parser.add_argument("--models", type=pathlib.Path, default=paths.MODELS)
    parser.add_argument("--names", nargs="+", required=True)
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--denoise", type=float, default=0.5)
    parser.add_argument("--backend")
    parser.add_argument("--sets", nargs="+", default=["set5", "set14", "kodak", "urban20"])
    parser.add_argument("--bench", type=pathlib.Path, default=paths.BENCH)
    arguments = parser.parse_args()
    print("| set | method | PSNR-Y (dB) | SSIM-Y |\n|---|---|---|---|")
    for name in arguments.sets:
        with tempfile.TemporaryDirectory() as folder:
            small = pathlib.Path(folder) / "small"
            small.mkdir()
            pairs = reduce_all(arguments.bench / name, arguments.scale, small)
            for model in arguments.names:
                into = pathlib.Path(folder) / model
                results = enhanced(arguments, model, small, into)
                scores = numpy.mean([measure(large, results[stem], arguments.scale)
                                     for stem, (_, large) in pairs.items()], axis=0)
                print(f"| {name} | `{model}` | {scores[0]:.2f} | {scores[1]:.4f} |", flush=True)
        for kernel in ("lanczos", "bicubic"):
            scores = numpy.mean([measure(large, resize(reduced, *large.shape[:2], kernel), arguments.scale)
                                 for reduced, large in pairs.values()], axis=0)
            print(f"| {name} | {kernel} | {scores[0]:.2f} | {scores[1]:.4f} |", flush=True)


if __name__ == "__main__":
    main()
