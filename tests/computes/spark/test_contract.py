"""PySpark on this machine keeps the contract of all executors."""

from tests.computes.test_process_executor import TestProcessExecutor as ProcessContract

JAVAS_WORDS = (b"WARNING: Using incubator modules", b"Using Spark's default log4j profile")


class TestPySpark(ProcessContract):
    def printed(self, log: bytes) -> bytes:
        """Java has its own word to say before the script begins."""
        return b"".join(line for line in log.splitlines(keepends=True) if not line.startswith(JAVAS_WORDS))
