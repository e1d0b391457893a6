"""The networks. `Srvgg` is SRVGGNetCompact, the compact network of Real-ESRGAN (Wang et al. 2021, "Real-ESRGAN: Training
Real-World Blind Super-Resolution with Pure Synthetic Data"): 3x3 convolutions with PReLU, one pixel shuffle at the
end, and the nearest-neighbour enlarged input added. Tensor names are those of the authors' Sequential. Three things
are added:

- `unshuffle`: the input's pixels are first folded into channels (Shi et al. 2016, backwards), so that the body works on
  a quarter of the pixels and sees twice as far.
- Every kernel is trained wide and runs narrow: it is the sum of a 3x3 kernel, a 3x3 kernel to many channels followed by
  a 1x1 kernel, and the identity. They are summed up in weight space before each step (Bhardwaj et al. 2022, "Collapsible
  Linear Blocks for Super-Efficient Super Resolution"), so that a step costs one convolution.
- `denoise`: every bias is b + s d, where the strength s in [0, 1] is chosen at run time.
- `denoiser`: a small one of the same make, that keeps a picture's size and was trained by itself to clear it of noise in
  its colours. Before the body sees a picture, the share s of what it changes is changed.

`Edsr` makes more of as many weights, and takes longer."""
import torch
import torch.nn.functional as functional
from torch import nn

EXPANSION = 4


class Collapsible(nn.Module):
    """A 3x3 convolution, padded by zeros."""

    def __init__(self, inputs, outputs, gain, denoise, identity=True):
        super().__init__()
        self.identity = identity and inputs == outputs
        wide = EXPANSION * outputs
        self.plain = nn.Parameter(torch.randn(outputs, inputs, 3, 3) * gain * (2 / (9 * inputs))**0.5)
        self.expand = nn.Parameter(torch.randn(wide, inputs, 3, 3) * (1 / (9 * inputs))**0.5)
        self.project = nn.Parameter(torch.zeros(outputs, wide))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.denoise = nn.Parameter(torch.zeros(outputs)) if denoise else None

    def weight(self):
        with torch.autocast(self.plain.device.type, enabled=False):
            weight = self.plain + torch.mm(self.project, self.expand.flatten(1)).view_as(self.plain)
        if self.identity:
            eye = torch.eye(weight.shape[0], device=weight.device)
            weight = weight + functional.pad(eye[:, :, None, None], (1, 1, 1, 1))
        return weight

    def forward(self, pictures, strength=1.0):
        bias = self.bias if self.denoise is None else self.bias + strength * self.denoise
        weight = self.weight().contiguous(memory_format=torch.channels_last)
        return functional.conv2d(pictures, weight, bias, padding=1)


class Srvgg(nn.Module):
    def __init__(self, scale, features, convolutions, unshuffle=1, denoise=False):
        super().__init__()
        self.shape = {"scale": scale, "features": features, "convolutions": convolutions, "unshuffle": unshuffle,
                      "denoise": denoise}
        self.scale, self.unshuffle, self.denoiser = scale, unshuffle, None
        layers = [Collapsible(3 * unshuffle**2, features, 1.0, denoise), nn.PReLU(features, init=0.1)]
        for _ in range(convolutions):
            layers += [Collapsible(features, features, 0.1, denoise), nn.PReLU(features, init=0.1)]
        # Training starts from the enlarged input itself.
        layers.append(Collapsible(features, 3 * (scale * unshuffle)**2, 0.01, denoise))
        self.body = nn.ModuleList(layers)

    def forward(self, pictures, strength=1.0):
        """pictures: N x 3 x H x W in [0, 1], sides multiples of `unshuffle`; answers N x 3 x H*scale x W*scale, not
        clamped."""
        if self.denoiser is not None and strength > 0:
            pictures = torch.lerp(pictures, self.denoiser(pictures), strength)
        value = functional.pixel_unshuffle(pictures, self.unshuffle) if self.unshuffle > 1 else pictures
        for layer in self.body:
            value = layer(value, strength) if isinstance(layer, Collapsible) else layer(value)
        residual = functional.pixel_shuffle(value, self.scale * self.unshuffle)
        return residual + functional.interpolate(pictures, scale_factor=self.scale, mode="nearest")

    def collapsed(self):
        """The tensors that are left for running it."""
        tensors = {}
        with torch.no_grad():
            for at, layer in enumerate(self.body):
                if isinstance(layer, Collapsible):
                    tensors[f"body.{at}.weight"] = layer.weight()
                    tensors[f"body.{at}.bias"] = layer.bias
                    if layer.denoise is not None:
                        tensors[f"body.{at}.bias.denoise"] = layer.denoise
                else:
                    tensors[f"body.{at}.weight"] = layer.weight
        if self.denoiser is not None:
            for name, value in self.denoiser.collapsed().items():
                tensors[name.replace("body", "denoiser")] = value
        return {name: value.detach().float().contiguous() for name, value in tensors.items()}

    def load_collapsed(self, tensors):
        """Takes over what collapsed() answered, also of a narrower network: new channels start as they are, and count
        for nothing where old channels are made (Chen et al. 2016, "Net2Net"). The plain kernel takes all, the wide one
        starts anew."""
        with torch.no_grad():
            for at, layer in enumerate(self.body):
                weight = tensors.get(f"body.{at}.weight")
                if weight is None:
                    continue
                if not isinstance(layer, Collapsible):
                    layer.weight[:len(weight)] = weight
                    continue
                if any(old > new for old, new in zip(weight.shape, layer.plain.shape)):
                    continue
                outputs, inputs = weight.shape[:2]
                layer.project.zero_()
                whole = layer.weight().clone()
                whole[:outputs] = 0
                whole[:outputs, :inputs] = weight
                layer.plain.zero_()
                layer.plain.copy_(whole - layer.weight())
                layer.bias[:outputs] = tensors[f"body.{at}.bias"]
                if layer.denoise is not None and f"body.{at}.bias.denoise" in tensors:
                    layer.denoise[:outputs] = tensors[f"body.{at}.bias.denoise"]

    def add_denoiser(self, tensors):
        """Of what its collapsed() answered."""
        features, convolutions = len(tensors["body.0.weight"]), (len(tensors) - 2) // 3 - 1
        self.denoiser = Srvgg(1, features, convolutions, self.unshuffle)
        self.denoiser.load_collapsed(tensors)

    def receptive_field_radius(self):
        """In pixels of the input."""
        own = (self.shape["convolutions"] + 2) * self.unshuffle
        return own + (self.denoiser.receptive_field_radius() if self.denoiser is not None else 0)


