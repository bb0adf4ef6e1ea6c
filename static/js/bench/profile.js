// The profile of a column: filled, distinct, ends, values, patterns; and what looks wrong, with the panel that mends it.
import { post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { toRanges } from "../sheet/scope.js";
import { dock } from "../sheet/sharedock.js";
import { grouped, labels, spoken } from "./histogrambins.js";

const AFTER = 600;
const CHARTS = { integer: "number", decimal: "number", date: "date", datetime: "date" };
const PARTS = { filled: "filled", null: "null", missing: "not set", empty: "empty text", spaces: "only spaces" };
const MENDS = { trim: "Trim", collapse: "Collapse spaces in", tidy: "Tidy" };

class Profile {
  turn = 0;

  constructor(parts) {
    Object.assign(this, parts, { root: $("bench-profile"), body: $("profile-body"), select: $("profile-field") });
    const { grid, model, boot } = this;
    this.show = dock(this.root, { opened: () => {}, closed: () => clearTimeout(this.waiting), leave: () => grid.catcher.focus({ preventScroll: true }) });
    this.select.replaceChildren(...boot.fields.map(({ name }) => make("option", { value: name }, model.spec(name).label)));
    this.select.onchange = () => this.read();
    grid.on("order", () => this.later());
    model.on(() => this.later());
  }

  async open(field) {
    this.select.value = field || this.grid.cols[Math.max(0, this.grid.active.col)]?.name || this.boot.fields[0].name;
    this.show(true);
    this.select.focus({ preventScroll: true });
    await this.read();
  }

  close() {
    if (!this.root.hidden) this.show(false);
  }

  later() {
    if (this.root.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.read(), AFTER);
  }

  async read() {
    const turn = ++this.turn;
    const { grid, model } = this;
    const field = this.select.value;
    const shown = grid.order.length;
    this.root.ariaBusy = "true";
    if (field !== this.drawn) this.body.replaceChildren(make("p", { className: "help" }, "Counting…"));
    try {
      await this.sync.idle();
      const scope = shown === model.rows ? null : { rows: toRanges(grid.order.slice().sort()) };
      const kind = CHARTS[this.model.spec(field).kind] ?? "length";
      const [told, { facets }] = await Promise.all([post(this.boot.urls.profile, { field, scope }), post(this.boot.urls.facets, { scope, facets: [{ facet: kind, field }] })]);
      if (turn !== this.turn) return;
      this.drawn = field;
      this.draw({ ...told, chart: { ...facets[0], kind } });
      $("profile-rows").textContent = scope ? `Of the ${counted(shown, "row")} shown, with what is pending.` : `Of all ${counted(shown, "row")}, with what is pending.`;
    } catch (problem) {
      if (turn === this.turn) this.body.replaceChildren(make("p", { className: "field-error", role: "alert" }, `Not counted. ${problem.message}`));
    } finally {
      if (turn === this.turn) this.root.ariaBusy = "false";
    }
  }

  draw(told) {
    const filled = told.blanks.filled;
    this.body.replaceChildren(...[this.filled(told), this.odd(told), this.figures(told, filled), this.chart(told), this.top(told, filled), this.shapes(told, filled)].filter(Boolean));
  }

  filled({ rows, blanks }) {
    const there = Object.keys(PARTS).filter((name) => blanks[name]);
    const bar = make("div", { className: "profile-filled" }, ...there.map((name) => {
      const part = make("span", { className: name === "filled" ? "is-filled" : name === "spaces" ? "is-spaces" : "is-empty" });
      part.style.flex = String(blanks[name]);
      return part;
    }));
    bar.ariaHidden = "true";
    const legend = there.map((name) => make("span", {}, make("strong", {}, percent(blanks[name], rows)), ` ${PARTS[name]} · ${number(blanks[name])}`));
    return make("section", {}, make("h3", {}, "Filled"), bar, make("p", { className: "profile-legend" }, ...legend));
  }

  odd({ odd, blanks }) {
    const lines = odd.map((each) => {
      const act = this.act(each);
      return make("li", {}, make("span", {}, make("strong", {}, number(each.rows)), ` ${each.words}`), ...(act ? [act] : [make("span")]), ...(each.examples.length ? [make("span", { className: "mono" }, each.examples.map((text) => `“${text}”`).join("  "))] : []));
    });
    const title = make("h3", {}, "What looks wrong");
    if (lines.length) return make("section", {}, title, make("ul", { className: "profile-odd" }, ...lines));
    return blanks.filled ? make("section", {}, title, $("profile-well").content.firstElementChild.cloneNode(true)) : null;
  }

  // Every way to mend it says how many cells it is about; what cannot be mended at once is shown.
  act({ op, clusters, facet, rows }) {
    const field = this.select.value;
    const spec = this.model.spec(field);
    const edits = spec.editable && this.boot.editable;
    const [label, run] = facet
      ? [`Show ${number(rows)}`, () => this.panels.open("facets", field, facet)]
      : !edits
        ? []
        : clusters
          ? ["Cluster…", () => this.panels.open("clusters", field)]
          : [`${MENDS[op]} ${number(rows)}…`, () => this.panels.open("clean", field, { op })];
    if (!label) return null;
    const button = make("button", { type: "button", className: "button small" }, label);
    button.onclick = run;
    return button;
  }

  figures({ distinct, repeated, least, most, numbers, kind }, filled) {
    const dates = kind.startsWith("date");
    const told = [["Distinct values", number(distinct)]];
    if (repeated) told.push(["In rows that share theirs", `${number(repeated)} · ${percent(repeated, filled)}`]);
    if (least !== null) told.push([dates ? "Earliest" : "Smallest", dates ? least : grouped(least)], [dates ? "Latest" : "Largest", dates ? most : grouped(most)]);
    if (numbers) told.push(["Lower quartile", grouped(numbers.low)], ["Median", grouped(numbers.median)], ["Upper quartile", grouped(numbers.high)]);
    return make("section", {}, make("h3", {}, "Figures"), make("dl", { className: "profile-figures" }, ...told.map(([term, said]) => make("div", {}, make("dt", {}, term), make("dd", {}, said)))));
  }

  // How numbers, dates and lengths are spread; the facet of it is where one brushes.
  chart({ chart: { bins, kind, least, most } }) {
    const { reference, choices } = this.model.spec(this.select.value);
    if (!bins || bins.length < 2 || reference || choices.length) return null;
    const highest = Math.max(...bins.map(({ total }) => total));
    const bars = bins.map((bin) => {
      const bar = make("b", { className: bin.total ? "is-some" : "" });
      bar.style.height = `${(bin.total / highest) * 100}%`;
      return make("li", { title: `${spoken(bin, kind)}: ${number(bin.total)} rows` }, bar, make("span", { className: "visually-hidden" }, `${spoken(bin, kind)}: ${number(bin.total)} rows`));
    });
    const axis = make("p", { className: "histogram-axis" }, ...labels({ least, most }, kind).map((text) => make("span", {}, text)));
    const brush = make("button", { type: "button", className: "button small" }, "Brush it in a facet");
    brush.onclick = () => this.panels.open("facets", "", { facet: kind, field: this.select.value });
    return make("section", { className: "profile-section" }, make("h3", {}, { length: "Lengths", number: "Numbers", date: "Dates" }[kind]), make("div", { className: "profile-chart" }, make("ol", { className: "histogram-bars" }, ...bars)), axis, brush);
  }

  top({ top }, filled) {
    if (!top.length || top[0].count < 2) return null;
    return this.listed("Most frequent", top, filled, "text");
  }

  shapes({ shapes, shape_count: all }, filled) {
    if (!shapes.length) return null;
    const title = all > shapes.length ? `Patterns, ${shapes.length} of ${number(all)}` : "Patterns";
    return this.listed(title, shapes.map(([label, count]) => ({ label, count })), filled, "shape");
  }

  // A click adds the facet that lists them all.
  listed(title, values, filled, kind) {
    const most = Math.max(...values.map(({ count }) => count));
    const lines = values.map(({ label, count }) => {
      const bar = make("span", { className: "facet-bar" });
      bar.style.width = `${(count / most) * 100}%`;
      const pick = make("button", { type: "button", className: "facet-pick", title: label }, make("span", { className: "facet-label truncate" }, label), make("span", { className: "number" }, `${number(count)} · ${percent(count, filled)}`));
      pick.onclick = () => this.panels.open("facets", this.select.value, { facet: kind, field: this.select.value, ...(kind === "shape" && { in: [label] }) });
      return make("li", { className: "facet-value" }, bar, pick);
    });
    return make("section", {}, make("h3", {}, title), make("ul", { className: "profile-list" }, ...lines));
  }
}

function percent(part, whole) {
  if (!whole) return "0\u202f%";
  const share = (part / whole) * 100;
  return `${share > 0 && share < 1 ? "< 1" : share > 99 && share < 100 ? "> 99" : Math.round(share)}\u202f%`;
}

export function bind(parts) {
  const profile = new Profile(parts);
  return { open: (field) => profile.open(field), close: () => profile.close() };
}
