"""A target behind a played Livy, with a folder that both sides have."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from computes.contract import LivySettings, TargetSettings
from computes.executors.livy.run_behind_livy import Patience
from tests.computes.on_targets import Bench

HASTY = Patience(rest_seconds=0.5, silence_seconds=12.0, forgotten_seconds=1.0, margin_seconds=0.5, glance_seconds=0.05)


@dataclass(frozen=True)
class LivyBench(Bench):
    """A bench whose runs go to Livy. `work_address` is the work folder as the server reaches it."""

    livy: Mapping[str, object] = field(default_factory=dict)
    work_address: str = ""

    def settings(self) -> TargetSettings:
        plain = LivySettings(url="http://127.0.0.1:1", storage_uri=f"file://{self.work}")
        settings = replace(super().settings(), kind="livy", livy=replace(plain, **self.livy))  # type: ignore[arg-type]
        return replace(settings, work_folder=self.work_address) if self.work_address else settings
