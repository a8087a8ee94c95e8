"""The ASGI entry point: ``uvicorn summit.asgi``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings")
application = get_asgi_application()
