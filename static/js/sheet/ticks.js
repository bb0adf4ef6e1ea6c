// Ticked rows: kept by record id for this worksheet while the browser's tab lives, so that they survive paging.
export class Ticks {
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.store = `ticked ${root.dataset.sheet}`;
    this.ids = new Set(JSON.parse(sessionStorage.getItem(this.store) ?? "[]"));
    root.addEventListener("change", (event) => this.changed(event.target));
    this.draw();
  }

  changed(target) {
    if (target.id === "tick-page") for (const box of this.boxes()) this.set(idOf(box), target.checked);
    else if (target.matches(".col-select input")) this.set(idOf(target), target.checked);
    else return;
    this.save();
  }

  toggle(id) {
    this.set(id, !this.ids.has(id));
    this.save();
  }

  set(id, on) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
  }

  save() {
    sessionStorage.setItem(this.store, JSON.stringify([...this.ids]));
    this.draw();
  }

  boxes() {
    return [...this.root.querySelectorAll("#grid tbody .col-select input")];
  }

  draw() {
    const boxes = this.boxes();
    for (const box of boxes) {
      box.checked = this.ids.has(idOf(box));
      box.closest("tr").classList.toggle("is-selected", box.checked);
    }
    const page = this.root.querySelector("#tick-page");
    if (page) {
      const ticked = boxes.filter((box) => box.checked).length;
      page.checked = ticked > 0 && ticked === boxes.length;
      page.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    const words = document.getElementById("ticked");
    words.textContent = `${this.ids.size} ticked`;
    words.hidden = this.ids.size === 0;
    this.onChange(this.ids.size);
  }
}

function idOf(box) {
  return box.closest("tr").dataset.id;
}
