"""The WSGI entry point: ``gunicorn summit.wsgi``."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings")
application = get_wsgi_application()

# What has been imported stays for as long as the process does: the collector need not walk through it again,
# and looks after every few thousand new objects only, of which one comparison makes as many.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
