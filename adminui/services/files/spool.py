"""Uploaded files while they are being imported: under a name of our own, for their owner alone, for a day at most."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings

from adminui.records.tables import reading, workbook
from adminui.records.tables.columns import known_names
from adminui.records.tables.reading import Shape, Table, Unreadable
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotThere
from adminui.services.uncollected import nothing_collected

MOST_BYTES: Final = 100 * 1024**2  # of an upload
MOST_UNPACKED: Final = 1024**3  # of a workbook
MOST_PACKED_FILES: Final = 5_000
KEPT: Final = 24 * 3600.0  # seconds
PATIENCE: Final = 180  # seconds for reading a workbook
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Upload:
    """A file being imported. `about` is what a workbook says of itself, `state` what was chosen so far."""

    token: str
    name: str
    place: Path
    size: int
    workbook: bool
    connection: str
    resource: str
    about: Mapping[str, Any]
    state: Mapping[str, Any]


def keep(opened: Opened, name: str, blocks: Iterable[bytes]) -> Upload:
    """Put an upload aside. Raises BadInput for one that is empty or too big, or a workbook that cannot be read."""
    sweep()
    token = secrets.token_urlsafe(16)
    place = _root() / token
    place.mkdir(mode=0o700)
    try:
        size = _write(place / "file", blocks)
        is_book = _is_workbook(place / "file")
        meta = {
            "user": opened.user_id,
            "name": _called(name),
            "size": size,
            "workbook": is_book,
            "connection": opened.connection.name,
            "resource": opened.resource.name,
        }
        (place / "meta.json").write_text(json.dumps(meta))
        if is_book:
            unpack(place, "")
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return find(opened, token)


def _called(name: str) -> str:
    """The file's name, without where it was."""
    return re.split(r"[\\/]", name)[-1].strip()[:200] or "pasted rows"


def _write(path: Path, blocks: Iterable[bytes]) -> int:
    size = 0
    with path.open("xb") as file:
        path.chmod(0o600)
        for block in blocks:
            size += len(block)
            if size > MOST_BYTES:
                raise too_big()
            file.write(block)
    if not size:
        raise BadInput("The file is empty.", "Choose one with a row of column names and rows below it.")
    return size


def too_big() -> BadInput:
    return BadInput(f"The file is bigger than {MOST_BYTES // 1024**2} MB.", "Split it, or leave columns out.")


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLD_EXCEL:
        raise BadInput("This is a workbook of an old kind, or one with a password.", "Save it as .xlsx or CSV.")
    return start == _ZIP


def unpack(place: Path, sheet: str) -> None:
    """A workbook's rows as CSV beside it, made by a process that may take only so much. Raises BadInput."""
    _check_zip(place / "file")
    command = [sys.executable, "-m", workbook.__name__, str(place / "file"), sheet]
    raw = place / "rows.raw"
    with raw.open("wb") as out:
        raw.chmod(0o600)
        try:
            ended = subprocess.run(
                command, stdout=out, stderr=subprocess.PIPE, timeout=PATIENCE, cwd=settings.BASE_DIR, check=False
            )
        except subprocess.TimeoutExpired:
            raise BadInput("Reading this workbook takes too long.", "Save its sheet as CSV and import that.") from None
    if ended.returncode:
        raise _unusable(ended.stderr.decode(errors="replace"))
    with raw.open("rb") as file, (place / "rows").open("wb") as rows:
        (place / "rows").chmod(0o600)
        (place / "about.json").write_bytes(file.readline())
        shutil.copyfileobj(file, rows, 1 << 20)
    raw.unlink()


def _unusable(why: str) -> BadInput:
    said = why.partition("ValueError: ")[2].strip() if "ValueError: The workbook" in why else ""
    return BadInput(said or "This workbook cannot be read, or is made to be too big.", "Save its sheet as CSV.")


def _check_zip(path: Path) -> None:
    """What it unpacks to, by its own directory and by unpacking it: sizes can be told wrongly."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_PACKED_FILES or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise BadInput(
                    f"This workbook unpacks to more than {MOST_UNPACKED // 1024**3} GB.", "Split it, or save it as CSV."
                )
            for member in members:
                with archive.open(member) as file:
                    while file.read(1 << 20):
                        pass  # more or other than the directory says breaks off at its checksum
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise BadInput(f"This is no workbook that can be read: {str(error)[:200]}.", "Save it anew.") from None


def find(opened: Opened, token: str) -> Upload:
    """The upload, for who uploaded it and for these records. Raises NotThere."""
    place = _root() / token
    if not _TOKEN.fullmatch(token) or not (place / "meta.json").is_file():
        raise _not_there()
    meta = json.loads((place / "meta.json").read_text())
    ours = (opened.user_id, opened.connection.name, opened.resource.name)
    if (meta["user"], meta["connection"], meta["resource"]) != ours:
        raise _not_there()
    return Upload(
        token,
        meta["name"],
        place,
        meta["size"],
        meta["workbook"],
        meta["connection"],
        meta["resource"],
        _json(place / "about.json"),
        _json(place / "state.json"),
    )


def _not_there() -> NotThere:
    return NotThere("This upload is not there any more.", "Uploads are kept for a day; choose the file again.")


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def remember(upload: Upload, **values: Any) -> Upload:
    """Keep what was chosen."""
    state = {**upload.state, **values}
    fresh = upload.place / "state.new"
    fresh.write_text(json.dumps(state))
    fresh.replace(upload.place / "state.json")
    return Upload(**{**vars(upload), "state": state})


def finish(upload: Upload, **values: Any) -> None:
    """The file is used: it goes, and what became of it stays for whoever asks again."""
    for name in ("file", "rows", "keys.json"):
        (upload.place / name).unlink(missing_ok=True)
    remember(upload, done=values)


def forget(upload: Upload) -> None:
    shutil.rmtree(upload.place, ignore_errors=True)


def sweep() -> None:
    """Throw away what nobody came back for."""
    for place in _root().iterdir():
        if time.time() - place.stat().st_mtime > KEPT:
            shutil.rmtree(place, ignore_errors=True)


def _root() -> Path:
    root = Path(settings.VAR_DIR) / "imports"
    root.mkdir(mode=0o700, exist_ok=True)
    return root


@nothing_collected()
def table(opened: Opened, upload: Upload, shape: Shape) -> Table:
    """The upload as it is read now. Raises BadInput."""
    if upload.workbook:
        shape = Shape("utf-8", ",", shape.header)
    with _opened(upload) as file:
        try:
            return reading.read(file, shape, known_names(opened.resource))
        except Unreadable as error:
            raise BadInput(
                " ".join(error.problems), "Choose another encoding or delimiter, or repair the file."
            ) from error


@contextmanager
def _opened(upload: Upload) -> Iterator[BinaryIO]:
    with (upload.place / ("rows" if upload.workbook else "file")).open("rb") as file:
        yield file
