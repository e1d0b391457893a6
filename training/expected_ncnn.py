"""Outputs of the public networks in ../shared/assets/models, for the engine's tests to compare with: the ncnn files are
read and run here by PyTorch, apart from the engine's own reader.

    expected_ncnn.py

writes tests/networks/NAME.f32: all outputs of the network one after another, every `step`-th row and column of each.
The input is a formula, so that it need not be stored."""
import pathlib
import struct

import numpy
import torch
import torch.nn.functional as functional

import paths

ASSETS = paths.TRAIN.parent / "models"
# name: .param, .bin, height, width, step
NETWORKS = {
    "realesr-general-x4v3": ("sr/RealESRGAN_General_x4_v3", None, 24, 28, 2),
    "realesr-general-wdn-x4v3": ("sr/RealESRGAN_General_WDN_x4_v3", None, 24, 28, 2),
    "realesr-animevideov3-x2": ("sr/realesr-animevideov3-x2", "sr/realesr-animevideov3-x4", 24, 28, 2),
    "realesr-animevideov3-x3": ("sr/realesr-animevideov3-x3", "sr/realesr-animevideov3-x4", 24, 28, 2),
    "realesr-animevideov3-x4": ("sr/realesr-animevideov3-x4", None, 24, 28, 2),
    "realcugan-2x": ("anime/realcugan-se-up2x-no-denoise", None, 72, 64, 1),
    "realcugan-4x": ("anime/realcugan-se-up4x-no-denoise", None, 72, 64, 2),
    "u2netp": ("seg/u2netp.ncnn", None, 320, 320, 8),
    "rfb-320": ("face/RFB-320", None, 240, 320, 4),
    "retina-slim": ("face/retina-slim-landmark", None, 240, 320, 4),
}


def picture(height, width):
    """1 x 3 x H x W in [0, 1]."""
    c, y, x = numpy.mgrid[0:3, 0:height, 0:width].astype(numpy.float64)
    value = 0.5 + 0.3 * numpy.sin(0.31 * x + c) * numpy.cos(0.17 * y) + 0.2 * numpy.sin(0.05 * x * y / (c + 1))
    return torch.from_numpy(value.astype(numpy.float32))[None]


class Bin:
    def __init__(self, path):
        self.bytes, self.at = path.read_bytes(), 0

    def plain(self, count):
        values = numpy.frombuffer(self.bytes, "<f4", count, self.at)
        self.at += 4 * count
        return torch.from_numpy(values.copy())

    def flagged(self, count):
        flag, = struct.unpack_from("<I", self.bytes, self.at)
        self.at += 4
        if flag == 0:
            return self.plain(count)
        assert flag == 0x01306B47, hex(flag)
        values = numpy.frombuffer(self.bytes, "<f2", count, self.at)
        self.at += (2 * count + 3) // 4 * 4
        return torch.from_numpy(values.astype(numpy.float32))


def keyed(words):
    found = {}
    for word in words:
        key, value = word.split("=")
        key, numbers = int(key), [float(number) for number in value.split(",")]
        found[-23300 - key if key <= -23300 else key] = numbers[1:] if key <= -23300 else numbers[0]
    return found


def activate(value, keys):
    kind, arguments = int(keys.get(9, 0)), keys.get(10, [])
    if kind == 0:
        return value
    return {1: torch.relu, 2: lambda v: functional.leaky_relu(v, arguments[0]), 4: torch.sigmoid}[kind](value)


def cubic(value, factor_y, factor_x):
    # ncnn's a is -0.75, as PyTorch's.
    return functional.interpolate(value, scale_factor=(factor_y, factor_x), mode="bicubic", align_corners=False,
                                  recompute_scale_factor=True)


