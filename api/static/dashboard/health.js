// Device health: a line of counts, and a table of the devices that need somebody's attention.

import { clockTime, t } from "./words.js";

const ROWS_MAX = 50;

const needsAttention = ({ health }) =>
  health.isStale || health.isBatteryLow || health.errorCodes.length > 0;

function element(name, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(name), { textContent: text });
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function battery({ batteryPercent, batteryVolts, isBatteryLow }) {
  const value = batteryPercent !== null ? `${batteryPercent} %` : batteryVolts !== null ? `${batteryVolts.toFixed(2)} V` : "–";
  return isBatteryLow ? `▼ ${value}` : value;
}

function row(device, timeZone) {
  const { health } = device;
  const seen = clockTime(health.lastSeenAt, timeZone);
  const line = element("tr");
  line.append(
    element("th", device.space ? `${device.space.number} · ${device.endpoint}` : device.endpoint, { scope: "row" }),
    element("td", health.isStale ? `✕ ${t("isSilent")}, ${seen}` : seen),
    element("td", battery(health)),
    element("td", health.rssiDbm === null ? "–" : `${health.rssiDbm} dBm`),
    element("td", health.errorCodes.length ? `! ${health.errorCodes.join(", ")}` : "–"),
  );
  return line;
}

function table(devices, timeZone) {
  const made = element("table");
  const head = element("tr");
  for (const key of ["endpoint", "lastSeen", "battery", "signal", "errors"])
    head.append(element("th", t(key), { scope: "col" }));
  const body = element("tbody");
  body.append(...devices.slice(0, ROWS_MAX).map((device) => row(device, timeZone)));
  made.append(element("thead"), body);
  made.tHead.append(head);
  const frame = element("div", "", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("health") });
  frame.append(made);
  return frame;
}

/** Writes the health of `devices` (a Map by id), or why it cannot be shown when it is null. */
export function showHealth(container, devices, timeZone) {
  if (devices === null) return container.replaceChildren(element("p", t("healthSignIn"), { class: "note" }));
  const all = [...devices.values()];
  if (!all.length) return container.replaceChildren(element("p", t("healthNone"), { class: "note" }));
  const count = (test) => all.filter(({ health }) => test(health)).length;
  const figures = [
    [t("devices", { n: all.length }), ""],
    [t("silent", { n: count((h) => h.isStale) }), count((h) => h.isStale) ? "bad" : ""],
    [t("lowBattery", { n: count((h) => h.isBatteryLow) }), count((h) => h.isBatteryLow) ? "bad" : ""],
    [t("faulty", { n: count((h) => h.errorCodes.length) }), count((h) => h.errorCodes.length) ? "bad" : ""],
  ];
  const line = element("ul", "", { class: "figures" });
  line.append(...figures.map(([text, mood]) => element("li", text, { class: mood })));
  const poor = all.filter(needsAttention);
  const rest = poor.length ? table(poor, timeZone) : element("p", t("allWell"), { class: "note" });
  container.replaceChildren(line, rest);
}
