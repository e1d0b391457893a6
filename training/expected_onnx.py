"""Small networks of true structure with random weights as PyTorch exports them to ONNX, and what PyTorch makes of them,
for the engine's tests to compare with.

    expected_onnx.py

writes tests/networks/onnx-NAME.onnx and onnx-NAME.f32: all outputs of the network one after another."""
import torch
import torch.nn.functional as functional
from torch import nn

import paths
from expected_ncnn import picture


class Srvgg(nn.Module):
    """Folds, convolves with PReLU, unfolds and adds the enlarged input."""

    def __init__(self, unshuffle, scale):
        super().__init__()
        self.unshuffle, self.scale = unshuffle, scale
        channels = 3 * unshuffle * unshuffle
        self.body = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1), nn.PReLU(8),
            nn.Conv2d(8, 8, 3, padding=1), nn.PReLU(),
            nn.Conv2d(8, channels * scale * scale, 3, padding=1))

    def forward(self, x):
        folded = functional.pixel_unshuffle(x, self.unshuffle) if self.unshuffle > 1 else x
        enlarged = functional.interpolate(x, scale_factor=self.scale, mode="nearest")
        return functional.pixel_shuffle(self.body(folded), self.scale * self.unshuffle) + enlarged


class Unet(nn.Module):
    """As segmentation networks are: pools, comes back to the size of what it left, and ends in a mask of each level."""

    def __init__(self):
        super().__init__()
        def block(inputs, outputs, dilation=1):
            return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation),
                                 nn.BatchNorm2d(outputs), nn.ReLU())
        self.first, self.second, self.deep = block(3, 6), block(6, 8), block(8, 8, 2)
        self.up = nn.Sequential(nn.ConvTranspose2d(8, 6, 2, 2), nn.BatchNorm2d(6), nn.ReLU())
        self.before = nn.Sequential(nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 1))
        self.join, self.last = block(16, 8), nn.Conv2d(12, 2, 1)
        self.side = nn.Conv2d(8, 2, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.running_mean, -0.3, 0.3)
                nn.init.uniform_(module.running_var, 0.5, 2)
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.3, 0.3)

    def forward(self, x):
        first = self.first(x)
        second = self.second(functional.max_pool2d(first, 2, 2, ceil_mode=True))
        deep = self.deep(functional.avg_pool2d(second, 3, 2, 1, count_include_pad=False))
        deep = functional.interpolate(deep, size=second.shape[2:], mode="bilinear", align_corners=False)
        joined = self.before(self.join(torch.cat((deep, second), 1)))
        raised = self.up(joined)
        raised = functional.interpolate(raised, size=(first.shape[2], first.shape[3]), mode="bilinear",
                                        align_corners=True)
        mask = torch.sigmoid(self.last(torch.cat((raised, first), 1)))
        side = functional.interpolate(self.side(deep), size=x.shape[2:], mode="bilinear", align_corners=False)
        return mask, torch.softmax(side, 1)


