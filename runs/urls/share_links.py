"""Share links: making them, for owners, and what they show to whoever holds one."""

from django.urls import URLPattern, URLResolver, path

from runs.views.share_links import revoke_share, share_run
from runs.views.share_page import show_share, show_shared_log, show_shared_output

RUN = "projects/<slug:slug>/runs/<int:number>/share/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(RUN, share_run, name="run_share"),
    path(RUN + "<int:link>/revoke/", revoke_share, name="run_share_revoke"),
    path("share/<str:token>/", show_share, name="share"),
    path("share/<str:token>/log/", show_shared_log, name="share_log"),
    path("share/<str:token>/outputs/<path:path>", show_shared_output, name="share_output"),
]
