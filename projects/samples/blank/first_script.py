"""A first script: logs a few numbers and writes a file. Change it into your own.

usage: first_script.py [name]
"""

import os
import sys

from azureml.logging import get_azureml_logger


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "world"
    run_logger = get_azureml_logger()
    print(f"Hello, {name}. This is Python {sys.version.split()[0]}.")
    for step in range(1, 11):
        run_logger.log("square", step * step)
    os.makedirs("outputs", exist_ok=True)
    with open("outputs/greeting.txt", "w") as file:
        file.write(f"Hello, {name}.\n")
    print("Wrote outputs/greeting.txt")


if __name__ == "__main__":
    main()
