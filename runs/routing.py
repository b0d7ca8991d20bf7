"""The addresses of websockets."""

from django.urls import path, re_path

from runs.consumers import NoConsumer, RunConsumer

websocket_urlpatterns = [
    path("ws/projects/<slug:slug>/runs/<int:number>/", RunConsumer.as_asgi()),
    path("ws/share/<str:token>/", RunConsumer.as_asgi()),
    re_path("", NoConsumer.as_asgi()),
]
