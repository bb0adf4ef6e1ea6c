// An element with its properties and children: make("button", { className: "chip", type: "button" }, "words").
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const $ = (id) => document.getElementById(id);

// Not by Intl: what it loads at its first use costs a frame.
export const number = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export const counted = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
