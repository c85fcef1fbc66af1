// Building the page: elements from values. Text from outside only ever becomes a text node, never markup.

/** An element: attributes (`class`, `on` = listeners, `vars` = CSS variables; null leaves one out), then children. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (key === "vars") for (const [variable, set] of Object.entries(value)) element.style.setProperty(variable, set);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const DAY = 86_400_000;
const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

/** A moment, short: minutes today, the time within a day, else the date. */
export function short(moment, now = Date.now()) {
  const date = new Date(moment);
  const age = now - date.getTime();
  if (age >= 0 && age < 60_000) return "now";
  if (age >= 0 && age < 3_600_000) return `${Math.floor(age / 60_000)} min`;
  if (Math.abs(age) < DAY) return clockTime.format(date);
  return date.getFullYear() === new Date(now).getFullYear() ? dayMonth.format(date) : dayMonthYear.format(date);
}

/** A `<time>` that keeps itself fresh (see `refreshTimes`). */
export function time(moment, what = "") {
  return h("time", { datetime: moment, title: `${what}${exact.format(new Date(moment))}`, "data-live": true }, short(moment));
}

/** Brings every shown relative time up to date. */
export function refreshTimes() {
  for (const element of document.querySelectorAll("time[data-live]")) {
    const text = short(element.dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Says something to a screen reader, without moving its reader. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
