"""The web process: pages and API by Django, websockets by channels.

Access is decided where it can be: pages in their views, websockets in the consumer, which knows whether it was shown a
cookie (then the origin must be one of ours, exactly) or a token.
"""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amlweb.settings")
# WhiteNoise hands over files as ordinary iterators, which Django reads whole: static files are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
pages = get_asgi_application()

from amlweb.body_limit import LimitedBodies  # noqa: E402 (after Django is set up)
from amlweb.installation import refuse_foreign_database  # noqa: E402 (after Django is set up)
from runs.routing import websocket_urlpatterns  # noqa: E402

with ThreadPoolExecutor(max_workers=1) as beside_the_event_loop:
    beside_the_event_loop.submit(refuse_foreign_database).result()

application = ProtocolTypeRouter({"http": LimitedBodies(pages), "websocket": URLRouter(websocket_urlpatterns)})
