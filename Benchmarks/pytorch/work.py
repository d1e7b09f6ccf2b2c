"""The work of odu-bench in PyTorch: four phase layers, five band-limited hops, intensity, squared error, Adam.

Written as well as is known for the CPU: complex64 throughout, transfer function and images made once, batched fft2,
autograd without checkpoints, the foreach form of Adam. Reads one request per line as JSON and answers each with a line
of JSON.
"""

import json
import math
import sys
import time

import numpy as np
import torch

LAYERS, PITCH, WAVELENGTH, DISTANCE, IMAGE = 4, 8e-6, 850e-9, 20e-3, 20


def uniform(seed, positions):
    """splitmix64 of seed and position, in [0, 1)."""
    with np.errstate(over="ignore"):
        z = (np.uint64(seed) << np.uint64(32)) + positions.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) * 2.0**-24


def planes(seed, batch, size):
    scale = max(1, 3 * size // 4 // IMAGE)
    offset = (size - scale * IMAGE) // 2
    small = uniform(seed, np.arange(batch * IMAGE * IMAGE)).reshape(batch, IMAGE, IMAGE)
    result = np.zeros((batch, size, size), np.float32)
    window = slice(offset, offset + scale * IMAGE)
    result[:, window, window] = small.repeat(scale, 1).repeat(scale, 2)
    return torch.from_numpy(result)


def transfer_function(side):
    f = torch.fft.fftfreq(side, PITCH, dtype=torch.float64)
    limit = 1 / (WAVELENGTH * math.sqrt((2 * DISTANCE / (side * PITCH)) ** 2 + 1))
    rest = 1 / WAVELENGTH**2 - f[:, None] ** 2 - f[None, :] ** 2
    phase = 2 * math.pi * DISTANCE * (rest.clamp(min=0).sqrt() - 1 / WAVELENGTH)
    passes = (rest > 0) & (f.abs()[:, None] <= limit) & (f.abs()[None, :] <= limit)
    return torch.polar(passes.double(), phase).to(torch.complex64)


class Twin:
    def __init__(self, size, padding, batch):
        self.size, self.side = size, size * padding
        self.transfer = transfer_function(self.side)
        self.images, self.targets = planes(1, batch, size), planes(2, batch, size)
        phases = math.pi * uniform(3, np.arange(LAYERS * size * size)).reshape(LAYERS, size, size)
        self.phases = torch.from_numpy(phases.astype(np.float32)).requires_grad_()
        self.optimiser = torch.optim.Adam([self.phases], lr=0.01, foreach=True)

    def hop(self, field):
        if self.side == self.size:
            return torch.fft.ifft2(torch.fft.fft2(field) * self.transfer)
        spectrum = torch.fft.fft2(field, s=(self.side, self.side)) * self.transfer
        return torch.fft.ifft2(spectrum)[..., : self.size, : self.size]

    def intensity(self):
        field = self.hop(self.images)
        phasors = torch.polar(torch.ones_like(self.phases), self.phases)
        for layer in phasors:
            field = self.hop(field * layer)
        return field.real.square() + field.imag.square()

    def forward(self):
        with torch.inference_mode():
            self.intensity()

    def train(self):
        self.optimiser.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(self.intensity(), self.targets)
        loss.backward()
        self.optimiser.step()
        return loss.item()


def answer(request, twins):
    torch.set_num_threads(request["threads"])
    key = request["size"], request["padding"], request["batch"]
    if request["kind"] == "versions":
        return {"torch": torch.__version__, "mkl": torch.backends.mkl.is_available()}
    if request["kind"] == "losses":
        twin = Twin(*key)
        return {"losses": [twin.train() for _ in range(request["steps"])]}
    if key not in twins:
        twins.clear()
        twins[key] = Twin(*key)
    run = getattr(twins[key], request["kind"])
    run()
    times = []
    while sum(times) < request["seconds"] or len(times) < 2:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return {"seconds": min(times)}


def main():
    twins = {}
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), twins)), flush=True)


main()
