"""Our grid beside SlickGrid 5 and AG Grid Community 36 in one Chromium, on the same rows; the packages stay outside."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from adminui import bootstrap

pytestmark = pytest.mark.benchmark
HERE = Path(__file__).parent
PACKAGES = ("slickgrid@5.20.2", "ag-grid-community@36.2.0", "sortablejs@1.15.6")
GRIDS = ("own", "slick", "ag")
SIZES = (1_000, 10_000, 100_000)
TIMES = 9
ROUNDS = 3  # each grid in turn, forwards and backwards, so that a busy moment of the machine falls on nobody alone
MEASURES = {
    "first rows painted": "ms",
    "arrow key": "ms",
    "open editor": "ms",
    "commit": "ms",
    "paste 1,000 x 5": "ms",
    "undo it": "ms",
    "10,000 changes": "ms",
    "scroll p95, 20 columns": "ms",
    "scroll p95, 60 columns": "ms",
    "heap": "MB",
}


class Files(SimpleHTTPRequestHandler):
    """Our static files, the benchmark's pages and the packages, each under an address of its own."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def __init__(self, roots: dict[str, Path], *args: Any) -> None:
        self.roots = roots
        super().__init__(*args)

    def translate_path(self, path: str) -> str:
        first, _, rest = path.lstrip("/").partition("?")[0].partition("/")
        return str(self.roots.get(first, HERE / "nothing") / rest)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine: there is nothing to compare with.")
    folder = tmp_path_factory.mktemp("packages")
    (folder / "package.json").write_text("{}")
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], cwd=folder, check=True)
    roots = {"npm": folder / "node_modules", "bench": HERE / "grid", "static": HERE.parents[1] / "static"}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, roots))  # type: ignore[arg-type]
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = bootstrap.browser()
    if found is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--headless", "--no-sandbox"])
        yield launched
        launched.close()


