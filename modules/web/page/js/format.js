/// Numbers for people: few digits, always with their unit.

/** Three significant digits, no exponent. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return Number.isInteger(value) && size < 10000 ? String(value) : value.toFixed(digits);
}

/** `scaled(1234567, "B")`: "1.23 MB". */
export function scaled(value, unit) {
  if (!Number.isFinite(value)) return "–";
  const prefixes = ["", "k", "M", "G", "T"];
  let size = Math.abs(value);
  let step = 0;
  while (size >= 999.5 && step < prefixes.length - 1) {
    size /= 1000;
    ++step;
  }
  const text = step === 0 ? String(Math.round(size)) : size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return `${value < 0 ? "-" : ""}${text} ${prefixes[step]}${unit}`;
}

export function milliseconds(value) {
  if (!Number.isFinite(value)) return "age unknown";
  if (Math.abs(value) >= 10000) return `${Math.round(value / 1000)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** A length of time in seconds, two steps at most: "3 d 4 h", "12.5 s". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (Math.abs(seconds) < 60) return `${short(seconds)} s`;
  const whole = Math.floor(seconds);
  const parts = [[whole / 86400, "d"], [(whole % 86400) / 3600, "h"], [(whole % 3600) / 60, "min"], [whole % 60, "s"]]
    .map(([count, unit]) => [Math.floor(count), unit]);
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** From nanoseconds. */
export function nanoseconds(value) {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} s`;
  if (value >= 1e6) return `${short(value / 1e6)} ms`;
  return `${Math.round(value / 1e3)} µs`;
}

/** "30/s", "2.5/s": for counts. */
export function perSecond(value) {
  if (value > 0 && value < 0.05) return "< 0.1/s";
  return `${value >= 9.95 ? Math.round(value) : Math.round(value * 10) / 10}/s`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
export const timeOfDay = (ms) => clock.format(ms);

const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
export const dayOf = (ms) => day.format(ms);
