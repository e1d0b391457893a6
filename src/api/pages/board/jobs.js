// The list of jobs in one state.
import { element } from "/pages/common/elements.js";
import { duration } from "./summary.js";

const since = (time) => time === null ? "–" : duration(Math.max(0, (Date.now() - new Date(time)) / 1000));

function happened(job) {
  if (job.state === "queued") return `waits ${since(job.createdAt)}${job.failedAttempts > 0 ? `, failed ${job.failedAttempts}×` : ""}`;
  if (job.state === "running") return `runs ${since(job.startedAt)}, ${job.progress} %`;
  return `${since(job.finishedAt)} ago`;
}

function actionOf(job, actions) {
  const button = (title, act) => element("button", { type: "button", "data-key": `job ${job.id}`,
    "aria-label": `${title} ${job.id}`, onclick: (event) => {
      event.currentTarget.disabled = true;
      act(job);
    } }, title);
  if (job.state === "failed") return button("Retry", actions.retry);
  if (job.state === "queued" || (job.state === "running" && !job.cancelRequested)) return button("Cancel", actions.cancel);
  return job.state === "running" ? element("span", { class: "faint" }, "stopping") : null;
}

function jobRow(job, actions) {
  return element("tr", { "data-job": job.id },
    element("td", { "data-title": "Job" }, element("code", {}, job.id)),
    element("td", { "data-title": "Operation" }, job.operation, element("span", { class: "faint" }, ` · ${job.surface}`)),
    element("td", { "data-title": "User" }, element("code", {}, job.userId)),
    element("td", { "data-title": "Since" }, happened(job)),
    element("td", { "data-title": "Error" }, job.errorMessage &&
      element("span", { class: "bad" }, element("span", { class: "mono" }, job.errorCode), ` ${job.errorMessage}`)),
    element("td", { class: "act" }, actionOf(job, actions)));
}

export function jobsView(jobs, actions) {
  if (jobs.length === 0) return element("p", { class: "faint" }, "There are none.");
  return element("table", { class: "jobs" },
    element("thead", {}, element("tr", {}, ["Job", "Operation", "User", "Since", "Error"].map((title) =>
      element("th", { scope: "col" }, title)), element("td"))),
    element("tbody", {}, jobs.map((job) => jobRow(job, actions))));
}
