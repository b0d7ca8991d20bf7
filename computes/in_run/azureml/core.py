"""`from azureml.core import Run`: the few calls of the later SDK that scripts use to log."""

import amlweb_run


class Run:
    """The running experiment."""

    @classmethod
    def get_context(cls, *args, **kwargs):
        """Return this run."""
        return cls()

    @property
    def id(self):
        """The run's id, "offline" when the script is run by hand."""
        return amlweb_run.run_id() or "offline"

    def log(self, name, value, description="", step=None):
        """Log one value."""
        amlweb_run.log(name, value, step)

    def log_list(self, name, value, description=""):
        """Log a list of numbers."""
        amlweb_run.log(name, list(value))

    def log_row(self, name, description=None, **values):
        """Log one row of a table: a series for each column."""
        amlweb_run.log_metrics({"%s/%s" % (name, column): value for column, value in values.items()})

    def tag(self, key, value=None):
        """Keep a tag as a text."""
        amlweb_run.log(key, "" if value is None else str(value))

    def upload_file(self, name, path_or_stream, datastore_name=None):
        """Keep a file with the run's outputs."""
        name = name[len("outputs/") :] if name.startswith("outputs/") else name
        if hasattr(path_or_stream, "read"):
            amlweb_run.upload(name, path_or_stream)
            return
        with open(path_or_stream, "rb") as stream:
            amlweb_run.upload(name, stream)

    def flush(self, timeout_seconds=300):
        """Everything is already written."""

    def complete(self, _set_status=True):
        """The run ends when its script does."""
