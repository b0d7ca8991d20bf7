"""PySpark on this machine keeps the contract of all executors, where the framework can make a difference."""

from tests.computes.test_process_executor import TestProcessExecutor as ProcessContract

JAVAS_WORDS = (b"WARNING: Using incubator modules", b"Using Spark's default log4j profile")


class TestPySpark(ProcessContract):
    test_a_run_that_was_never_started_is_absent = None
    test_a_stop_after_the_end_changes_nothing = None
    test_a_stream_is_read_from_any_byte = None
    test_clean_up_may_be_called_twice_and_forbids_a_late_start = None
    test_the_interpreter_describes_itself = None

    def printed(self, log: bytes) -> bytes:
        """Java has its own word to say before the script begins."""
        return b"".join(line for line in log.splitlines(keepends=True) if not line.startswith(JAVAS_WORDS))
