// The lanes with what may be done about them, and what there is of each operation by age.
import { element } from "/pages/common/elements.js";

const kLaneTitles = { operations: ["Operations", "what users ask for"], background: ["Background", "what uploads bring with them"] };
const kUnfinishedBands = { underMinute: "< 1 min", underTenMinutes: "< 10 min", underHour: "< 1 h", overHour: "> 1 h" };
const kFailedBands = { underHour: "last hour", underDay: "last day", underWeek: "last week" };

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 86_400 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

function figureOf(label, value, kind) {
  return element("div", { class: "figure" }, element("dt", {}, label),
    element("dd", { class: value === 0 || value === "–" ? "none" : kind }, value.toLocaleString("en")));
}

function laneView(lane, actions) {
  const key = `lane ${lane.lane}`;
  const [title, meaning] = kLaneTitles[lane.lane] ?? [lane.lane, ""];
  return element("article", { class: lane.paused ? "lane paused" : "lane", "data-lane": lane.lane },
    element("header", {}, element("h3", {}, title, " ", element("span", { class: "faint small" }, meaning)),
      lane.paused && element("p", { class: "small" }, element("strong", {}, "Paused"),
        ` since ${new Date(lane.pausedAt).toLocaleString()} by ${lane.pausedBy}`)),
    element("dl", {}, figureOf("Waiting", lane.waiting), figureOf("Running", lane.running),
      figureOf("Failed", lane.failed, "bad"), figureOf("Oldest", duration(lane.oldestWaitingSeconds))),
    element("div", { class: "choice" },
      lane.paused
        ? element("button", { type: "button", "data-key": `${key} pause`, onclick: () => actions.resume(lane) }, "Resume")
        : element("button", { type: "button", "data-key": `${key} pause`, onclick: () => actions.pause(lane) }, "Pause"),
      element("button", { type: "button", "data-key": `${key} drain`, disabled: lane.waiting === 0,
        onclick: () => actions.drain({ lane: lane.lane }, lane.waiting, `the lane ${lane.lane}`) }, "Drain")));
}

export const lanesView = (state, actions) => state.lanes.map((lane) => laneView(lane, actions));

const cell = (count, kind) => element("td", { class: count === 0 ? "none" : kind }, count === 0 ? "·" : count.toLocaleString("en"));

function operationRow(row, actions) {
  return element("tr", {}, element("th", { scope: "row" }, row.operation),
    Object.keys(kUnfinishedBands).map((band) => cell(row.waiting[band])),
    element("td", {}, duration(row.oldestWaitingSeconds)),
    cell(row.running.total),
    Object.keys(kFailedBands).map((band) => cell(row.failed[band], "bad")),
    element("td", {}, row.waiting.total > 0 && element("button", { type: "button", "data-key": `drain ${row.lane} ${row.operation}`,
      "aria-label": `Drain ${row.operation}`,
      onclick: () => actions.drain({ lane: row.lane, operation: row.operation }, row.waiting.total, row.operation) }, "Drain")));
}

export function operationsView(state, actions) {
  if (state.operations.length === 0) return element("p", { class: "faint" }, "Nothing waits, runs or has failed lately.");
  const band = (title) => element("th", { scope: "col" }, title);
  return element("table", {},
    element("thead", {},
      element("tr", {}, element("td"), element("th", { colspan: "4", scope: "colgroup" }, "Waiting"), element("td"),
        element("th", { scope: "colgroup" }, "Running"), element("th", { colspan: "3", scope: "colgroup" }, "Failed"), element("td")),
      element("tr", {}, band("Operation"), Object.values(kUnfinishedBands).map(band), band("oldest"), band("all"),
        Object.values(kFailedBands).map(band), element("td"))),
    element("tbody", {}, state.operations.map((row) => operationRow(row, actions))));
}
