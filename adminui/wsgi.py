"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminui.settings")
application = get_wsgi_application()

# gunicorn runs no checks: a mistake in connections.toml must stop the start, not break the pages.
from adminui.connections.live import connections  # noqa: E402

connections()
