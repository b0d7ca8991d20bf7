"""The addresses of runs: the pages of one run, lists and forms, share links, and the API."""

from runs.urls import api, computes, environments, overview, run_pages, share_links

urlpatterns = [
    *overview.urlpatterns,
    *computes.urlpatterns,
    *environments.urlpatterns,
    *run_pages.urlpatterns,
    *share_links.urlpatterns,
    *api.urlpatterns,
]