def convolution(value, keys, weights, transposed):
    out, width = int(keys[0]), int(keys[1])
    height, groups = int(keys.get(11, width)), int(keys.get(7, 1))
    taps = width * height
    kernel = weights.flagged(int(keys[6]))
    bias = weights.plain(out) if keys.get(5) else None
    stride = (int(keys.get(13, keys.get(3, 1))), int(keys.get(3, 1)))
    left = int(keys.get(4, 0))
    top = int(keys.get(14, left))
    assert int(keys.get(15, left)) == left and int(keys.get(16, top)) == top
    dilation = (int(keys.get(12, keys.get(2, 1))), int(keys.get(2, 1)))
    if transposed:
        kernel = kernel.reshape(out, -1, height, width).transpose(0, 1).contiguous()
        value = functional.conv_transpose2d(value, kernel, bias, stride, (top, left))
    else:
        kernel = kernel.reshape(out, int(keys[6]) // (out * taps), height, width)
        value = functional.conv2d(value, kernel, bias, stride, (top, left), dilation, groups)
    return activate(value, keys)


def layer(kind, keys, inputs, weights):
    """Blobs are as in ncnn, with a batch of 1 before pictures alone: (C, H, W), (H, W) or (W)."""
    value = inputs[0]
    if kind in ("Convolution", "ConvolutionDepthWise", "Deconvolution"):
        return convolution(value[None], keys, weights, kind == "Deconvolution")[0]
    if kind == "PReLU":
        return functional.prelu(value[None], weights.plain(int(keys[0])))[0]
    if kind == "ReLU":
        return functional.leaky_relu(value, keys.get(0, 0.0))
    if kind == "Sigmoid":
        return torch.sigmoid(value)
    if kind == "InnerProduct":
        kernel = weights.flagged(int(keys[2])).reshape(int(keys[0]), -1)
        bias = weights.plain(int(keys[0])) if keys.get(1) else None
        return activate(functional.linear(value.flatten(), kernel, bias), keys)
    if kind == "BinaryOp":
        other = inputs[1]
        if other.dim() == 1 and value.dim() == 3:
            other = other[:, None, None]
        return {0: torch.add, 2: torch.mul}[int(keys.get(0, 0))](value, other)
    if kind == "Concat":
        return torch.cat(inputs, int(keys.get(0, 0)))
    if kind == "Crop":
        for begin, end, axis in zip(keys[9], keys[10], keys[11]):
            value = value.narrow(int(axis), int(begin), value.shape[int(axis)] + int(end) - int(begin))
        return value
    if kind == "Interp":
        size = (int(keys[3]), int(keys[4])) if 3 in keys else None
        factors = None if size else (keys[1], keys[2])
        mode = int(keys[0])
        if mode == 3:
            return cubic(value[None], *factors)[0]
        if mode == 1:
            return functional.interpolate(value[None], size, factors, "nearest")[0]
        return functional.interpolate(value[None], size, factors, "bilinear", align_corners=False)[0]
    if kind == "Pooling":
        if keys.get(4):
            return value.mean((1, 2))
        return functional.max_pool2d(value[None], int(keys[1]), int(keys[2]), ceil_mode=True)[0]
    if kind == "PixelShuffle":
        return functional.pixel_shuffle(value[None], int(keys[0]))[0]
    if kind == "Softmax":
        return torch.softmax(value, int(keys[0]))
    if kind == "Permute":
        assert int(keys[0]) == 3  # what was C, H, W becomes H, W, C
        return value.permute(1, 2, 0)
    if kind == "Reshape":
        return value.reshape(int(keys[1]), int(keys[0]))
    raise SystemExit(f"{kind} is not known here")


def run(parameters, binary, value):
    lines = (ASSETS / f"{parameters}.param").read_text().splitlines()[2:]
    weights, blobs, used = Bin(ASSETS / f"{binary or parameters}.bin"), {}, set()
    for line in filter(None, lines):
        kind, _, bottoms, tops, *rest = line.split()
        bottoms, tops = int(bottoms), int(tops)
        inputs, outputs = rest[:bottoms], rest[bottoms:bottoms + tops]
        used.update(inputs)
        if kind == "Input":
            blobs[outputs[0]] = value[0]
            continue
        taken = [blobs[name] for name in inputs]
        made = taken[0] if kind == "Split" else layer(kind, keyed(rest[bottoms + tops:]), taken, weights)
        blobs.update({name: made for name in outputs})
    return [blob for name, blob in blobs.items() if name not in used]


def thinned(blob, step):
    return blob[..., ::step, ::step] if blob.dim() == 3 else blob[::step]


def main():
    for name, (parameters, binary, height, width, step) in NETWORKS.items():
        with torch.no_grad():
            outputs = run(parameters, binary, picture(height, width))
        values = numpy.concatenate([thinned(output, step).numpy().ravel() for output in outputs])
        (paths.EXPECTED / f"{name}.f32").write_bytes(values.astype("<f4").tobytes())
        print(name, [tuple(output.shape) for output in outputs], values.size)


if __name__ == "__main__":
    main()
