// The queue board. It asks the server every two seconds: what it shows is counted in the database, where all processes
// change it, so that an event stream of one of them would have to ask as often. A hidden tab asks for nothing.
import { element, fill } from "/pages/common/elements.js";
import { durationChart, throughputChart } from "./charts.js";
import { jobsView } from "./jobs.js";
import * as server from "./server.js";
import { lanesView, operationsView } from "./summary.js";

const kPauseMs = 5_000;
const kSeriesPauseMs = { hour: 10_000, day: 60_000 };
const kStates = { queued: "Waiting", running: "Running", failed: "Failed", succeeded: "Succeeded", cancelled: "Cancelled" };
const kPageSize = 25;

const at = (id) => document.getElementById(id);
const view = { window: "hour", state: "queued", limit: kPageSize, seriesAt: 0 };
let timer = null;
let round = 0; // answers to an older one are not shown

// Draws anew what changes all the time, and leaves the focus where it was.
function redraw(node, ...children) {
  const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  fill(node, ...children);
  if (key) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

function choose(place, titles, chosen, act) {
  redraw(place, Object.entries(titles).map(([name, title]) => element("button", { type: "button", "data-key": name,
    "aria-pressed": String(name === chosen), onclick: () => act(name) }, title)));
}

// ---- What can be done

function confirmed(title, text, yes) {
  at("confirm-title").textContent = title;
  at("confirm-text").textContent = text;
  at("confirm-yes").textContent = yes;
  const dialog = at("confirm");
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// Does it, says so, and looks again at once.
async function act(doing, said) {
  try {
    const told = await doing();
    at("problem").textContent = "";
    at("said").textContent = typeof said === "function" ? said(told) : said;
    await look();
  } catch (error) {
    await look();
    fail(error);
  }
}

const actions = {
  pause: (lane) => act(() => server.pause(lane.lane), "Paused."),
  resume: (lane) => act(() => server.resume(lane.lane), "Resumed."),
  retry: (job) => act(() => server.retry(job.id), "It waits again."),
  cancel: (job) => act(() => server.cancel(job.id), "Cancelled."),
  drain: async (what, count, name) => {
    const jobs = count === 1 ? "The job that waits" : `All ${count.toLocaleString("en")} jobs that wait`;
    if (!await confirmed(`Drain ${name}?`, `${jobs} will be cancelled, for good. Tokens are given back.`, "Cancel them")) return;
    await act(() => server.drain(what), (cancelled) => `${cancelled} jobs were cancelled.`);
  },
};

// ---- Looking

function fail(error) {
  if (error instanceof server.Refused) return leave(server.hasKey() ? "This key does not hold." : "");
  at("problem").textContent = error instanceof TypeError ? "The server does not answer. Trying again." : error.message;
}

function showState(state) {
  redraw(at("lanes"), lanesView(state, actions));
  redraw(at("operations"), operationsView(state, actions));
  at("live").textContent = `Live · ${new Date(state.at).toLocaleTimeString()}`;
}

function showJobs({ jobs, nextCursor }) {
  redraw(at("jobs"), jobsView(jobs, actions));
  at("more").hidden = nextCursor === null || view.limit >= 100;
}

async function lookAtSeries() {
  if (performance.now() < view.seriesAt) return;
  view.seriesAt = performance.now() + kSeriesPauseMs[view.window];
  const series = await server.series(view.window);
  redraw(at("charts"), throughputChart(series), durationChart(series, "wait", "Waiting time"),
    durationChart(series, "run", "Running time"));
}

async function look() {
  clearTimeout(timer);
  const mine = ++round;
  const [state, jobs] = await Promise.all([server.state(), server.jobs({ state: view.state, limit: view.limit })]);
  if (mine !== round) return;
  enter();
  showState(state);
  showJobs(jobs);
  await lookAtSeries();
  if (mine === round) timer = setTimeout(lookAgain, kPauseMs);
}

async function lookAgain() {
  if (document.hidden) return;
  try {
    await look();
    at("problem").textContent = "";
  } catch (error) {
    fail(error);
    if (!(error instanceof server.Refused)) timer = setTimeout(lookAgain, kPauseMs);
  }
}

// ---- Coming and going

function enter() {
  at("sign-in").hidden = true;
  at("board").hidden = false;
  at("sign-out").hidden = !server.hasKey();
}

function leave(reason) {
  clearTimeout(timer);
  ++round;
  server.signOut();
  at("board").hidden = true;
  at("sign-out").hidden = true;
  at("live").textContent = "";
  at("sign-in").hidden = false;
  at("refused").textContent = reason;
  at("admin-key").focus();
}

function showChoices() {
  choose(at("windows"), { hour: "Hour", day: "Day" }, view.window, (window) => {
    Object.assign(view, { window, seriesAt: 0 });
    showChoices();
    lookAgain();
  });
  choose(at("states"), kStates, view.state, (state) => {
    Object.assign(view, { state, limit: kPageSize });
    showChoices();
    lookAgain();
  });
}

at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  server.signIn(at("admin-key").value.trim());
  at("admin-key").value = "";
  lookAgain();
});
at("sign-out").addEventListener("click", () => leave(""));
at("more").addEventListener("click", () => {
  view.limit = Math.min(100, view.limit * 2);
  lookAgain();
});
document.addEventListener("visibilitychange", lookAgain);
showChoices();
lookAgain();
