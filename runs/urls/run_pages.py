"""The pages of one run."""

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import PathConverter

from runs.views import run_code, run_deeds, run_facts, run_log, run_metrics, run_outputs


class OutputPathConverter(PathConverter):
    """Any name that a file may have, line feeds included."""

    regex = r"[\s\S]+"


register_converter(OutputPathConverter, "output_path")

RUN = "projects/<slug:slug>/runs/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(RUN, run_log.show_run, name="run"),
    path(f"{RUN}status/", run_log.show_status, name="run_status"),
    path(f"{RUN}log/", run_log.send_log, name="run_raw_log"),
    path(f"{RUN}metrics/", run_metrics.show_metrics, name="run_metrics"),
    path(f"{RUN}metrics/series/", run_metrics.send_series, name="run_metric_series"),
    path(f"{RUN}outputs/", run_outputs.show_outputs, name="run_outputs"),
    path(f"{RUN}outputs-archive/<str:kind>/", run_outputs.send_archive, name="run_outputs_archive"),
    path(f"{RUN}outputs/<output_path:path>", run_outputs.send_output, name="run_output"),
    path(f"{RUN}code/", run_code.show_code, name="run_code"),
    path(f"{RUN}code-archive/", run_code.send_code, name="run_code_archive"),
    path(f"{RUN}configuration/", run_facts.show_configuration, name="run_configuration"),
    path(f"{RUN}environment/", run_facts.show_environment, name="run_environment"),
    path(f"{RUN}events/", run_facts.show_events, name="run_events"),
    path(f"{RUN}cancel/", run_deeds.cancel_run, name="run_cancel"),
    path(f"{RUN}rerun/", run_deeds.repeat_run, name="run_rerun"),
    path(f"{RUN}archive/", run_deeds.put_away, name="run_archive"),
    path(f"{RUN}unarchive/", run_deeds.fetch_back, name="run_unarchive"),
]
