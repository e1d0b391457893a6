"""A small GFPGAN (v1.3 and v1.4's "clean" architecture) with random weights, saved as its authors save theirs, and what
PyTorch makes of it, for the engine's tests to compare with.

    expected_gfpgan.py

writes tests/networks/gfpgan.pth and gfpgan.f32. With --full NAME.pth it writes one of GFPGAN v1.4's true size."""
import argparse
import math

import torch
import torch.nn.functional as functional
from torch import nn

import paths
from expected_ncnn import picture


def bend(x):
    return functional.leaky_relu(x, 0.2)


def resized(x, factor):
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class ResidualBlock(nn.Module):
    def __init__(self, wide_in, wide_out, factor):
        super().__init__()
        self.conv1 = nn.Conv2d(wide_in, wide_in, 3, padding=1)
        self.conv2 = nn.Conv2d(wide_in, wide_out, 3, padding=1)
        self.skip = nn.Conv2d(wide_in, wide_out, 1, bias=False)
        self.factor = factor

    def forward(self, x):
        inner = bend(self.conv2(resized(bend(self.conv1(x)), self.factor)))
        return inner + self.skip(resized(x, self.factor))


class ModulatedConvolution(nn.Module):
    """Karras et al. 2020: the kernel is scaled by the style, and what comes out to unit variance."""

    def __init__(self, wide_in, wide_out, size, features, is_demodulated, factor=1):
        super().__init__()
        self.modulation = nn.Linear(features, wide_in)
        nn.init.constant_(self.modulation.bias, 1)
        self.weight = nn.Parameter(torch.randn(1, wide_out, wide_in, size, size) / math.sqrt(wide_in * size * size))
        self.is_demodulated, self.factor = is_demodulated, factor

    def forward(self, x, style):
        kernel = self.weight[0] * self.modulation(style)[0][None, :, None, None]
        if self.is_demodulated:
            kernel = kernel * torch.rsqrt(kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8)
        x = resized(x, self.factor) if self.factor != 1 else x
        return functional.conv2d(x, kernel, padding=self.weight.shape[-1] // 2)


class StyleConvolution(nn.Module):
    def __init__(self, wide_in, wide_out, features, factor=1):
        super().__init__()
        self.modulated_conv = ModulatedConvolution(wide_in, wide_out, 3, features, True, factor)
        self.weight = nn.Parameter(torch.randn(1) * 0.3)  # of the noise
        self.bias = nn.Parameter(torch.randn(1, wide_out, 1, 1) * 0.1)

    def forward(self, x, style, noise):
        return bend(self.modulated_conv(x, style) * math.sqrt(2) + self.weight * noise + self.bias)


class ToRgb(nn.Module):
    def __init__(self, wide, features):
        super().__init__()
        self.modulated_conv = ModulatedConvolution(wide, 3, 1, features, False)
        self.bias = nn.Parameter(torch.randn(1, 3, 1, 1) * 0.1)

    def forward(self, x, style, skip):
        x = self.modulated_conv(x, style) + self.bias
        return x if skip is None else x + resized(skip, 2)


class ConstantInput(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, wide, 4, 4))


class Normalised(nn.Module):
    """Takes the place of the mapping network's first layer, which has no weights. Nothing here runs that network: the
    encoder answers latents."""


