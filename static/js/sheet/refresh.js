// Read again: every row is read once more, edits stay, and what moved underneath is told.
import { getJson, post } from "./api.js";
import { $ } from "./make.js";

const PAUSE = 600;

export function bindRefresh({ model, boot, sync, say }) {
  const slot = $("refresh-slot");
  if (!slot) return;
  const [button, reading] = [...$("reading").content.cloneNode(true).children];
  const [bar, words, stop] = reading.children;
  let before;

  const show = (element) => {
    const inside = slot.contains(document.activeElement);
    slot.replaceChildren(element);
    if (inside) (element.querySelector("button") ?? element).focus();
  };
  const draw = ({ state, percent, words: told, left, problem }) => {
    const stopped = state === "stopped";
    bar.value = percent ?? 0;
    words.textContent = stopped ? problem : left ? `${percent} %, ${left}` : told;
    words.title = told;
    stop.textContent = stopped ? "Go on reading" : "Cancel";
    stop.value = stopped ? "resume" : "cancel";
    if (!reading.isConnected) show(reading);
    return !stopped;
  };
  const done = async () => {
    await sync.poll();
    show(button);
    if (before) $("read-at").textContent = "read just now";
    if (before) say(outcome(before, model.counts()));
    before = null;
  };
  const watch = async () => {
    const told = await getJson(boot.urls.progress).catch(() => null); // asked again: it goes on without this page
    if (told?.state === "ready") return done();
    if (!told || draw(told)) setTimeout(watch, PAUSE);
  };
  const ask = async (url, data) => {
    try {
      await sync.idle();
      before ??= model.counts();
      await post(url, data);
      watch();
    } catch (problem) {
      say(`That was not done. ${problem.message}`);
    }
  };
  button.onclick = () => ask(boot.urls.refresh, {});
  stop.onclick = () => ask(boot.urls.progress, { do: stop.value });
  show(button);
  watch(); // somebody may be at it
}

function outcome(before, now) {
  const grown = (...names) => names.reduce((sum, name) => sum + now[name] - before[name], 0);
  const [moved, clashes, there] = [grown("moved", "clashes"), grown("clashes"), -grown("cells")];
  const told = [[moved, "cells changed there"], [clashes, "in conflict with your edits"], [there, "of your edits already there"]];
  return `Read again: ${told.filter(([n]) => n > 0).map((each) => each.join(" ")).join(", ") || "nothing changed there"}.`;
}
