"""The training loop that train.py and retrain.py share. Needs PyTorch."""

import numpy as np
import torch
from torch import nn

import digits


def shifted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Every image moved by up to two pixels each way, the border being empty."""
    moved = torch.zeros_like(images)
    for to, image in zip(moved, images):
        dy, dx = torch.randint(-2, 3, (2,), generator=generator).tolist()
        to[:] = torch.roll(image, (dy, dx), (1, 2))
    return moved


def accuracy(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    model.eval()
    with torch.no_grad():
        answers = model(torch.from_numpy(digits.to_float(images))).argmax(1).numpy()
    return float((answers == labels).mean())


def train(model: nn.Module, epochs: int, rate: float, seed: int) -> float:
    """Trains in place; the accuracy on the held-out images afterwards.

    Adam with a cosine decay and a small weight decay. The held-out part is only
    looked at once, at the end: no epoch is chosen by it.
    """
    images, labels, held_images, held_labels = digits.load()
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.from_numpy(digits.to_float(images)), torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(epochs):
        model.train()
        loss_sum = 0.0
        for batch in torch.randperm(len(x), generator=generator).split(64):
            loss = nn.functional.cross_entropy(model(shifted(x[batch], generator)), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += float(loss.detach()) * len(batch)
        schedule.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1:3}: loss {loss_sum / len(x):.4f}", flush=True)
    return accuracy(model, held_images, held_labels)
