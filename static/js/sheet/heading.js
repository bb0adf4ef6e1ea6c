// Columns by the mouse: resized at the edge of their header, moved by dragging it, as wide as needed by a double click.
import { NARROW, WIDE, clamp } from "./geometry.js";

const MOVED = 5; // px before a press becomes a drag
const EDGE = 40; // px from the edge where a drag scrolls

export class Heading {
  constructor(grid) {
    Object.assign(this, { grid, head: grid.head });
    const { element } = grid.head;
    element.addEventListener("pointerdown", (event) => this.press(event));
    element.addEventListener("dblclick", (event) => event.target.closest(".grip") && this.fit(this.head.colOf(event.target)));
  }

  press(event) {
    const col = this.head.colOf(event.target);
    if (event.button || col < 0 || event.target.closest(".head-menu")) return;
    const drag = event.target.closest(".grip") ? this.resizing(col, event.clientX) : this.moving(col, event.clientX);
    const stop = new AbortController();
    const end = (keep) => {
      stop.abort();
      drag.end(keep);
    };
    for (const [type, fn] of Object.entries({
      pointermove: (moved) => drag.to(moved.clientX),
      pointerup: () => end(true),
      pointercancel: () => end(false),
      keydown: (key) => key.key === "Escape" && end(false),
    })) window.addEventListener(type, fn, { signal: stop.signal, capture: true });
  }

  resizing(col, start) {
    const before = this.grid.tracks.widths[col];
    this.head.element.classList.add("is-resizing");
    return {
      to: (x) => this.grid.setWidth(col, clamp(before + x - start, NARROW, WIDE)),
      end: (keep) => {
        this.head.element.classList.remove("is-resizing");
        if (!keep) this.grid.setWidth(col, before);
        else if (this.grid.tracks.widths[col] !== before) this.grid.tell("layout");
      },
    };
  }

  moving(col, start) {
    let to = null;
    return {
      to: (x) => {
        if (to === null && Math.abs(x - start) < MOVED) return;
        to = this.aim(x);
        this.head.cells[col].classList.add("is-moving");
        this.mark(to);
      },
      end: (keep) => {
        this.head.cells[col].classList.remove("is-moving");
        this.head.marker.hidden = true;
        if (to !== null) swallow();
        if (keep && to !== null && to !== col && to !== col + 1) this.grid.move(col, to);
      },
    };
  }

  // The column before which one would be dropped; near the edge the grid scrolls on.
  aim(x) {
    const { tracks, scroller, wide } = this.grid;
    const place = clamp(x - scroller.getBoundingClientRect().left, 0, wide - 1);
    if (place > wide - EDGE) scroller.scrollLeft += EDGE / 2;
    else if (place < tracks.edge + EDGE) scroller.scrollLeft -= EDGE / 2;
    const col = tracks.col(place, scroller.scrollLeft);
    const middle = tracks.x(col, scroller.scrollLeft) + tracks.widths[col] / 2 - scroller.scrollLeft;
    return Math.max(this.grid.fixed, place > middle ? col + 1 : col);
  }

  mark(to) {
    const { tracks, scroller } = this.grid;
    this.head.marker.hidden = false;
    this.head.marker.style.left = `${to < tracks.lefts.length ? tracks.x(to, scroller.scrollLeft) : tracks.total}px`;
  }

  // As wide as what is on screen needs.
  fit(col) {
    const { rows } = this.grid;
    const needed = [...rows.all()].filter(({ at }) => at >= 0).map(({ cells }) => wanted(cells[col].el));
    this.grid.setWidth(col, clamp(Math.max(wanted(this.head.cells[col]), ...needed), NARROW, WIDE));
    this.grid.tell("layout");
  }
}

// The click that ends a drag is none.
function swallow() {
  const stop = new AbortController();
  window.addEventListener("click", (event) => event.stopPropagation(), { capture: true, signal: stop.signal });
  setTimeout(() => stop.abort());
}

// The width at which nothing of a cell is cut off.
function wanted(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const label = element.querySelector(".label");
  const hidden = label ? label.scrollWidth - label.clientWidth : 0;
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return range.getBoundingClientRect().width + hidden + parseFloat(paddingLeft) + parseFloat(paddingRight) + 4;
}
