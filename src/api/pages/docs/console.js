// The console of one operation: a form for all that it takes. It sends to this server alone; what the reader gives as a
// credential stays in this tab's session storage.
import { element, fill } from "/pages/common/elements.js";
import { showAnswer, showFailure } from "./answer.js";
import { isFile, sampleOf } from "./schema.js";

const kCredentialFields = {
  bearer: { label: "Key, session token or JWT", key: "tintype.bearer" },
  adminKey: { label: "Admin key", key: "tintype.adminKey" },
};
const kHeaders = { bearer: (value) => ["Authorization", `Bearer ${value}`], adminKey: (value) => ["x-admin-key", value] };

let fields = 0;

function labelled(label, input, { isRequired } = {}) {
  input.id = `field-${++fields}`;
  return element("div", { class: "input" },
    element("label", { for: input.id }, label, isRequired && element("span", { class: "required" }, " required")), input);
}

const asText = (value) => typeof value === "string" ? value : JSON.stringify(value);

export class Console {
  #operation;
  #onchange;
  #parameters = []; // {parameter, input}
  #parts = []; // {name, input, isFile} of a form
  #json = null;
  #media;
  #running = null;
  #answer = element("div", { class: "answer-place", "aria-live": "polite" });
  #button = element("button", { type: "submit", class: "main" }, "Send");

  constructor(operation, onchange) {
    this.#operation = operation;
    this.#onchange = onchange;
    this.#media = Object.keys(operation.content)[0];
    this.node = element("section", { class: "console", "aria-label": "Console" }, element("h2", {}, "Try it"),
      element("form", {
        novalidate: true,
        oninput: () => this.#onchange(),
        onsubmit: (event) => {
          event.preventDefault();
          if (this.#running) this.#running.abort();
          else this.#send();
        },
      }, this.#credentialInputs(), this.#parameterInputs(), this.#bodyInputs(), this.#button), this.#answer);
  }

  // The request as it stands in the form, with names of files in place of files: see code.js.
  request() {
    const { method, responses } = this.#operation;
    const types = Object.keys(this.#operation.surface.resolved(responses["200"])?.content ?? {});
    return {
      method, url: location.origin + this.#target(), credential: this.#credential(), body: this.#body(),
      headers: this.#valuesIn("header"), isPicture: types.some((type) => type.startsWith("image/")),
    };
  }

  // ---- The form

  #credentialInputs() {
    return this.#operation.surface.credentialsOf(this.#operation).filter((kind) => kind in kCredentialFields)
      .map((kind) => {
        const { label, key } = kCredentialFields[kind];
        const input = element("input", { type: "password", autocomplete: "off", spellcheck: "false", "data-credential": kind,
          value: sessionStorage.getItem(key) ?? "", oninput: () => sessionStorage.setItem(key, input.value.trim()) });
        return labelled(label, input);
      });
  }

  #parameterInputs() {
    return this.#operation.parameters.filter((parameter) => parameter.in !== "cookie").map((parameter) => {
      const schema = this.#operation.surface.resolved(parameter.schema ?? {});
      const example = parameter.example ?? schema.example;
      const value = parameter.required ? example ?? "" : "";
      const options = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
      const input = options && !parameter.required
        ? element("select", {}, element("option", { value: "" }, ""), options.map((one) => element("option", {}, String(one))))
        : element("input", { type: "text", autocomplete: "off", value: String(value),
          placeholder: example === undefined ? undefined : String(example) });
      input.dataset.parameter = parameter.name;
      this.#parameters.push({ parameter, input });
      return labelled(element("code", {}, parameter.name), input, { isRequired: parameter.required });
    });
  }

