// One group of similar values: a tick, what survives, and the values with their rows.
import { counted, make, number } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";
import { parts } from "./clustered.js";

const SHOWN = 12; // values at first

export class ClusterCard {
  // `hands`: changed(group), rows(group, on).
  constructor(group, hands) {
    Object.assign(this, { group, hands });
    const { judged, values, rows } = group;
    this.tick = make("input", { type: "checkbox", checked: judged.on, ariaLabel: `Merge ${counted(values.length, "value")} into ${judged.survivor}` });
    this.tick.dataset.tick = "";
    this.tick.onchange = () => this.judge({ on: this.tick.checked });
    this.survivor = make("input", { className: "input small", value: judged.survivor, ariaLabel: "Becomes", autocomplete: "off", spellcheck: false });
    this.survivor.oninput = () => this.judge({ survivor: this.survivor.value, on: true });
    this.show = make("button", { className: "button quiet small", type: "button", ariaPressed: "false", title: "Show these rows in the grid" }, icon("eye"), counted(rows, "row"));
    this.show.onclick = () => hands.rows(group, this.show.ariaPressed !== "true");
    this.list = make("ul", { className: "cluster-values" });
    const becomes = make("div", { className: "cluster-becomes" }, icon("arrow"), this.survivor, this.show);
    this.element = make("div", { className: "cluster", role: "group", ariaLabel: judged.survivor }, make("label", { className: "cluster-tick" }, this.tick), this.list, becomes);
    this.element.dataset.key = group.key;
    this.lines(values.length > SHOWN + 1 ? SHOWN : values.length);
    this.draw();
  }

  lines(most) {
    const { values } = this.group;
    this.list.replaceChildren(...values.slice(0, most).map((value) => this.line(value)));
    if (most >= values.length) return;
    const more = make("button", { className: "words", type: "button" }, counted(values.length - most, "more value"));
    more.onclick = () => {
      this.lines(values.length);
      this.draw();
    };
    this.list.append(make("li", {}, more));
  }

  line([text, rows]) {
    const among = make("input", { type: "checkbox", checked: !this.group.judged.off.has(text), ariaLabel: `${text} is one of them` });
    among.onchange = () => this.among(text, among.checked);
    const choose = make("button", { className: "cluster-value", type: "button", title: "Let this one survive" }, ...parts(text).map(drawn));
    choose.onclick = () => {
      this.survivor.value = text;
      this.judge({ survivor: text, on: true });
    };
    const line = make("li", {}, among, choose, make("span", { className: "number" }, number(rows)));
    line.dataset.text = text;
    return line;
  }

  among(text, on) {
    const { judged } = this.group;
    judged.off[on ? "delete" : "add"](text);
    this.judge({});
  }

  judge(changes) {
    Object.assign(this.group.judged, changes);
    this.draw();
    this.hands.changed(this.group);
  }

  draw() {
    const { judged } = this.group;
    this.tick.checked = judged.on;
    this.element.classList.toggle("is-on", judged.on);
    for (const line of this.list.children) {
      line.classList.toggle("is-survivor", line.dataset.text === judged.survivor);
      line.classList.toggle("is-off", judged.off.has(line.dataset.text));
    }
  }
}

// Spaces nobody would see are drawn; a screen reader is told of them.
function drawn({ text, space }) {
  if (!space) return text;
  return make("span", { className: "stray", title: "Spaces", role: "img", ariaLabel: counted(text.length, "space") }, "·".repeat(Math.min(text.length, 8)));
}
