"""Classifies Iris flowers with logistic regression.

usage: iris_sklearn.py [regularization rate]      a positive number, 0.01 when not given
"""

import argparse
import atexit
import csv
import os
import pickle
import sys
import tempfile

# Where matplotlib keeps its list of fonts: between runs in the target's share folder, otherwise for this run only.
share = os.environ.get("AZUREML_NATIVE_SHARE_DIRECTORY")
fonts = tempfile.TemporaryDirectory()
atexit.register(fonts.cleanup)
os.environ["MPLCONFIGDIR"] = os.path.join(share, "matplotlib") if share else fonts.name

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from azureml.logging import get_azureml_logger
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, accuracy_score, classification_report
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NOISE_FEATURES = 40
SEED = 42


def positive(text):
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError("the regularization rate must be above 0")
    return number


def main():
    parser = argparse.ArgumentParser(description="Classify Iris flowers.")
    parser.add_argument("regularization_rate", nargs="?", type=positive, default=0.01)
    rate = parser.parse_args().regularization_rate
    run_logger = get_azureml_logger()

    print(f"Python {sys.version.split()[0]}, scikit-learn {sklearn.__version__}")
    iris = load_iris()
    random = np.random.RandomState(SEED)
    # Columns of noise make the task harder, so that regularization has something to do.
    data = np.hstack([iris.data, random.randn(len(iris.data), NOISE_FEATURES)])
    data_train, data_test, target_train, target_test, _, rows_test = train_test_split(
        data, iris.target, np.arange(len(data)), test_size=0.35, random_state=SEED, stratify=iris.target
    )
    print(f"{len(data_train)} flowers to learn from, {len(data_test)} to test with, {data.shape[1]} features")

    print(f"Regularization rate is {rate:g}")
    run_logger.log("Regularization Rate", rate)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1 / rate, max_iter=2000))
    model.fit(data_train, target_train)

    predicted = model.predict(data_test)
    accuracy = accuracy_score(target_test, predicted)
    print(f"Accuracy is {accuracy:.4f}")
    run_logger.log("Accuracy", accuracy)
    print(classification_report(target_test, predicted, target_names=iris.target_names))

    os.makedirs("outputs", exist_ok=True)
    with open("outputs/model.pkl", "wb") as file:
        pickle.dump(model, file)
    with open("outputs/predictions.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row", "species", "predicted", "probability"])
        best = model.predict_proba(data_test).max(axis=1)
        for row, true, guess, probability in zip(rows_test, target_test, predicted, best):
            table.writerow([row, iris.target_names[true], iris.target_names[guess], f"{probability:.4f}"])
    ConfusionMatrixDisplay.from_predictions(
        target_test, predicted, display_labels=iris.target_names, cmap="Blues", colorbar=False
    )
    plt.title(f"Accuracy {accuracy:.3f} at regularization rate {rate:g}")
    plt.tight_layout()
    plt.savefig("outputs/confusion_matrix.png", dpi=120)
    print("Wrote model.pkl, predictions.csv and confusion_matrix.png into outputs/")


if __name__ == "__main__":
    main()
