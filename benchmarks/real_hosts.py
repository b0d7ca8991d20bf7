"""An installation with a real sshd, a real engine for containers and a real conda channel, for measurements."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.installation import SCRIPTS
from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE, import_image
from tests.stack.conda_channel import make_conda_channel
from tests.stack.dockerd import dockerd
from tests.stack.package_server import package_server
from tests.stack.sshd import sshd
from tests.stack.system import running_system
from tests.targets.conftest import Hosts

CONDA_FILE = "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n"


@contextmanager
def real_hosts() -> Iterator[Hosts]:
    """Give an installation whose project has the measuring scripts and asks for an environment."""
    with tempfile.TemporaryDirectory(prefix="amlweb-hosts-") as name, dockerd() as engine, sshd() as host:
        folder = Path(name)
        code = folder / "code"
        (code / "aml_config").mkdir(parents=True)
        (code / "aml_config" / "conda_dependencies.yml").write_text(CONDA_FILE)
        for script in SCRIPTS.glob("*.py"):
            (code / script.name).write_bytes(script.read_bytes())
        channel = make_conda_channel(folder / "channel")
        import_image(engine.socket, BARE_IMAGE, with_python=False)
        import_image(engine.socket, PYTHON_IMAGE, with_python=True)
        with package_server(channel.folder) as packages:
            sources = {
                "AMLWEB_CHANNEL_ALIAS": packages.address("").rstrip("/"),
                "AMLWEB_PIP_INDEX": packages.address("simple"),
            }
            with running_system(code, environment=sources) as system:
                yield Hosts(system, engine, host, channel.folder)
