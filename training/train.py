"""Trains one network on pairs of small and large patches.

    train.py --name exact-x4 --scale 4 --architecture edsr --features 64 --blocks 8 --steps 50000
    train.py --name photo-x4 --scale 4 --pool runs/pool-x4-1.npz --features 64 --convolutions 14 --unshuffle 2

It may be ended at any time and goes on from runs/NAME/last.pt. The log is logs/NAME.csv; its seconds count from the
last start. Where torch finds a GPU, the layers compute in bfloat16 there, and a step is recorded once and replayed;
with --compile, what is done between convolutions is fused (torch 2, which takes half a minute for it)."""
import argparse
import copy
import math
import pathlib
import time

import torch

import paths
from data import PoolSampler, Sampler, cut, pairs, pictures_in
from export import read_safetensors
from network import NETWORKS, architecture_of

SAVE_EVERY_SECONDS = 60
KEEP_EVERY_STEPS = 20000
AVERAGE_EVERY_STEPS = 10
LOG_EVERY_STEPS = 100
LUMA = (0.299, 0.587, 0.114)  # of BT.601
MEASURE_EVERY_STEPS = 5000


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--scale", type=int, required=True)
    parser.add_argument("--data", default=paths.TRAIN, help="folder of PNG files, searched through all its folders")
    parser.add_argument("--pool", nargs="+", help="files of degrade.py: trains on these, with a strength of denoising")
    parser.add_argument("--hold", type=int, default=0, metavar="N",
                        help="leaves every Nth picture out, and measures with those; not with --pool")
    parser.add_argument("--architecture", choices=NETWORKS, default="srvgg")
    parser.add_argument("--strength", type=float, help="trains for this strength of denoising alone")
    parser.add_argument("--unshuffle", type=int, default=1)
    parser.add_argument("--frequency", type=float, default=0.0, help="weight of the loss on the Fourier transform")
    parser.add_argument("--luma", type=float, default=0.0, help="share of the error that sees brightness alone")
    parser.add_argument("--sharpen", type=float, default=0.0, help="share of unsharp masking in what is asked for")
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--convolutions", type=int, default=8, help="of srvgg")
    parser.add_argument("--blocks", type=int, default=7, help="of edsr")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--minutes", type=float,
                        help="ends so long after its start instead: the learning rate follows the clock")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--patch", type=int, default=32, help="side of the small patch, in pixels")
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--squared", type=float, default=1.0, help="share of progress after which the error is squared")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--bfloat16", action="store_true",
                        help="layers compute in it on a CPU too: a fifth faster with AVX512-BF16")
    parser.add_argument("--compile", action="store_true", help="fuses what a GPU does between convolutions")
    parser.add_argument("--eager", action="store_true", help="computes each step anew on a GPU too")
    parser.add_argument("--start", help="checkpoint or .safetensors file whose tensors are taken over where they fit")
    return parser.parse_args()


def rate_at(step, progress, arguments):
    """A short warm-up, then a cosine to a hundredth as progress goes from 0 to 1."""
    warm = min(1.0, (step + 1) / 200)
    return arguments.rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


def network_for(arguments):
    if arguments.architecture == "srvgg":
        return NETWORKS["srvgg"](arguments.scale, arguments.features, arguments.convolutions, arguments.unshuffle,
                                 denoise=bool(arguments.pool) and arguments.strength is None)
    return NETWORKS[arguments.architecture](arguments.scale, arguments.features, arguments.blocks)


