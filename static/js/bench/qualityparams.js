// The inputs of a rule's parameters, by its kind, and what they say.
import { make } from "../sheet/make.js";

const MOST = 300; // values that are listed to be ticked

const MAKERS = {
  format: ({ params, told }) => {
    const as = select("as", "Format", told.formats.map(([name, label]) => [name, label]), params.as ?? "email");
    const needs = Object.fromEntries(told.formats.map(([name, , needed]) => [name, needed]));
    const region = input("region", "Country, as two letters", params.region ?? "US", { maxLength: 2, className: "input quality-short" });
    const pattern = input("pattern", "Pattern the whole value has to match", params.pattern ?? "", { className: "input mono", placeholder: "[A-Z]{2}-\\d{4}" });
    const show = () => {
      region.hidden = !needs[value(as)].includes("region");
      pattern.hidden = !needs[value(as)].includes("pattern");
    };
    as.addEventListener("change", show);
    show();
    return [as, region, pattern];
  },
  range: ({ params, spec }) => {
    const hint = { placeholder: /date/.test(spec.kind) ? "YYYY-MM-DD" : "no end" };
    return [pair(input("from", "From", params.from ?? "", hint), input("to", "To", params.to ?? "", hint))];
  },
  length: ({ params }) => [pair(whole("from", "At least", params.from), whole("to", "At most", params.to))],
  allowed: ({ params, spec }) => [values(spec, params.values ?? [])],
  unique: ({ params, spec }) => (/text/.test(spec.kind) ? [select("as", "Values are the same", [["exact", "when they are spelt alike"], ["fingerprint", "also with other case, accents, signs, order of words"]], params.as ?? "exact")] : []),
  compare: ({ params, spec, told, specs }) => {
    const [group] = [told.comparable[spec.name]];
    const others = specs.filter(({ name }) => name !== spec.name && (!group || told.comparable[name] === group));
    const ops = told.ops.filter(([op]) => group || op === "=" || op === "!=");
    return [select("op", "Comparison", ops.map(([op, words]) => [op, `${words} (${op})`]), params.op ?? ops[0][0]), select("other", "Field to compare with", named(others), params.other ?? others[0]?.name)];
  },
  filled_if: ({ params, spec, specs, specOf }) => {
    const others = specs.filter(({ name }) => name !== spec.name);
    const other = select("other", "Where this field", named(others), params.other ?? others[0]?.name);
    const box = make("div", { className: "quality-values" });
    const draw = (held) => box.replaceChildren(values(specOf(value(other)), held, "has one of these values"));
    other.addEventListener("change", () => draw([]));
    draw(params.values ?? []);
    return [other, box];
  },
};

export function paramInputs(kind, given) {
  return MAKERS[kind]?.(given) ?? [];
}

// As the server takes them: only what is shown and filled.
export function paramsFrom(kind, box) {
  const params = {};
  for (const field of box.querySelectorAll("[data-param]")) {
    if (field.closest("[hidden]")) continue;
    const { param, as } = field.dataset;
    if (as === "lines") params[param] = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    else if (as === "ticks") params[param] = [...field.querySelectorAll("input:checked")].map((tick) => tick.value);
    else if (as === "whole") {
      if (field.value.trim()) params[param] = /^\d{1,9}$/.test(field.value.trim()) ? Number(field.value) : field.value;
    } else params[param] = field.value;
  }
  return params;
}

const named = (specs) => [...specs].sort((a, b) => a.label.localeCompare(b.label)).map(({ name, label }) => [name, label]);
const value = (field) => field.querySelector("select").value;

function labelled(label, control) {
  return make("label", { className: "field" }, make("span", { className: "field-label" }, label), control);
}

function input(param, label, held, more = {}) {
  return labelled(label, make("input", { className: "input", "data-param": param, value: held, spellcheck: false, ...more }));
}

function whole(param, label, held) {
  return input(param, label, held ?? "", { inputMode: "numeric", "data-as": "whole", placeholder: "no end" });
}

function pair(...fields) {
  return make("div", { className: "quality-pair" }, ...fields);
}

function select(param, label, options, chosen) {
  const element = make("select", { className: "select", "data-param": param }, ...options.map(([name, words]) => make("option", { value: name }, words)));
  element.value = chosen;
  return labelled(label, element);
}

// Choices to tick, or one value per line.
function values(spec, held, label = "Allowed values") {
  const choices = spec.kind === "boolean" ? [["true", "true", true], ["false", "false", true]] : spec.choices;
  if (!choices.length || choices.length > MOST) return labelled(`${label}, one per line`, make("textarea", { className: "textarea", "data-param": "values", "data-as": "lines", value: held.join("\n"), spellcheck: false }));
  const chosen = new Set(held);
  const ticks = choices.map(([each, words, active]) =>
    make("label", { className: "check" }, make("input", { type: "checkbox", value: each, checked: chosen.has(each) }), make("span", {}, active ? words : `${words} (inactive)`)),
  );
  return make("fieldset", { className: "quality-ticks" }, make("legend", { className: "field-label" }, label), make("div", { "data-param": "values", "data-as": "ticks" }, ...ticks));
}
