// The reference: the list of operations, the search, and one view at a time, by the address behind the `#`.
import { element, fill } from "/pages/common/elements.js";
import { matching, readSurfaces } from "./description.js";
import { operationView } from "./operation.js";
import { line, prose } from "./prose.js";

const main = document.getElementById("main");
const contents = document.getElementById("contents");
const contentsButton = document.getElementById("contents-button");

const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

function operationLink(operation, withPath) {
  return element("li", {}, element("a", { href: operation.address },
    element("span", { class: "method" }, operation.method), element("span", {}, operation.summary ?? operation.id),
    withPath && element("code", {}, operation.path)));
}

function tagGroups(surface, operations, heading, withPath = false) {
  return surface.tags.map(({ name, description }) => {
    const there = operations.filter(({ tag }) => tag === name);
    return there.length > 0 && element("section", {}, heading(name, description),
      element("ul", { class: "operations" }, there.map((operation) => operationLink(operation, withPath))));
  });
}

// ---- The list

function contentsView(surfaces) {
  const list = element("div", { class: "list" });
  const status = element("p", { class: "away", role: "status" });
  const search = element("input", { type: "search", id: "search", placeholder: "Find a call", "aria-label": "Find a call",
    autocomplete: "off", oninput: () => show() });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector(".operations a")?.click();
  });
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    const all = matching(surfaces, words);
    fill(list, surfaces.map((surface, at) => {
      const found = all[at];
      count += found.length;
      const isHere = location.hash.startsWith(`#/${surface.name}`);
      return found.length > 0 && element("details", { open: words.length > 0 || isHere },
        element("summary", {}, capital(surface.title)),
        element("a", { class: "small", href: `#/${surface.name}` }, "Overview"),
        tagGroups(surface, found, (name) => element("h3", { class: "tag" }, name)));
    }), count === 0 && element("p", { class: "faint" }, "Nothing is called so."));
    status.textContent = words.length > 0 ? `${count} calls found` : "";
    markPresent();
  };
  fill(contents, element("div", { class: "search" }, search), status, list);
  return { show, search };
}

function markPresent() {
  for (const link of contents.querySelectorAll("a")) {
    if (link.getAttribute("href") === location.hash) {
      link.setAttribute("aria-current", "page");
      link.closest("details").open = true;
      link.scrollIntoView({ block: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

// ---- The views

function homeView(surfaces) {
  return [
    element("h1", {}, "The API of this server"),
    element("p", { class: "lead" }, "Every call with code to copy and a console to try it. All of it comes from this "
      + "server; a key that you give stays in this tab."),
    element("ul", { class: "surfaces" }, surfaces.map((surface) => element("li", {},
      element("h2", {}, element("a", { href: `#/${surface.name}` }, capital(surface.title))),
      element("p", {}, line((surface.api.info.description ?? "").split("\n\n")[0])),
      element("p", { class: "small faint" }, `${surface.operations.length} calls · `,
        element("a", { href: surface.url }, "OpenAPI file"))))),
  ];
}

function surfaceView(surface) {
  return [
    element("h1", {}, capital(surface.title)),
    prose(surface.api.info.description ?? ""),
    element("p", {}, element("a", { href: surface.url }, "OpenAPI file")),
    tagGroups(surface, surface.operations, (name, description) =>
      element("div", { class: "tag-head" }, element("h2", {}, capital(name)),
        description && element("p", { class: "faint" }, line(description))), true),
  ];
}

function present(surfaces) {
  const [, surfaceName, id] = location.hash.split("/");
  const surface = surfaces.find(({ name }) => name === surfaceName);
  const operation = surface?.operations.find((one) => one.id === id);
  const title = operation?.summary ?? surface?.title;
  document.title = title ? `${title} · Tintype API` : "Tintype API";
  fill(main, operation ? operationView(operation) : surface ? surfaceView(surface) : homeView(surfaces));
  markPresent();
}

function openContents(isOpen) {
  contents.classList.toggle("open", isOpen);
  contentsButton.setAttribute("aria-expanded", String(isOpen));
}

function listen(surfaces, list) {
  addEventListener("hashchange", () => {
    if (location.hash === "#main") return;
    present(surfaces);
    openContents(false);
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  });
  contentsButton.addEventListener("click", () => openContents(contentsButton.getAttribute("aria-expanded") !== "true"));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") openContents(false);
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    openContents(true);
    list.search.focus();
  });
}

try {
  const surfaces = await readSurfaces();
  const list = contentsView(surfaces);
  contentsButton.hidden = false;
  list.show();
  present(surfaces);
  listen(surfaces, list);
  document.documentElement.dataset.ready = "true";
} catch (error) {
  main.prepend(element("p", { class: "bad", role: "alert" }, `The descriptions could not be read: ${error.message}`));
}
