"""Writes the networks that the engine is measured with, each twice: for the engine and, with the same weights, as ONNX for
ONNX Runtime.

    bench_networks.py FOLDER

RRDBNet and the two SRVGGNetCompact have the sizes of Real-ESRGAN's published ones and random weights; photo-x4 and
exact-x4 are the shipped ones."""
import argparse
import pathlib

import torch
import torch.nn.functional as functional
from torch import nn

import paths
from expected_rrdb import RrdbNet
from export import load_network
from network import Srvgg


class Narrow(nn.Module):
    """A Srvgg of plain layers, for an exporter that cannot see through collapsing."""

    def __init__(self, network):
        super().__init__()
        self.scale, self.unshuffle = network.scale, network.unshuffle
        tensors, layers = network.collapsed(), []
        for at in range(len(network.body)):
            weight = tensors[f"body.{at}.weight"]
            if weight.dim() == 1:
                layers.append(nn.PReLU(len(weight)))
                layers[-1].weight.data = weight
            else:
                layers.append(nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1))
                layers[-1].weight.data, layers[-1].bias.data = weight, tensors[f"body.{at}.bias"].clone()
        self.body = nn.Sequential(*layers)

    def forward(self, pictures):
        value = functional.pixel_unshuffle(pictures, self.unshuffle) if self.unshuffle > 1 else pictures
        enlarged = functional.interpolate(pictures, scale_factor=self.scale, mode="nearest")
        return functional.pixel_shuffle(self.body(value), self.scale * self.unshuffle) + enlarged


def save_onnx(network, path):
    network = Narrow(network) if isinstance(network, Srvgg) else network
    torch.onnx.export(network.eval(), torch.rand(1, 3, 64, 64), str(path), opset_version=16, input_names=["input"],
                      output_names=["output"], dynamic_axes={"input": {2: "height", 3: "width"}})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    rrdb = RrdbNet(64, 32, 23)
    torch.save({"params_ema": rrdb.state_dict()}, folder / "rrdbnet.pth")
    save_onnx(rrdb, folder / "rrdbnet.onnx")
    for convolutions in (16, 32):
        network = Srvgg(4, 64, convolutions)
        torch.save({"params": network.collapsed()}, folder / f"srvgg-{convolutions}.pth")
        save_onnx(network, folder / f"srvgg-{convolutions}.onnx")
    for name in ("photo-x4", "exact-x4"):
        network, _ = load_network(paths.MODELS / f"{name}.json")
        save_onnx(network, folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