class Edsr(nn.Module):
    """Residual blocks of two convolutions without normalisation (Lim et al. 2017, "Enhanced Deep Residual Networks for
    Single Image Super-Resolution"), with PReLU; the nearest-neighbour enlarged input is added."""

    def __init__(self, scale, features, blocks):
        super().__init__()
        self.shape = {"scale": scale, "features": features, "blocks": blocks}
        self.scale, self.unshuffle = scale, 1
        self.first = Collapsible(3, features, 1.0, False)
        self.blocks = nn.ModuleList(
            nn.ModuleList([Collapsible(features, features, 1.0, False, identity=False),
                           nn.PReLU(features, init=0.1),
                           Collapsible(features, features, 0.1, False, identity=False)]) for _ in range(blocks))
        self.last = Collapsible(features, features, 0.1, False, identity=False)
        self.shuffled = Collapsible(features, 3 * scale**2, 0.01, False)

    def forward(self, pictures, strength=1.0):
        """As Srvgg's; the strength is of no account."""
        first = value = self.first(pictures)
        for expanded, bent, reduced in self.blocks:
            value = value + reduced(bent(expanded(value)))
        residual = functional.pixel_shuffle(self.shuffled(first + self.last(value)), self.scale)
        return residual + functional.interpolate(pictures, scale_factor=self.scale, mode="nearest")

    def layers(self):
        yield "first", self.first
        for at, block in enumerate(self.blocks):
            for inner, layer in enumerate(block):
                yield f"blocks.{at}.{inner}", layer
        yield "last", self.last
        yield "shuffled", self.shuffled

    def receptive_field_radius(self):
        """In pixels of the input."""
        return 2 * self.shape["blocks"] + 3

    def collapsed(self):
        """The tensors that are left for running it."""
        tensors = {}
        with torch.no_grad():
            for name, layer in self.layers():
                tensors[f"{name}.weight"] = layer.weight() if isinstance(layer, Collapsible) else layer.weight
                if not isinstance(layer, nn.PReLU):
                    tensors[f"{name}.bias"] = layer.bias
        return {name: value.detach().float().contiguous() for name, value in tensors.items()}

    def load_collapsed(self, tensors):
        """Takes over what collapsed() answered, as far as shapes fit."""
        with torch.no_grad():
            for name, layer in self.layers():
                own = layer.plain if isinstance(layer, Collapsible) else layer.weight
                weight = tensors.get(f"{name}.weight")
                if weight is None or weight.shape != own.shape:
                    continue
                if isinstance(layer, Collapsible):
                    layer.project.zero_()
                    own.zero_()
                    weight = weight - layer.weight()
                own.copy_(weight)
                if not isinstance(layer, nn.PReLU):
                    layer.bias.copy_(tensors[f"{name}.bias"])


NETWORKS = {"srvgg": Srvgg, "edsr": Edsr}


def architecture_of(network):
    return next(name for name, kind in NETWORKS.items() if type(network) is kind)
