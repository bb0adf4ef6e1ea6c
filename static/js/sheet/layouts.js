// Columns, widths and what is frozen: kept per person on the server as they are changed, and under names.
import { post } from "./api.js";
import { $ } from "./make.js";

const PAUSE = 800;

export class Layout {
  constructor({ grid, boot, looking, want, say }) {
    Object.assign(this, { grid, boot, looking, want, say, listeners: [] });
    grid.on("layout", () => this.changed());
  }

  get shown() {
    return this.grid.cols.slice(this.grid.fixed).map(({ name }) => name);
  }

  get data() {
    const { widths, frozen } = this.grid.layout;
    return { columns: this.shown, widths, frozen };
  }

  on(fn) {
    this.listeners.push(fn);
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save("", this.data).catch(() => {}), PAUSE); // a width is not worth a warning
    for (const fn of this.listeners) fn();
  }

  put(layout) {
    this.grid.setColumns(layout);
    this.want(this.shown);
    this.grid.tell("layout");
  }

  show(columns) {
    this.put({ columns });
  }

  freeze(frozen) {
    this.put({ frozen });
  }

  reset() {
    this.put({ columns: this.boot.columns, widths: {}, frozen: 1 });
  }

  async save(name, data) {
    const { layouts } = await post(this.boot.urls.layout, { name, data });
    this.boot.layouts = layouts;
  }
}

export function bindLayouts({ layout, looking, boot, model, say }) {
  const form = $("layout-form");
  const known = (name) => Boolean(model.spec(name));
  const draw = () => {
    const lines = boot.layouts.map(({ name }) => {
      const line = $("layout-line").content.firstElementChild.cloneNode(true);
      const [use, remove] = line.children;
      use.firstElementChild.textContent = use.dataset.layout = remove.dataset.layoutDelete = name;
      remove.ariaLabel = `Delete layout ${name}`;
      return line;
    });
    $("layout-list").replaceChildren(...lines);
  };
  const use = ({ columns, widths = {}, frozen = 1, sort = [], filters = {} }) => {
    layout.put({ columns: columns.filter(known), widths, frozen });
    const kept = Object.entries(filters).filter(([name]) => known(name));
    looking.set({ sort: sort.filter(({ field }) => known(field)), filters: Object.fromEntries(kept) });
  };
  const save = async (name, data, words) => {
    try {
      await layout.save(name, data);
      $("layout-problem").hidden = true;
      draw();
      say(words);
    } catch (problem) {
      $("layout-problem").textContent = `Not kept. ${problem.message}`;
      $("layout-problem").hidden = false;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    if (name) save(name, { ...layout.data, sort: looking.sort, filters: looking.filters }, `Layout “${name}” kept.`).then(() => form.reset());
  });
  $("layouts").addEventListener("click", ({ target }) => {
    const { layout: chosen, layoutDelete: gone } = target.closest("button")?.dataset ?? {};
    if (gone !== undefined) return save(gone, null, `Layout “${gone}” deleted.`);
    if (target.closest("#layout-reset")) layout.reset();
    else if (chosen !== undefined) use(boot.layouts.find(({ name }) => name === chosen).data);
    else return;
    $("layouts").hidePopover();
  });
  draw();
}
