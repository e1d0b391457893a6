"""Writes a checkpoint's averaged weights as .safetensors, with the manifest that the engine reads.

    export.py --checkpoint runs/exact-x4/last.pt --name exact-x4 --description "..."
    export.py --denoiser runs/denoiser/last.pt --name photo-x4

The second gives a denoiser, or another one, to a network that is in the folder already. It changes colours and leaves
the luma to the network."""
import argparse
import hashlib
import json
import pathlib
import struct

import numpy

import paths


def write_safetensors(path, tensors):
    """The safetensors format: 8 bytes of little-endian header length, a JSON header, the raw data. Half precision is
    enough: it moves a pixel by a hundredth of a level of 255, the worst by a fifth."""
    tensors = {name: numpy.asarray(value, dtype="<f2") for name, value in tensors.items()}
    header, offset = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    # The format pads its header with spaces, so that the data begin at a multiple of 8.
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(value.tobytes() for value in tensors.values()))


def read_safetensors(path):
    """{name: float32 array} of a file."""
    data = path.read_bytes()
    length = struct.unpack_from("<Q", data)[0]
    header, body = json.loads(data[8:8 + length]), data[8 + length:]
    return {name: numpy.frombuffer(body[slice(*entry["data_offsets"])],
                                   dtype={"F32": "<f4", "F16": "<f2"}[entry["dtype"]])
            .reshape(entry["shape"]).astype(numpy.float32)
            for name, entry in header.items() if name != "__metadata__"}


def load_network(manifest_path):
    """The network of a manifest and the manifest; a file whose digest is another is refused."""
    import torch
    from network import NETWORKS
    manifest_path = pathlib.Path(manifest_path)
    manifest = json.loads(manifest_path.read_text())
    file, = manifest["files"]
    path = manifest_path.with_name(file["name"])
    if hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
        raise SystemExit(f"{path} is not the file that {manifest_path} names")
    kind = manifest["architecture"]
    names = {"srvgg": ("scale", "features", "convolutions", "unshuffle", "denoise")}.get(
        kind, ("scale", "features", "blocks"))
    network = NETWORKS[kind](**{name: manifest[name] for name in names if name in manifest})
    tensors = {name: torch.from_numpy(value) for name, value in read_safetensors(path).items()}
    network.load_collapsed(tensors)
    denoiser = {name.replace("denoiser", "body"): value for name, value in tensors.items() if "denoiser" in name}
    if denoiser:
        network.add_denoiser(denoiser)
    network.self_ensemble = manifest.get("self_ensemble", False)
    return network.eval(), manifest


def of_checkpoint(path):
    """The averaged network of a checkpoint."""
    import torch
    from network import NETWORKS
    checkpoint = torch.load(path, map_location="cpu")
    network = NETWORKS[checkpoint["architecture"]](**checkpoint["shape"])
    network.load_state_dict(checkpoint["average"])
    return network, checkpoint["architecture"]


def of_colours_alone(tensors):
    """A network that keeps a picture's size without what it does to the luma (BT.601): the last convolution answers the
    difference in each colour, less that of the luma."""
    import torch
    tensors = dict(tensors)
    last = max(int(name.split(".")[1]) for name in tensors)
    for name in (f"body.{last}.weight", f"body.{last}.bias"):
        colours = tensors[name].unflatten(0, (3, -1))
        luma = torch.einsum("c,cp...->p...", torch.tensor([0.299, 0.587, 0.114]), colours)
        tensors[name] = (colours - luma).flatten(0, 1)
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint")
    parser.add_argument("--denoiser", help="checkpoint")
    parser.add_argument("--name", required=True)
    parser.add_argument("--description", help="one line, shown by `tintype models`")
    parser.add_argument("--models", default=paths.MODELS, help="folder that is written to")
    arguments = parser.parse_args()
    path = pathlib.Path(arguments.models) / f"{arguments.name}.safetensors"
    if arguments.checkpoint:
        network, architecture = of_checkpoint(arguments.checkpoint)
        manifest = {"name": arguments.name, "architecture": architecture, **network.shape, "files": [],
                    "licence": "Apache-2.0", "half": True, "description": arguments.description}
    else:
        network, manifest = load_network(path.with_suffix(".json"))
    if arguments.denoiser:
        network.add_denoiser(of_colours_alone(of_checkpoint(arguments.denoiser)[0].collapsed()))
    write_safetensors(path, {name: value.numpy() for name, value in network.collapsed().items()})
    manifest["files"] = [{"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    manifest["receptive_field_radius"] = network.receptive_field_radius()
    path.with_suffix(".json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
