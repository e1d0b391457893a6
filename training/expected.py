"""Stores what PyTorch computes with the shipped networks, for the engine's tests to compare with: another
implementation's answer to a small picture that is drawn by a formula.

    expected.py"""
import argparse
import pathlib

import numpy
import torch

import paths
from export import load_network

HEIGHT, WIDTH = 20, 24
NETWORKS = ["exact-x4", "exact-x2", "photo-x4", "photo-x2"]

README = """# Stored outputs of the shipped networks
Raw little-endian float32, channel by channel (3 x height x width), computed by PyTorch on the CPU from the weights in
`models/`. `training/expected.py` writes this folder again, and must be run when a network changes.

- `input.f32`: 3 x {height} x {width}, `x[c][y][x] = 0.5 + 0.5 sin(0.7 x + 0.9 y (c + 1) + c)`, computed in double and
  rounded to float.
- `onnx-*.onnx` and `onnx-*.f32`: small networks with random weights that `training/expected_onnx.py` exports, and all
  outputs of each, one after another, for the picture of `training/expected_ncnn.py`.
- `rrdb.*`, `gfpgan.*`: the same of narrow networks as PyTorch's files, by `expected_rrdb.py` and `expected_gfpgan.py`.
- the others: outputs of published networks, thinned, by `expected_ncnn.py`.
"""


def drawn():
    """3 x HEIGHT x WIDTH in [0, 1]."""
    c, y, x = numpy.mgrid[0:3, 0:HEIGHT, 0:WIDTH].astype(numpy.float64)
    return (0.5 + 0.5 * numpy.sin(0.7 * x + 0.9 * y * (c + 1) + c)).astype(numpy.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=paths.MODELS)
    parser.add_argument("--into", default=paths.EXPECTED)
    arguments = parser.parse_args()
    # One thread adds in one order, so the files come out the same on every run of one machine.
    torch.set_num_threads(1)
    into = pathlib.Path(arguments.into)
    into.mkdir(parents=True, exist_ok=True)
    picture = drawn()
    (into / "input.f32").write_bytes(picture.astype("<f4").tobytes())
    text = README.format(height=HEIGHT, width=WIDTH)
    for name in NETWORKS:
        network, manifest = load_network(pathlib.Path(arguments.models) / f"{name}.json")
        with torch.no_grad():
            output = network(torch.from_numpy(picture)[None])[0].numpy()
        (into / f"{name}.f32").write_bytes(output.astype("<f4").tobytes())
        text += (f"- `{name}.f32`: {' x '.join(map(str, output.shape))}, not clamped, of the weights with SHA-256\n"
                 f"  `{manifest['files'][0]['sha256']}`.\n")
    (into / "README.md").write_text(text)


if __name__ == "__main__":
    main()
