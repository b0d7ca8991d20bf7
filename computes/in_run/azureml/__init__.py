"""Lets scripts of the field import `azureml.logging` and `azureml.core.Run` unchanged; their metrics come to amlweb.

A really installed azureml package wins: this one loads it in its own place, and adds itself behind it only for the
modules that the real one does not have.
"""

import importlib.util
import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(os.path.abspath(__file__))


def _find_real():
    """Return the spec of the azureml package that would be found if this one were not there."""
    places = [
        place for place in sys.path if os.path.realpath(os.path.join(place, "azureml")) != os.path.realpath(_HERE)
    ]
    return PathFinder.find_spec("azureml", places)


def _step_aside():
    real = _find_real()
    if real is None:
        return
    if real.origin in (None, "namespace"):
        __path__[:] = [*real.submodule_search_locations, _HERE]
        return
    module = importlib.util.module_from_spec(real)
    sys.modules[__name__] = module
    real.loader.exec_module(module)
    if hasattr(module, "__path__") and _HERE not in list(module.__path__):
        module.__path__ = [*module.__path__, _HERE]


_step_aside()
