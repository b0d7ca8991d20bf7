"""Share links: making them, for owners, and what they show to whoever holds one."""

from django.urls import URLPattern, URLResolver, path

from runs.views import share_page
from runs.views.share_links import revoke_share, share_run

RUN = "projects/<slug:slug>/runs/<int:number>/share/"
SHARE = "share/<str:token>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(RUN, share_run, name="run_share"),
    path(f"{RUN}<int:link>/revoke/", revoke_share, name="run_share_revoke"),
    path(SHARE, share_page.show_share, name="share"),
    path(f"{SHARE}log/", share_page.send_shared_log, name="share_log"),
    path(f"{SHARE}metrics/", share_page.show_shared_metrics, name="share_metrics"),
    path(f"{SHARE}metrics/series/", share_page.send_shared_series, name="share_series"),
    path(f"{SHARE}outputs/", share_page.show_shared_outputs, name="share_outputs"),
    path(f"{SHARE}outputs/<output_path:path>", share_page.send_shared_output, name="share_output"),
]
