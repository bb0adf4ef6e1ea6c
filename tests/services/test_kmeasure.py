import time, csv, pytest, tracemalloc
from datetime import datetime, timezone
from adminui.services import evidence_files
from tests.services.test_evidence import row
class _R: pk=7
class _E: run=_R()
def test_m(monkeypatch, capsys):
    cells=[row(n, f"before {n}", f"after {n%977}") for n in range(1000)]
    monkeypatch.setattr(evidence_files, "rows", lambda e: (cells[n%1000] for n in range(100_000)))
    with capsys.disabled():
        t=time.perf_counter(); n=sum(1 for _ in evidence_files.lines(_E())); print("lines", time.perf_counter()-t)
        t=time.perf_counter(); f=iter(evidence_files.xlsx_of(_E())); b=next(f); print("first", time.perf_counter()-t); n=len(b)+sum(map(len,f)); print("all", time.perf_counter()-t, n)