  #bodyInputs() {
    if (!this.#media) return null;
    const { surface, content } = this.#operation;
    const { schema = {}, example } = content[this.#media];
    if (this.#media === "application/json") {
      const value = example ?? sampleOf(surface, schema);
      const text = JSON.stringify(value, null, 2);
      this.#json = element("textarea", { rows: Math.min(14, text.split("\n").length + 1), spellcheck: "false" });
      this.#json.value = text;
      return labelled("Body", this.#json);
    }
    const resolved = surface.resolved(schema);
    return Object.entries(resolved.properties ?? {}).map(([name, property]) =>
      this.#partInput(name, property, resolved.required?.includes(name), example?.[name]));
  }

  #partInput(name, property, isRequired, example) {
    const schema = this.#operation.surface.resolved(property);
    const items = this.#operation.surface.resolved(schema.items ?? {});
    const takesFile = isFile(schema) || isFile(items);
    const sample = isRequired ? example ?? sampleOf(this.#operation.surface, schema) : example ?? "";
    const input = takesFile
      ? element("input", { type: "file", multiple: schema.type === "array" })
      : element("input", { type: "text", autocomplete: "off", value: asText(sample) });
    input.dataset.part = name;
    this.#parts.push({ name, input, takesFile, isRequired });
    return labelled(element("code", {}, name), input, { isRequired });
  }

  // ---- What it says

  // The kind that has been filled in, else the one that code is shown with.
  #credential() {
    const kinds = this.#operation.surface.credentialsOf(this.#operation).filter((kind) => kind in kCredentialFields);
    const given = kinds.find((kind) => sessionStorage.getItem(kCredentialFields[kind].key));
    const isOptional = this.#operation.security?.some((one) => Object.keys(one).length === 0);
    return given ?? (isOptional ? undefined : kinds[0]);
  }

  #valuesIn(place) {
    return this.#parameters.filter(({ parameter, input }) => parameter.in === place && input.value !== "")
      .map(({ parameter, input }) => [parameter.name, input.value]);
  }

  #target() {
    const values = Object.fromEntries(this.#valuesIn("path"));
    const path = this.#operation.path.replace(/\{(\w+)\}/g, (hole, name) =>
      values[name] ? encodeURIComponent(values[name]) : hole);
    const query = new URLSearchParams(this.#valuesIn("query")).toString();
    return path + (query && `?${query}`);
  }

  #body() {
    if (this.#json) return this.#json.value.trim() ? { json: this.#json.value } : undefined;
    if (!this.#media) return undefined;
    const filled = this.#parts.filter(({ input, takesFile, isRequired }) => input.value !== "" || (takesFile && isRequired));
    if (this.#media !== "multipart/form-data") return { fields: filled.map(({ name, input }) => [name, input.value]) };
    return { form: filled.flatMap(({ name, input, takesFile }) => takesFile
      ? [...(input.files.length > 0 ? input.files : [{ name: "photo.jpg" }])].map((file) => ({ name, file: file.name }))
      : [{ name, text: input.value }]) };
  }

  // The same with the files themselves, as fetch takes it.
  #payload() {
    const body = this.#body();
    if (body?.json !== undefined) return body.json;
    if (body?.fields) return new URLSearchParams(body.fields);
    if (!body) return undefined;
    const form = new FormData();
    for (const { name, input, takesFile } of this.#parts) {
      if (takesFile) for (const file of input.files) form.append(name, file, file.name);
      else if (input.value !== "") form.append(name, input.value);
    }
    return form;
  }

  #sentHeaders() {
    const headers = new Headers(this.#valuesIn("header"));
    for (const kind of Object.keys(kCredentialFields)) {
      const value = sessionStorage.getItem(kCredentialFields[kind].key);
      if (value && this.#credential() === kind) headers.set(...kHeaders[kind](value));
    }
    if (this.#json && this.#body()) headers.set("Content-Type", "application/json");
    return headers;
  }

  async #send() {
    this.#running = new AbortController();
    this.#button.textContent = "Stop";
    fill(this.#answer, element("p", { class: "faint" }, "Sent. Waiting for the answer."));
    const began = performance.now();
    try {
      const response = await fetch(this.#target(), { method: this.#operation.method, headers: this.#sentHeaders(),
        body: this.#payload(), signal: this.#running.signal });
      fill(this.#answer, await showAnswer(response, performance.now() - began));
    } catch (error) {
      fill(this.#answer, showFailure(error));
    } finally {
      this.#running = null;
      this.#button.textContent = "Send";
    }
  }
}
