"""The engine of a run: keeps the lanes full, and each row's fate true, whatever the network does to the requests.

One thread decides and writes the book; others only send and read. A row goes through these hands:

    checking ─ read again, three ways ─▶ ready ─ sending: marked, committed ─▶ in a lane ─▶ answered
       answered ─ proving: by the answer, or read back ─▶ settled
       answer lost ─ proving: read until it is known; untouched after a broken call ─▶ ready again
       all-or-nothing batch refused ─ planning.rescue ─▶ ready, without the bad rows or by halves
"""

from adminui.services.engine.desk import Ending
from adminui.services.engine.loop import Engine

__all__ = ["Ending", "Engine"]