class Decoder(nn.Module):
    """StyleGAN2's, with half of the channels shifted and scaled by what the encoder saw (Wang et al. 2021)."""

    def __init__(self, wide, features, levels):
        super().__init__()
        mapping = [Normalised()]
        for _ in range(8):
            mapping += [nn.Linear(features, features), nn.LeakyReLU(0.2)]
        self.style_mlp = nn.Sequential(*mapping)
        self.constant_input = ConstantInput(wide[0])
        self.style_conv1 = StyleConvolution(wide[0], wide[0], features)
        self.to_rgb1 = ToRgb(wide[0], features)
        self.style_convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        self.noises.register_buffer("noise0", torch.randn(1, 1, 4, 4))
        for level in range(1, levels + 1):
            self.style_convs.append(StyleConvolution(wide[level - 1], wide[level], features, 2))
            self.style_convs.append(StyleConvolution(wide[level], wide[level], features))
            self.to_rgbs.append(ToRgb(wide[level], features))
            for at in (2 * level - 1, 2 * level):
                self.noises.register_buffer(f"noise{at}", torch.randn(1, 1, 4 << level, 4 << level))

    def forward(self, latents, conditions):
        noise = [getattr(self.noises, f"noise{at}") for at in range(len(self.style_convs) + 1)]
        x = self.style_conv1(self.constant_input.weight, latents[:, 0], noise[0])
        picture = self.to_rgb1(x, latents[:, 1], None)
        for level, (scale, shift) in enumerate(conditions):
            at = 2 * level + 1
            x = self.style_convs[at - 1](x, latents[:, at], noise[at])
            same, changed = x.chunk(2, 1)
            x = torch.cat([same, changed * scale + shift], 1)
            x = self.style_convs[at](x, latents[:, at + 1], noise[at + 1])
            picture = self.to_rgbs[level](x, latents[:, at + 2], picture)
        return picture


class Gfpgan(nn.Module):
    def __init__(self, levels, features=512, multiplier=2, narrow=1.0):
        """The side of the picture is 4 << levels."""
        super().__init__()
        side = [4 << level for level in range(levels + 1)]
        full = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256 * multiplier, 128: 128 * multiplier, 256: 64 * multiplier,
                512: 32 * multiplier, 1024: 16 * multiplier}
        wide = [int(full[s] * narrow) for s in side]
        half = [int(full[s] * narrow * 0.5) for s in side]
        self.features = features
        self.conv_body_first = nn.Conv2d(3, half[-1], 1)
        self.conv_body_down = nn.ModuleList(
            ResidualBlock(half[at], half[at - 1], 0.5) for at in range(levels, 0, -1))
        self.final_conv = nn.Conv2d(half[0], half[0], 3, padding=1)
        self.conv_body_up = nn.ModuleList(ResidualBlock(half[at], half[at + 1], 2) for at in range(levels))
        self.toRGB = nn.ModuleList(nn.Conv2d(half[at + 1], 3, 1) for at in range(levels))
        self.final_linear = nn.Linear(half[0] * 16, (2 * levels + 2) * features)
        self.stylegan_decoder = Decoder(wide, features, levels)
        self.condition_scale = nn.ModuleList(self.condition(half[at + 1]) for at in range(levels))
        self.condition_shift = nn.ModuleList(self.condition(half[at + 1]) for at in range(levels))

    @staticmethod
    def condition(wide):
        return nn.Sequential(nn.Conv2d(wide, wide, 3, padding=1), nn.LeakyReLU(0.2),
                             nn.Conv2d(wide, wide, 3, padding=1))

    def forward(self, x):
        """In [-1, 1], both ways."""
        x, skips, conditions = bend(self.conv_body_first(x)), [], []
        for block in self.conv_body_down:
            x = block(x)
            skips.append(x)
        x = bend(self.final_conv(x))
        latents = self.final_linear(x.flatten(1)).view(x.shape[0], -1, self.features)
        for at, block in enumerate(self.conv_body_up):
            x = block(x + skips.pop())
            conditions.append((self.condition_scale[at](x), self.condition_shift[at](x)))
        return self.stylegan_decoder(latents, conditions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    if arguments.full:
        torch.save({"params_ema": Gfpgan(7).state_dict()}, arguments.full)
        return
    network = Gfpgan(3, features=24, narrow=1 / 32)
    torch.save({"params_ema": network.state_dict()}, paths.EXPECTED / "gfpgan.pth")
    with torch.no_grad():
        output = network(2 * picture(32, 32) - 1)
    (paths.EXPECTED / "gfpgan.f32").write_bytes(output.numpy().astype("<f4").tobytes())
    print(tuple(output.shape), float(output.min()), float(output.max()))


if __name__ == "__main__":
    main()