class Run:
    """A network in training with all that a checkpoint holds. `average` is the exponential moving average of the
    weights: it is what gets exported, as it scores higher than the last step's weights."""

    def __init__(self, arguments, device):
        self.network = network_for(arguments).to(device)
        self.frequency, self.luma, self.device = arguments.frequency, arguments.luma, torch.device(device)
        self.luma_weights = torch.tensor(LUMA, device=self.device)[:, None, None]
        # What the strength does is learnt by few parameters, of which each has far to go.
        slow, fast = [], []
        for name, value in self.network.named_parameters():
            (fast if name.endswith("denoise") else slow).append(value)
        groups = [{"params": slow, "haste": 1}] + ([{"params": fast, "haste": 4}] if fast else [])
        # What a recorded step reads has to stay where it is, the rates too.
        on_gpu = self.device.type == "cuda"
        self.bfloat16 = on_gpu or arguments.bfloat16
        if on_gpu:
            for group in groups:
                group["lr"] = torch.tensor(arguments.rate, device=self.device)
        kind = {"capturable": True, "fused": True} if on_gpu else {}
        self.optimizer = torch.optim.Adam(groups, lr=arguments.rate, **kind)
        self.directory = paths.RUNS / arguments.name
        self.directory.mkdir(parents=True, exist_ok=True)
        self.step, self.progress = 0, 0.0
        self.loss, self.share_squared = (torch.zeros((), device=self.device) for _ in range(2))
        self.error = torch.compile(self.error_of, dynamic=False) if on_gpu and arguments.compile else self.error_of
        self.recorded, self.records = None, on_gpu and not arguments.eager
        last = self.directory / "last.pt"
        if last.exists():
            self.resume(torch.load(last, map_location=device))
            return
        if arguments.start:
            tensors = collapsed_of(arguments.start, device)
            if arguments.strength is not None:
                tensors = at_strength(tensors, arguments.strength)
            self.network.load_collapsed(tensors)
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def resume(self, checkpoint):
        self.network.load_state_dict(checkpoint["network"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        self.average, self.step = checkpoint["average"], checkpoint["step"]
        self.progress = checkpoint.get("progress", 0.0)

    def advance(self, small, large, strength, rate, squared):
        """One step of Adam; adds to the loss."""
        for group in self.optimizer.param_groups:
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate * group["haste"])
            else:
                group["lr"] = rate * group["haste"]
        self.step += 1
        self.share_squared.fill_(float(squared))
        if self.records:
            self.replay(small, large, strength)
        else:
            self.compute(small, large, strength)
        if self.step % AVERAGE_EVERY_STEPS == 0:
            self.follow()

    def follow(self):
        """The average forgets its beginning quickly, so that a short run is not held back by its first steps."""
        decay = min(0.999**AVERAGE_EVERY_STEPS, self.step / (self.step + 10 * AVERAGE_EVERY_STEPS))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)

    def replay(self, small, large, strength):
        if self.recorded is None:
            self.record(small, large)
        for kept, given in zip(self.recorded[1:], (small, large)):
            kept.copy_(given)
        self.strength.fill_(strength)
        self.recorded[0].replay()

    def record(self, small, large):
        """Warms up, which takes a few steps, and records the next (CUDA graphs)."""
        small, large = small.clone(memory_format=torch.channels_last), large.clone()
        self.strength = torch.ones((), device=self.device)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.compute(small, large, self.strength)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.compute(small, large, self.strength)
        self.recorded = (graph, small, large)

    def size_of(self, difference):
        """Charbonnier's error (Lai et al. 2017), or the squared one."""
        return torch.lerp(torch.sqrt(difference**2 + 1e-6).mean(), 30 * (difference**2).mean(), self.share_squared)

    def error_of(self, small, large, strength):
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False):
            made = self.network(small, strength)
        difference = made.float() - large
        error = self.size_of(difference)
        if self.luma > 0:
            # What PSNR of Y measures, and what eyes see most of.
            error = torch.lerp(error, self.size_of((difference * self.luma_weights).sum(1)), self.luma)
        if self.frequency > 0:
            # Blurred detail is cheap by the pixel and dear by the frequency (Cho et al. 2021).
            error = error + self.frequency * torch.fft.rfft2(difference, norm="ortho").abs().mean()
        return error

    def compute(self, small, large, strength):
        self.optimizer.zero_grad(set_to_none=True)
        error = self.error(small, large, strength)
        error.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.loss += error.detach()

    def decibels(self, held):
        """PSNR of the averaged network on pairs that it was not trained on, over all channels: when it falls while the
        loss does too, pictures are learnt by heart."""
        network = copy.deepcopy(self.network)
        network.load_state_dict(self.average)
        values = []
        with torch.no_grad():
            for small, large in zip(*(pictures.split(8) for pictures in held)):
                small, large = (pictures.permute(0, 3, 1, 2).float() / 255 for pictures in (small, large))
                squares = (network(small).clamp(0, 1) - large).square().mean((1, 2, 3))
                values.append(-10 * torch.log10(squares + 1e-6))
        return torch.cat(values).mean().item()

    def save(self):
        """A file is renamed into place when it is whole: a run that is killed leaves the former checkpoint."""
        kept = [self.directory / "last.pt"]
        if self.step % KEEP_EVERY_STEPS == 0:
            kept.append(self.directory / f"step-{self.step}.pt")
        for path in kept:
            whole = pathlib.Path(f"{path}.new")
            torch.save({"network": self.network.state_dict(), "average": self.average,
                        "optimizer": self.optimizer.state_dict(), "step": self.step, "progress": self.progress,
                        "architecture": architecture_of(self.network), "shape": self.network.shape}, whole)
            whole.replace(path)


