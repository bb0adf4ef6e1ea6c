// Time from an input event, as the page gets it, to the frame in which its effect is on the screen.
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(0);
}));

export async function until(holds, from = performance.now()) {
  for (;;) {
    const now = await painted();
    if (holds()) return now - from;
    if (now - from > 20_000) throw new Error(`never came true: ${holds}`);
  }
}

// Armed before the key is pressed; `result()` waits for the effect.
export const probe = {
  arm(type, holds) {
    this.done = new Promise((resolve, reject) =>
      window.addEventListener(type, () => until(holds).then(resolve, reject), { capture: true, once: true }));
  },
  result() {
    return this.done;
  },
};

export async function scroll(element, steps, pixels) {
  const frames = [];
  let last = await painted();
  for (let step = 0; step < steps; step += 1) {
    element.scrollTop += pixels;
    const now = await painted();
    frames.push(now - last);
    last = now;
  }
  return frames;
}

// Whichever element scrolls the rows.
export function tallest() {
  const scrolling = [...document.querySelectorAll("#grid *")].filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowY));
  return scrolling.sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
}

const shows = (text) => [...document.querySelectorAll("#grid [role=gridcell], #grid .slick-cell")].some((each) => each.textContent.includes(text));

Object.assign(window, { probe, until, shows, scrollFrames: scroll });
