"""The addresses of websockets."""

from django.urls import path

from runs.consumers import RunConsumer

websocket_urlpatterns = [
    path("ws/projects/<slug:slug>/runs/<int:number>/", RunConsumer.as_asgi()),
    path("ws/share/<str:token>/", RunConsumer.as_asgi()),
]
