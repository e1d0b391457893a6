// Making elements. Text is always text: nothing here reads markup.
const kSvg = "http://www.w3.org/2000/svg";

// Attributes by name; `on...` are listeners, and those that are false or missing are left out.
function dress(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

const isThere = (child) => child !== undefined && child !== null && child !== false;

export function element(name, attributes = {}, ...children) {
  const node = dress(document.createElement(name), attributes);
  node.append(...children.flat(Infinity).filter(isThere));
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = dress(document.createElementNS(kSvg, name), attributes);
  node.append(...children.flat(Infinity).filter(isThere));
  return node;
}

export const fill = (node, ...children) => node.replaceChildren(...children.flat(Infinity).filter(isThere));

// A button that copies what `text` answers when it is pressed, and says so.
export function copyButton(text) {
  const button = element("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}
