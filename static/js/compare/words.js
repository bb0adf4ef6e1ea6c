// What the buttons of the compare pages say.
const thin = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const counted = (n, noun) => `${thin(n)} ${noun}${n === 1 ? "" : "s"}`;

export const label = (fields, into) => (fields ? `Copy ${counted(fields, "field")} into ${into}` : `Copy no field into ${into}`);

export const labelOfMany = (fields, records) => (fields ? `Copy ${counted(fields, "field")} in ${counted(records, "record")}` : "Copy no field");

// How many rows several texts of ranges ("0-2,7") mean together.
export function together(texts) {
  const ranges = texts.flatMap((text) => text.split(",").filter(Boolean)).map((range) => range.split("-").map(Number)).sort((a, b) => a[0] - b[0]);
  let [rows, reached] = [0, -1];
  for (const [first, last = first] of ranges) {
    rows += Math.max(0, last - Math.max(first - 1, reached));
    reached = Math.max(reached, last);
  }
  return rows;
}
