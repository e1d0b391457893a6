// Descriptions as paragraphs: what stands in backticks is code, and nothing else is special.
import { element } from "/pages/common/elements.js";

export function line(text) {
  return text.split("`").map((part, at) => at % 2 === 1 ? element("code", {}, part) : part);
}

export function prose(text) {
  return element("div", { class: "prose" }, text.split("\n\n").map((paragraph) => element("p", {}, line(paragraph))));
}
