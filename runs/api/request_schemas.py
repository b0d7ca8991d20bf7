"""What calls may send. Only shapes are checked here; what the values mean is checked by `runs.submission`."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

BIGGEST_INTEGER = 2**63 - 1
Seconds = Annotated[int, Field(ge=1, le=BIGGEST_INTEGER, description="Seconds")]
Count = Annotated[int, Field(ge=1, le=BIGGEST_INTEGER)]
Bytes = Annotated[int, Field(ge=1, le=BIGGEST_INTEGER, description="Bytes")]
Secret = Annotated[str, Field(description="Sealed at once; never shown again", json_schema_extra={"writeOnly": True})]


class StrictSchema(Schema):
    """An object without unknown keys, whose texts are texts and whose numbers are numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RunWanted(StrictSchema):
    """A run to submit. `target` or `run_configuration` or both name the place."""

    script: str = Field("", description="A script of the project; the run configuration's when left out")
    arguments: list[str] | None = Field(None, description="Given to the script literally")
    target: str | None = None
    run_configuration: str | None = None
    framework: Literal["Python", "PySpark"] | None = Field(
        None, description="How the script is started; the run configuration's, or Python, when left out"
    )
    executors: Count | None = Field(None, description="These four are for PySpark on Spark clusters")
    executor_cores: Count | None = None
    executor_memory_bytes: Bytes | None = None
    driver_memory_bytes: Bytes | None = None
    environment_variables: dict[str, str] = {}
    secret_variables: dict[str, str] = Field({}, description="Sealed at once; never shown again")
    time_limit_seconds: Seconds | None = None
    description: str = ""
    tags: list[str] = []


class RerunWanted(StrictSchema):
    """What a repeated run needs: only the secret values, and only when another person ran it first."""

    secret_variables: dict[str, str] = {}


class EnvironmentWanted(StrictSchema):
    """An environment to prepare: for the project's current code, and for one of its run configurations if named."""

    target: str = ""
    run_configuration: str = ""


class RunListWanted(Schema):
    """Which runs to list: `state` may also be `active`; `sort` is number, duration or metric:NAME, falling with a -."""

    state: str = ""
    target: str = ""
    script: str = ""
    tag: str = ""
    person: str = ""
    sort: str = "-number"
    cursor: str = ""
    limit: int = Field(50, ge=1, le=500)


class LogPartWanted(Schema):
    """Which part of a log to send. Offsets are bytes."""

    from_byte: int = Field(0, alias="from", ge=0, le=BIGGEST_INTEGER)
    limit: int | None = Field(None, ge=0, le=BIGGEST_INTEGER)


class LogWanted(LogPartWanted):
    """Which part of which log of a run to send."""

    stream: Literal["log", "system", "build"] = "log"
