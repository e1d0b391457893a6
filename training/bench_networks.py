"""Writes the networks that the engine is measured with, each twice: for the engine and, with the same weights, as ONNX for
ONNX Runtime.

    bench_networks.py FOLDER

RRDBNet and the two SRVGGNetCompact have the sizes of Real-ESRGAN's published ones and random weights; photo-x4 and
exact-x4 are the shipped ones."""
import argparse
import pathlib

import torch
from torch import nn

import paths
from expected_rrdb import RrdbNet
from export import load_network
from network import Collapsible, Srvgg


def narrow(module):
    """Plain layers in the place of collapsible ones, for an exporter that cannot see through them."""
    for name, child in module.named_children():
        if not isinstance(child, Collapsible):
            narrow(child)
            continue
        weight = child.weight().detach()
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
        layer.weight.data, layer.bias.data = weight, child.bias.detach().clone()
        if child.denoise is not None:
            layer.bias.data += child.denoise.detach()
        setattr(module, name, layer)
    return module


def save_onnx(network, path):
    network = narrow(network)
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
