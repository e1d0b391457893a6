"""SRVGGNetCompact, the compact network of Real-ESRGAN (Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind
Super-Resolution with Pure Synthetic Data"): 3x3 convolutions with PReLU at the input's resolution, one pixel shuffle
at the end, and the nearest-neighbour enlarged input added. Tensor names are those of the authors' Sequential."""
import torch
import torch.nn.functional as functional
from torch import nn


class Srvgg(nn.Module):
    def __init__(self, scale, features, convolutions):
        super().__init__()
        self.scale, self.features, self.convolutions = scale, features, convolutions
        layers = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features, init=0.1)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features, init=0.1)]
        layers.append(nn.Conv2d(features, 3 * scale * scale, 3, padding=1))
        self.body = nn.Sequential(*layers)
        for layer in self.body:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, a=0.1, nonlinearity="leaky_relu")
                nn.init.zeros_(layer.bias)
        # Training starts from the enlarged input itself.
        nn.init.normal_(self.body[-1].weight, std=1e-3)

    def forward(self, pictures):
        """pictures: N x 3 x H x W in [0, 1]; answers N x 3 x H*scale x W*scale, not clamped."""
        residual = functional.pixel_shuffle(self.body(pictures), self.scale)
        return residual + functional.interpolate(pictures, scale_factor=self.scale, mode="nearest")

    def receptive_field_radius(self):
        return self.convolutions + 2
