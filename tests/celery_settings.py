"""Our settings with a broker that is a folder: all that Celery needs here."""

from pathlib import Path

from adminui.settings import *  # noqa: F403
from adminui.settings import VAR_DIR

_FOLDER = Path(VAR_DIR) / "broker"
_FOLDER.mkdir(exist_ok=True)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(_FOLDER),
    "data_folder_out": str(_FOLDER),
    "control_folder": str(_FOLDER / "control"),
}
