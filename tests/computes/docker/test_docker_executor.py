"""The Docker executor on this machine keeps the contract, with folders mounted and with folders copied."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from computes.contract import ExecutionRequest
from tests.computes.contract_suite import TargetContract
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import Bench
from tests.computes.test_process_executor import PRINT, WAIT, WRITE


class DockerContract(TargetContract):
    def printing(self, bench: Bench, *lines: str) -> ExecutionRequest:
        return bench.request(PRINT, *lines)

    def failing(self, bench: Bench, code: int) -> ExecutionRequest:
        return bench.request("import sys; sys.exit(int(sys.argv[1]))", str(code))

    def waiting(self, bench: Bench) -> ExecutionRequest:
        return bench.request(WAIT)

    def writing(self, bench: Bench, outputs: Mapping[str, str]) -> ExecutionRequest:
        return bench.request(WRITE, json.dumps(dict(outputs)))


class TestMountedFolders(DockerContract):
    pass


class TestCopiedFolders(DockerContract):
    @pytest.fixture
    def bench(self, bench: DockerBench) -> DockerBench:
        return replace(bench, container=replace(bench.container, is_shared=False))
