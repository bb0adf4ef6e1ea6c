// Dragging over cells, on beyond the edge of the window: there the grid scrolls, the faster the farther.
const TICK = 40;

// `move(place)` hears of every cell under the mouse, `end(place, event)` of the last one; place is null after Escape.
export function drag(grid, start, move, end) {
  let last = start;
  const stop = new AbortController();
  const place = () => grid.hit(last);
  const timer = setInterval(() => {
    const edge = grid.scroller.getBoundingClientRect();
    const [right, bottom] = [edge.left + grid.scroller.clientWidth, edge.top + grid.scroller.clientHeight];
    const down = beyond(last.clientY, edge.top + grid.head.height, bottom);
    const across = beyond(last.clientX, edge.left, right);
    if (!down && !across) return;
    grid.scroller.scrollBy(across, down);
    move(place());
  }, TICK);
  const finish = (found) => {
    clearInterval(timer);
    stop.abort();
    end(found, last);
  };
  const on = (type, fn) => window.addEventListener(type, fn, { signal: stop.signal, capture: true });
  on("mousemove", (event) => {
    last = event;
    if (event.buttons & 1) move(place());
    else finish(place()); // the button was let go outside of the window
  });
  on("mouseup", (event) => {
    last = event;
    finish(place());
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    finish(null);
  });
}

const beyond = (at, low, high) => (at < low ? at - low : at > high ? at - high : 0);
