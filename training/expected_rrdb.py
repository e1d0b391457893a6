"""A small RRDBNet with random weights, saved as its authors save theirs, and what PyTorch makes of it, for the engine's
tests to compare with.

    expected_rrdb.py

writes tests/networks/rrdb.pth and rrdb.f32. With --full NAME.pth it writes one of Real-ESRGAN x4plus's true size."""
import argparse

import torch
import torch.nn.functional as functional
from torch import nn

import paths
from expected_ncnn import picture


class DenseBlock(nn.Module):
    """Wang et al. 2018, "ESRGAN"."""

    def __init__(self, features, growth):
        super().__init__()
        for at in range(1, 6):
            setattr(self, f"conv{at}",
                    nn.Conv2d(features + (at - 1) * growth, features if at == 5 else growth, 3, padding=1))

    def forward(self, x):
        parts = [x]
        for at in range(1, 5):
            parts.append(functional.leaky_relu(getattr(self, f"conv{at}")(torch.cat(parts, 1)), 0.2))
        return self.conv5(torch.cat(parts, 1)) * 0.2 + x


class Rrdb(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for at in range(1, 4):
            setattr(self, f"rdb{at}", DenseBlock(features, growth))

    def forward(self, x):
        return self.rdb3(self.rdb2(self.rdb1(x))) * 0.2 + x


class RrdbNet(nn.Module):
    def __init__(self, features, growth, blocks):
        super().__init__()
        self.conv_first = nn.Conv2d(3, features, 3, padding=1)
        self.body = nn.Sequential(*(Rrdb(features, growth) for _ in range(blocks)))
        for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
            setattr(self, name, nn.Conv2d(features, features, 3, padding=1))
        self.conv_last = nn.Conv2d(features, 3, 3, padding=1)

    def forward(self, x):
        x = self.conv_first(x)
        x = x + self.conv_body(self.body(x))
        for layer in (self.conv_up1, self.conv_up2):
            x = functional.leaky_relu(layer(functional.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        return self.conv_last(functional.leaky_relu(self.conv_hr(x), 0.2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    if arguments.full:
        torch.save({"params_ema": RrdbNet(64, 32, 23).state_dict()}, arguments.full)
        return
    network = RrdbNet(10, 6, 2)
    torch.save({"params_ema": network.state_dict()}, paths.EXPECTED / "rrdb.pth")
    with torch.no_grad():
        output = network(picture(12, 14))
    (paths.EXPECTED / "rrdb.f32").write_bytes(output.numpy().astype("<f4").tobytes())


if __name__ == "__main__":
    main()
