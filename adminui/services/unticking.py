"""Leaving things out of a plan that is looked at: what is unticked, counted and said, and the new plan without it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adminui.planning.explain import counted
from adminui.runs.models import Plan
from adminui.services.catalog import Opened
from adminui.services.overview import folds, of_finding, overview


@dataclass(frozen=True)
class Unticked:
    """What is to be left out: whole records, and single cells as (record id, field)."""

    rows: frozenset[str]
    cells: frozenset[tuple[str, str]]

    def counted_in(self, plan: Plan) -> tuple[int, int]:
        """How many records go altogether, and how many fields go of records that stay."""
        gone = fields = 0
        for data in plan.changesets:
            record, changes = str(data["id"]), data["changes"]
            dropped = len(changes) if record in self.rows else sum((record, c["field"]) in self.cells for c in changes)
            if dropped == len(changes):
                gone += 1
            else:
                fields += dropped
        return gone, fields


def sentence(plan: Plan, unticked: Unticked, canary: int | None = None) -> str:
    """The label of the button that plans again: exactly what is different then. Empty when nothing is."""
    gone, fields = unticked.counted_in(plan)
    left_out = [counted(gone, "row")] if gone else []
    left_out += [counted(fields, "field")] if fields else []
    said = f" without {' and '.join(left_out)}" if left_out else ""
    if canary is not None and canary != plan.canary:
        said += f", sending {counted(canary, 'record')} first" if canary else ", sending all in one go"
    return f"Plan again{said}" if said else ""


def unticked(
    opened: Opened,
    plan: Plan,
    fold_keys: Mapping[int | None, Collection[str]],
    rows: Collection[str],
    cells: Collection[tuple[str, str]],
) -> Unticked:
    """Unticked folds (under the finding they were seen with), records and cells as what they come to."""
    seen = overview(opened, plan) if fold_keys else None
    every = {*cells}
    for finding, keys in fold_keys.items():
        places = of_finding(seen, plan, finding) if seen else None
        shown = seen.folds if seen and places is None else folds(opened.whole, plan, places)
        chosen = (fold for fold in shown if fold.key in keys)
        every |= {(str(plan.changesets[place]["id"]), fold.field) for fold in chosen for place in fold.rows}
    return Unticked(frozenset(rows), frozenset(every))
