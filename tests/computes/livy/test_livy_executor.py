"""The executor behind Livy keeps the contract (a played Livy, real drivers, a folder that both sides have)."""

from tests.computes.contract_suite import ExecutorContract
from tests.computes.python_scripts import PythonScripts


class TestLivyExecutor(PythonScripts, ExecutorContract):
    pass
