"""The gateway to the driver's own Java, which Spark opens for every Python driver; it has put py4j on the path."""

import importlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

MISSING = "FileNotFoundException"
EXISTS = "FileAlreadyExistsException"


def gateway() -> "Any":
    """Return a connection of our own to the gateway that Spark has opened. Raises OSError where there is none."""
    try:
        port, token = int(os.environ["PYSPARK_GATEWAY_PORT"]), os.environ.get("PYSPARK_GATEWAY_SECRET")
        module = importlib.import_module("py4j.java_gateway")
    except (KeyError, ValueError, ImportError) as error:
        raise OSError("Spark has opened no gateway to Java for this program: %s" % error) from error
    return module.JavaGateway(gateway_parameters=module.GatewayParameters(port=port, auth_token=token))


def told(deed: "Callable[[], Any]") -> "Any":
    """Return what a call to Java returns; what it throws becomes an OSError."""
    errors = importlib.import_module("py4j.protocol")
    try:
        return deed()
    except errors.Py4JJavaError as error:
        said = str(error.java_exception.toString())[:500]
        kind = said.split(":", 1)[0].rsplit(".", 1)[-1]
        if kind == MISSING:
            raise FileNotFoundError(said) from error
        if kind == EXISTS:
            raise FileExistsError(said) from error
        raise OSError(said) from error
    except errors.Py4JError as error:
        raise OSError("Java does not answer: %s" % str(error)[:300]) from error