class Classifier(nn.Module):
    """MobileNet's parts over a picture of one size, then a vector of probabilities and a mean of each channel."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.depthwise = nn.Sequential(nn.Conv2d(8, 8, 5, padding=2, groups=8), nn.ReLU6(), nn.Conv2d(8, 12, 1))
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(12, 4, 1), nn.ReLU(), nn.Conv2d(4, 12, 1),
                                     nn.Hardsigmoid())
        self.hidden, self.head = nn.Linear(12 * 8 * 8, 10), nn.Linear(10, 5, bias=False)

    def forward(self, x):
        x = self.depthwise(self.stem((x - torch.tensor([0.4, 0.5, 0.6])[:, None, None]) /
                                     torch.tensor([0.2, 0.3, 0.25])[:, None, None]))
        x = x * self.squeeze(x)
        mean = x.mean((2, 3))
        hidden = torch.tanh(self.hidden(torch.flatten(functional.max_pool2d(x, 2), 1)))
        return torch.softmax(self.head(hidden), 1), mean


class Parts(nn.Module):
    """What is left: arithmetic with constants, splits and slices, groups and their shuffle, every way to enlarge."""

    def __init__(self):
        super().__init__()
        self.grouped = nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2)
        self.up = nn.ConvTranspose2d(4, 4, 3, 2, 1, output_padding=1, groups=2)
        self.wide = nn.ConvTranspose2d(4, 3, 3, 2, 0, output_padding=1)
        self.last = nn.Conv2d(3, 3, (3, 1), padding=(0, 2))

    def forward(self, x):
        x = torch.cat((1 - x, x * 2, ), 1) / 1.5
        x = functional.pad(x, (1, 2, 3, 1), mode="reflect")
        x = functional.hardswish(self.grouped(functional.pad(x, (1, 1, 0, 0), value=0.25)))
        batch, channels, height, width = x.shape
        x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, -1, height, width)
        left, right = x.chunk(2, 1)
        left = functional.leaky_relu(torch.max(left, -right[:, 0:1]), 0.1)
        right = torch.clamp(torch.min(right, x[:, 3].unsqueeze(1)), -0.4, 0.6) * torch.sigmoid(right)
        best = functional.adaptive_max_pool2d(left, 1)
        left, right = self.up(left + best), self.wide(right)
        cubic = functional.interpolate(right, scale_factor=2, mode="bicubic", align_corners=False)
        near = functional.interpolate(left[:, :3], scale_factor=3, mode="nearest")
        corners = functional.interpolate(left, scale_factor=2, mode="bilinear", align_corners=True)
        corners = functional.pad(corners, (0, 3, 2, 0), mode="replicate")
        return self.last(cubic[:, :, 2:-1, 1:]), near, 0.5 / (2 + torch.tanh(corners))


class Tokens(nn.Module):
    """Pixels as a list of vectors, and a list as pixels."""

    def __init__(self):
        super().__init__()
        self.patches, self.mix = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 16)

    def forward(self, x):
        x = self.patches(x)
        tokens = torch.relu(self.mix(x.flatten(2).transpose(1, 2)))
        turned = torch.softmax(tokens, 2).transpose(1, 2).reshape(1, 16, x.shape[2], x.shape[3])
        return functional.pixel_shuffle(turned, 4), tokens


# name: network, opset, height, width, whether it takes pictures of any size
NETWORKS = {
    "srvgg-9": (Srvgg(1, 2), 9, 14, 11, True),
    "srvgg-12": (Srvgg(2, 2), 12, 12, 18, True),
    "srvgg-16": (Srvgg(2, 4), 16, 12, 10, True),
    "srvgg-fixed": (Srvgg(2, 2), 10, 12, 18, False),
    "unet-11": (Unet(), 11, 29, 35, True),
    "unet-17": (Unet(), 17, 32, 27, True),
    "classifier-10": (Classifier(), 10, 32, 32, False),
    "classifier-14": (Classifier(), 14, 32, 32, False),
    "parts-11": (Parts(), 11, 13, 16, True),
    "parts-13": (Parts(), 13, 12, 17, True),
    "parts-17": (Parts(), 17, 14, 15, False),
    "tokens-12": (Tokens(), 12, 16, 24, False),
    "tokens-17": (Tokens(), 17, 24, 16, False),
}


def main():
    for name, (network, opset, height, width, any_size) in NETWORKS.items():
        network.eval()
        path = paths.EXPECTED / f"onnx-{name}"
        sides = {"input": {2: "height", 3: "width"}} if any_size else None
        # Traced at another size, so that no size of the test's picture can have become a constant unseen.
        traced = picture(height + 4, width + 4) if any_size else picture(height, width)
        with torch.no_grad():
            torch.onnx.export(network, traced, f"{path}.onnx", opset_version=opset, input_names=["input"],
                              dynamic_axes=sides)
            outputs = network(picture(height, width))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        values = torch.cat([output.flatten() for output in outputs])
        path.with_name(path.name + ".f32").write_bytes(values.numpy().astype("<f4").tobytes())
        print(name, [tuple(output.shape) for output in outputs], values.numel())


if __name__ == "__main__":
    torch.manual_seed(1)
    main()
