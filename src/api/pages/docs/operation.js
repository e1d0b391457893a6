// One operation: what it takes, what it answers, code for it, and the console to try it.
import { copyButton, element, fill } from "/pages/common/elements.js";
import { languages } from "./code.js";
import { Console } from "./console.js";
import { prose } from "./prose.js";
import { schemaView, typeLine } from "./schema.js";

const kLanguage = "tintype.language";
const kPlaces = { path: "In the path", query: "In the query", header: "Headers", cookie: "Cookies" };
const kCredentials = {
  bearer: ["a key, a session token or a JWT as ", element("code", {}, "Authorization: Bearer")],
  cookie: ["the session cookie"],
  adminKey: ["the admin key as ", element("code", {}, "x-admin-key")],
};

function credentialLine(operation) {
  const kinds = operation.surface.credentialsOf(operation);
  if (kinds.length === 0) return element("p", { class: "faint" }, "Takes no credential.");
  const isOptional = operation.security?.some((one) => Object.keys(one).length === 0);
  const named = kinds.flatMap((kind, at) => [at > 0 && ", or ",
    (kCredentials[kind] ?? [kind]).map((part) => part.cloneNode?.(true) ?? part)]);
  return element("p", { class: "faint" }, isOptional ? "May be called without a credential, or by " : "Called by ",
    named, ".");
}

function parameterView(operation, parameter) {
  return element("li", { class: "field" },
    element("div", { class: "field-line" },
      element("code", { class: "field-name" }, parameter.name),
      typeLine(operation.surface, parameter.schema ?? {}),
      parameter.required && element("span", { class: "required" }, "required")),
    parameter.description && prose(parameter.description));
}

function parametersView(operation) {
  return Object.entries(kPlaces).map(([place, title]) => {
    const there = operation.parameters.filter((parameter) => parameter.in === place);
    return there.length > 0 && element("section", {}, element("h2", { class: "part" }, title),
      element("ul", { class: "fields" }, there.map((parameter) => parameterView(operation, parameter))));
  });
}

function bodyView(operation) {
  const { surface, content } = operation;
  const described = surface.resolved(operation.requestBody);
  return Object.entries(content).map(([media, { schema = {} }]) => element("section", { class: "body" },
    element("h2", { class: "part" }, "Body ", element("span", { class: "media" }, media)),
    described.description && prose(described.description),
    schemaView(surface, schema)));
}

export function codeBlock(text, label) {
  return element("div", { class: "code" }, copyButton(() => text),
    element("pre", { tabindex: "0", role: "region", "aria-label": label }, element("code", {}, text)));
}

const shown = (example) => typeof example === "string" ? example : JSON.stringify(example, null, 2);

function exampleOf({ example, examples }) {
  return example ?? Object.values(examples ?? {})[0]?.value;
}

function headersView(surface, headers) {
  return element("details", { class: "headers" }, element("summary", {}, "Headers"),
    element("ul", { class: "fields" }, Object.entries(headers).map(([name, header]) => {
      const { schema = {}, description } = surface.resolved(header);
      return element("li", { class: "field" },
        element("div", { class: "field-line" }, element("code", { class: "field-name" }, name), typeLine(surface, schema)),
        description && prose(description));
    })));
}

function answerView(operation, status, given) {
  const { surface } = operation;
  const answer = surface.resolved(given);
  const isGood = status < "400";
  return element("details", { class: "answer", open: isGood },
    element("summary", {}, element("span", { class: isGood ? "status good" : "status bad" }, status), " ",
      answer.description),
    Object.entries(answer.content ?? {}).map(([media, one]) => element("div", {},
      element("p", { class: "media" }, media),
      one.schema && schemaView(surface, one.schema),
      exampleOf(one) !== undefined && codeBlock(shown(exampleOf(one)), `Example of ${status}`))),
    answer.headers && headersView(surface, answer.headers));
}

function answersView(operation) {
  return element("section", {}, element("h2", { class: "part" }, "Answers"),
    Object.entries(operation.responses).map(([status, answer]) => answerView(operation, status, answer)));
}

// The request as it stands in the console, in the language that the reader took last.
function codeView(request) {
  let language = sessionStorage.getItem(kLanguage);
  if (!(language in languages)) language = "cURL";
  const place = element("div", { class: "code-place" });
  const buttons = Object.keys(languages).map((name) => element("button", { type: "button", onclick: () => {
    language = name;
    sessionStorage.setItem(kLanguage, name);
    show();
  } }, name));
  const show = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === language));
    fill(place, codeBlock(languages[language](request()), `${language} code`));
  };
  show();
  return { show, node: element("section", { class: "code-view", "aria-label": "Code" },
    element("div", { class: "languages", role: "group", "aria-label": "Language" }, buttons), place) };
}

export function operationView(operation) {
  const console = new Console(operation, () => code.show());
  const code = codeView(() => console.request());
  return element("article", { class: "operation", "data-operation": operation.id },
    element("header", {},
      element("p", { class: "faint small" }, `${operation.surface.title} · ${operation.tag}`),
      element("h1", {}, operation.summary ?? operation.id),
      element("p", { class: "address" }, element("span", { class: "method" }, operation.method), " ",
        element("code", {}, operation.path))),
    element("div", { class: "left" },
      operation.description && prose(operation.description),
      credentialLine(operation), parametersView(operation), bodyView(operation), answersView(operation)),
    element("div", { class: "right" }, code.node, console.node));
}