def collapsed_of(path, device="cpu"):
    """The averaged network of a checkpoint, or the tensors of a .safetensors file, to run or to begin with."""
    if str(path).endswith(".safetensors"):
        return {name: torch.from_numpy(value.copy()).to(device)
                for name, value in read_safetensors(pathlib.Path(path)).items()}
    checkpoint = torch.load(path, map_location=device)
    network = NETWORKS[checkpoint["architecture"]](**checkpoint["shape"]).to(device)
    network.load_state_dict(checkpoint["average"])
    return network.collapsed()


def at_strength(tensors, strength):
    """The tensors of a network that knows one strength alone."""
    return {name: value + strength * tensors[f"{name}.denoise"] if f"{name}.denoise" in tensors else value
            for name, value in tensors.items() if not name.endswith(".denoise")}


def main():
    arguments = parse()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cudnn.benchmark = True
    run = Run(arguments, device)
    # A resumed run draws other patches than those that it has seen.
    drawn = (arguments.scale, arguments.patch, arguments.batch, arguments.seed + run.step, device)
    held = None
    if arguments.pool:
        sampler = PoolSampler(arguments.pool, *drawn, arguments.sharpen, arguments.strength)
    else:
        pictures = pictures_in(arguments.data)
        out = pictures[::arguments.hold] if arguments.hold else []
        seen = [path for path in pictures if path not in out]
        sampler = Sampler(seen, *drawn)
        held = pairs(out, arguments.scale, device) if out else None
    if device == "cuda" and arguments.compile:
        sampler.draws.cut = torch.compile(cut, dynamic=False)
    paths.LOGS.mkdir(exist_ok=True)
    with open(paths.LOGS / f"{arguments.name}.csv", "a", buffering=1) as log:
        if run.step == 0:
            log.write("step,loss,rate,seconds,held\n")
        train(run, sampler, held, arguments, log)


def train(run, sampler, held, arguments, log):
    """Until the progress that the learning rate follows is 1. The clock starts when the first step has been made."""
    began = saved = None
    at_start = progress = run.progress if arguments.minutes else run.step / arguments.steps
    while progress < 1:
        small, large, strength = sampler.next()
        rate = rate_at(run.step, progress, arguments)
        run.advance(small.contiguous(memory_format=torch.channels_last), large, strength, rate,
                    progress >= arguments.squared)
        now = time.monotonic()
        if began is None:
            began = saved = now
        if run.step % LOG_EVERY_STEPS == 0:
            loss = run.loss.item() / LOG_EVERY_STEPS
            measured = f"{run.decibels(held):.3f}" if held and run.step % MEASURE_EVERY_STEPS == 0 else ""
            log.write(f"{run.step},{loss:.6f},{rate:.2e},{now - began:.0f},{measured}\n")
            run.loss.zero_()
        if arguments.minutes:
            progress = at_start + (1 - at_start) * (now - began) / (60 * arguments.minutes)
        else:
            progress = run.step / arguments.steps
        run.progress = progress
        if now - saved > SAVE_EVERY_SECONDS or run.step % KEEP_EVERY_STEPS == 0 or progress >= 1:
            run.save()
            saved = now


if __name__ == "__main__":
    main()
