// A file fetched as it is written: how far it is can be shown, it can be stopped, and a part is never kept for the whole.
import { CsvRows, hasEnd } from "./csvrows.js";

const BROKEN_OFF = "Writing the file broke off. Nothing was saved; export it again.";

// watch({ rows, bytes, total }) while it comes. Resolves to { name, rows, bytes, blob }.
export async function fetched(url, body, { signal, watch }) {
  const response = await fetch(url, { method: "POST", body, signal, headers: { Accept: "application/json" } });
  if (!response.ok || !response.headers.has("X-Rows")) throw await problemOf(response);
  const total = Number(response.headers.get("X-Rows"));
  const csv = response.headers.get("Content-Type").startsWith("text/csv");
  const [lines, blocks] = [new CsvRows(), []];
  let bytes = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Error(BROKEN_OFF);
    });
    if (done) break;
    blocks.push(value);
    bytes += value.length;
    if (csv) lines.take(value);
    watch({ rows: csv ? Math.max(lines.count - 1, 0) : null, bytes, total });
  }
  const blob = new Blob(blocks, { type: response.headers.get("Content-Type") });
  const whole = csv ? lines.count === total + 1 : hasEnd(new Uint8Array(await blob.slice(-1024).arrayBuffer()));
  if (!whole) throw new Error(BROKEN_OFF);
  const [, name] = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"));
  return { name, rows: total, bytes, blob };
}

async function problemOf(response) {
  const told = await response.json().catch(() => null);
  const words = told ? [told.what_happened, told.what_next].filter(Boolean).join(" ") : `This site answered ${response.status}.`;
  return new Error(`No file was written. ${words}`);
}

export function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
