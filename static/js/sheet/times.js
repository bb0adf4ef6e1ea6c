// Dates and times as ISO text, as Python 3.11 reads it; nothing depends on where the browser stands.

const DAY = "(\\d{4})(-?)(?:(\\d\\d)\\2(\\d\\d)|W(\\d\\d)(?:\\2(\\d))?)";
const TIME = "(\\d\\d)(?:(:?)(\\d\\d)(?:\\8(\\d\\d)(?:[.,](\\d+))?)?)?";
const ZONE = "(Z|([+-])(\\d\\d)(?:(:?)(\\d\\d)(?:\\15(\\d\\d))?)?)?";
const ONLY_DAY = new RegExp(`^${DAY}$`);
const MOMENT = new RegExp(`^${DAY}(?:.${TIME}${ZONE})?$`, "su");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;

// YYYY-MM-DD or null.
export function day(text) {
  const found = ONLY_DAY.exec(text);
  return found && dayOf(found);
}

function dayOf([, year, , month, date, week, weekday]) {
  if (year === "0000") return null;
  if (week) return ofWeek(year, week, weekday ?? "1");
  return month > "00" && month < "13" && date > "00" && Number(date) <= daysIn(Number(year), Number(month)) ? `${year}-${month}-${date}` : null;
}

function daysIn(year, month) {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 || (!(year % 100) && year % 400) ? 28 : 29;
}

export function isoDay(at) {
  return new Date(at).toISOString().slice(0, 10);
}

function ofWeek(year, week, weekday) {
  const fourth = Date.parse(`${year}-01-04T00:00Z`); // always in week 1
  const first = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  const monday = first + (Number(week) - 1) * 7 * DAY_MS;
  const inYear = Number(week) > 0 && isoDay(monday + 3 * DAY_MS).startsWith(year) && /[1-7]/.test(weekday);
  return inYear ? isoDay(monday + (Number(weekday) - 1) * DAY_MS) : null;
}

// As most values are written, told apart without taking them to pieces.
const USUAL = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ?$/;

// {day, time, aware}: in UTC where the text names a zone; time as HH:MM:SS with six digits after it if they are not 0.
export function moment(text) {
  if (USUAL.test(text) && text > "0001") return { day: text.slice(0, 10), time: text.slice(11, 19), aware: text.length === 20 };
  const found = MOMENT.exec(text);
  const date = found && dayOf(found);
  if (!date) return null;
  const [hour, minute, second] = [found[7], found[9], found[10]].map((part) => part ?? "00");
  if (hour > "23" || minute > "59" || second > "59") return null;
  const micro = (found[11] ?? "").slice(0, 6).padEnd(6, "0");
  const local = { day: date, time: `${hour}:${minute}:${second}${micro === "000000" ? "" : `.${micro}`}`, aware: Boolean(found[12]) };
  return found[13] ? shifted(local, found) : local;
}

function shifted({ day: date, time }, found) {
  const [hours, minutes, seconds] = [found[14], found[16], found[17]].map((part) => Number(part ?? 0));
  const offset = hours * 3600 + minutes * 60 + seconds;
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const at = new Date(Date.parse(`${date}T${time.slice(0, 8)}Z`) + (found[13] === "-" ? 1000 : -1000) * offset).toISOString();
  return at.length === 24 && !at.startsWith("0000") ? { day: at.slice(0, 10), time: at.slice(11, 19) + time.slice(8), aware: true } : null;
}

export function spokenDay(iso) {
  const [year, month, date] = iso.split("-");
  return `${date} ${MONTHS[Number(month) - 1]} ${Number(year)}`;
}
