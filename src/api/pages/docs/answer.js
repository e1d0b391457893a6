// What the server has answered: status, headers, and the body as what it is.
import { copyButton, element } from "/pages/common/elements.js";

const kTextMax = 200_000;

function text(value, label) {
  const cut = value.length > kTextMax ? `${value.slice(0, kTextMax)}\n...` : value;
  return element("div", { class: "code" }, copyButton(() => value),
    element("pre", { tabindex: "0", role: "region", "aria-label": label }, element("code", {}, cut)));
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function picture(response) {
  const url = URL.createObjectURL(await response.blob());
  const image = element("img", { src: url, alt: "The picture that was answered" });
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  return image;
}

async function body(response) {
  const type = (response.headers.get("content-type") ?? "").split(";")[0];
  if (type.startsWith("image/")) return picture(response);
  if (type === "" || type.startsWith("text/") || type.endsWith("json") || type.endsWith("xml")) {
    const value = await response.text();
    if (value === "") return element("p", { class: "faint" }, "No body.");
    return text(type.endsWith("json") ? pretty(value) : value, "Body of the answer");
  }
  const { size } = await response.blob();
  return element("p", { class: "faint" }, `${size.toLocaleString("en")} bytes of ${type}.`);
}

export async function showAnswer(response, milliseconds) {
  const isGood = response.status < 400;
  return [
    element("p", { class: "outcome" },
      element("strong", { class: isGood ? "good" : "bad", "data-status": response.status },
        `${response.status} ${response.statusText}`),
      element("span", { class: "faint" }, ` in ${Math.round(milliseconds)} ms`)),
    await body(response),
    element("details", { class: "headers" }, element("summary", {}, "Headers"),
      text([...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"), "Headers of the answer")),
  ];
}

export function showFailure(error) {
  const wasStopped = error.name === "AbortError";
  return element("p", { class: wasStopped ? "faint" : "bad" },
    wasStopped ? "Stopped." : `The request could not be sent: ${error.message}`);
}