def opened(browser: Browser, address: str, grid: str, rows: int, columns: int) -> tuple[Page, float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/bench/{grid}.html")
    page.wait_for_function("window.bench && window.probe")
    page.evaluate(f"void bench.make({rows}, {columns})")
    return page, page.evaluate("bench.start()")


def timed(page: Page, event: str, holds: str, key: str) -> float:
    page.evaluate(f"probe.arm({json.dumps(event)}, () => {holds})")
    page.keyboard.press(key)
    return float(page.evaluate("probe.result()"))


def arrows(page: Page) -> float:
    page.evaluate("bench.focus(5, 3)")
    return median(timed(page, "keydown", f"bench.at() === {6 + n}", "ArrowDown") for n in range(TIMES))


def editing(page: Page) -> tuple[float, float]:
    opening, committing = [], []
    key = page.evaluate("bench.openKey")
    for row in range(20, 20 + TIMES):
        page.evaluate(f"bench.focus({row}, 3)")
        opening.append(timed(page, "keydown", "bench.editing()", key))
        page.keyboard.type(f"typed{row}")
        committing.append(
            timed(page, "keydown", f"bench.seen({row}, 3)?.includes('typed{row}') && !bench.editing()", "Enter")
        )
    return median(opening), median(committing)


def pasting(page: Page) -> tuple[float, float]:
    pastes, undos = [], []
    for turn in range(3):
        block = "\n".join("\t".join(f"p{turn}.{row}.{col}" for col in range(5)) for row in range(999))
        page.evaluate("text => navigator.clipboard.writeText(text)", block)
        page.evaluate("bench.focus(0, 3)")
        before = page.evaluate("bench.held(0, 3)")
        pastes.append(timed(page, "paste", f"shows('p{turn}.')", "Control+v"))
        assert page.evaluate("bench.held(998, 7)") == f"p{turn}.998.4"
        undos.append(timed(page, "keydown", f"!shows('p{turn}.')", "Control+z"))
        assert page.evaluate("bench.held(0, 3)") == before
    return median(pastes), median(undos)


def changing(page: Page, rows: int) -> float:
    page.evaluate("bench.focus(0, 3)")
    count = min(10_000, rows * 5)
    script = f"""async () => {{
        const from = performance.now();
        bench.change({count});
        return until(() => bench.seen(1, 3)?.includes("changed 6"), from);
    }}"""
    return float(page.evaluate(script))


def scrolling(browser: Browser, address: str, grid: str, rows: int, columns: int) -> float:
    page, _ = opened(browser, address, grid, rows, columns)
    page.wait_for_timeout(300)
    frames = page.evaluate("scrollFrames(bench.scroller(), 150, 500)")
    page.context.close()
    return quantiles(frames, n=20)[-1]


def heap(page: Page) -> float:
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def measured(browser: Browser, address: str, grid: str, rows: int) -> dict[str, float]:
    page, first = opened(browser, address, grid, rows, 20)
    found = {"first rows painted": first, "heap": heap(page), "arrow key": arrows(page)}
    found["open editor"], found["commit"] = editing(page)
    found["paste 1,000 x 5"], found["undo it"] = pasting(page)
    found["10,000 changes"] = changing(page, rows)
    page.context.close()
    for columns in (20, 60):
        found[f"scroll p95, {columns} columns"] = scrolling(browser, address, grid, rows, columns)
    return found


def compared(browser: Browser, address: str, rows: int) -> dict[str, dict[str, float]]:
    rounds: dict[str, list[dict[str, float]]] = {grid: [] for grid in GRIDS}
    for turn in range(ROUNDS):
        for grid in GRIDS[:: 1 if turn % 2 == 0 else -1]:
            rounds[grid].append(measured(browser, address, grid, rows))
    return {grid: {name: median(each[name] for each in told) for name in MEASURES} for grid, told in rounds.items()}


@pytest.mark.parametrize("rows", SIZES)
def test_our_grid_beside_the_two_best(browser: Browser, address: str, rows: int):
    found = compared(browser, address, rows)
    bare, _ = opened(browser, address, "bare", rows, 20)
    data = heap(bare)
    bare.context.close()
    print(f"\n{rows:,} rows x 20 columns          own    slick       ag   own ÷ the better")
    for name, unit in MEASURES.items():
        own, slick, ag = (found[grid][name] for grid in GRIDS)
        print(f"{name:<28} {own:8.1f} {slick:8.1f} {ag:8.1f}   {own / min(slick, ag):.2f}  {unit}")
    print(f"{'heap ÷ the data as objects':<28} {found['own']['heap'] / data:8.2f}   ({data:.1f} MB)")


STATIC_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "([^"]+)"|^import "([^"]+)"', re.MULTILINE)
LATER_IMPORT = re.compile(r'\bimport\("([^"]+)"\)')


def reached(start: Path, *, later: bool) -> set[Path]:
    """The modules a page gets that begins with this one; those imported on first use too, when `later`."""
    found: set[Path] = set()
    todo = [start]
    while todo:
        file = todo.pop().resolve()
        if file in found:
            continue
        found.add(file)
        text = file.read_text(encoding="utf-8")
        names = [one or other for one, other in STATIC_IMPORT.findall(text)]
        todo += [file.parent / name for name in names + (LATER_IMPORT.findall(text) if later else [])]
    return found


def test_our_scripts_are_small(capsys: pytest.CaptureFixture[str]):
    folder = HERE.parents[1] / "static/js/sheet"
    everything = reached(folder / "main.js", later=True)
    sizes = {file: len(gzip.compress(file.read_bytes(), 9)) / 1000 for file in everything}
    first = reached(folder / "main.js", later=False)
    with capsys.disabled():
        print("\nscripts of the worksheet, KB gzipped, file by file (goal 30):")
        print(f"  until the grid is editable {sum(sizes[file] for file in first):.1f} in {len(first)} files")
        print(f"  all                        {sum(sizes.values()):.1f} in {len(sizes)} files")
    assert set(folder.glob("*.js")) <= everything, "a module that nothing imports"
