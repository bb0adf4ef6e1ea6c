// Counts the lines of a CSV as its bytes come: a line end within quotation marks is none.
const [QUOTE, LINE_FEED] = [0x22, 0x0a];

export class CsvRows {
  count = 0;
  quoted = false;

  take(bytes) {
    for (const byte of bytes) {
      if (byte === QUOTE) this.quoted = !this.quoted;
      else if (byte === LINE_FEED && !this.quoted) this.count += 1;
    }
  }
}

// Whether a ZIP has its end, without which it was broken off: the mark stands in its last bytes.
export function hasEnd(tail) {
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (tail[at] === 0x50 && tail[at + 1] === 0x4b && tail[at + 2] === 5 && tail[at + 3] === 6) return true;
  }
  return false;
}
