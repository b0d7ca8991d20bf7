"""The interpreter and packages of a run, asked in a throw-away container of its own image and environment."""

import json
from threading import Lock

from computes.contract import EnvironmentRecord
from computes.errors import PreparationFailed
from computes.executors.docker.container_config import plain_config
from computes.executors.docker.images import require_image
from computes.executors.docker.names import INSTALLATION, KIND, description_of
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.docker.throw_away import output_of
from computes.executors.interpreter import PROGRAM, checked

DEADLINE_SECONDS = 60.0
NOBODY = "65534:65534"
CACHED = 64


class Descriptions:
    """What interpreters in images say of themselves. Images and environments never change: each is asked once."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: dict[tuple[str, str], EnvironmentRecord] = {}

    def describe(self, run: RunInContainer) -> EnvironmentRecord:
        """Return the record of the interpreter that a run is executed with.

        Who is killed at it leaves a container behind. The next one who finishes the run knows it by its name.
        """
        name = description_of(run.address)
        run.engine.remove(name, force=True)
        facts = run.inspect()
        image = require_image(run.engine, str(facts["Image"]) if facts else run.settings.image)
        interpreter = facts["Config"]["Entrypoint"][0] if facts else run.address.settings.python_location
        key = (image.id, interpreter)
        if key in self.kept:
            return self.kept[key]
        mounts = (
            [m for m in facts["HostConfig"]["Mounts"] if m["Type"] == "volume" and m.get("ReadOnly")] if facts else []
        )
        labels = {INSTALLATION: run.address.installation_id, KIND: "describe"}
        config = plain_config(image.id, NOBODY, [interpreter, "-c", PROGRAM], mounts, labels)
        code, output = output_of(run.engine, config, DEADLINE_SECONDS, name)
        try:
            said = checked(json.loads(output.splitlines()[-1]))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            last = output.splitlines()[-1][:300] if output else f"exit code {code}"
            raise PreparationFailed(
                f"{interpreter} in the image does not answer as a Python 3 does: {last}",
                "Set pythonLocation of the compute target to a working Python 3.6 or newer of the image.",
            ) from error
        said.pop("path")
        record = EnvironmentRecord(
            interpreter=said.pop("executable") or interpreter,
            version=said.pop("version"),
            packages=said.pop("packages"),
            details={
                **said,
                "image": run.settings.image,
                "image_id": image.id,
                "image_digest": image.digest,
                "environment": next((m["Source"] for m in mounts), ""),
            },
        )
        with self.lock:
            while len(self.kept) >= CACHED:
                self.kept.pop(next(iter(self.kept)))
            self.kept[key] = record
        return record
