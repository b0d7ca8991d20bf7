"""Trains a small neural network on handwritten digits for a while; made to be watched.

usage: train_digits.py [--seconds 60] [--learning-rate 0.001] [--hidden 128]
"""

import argparse
import atexit
import os
import pickle
import sys
import tempfile
import time

share = os.environ.get("AZUREML_NATIVE_SHARE_DIRECTORY")
fonts = tempfile.TemporaryDirectory()
atexit.register(fonts.cleanup)
os.environ["MPLCONFIGDIR"] = os.path.join(share, "matplotlib") if share else fonts.name

import matplotlib

matplotlib.use("Agg")

import amlweb_run
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

BATCH = 32
BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 3.0
SEED = 7
BOLD, DIM, GREEN, YELLOW, CYAN, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[0m"


def shifted(images, random):
    """Return the images, each moved by at most one pixel, so that the network sees something new each time."""
    moved = np.empty_like(images)
    for place, image in enumerate(images.reshape(-1, 8, 8)):
        moved[place] = np.roll(image, random.randint(-1, 2, size=2), axis=(0, 1)).ravel()
    return moved


def show_bar(done, epoch, loss, accuracy):
    full = int(BAR_WIDTH * done)
    bar = f"{GREEN}{'█' * full}{DIM}{'░' * (BAR_WIDTH - full)}{PLAIN}"
    sys.stdout.write(f"\r{bar} {done:4.0%}  epoch {epoch}  loss {loss:.3f}  accuracy {YELLOW}{accuracy:.3f}{PLAIN}  ")
    sys.stdout.flush()


def draw(model, images, digits, losses, accuracies):
    figure, (curve, axis) = plt.subplots(1, 2, figsize=(10, 4))
    curve.plot(losses, color="tab:blue", label="loss")
    curve.plot(accuracies, color="tab:orange", label="accuracy")
    curve.set_xlabel("epoch")
    curve.legend()
    wrong = np.flatnonzero(model.predict(images) != digits)[:10]
    tiles = [images[place].reshape(8, 8) for place in wrong] or [np.zeros((8, 8))]
    axis.imshow(np.hstack(tiles), cmap="gray_r")
    axis.set_title(f"{len(wrong)} digits that it still gets wrong")
    axis.axis("off")
    figure.tight_layout()
    figure.savefig("outputs/training.png", dpi=120)


def main():
    parser = argparse.ArgumentParser(description="Train a network on handwritten digits.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--hidden", type=int, default=128)
    options = parser.parse_args()

    digits = load_digits()
    images_train, images_test, digits_train, digits_test = train_test_split(
        digits.data / 16, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target
    )
    print(f"{BOLD}Training on {len(images_train)} digits for {options.seconds:g} seconds{PLAIN}")
    amlweb_run.log("learning rate", options.learning_rate)
    amlweb_run.log("hidden units", options.hidden)

    model = MLPClassifier(
        hidden_layer_sizes=(options.hidden,),
        learning_rate_init=options.learning_rate,
        batch_size=BATCH,
        random_state=SEED,
    )
    random = np.random.RandomState(SEED)
    losses, accuracies = [], []
    started = said = time.monotonic()
    while not losses or time.monotonic() - started < options.seconds:
        model.partial_fit(shifted(images_train, random), digits_train, classes=np.arange(10))
        losses.append(float(model.loss_))
        accuracies.append(float(model.score(images_test, digits_test)))
        epoch = len(losses)
        amlweb_run.log_metrics({"loss": losses[-1], "accuracy": accuracies[-1]}, step=epoch)
        now = time.monotonic()
        show_bar(min(1.0, (now - started) / max(options.seconds, 0.001)), epoch, losses[-1], accuracies[-1])
        if now - said > SECONDS_BETWEEN_LINES:
            said = now
            print(f"\r{CYAN}epoch {epoch:>4}{PLAIN}  loss {losses[-1]:.4f}  accuracy {accuracies[-1]:.4f}{' ' * 40}")
    print()

    os.makedirs("outputs", exist_ok=True)
    with open("outputs/digits_model.pkl", "wb") as file:
        pickle.dump(model, file)
    draw(model, images_test, digits_test, losses, accuracies)
    print(f"{GREEN}Done{PLAIN}: accuracy {accuracies[-1]:.4f} after {len(losses)} epochs")


if __name__ == "__main__":
    main()
