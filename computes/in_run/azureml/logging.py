"""`from azureml.logging import get_azureml_logger`: the logger of the Workbench, writing amlweb's metrics."""

import amlweb_run


class LogHandle:
    """What log and upload return. The work is already done, so waiting is over at once."""

    def wait(self, timeout=None):
        return self


class AzureMLLogger:
    """Logs values and files of the running experiment."""

    def log(self, name, value, *args, **kwargs):
        """Log a number, a list of numbers, an array or a text."""
        amlweb_run.log(name, value)
        return LogHandle()

    def upload(self, path, content, *args, **kwargs):
        """Keep content as a file of the run's outputs."""
        amlweb_run.upload(path, content)
        return LogHandle()


def get_azureml_logger(*args, **kwargs):
    """Return the logger of this run."""
    return AzureMLLogger()
