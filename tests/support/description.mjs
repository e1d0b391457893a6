// An OpenAPI file, and every exchange with a server held to it: what is sent through send() must be answered with a
// status, headers and a body that the file describes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { root, tick } from "./server.mjs";

// Sent with any answer, described or not.
const always = new Set(["date", "content-type", "content-length", "connection"]);
const isJson = (type) => type === "application/json" || type.endsWith("+json");

// One request on a connection of its own, its target as it stands: {status, headers, bytes}. `length` announces a body
// that is never sent.
export function exchange(server, method, target, { headers = {}, body, length } = {}) {
  const { port } = new URL(server.url);
  return new Promise((done, failed) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path: target, agent: false, headers: { ...headers,
      ...(length ? { "Content-Length": String(length) } : body ? { "Content-Length": String(body.length) } : {}) } });
    request.on("error", failed);
    request.on("response", (response) => {
      const pieces = [];
      response.on("error", failed).on("data", (piece) => pieces.push(piece)).on("end", () => {
        request.destroy();
        done({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(pieces) });
      });
    });
    if (length) request.flushHeaders();
    else request.end(body);
  });
}

export function formOf(parts) {
  const form = new FormData();
  for (const [name, value, file] of parts) {
    if (file === undefined) form.append(name, value);
    else form.append(name, new Blob([value]), file);
  }
  return form;
}

export const localPart = (url) => url.replace(/^https?:\/\/[^/]+/, "");

// Whether an operation looks at a bearer's token, and whether it lets nobody in without a credential.
export const takesBearer = (operation) => operation.security.some((one) => "bearer" in one);
export const needsUser = (operation) => operation.security.length > 0 &&
  !operation.security.some((one) => Object.keys(one).length === 0);

// Which of two paths wins an address that fits both: segment by segment, text before {name}:verb before {name}.
const rankOf = (part) => !part.startsWith("{") ? "0" : part.endsWith("}") ? "2" : "1";
const rank = (path) => path.split("/").map(rankOf).join("");
const patternOf = (path) => new RegExp(`^${path.split("/").map((part) => part.startsWith("{")
  ? `[^/]+${part.slice(part.indexOf("}") + 1)}` : part.replace(/[.]/g, "\\.")).join("/")}$`);

export class Description {
  seen = new Set(); // "operationId status"
  #ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  #compiled = new Map();
  #templates;

  // `file` from the project's root. `apart` names what answers where nothing is described: the prefix of the responses
  // NotFound and MethodNotAllowed for a path. `samples` are good requests, by operation, of those that cannot be read
  // off the description.
  static async read(file, options) {
    return new Description(file, await readFile(join(root, file), "utf8"), options);
  }

  constructor(file, text, { apart = () => "", samples = {} } = {}) {
    Object.assign(this, { file, text, apart, samples, api: JSON.parse(text) });
    this.#ajv.addSchema(this.api, "api");
    this.#templates = Object.keys(this.api.paths).sort((a, b) => rank(a) < rank(b) ? -1 : 1)
      .map((path) => ({ path, pattern: patternOf(path) }));
  }

  // ---- The description

  operations() {
    return Object.entries(this.api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  }

  operation(id) {
    return this.operations().find(({ operation }) => operation.operationId === id);
  }

  resolved(value) {
    while (value?.$ref) {
      value = value.$ref.slice(2).split("/")
        .reduce((at, name) => at[name.replace(/~1/g, "/").replace(/~0/g, "~")], this.api);
    }
    return value;
  }

  contentOf(operation) {
    return this.resolved(operation.requestBody)?.content ?? {};
  }

  parametersOf(operation) {
    return (operation.parameters ?? []).map((parameter) => this.resolved(parameter));
  }

  // The description's path of an address.
  templateOf(path) {
    return this.#templates.find(({ pattern }) => pattern.test(path))?.path;
  }

  // Fails with what is wrong when the value is not as the schema, a part of the description, says.
  hold(value, schema, what) {
    if (!this.#compiled.has(schema)) {
      // References inside the description are made absolute, so that any part of it is a schema by itself.
      const absolute = JSON.parse(JSON.stringify(schema), (key, item) =>
        key === "$ref" && typeof item === "string" && item.startsWith("#") ? `api${item}` : item);
      this.#compiled.set(schema, this.#ajv.compile(absolute));
    }
    const validate = this.#compiled.get(schema);
    assert.ok(validate(value),
      `${what}: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 2000)}`);
  }

  refuses(value, schema) {
    try {
      this.hold(value, schema, "");
      return false;
    } catch {
      return true;
    }
  }

  // A good request for an operation, of things that need not be there: parameters in the path are their examples, or
  // "none", and so are those of the query that have to be.
  sampleOf({ path, method, operation }) {
    const parameters = this.parametersOf(operation);
    const valueOf = (name) => String(parameters.find((one) => one.name === name)?.example ?? "none");
    const query = new URLSearchParams(parameters.filter((one) => one.in === "query" && one.required)
      .map((one) => [one.name, valueOf(one.name)])).toString();
    const target = path.replace(/\{(\w+)\}/g, (_, name) => valueOf(name)) + (query && `?${query}`);
    const options = { ...this.samples[operation.operationId]?.() };
    const json = this.contentOf(operation)["application/json"];
    if (json && Object.keys(options).length === 0) options.json = json.example;
    return { target, method, options };
  }

  // ---- Sending

  // Sends and checks; the answer's JSON is in `body`. `expected` is a status, or several of which the description's is
  // right.
  async send(server, method, target, { token, json, form, expected, ...options } = {}) {
    const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...options.headers };
    let { body } = options;
    if (json !== undefined) {
      body = Buffer.from(JSON.stringify(json));
      headers["Content-Type"] ??= "application/json";
    } else if (form) {
      const made = new Response(form);
      body = Buffer.from(await made.arrayBuffer());
      headers["Content-Type"] = made.headers.get("content-type");
    }
    const answer = await exchange(server, method, target, { ...options, headers, body });
    if (method !== "GET") tick();
    this.check(method, target, answer);
    if (expected) {
      assert.ok([expected].flat().includes(answer.status),
        `${answer.status} for ${expected}: ${method} ${target} ${JSON.stringify(json)}: ${answer.bytes}`);
    }
    const type = (answer.headers["content-type"] ?? "").split(";")[0];
    return { ...answer, body: isJson(type) && method !== "HEAD" ? JSON.parse(answer.bytes) : undefined };
  }

  check(method, target, answer) {
    const path = target.split("?")[0];
    const template = this.templateOf(path);
    const what = `${method} ${target.slice(0, 200)} -> ${answer.status} ${answer.bytes.toString("utf8").slice(0, 500)}`;
    const operation = template && this.api.paths[template][(method === "HEAD" ? "get" : method).toLowerCase()];
    let response;
    if (operation) {
      response = operation.responses[answer.status];
      assert.ok(response, `a status that is not described: ${what}`);
      if (method !== "HEAD") this.seen.add(`${operation.operationId} ${answer.status}`);
    } else {
      const expected = { 404: "NotFound", 405: "MethodNotAllowed" }[answer.status];
      assert.ok(expected, `an address or method that is not described: ${what}`);
      assert.equal(answer.status === 405, Boolean(template), what);
      response = { $ref: `#/components/responses/${this.apart(path)}${expected}` };
    }
    this.#checkAnswer(this.resolved(response), answer, method, what);
  }

  #checkAnswer(response, answer, method, what) {
    const described = Object.fromEntries(Object.entries(response.headers ?? {}).map(([name, header]) =>
      [name.toLowerCase(), this.resolved(header)]));
    for (const [name, header] of Object.entries(described)) {
      const sent = [answer.headers[name] ?? []].flat();
      assert.ok(sent.length > 0 || !header.required, `without the header ${name}: ${what}`);
      for (const value of sent) {
        this.hold(header.schema.type === "integer" ? Number(value) : value, header.schema, `${name} of ${what}`);
      }
    }
    for (const name of Object.keys(answer.headers)) {
      assert.ok(always.has(name) || name in described, `the header ${name} is not described: ${what}`);
    }
    if (method === "HEAD") return assert.equal(answer.bytes.length, 0, what);
    if (!response.content) return assert.equal(answer.bytes.length, 0, `a body that is not described: ${what}`);
    const type = (answer.headers["content-type"] ?? "").split(";")[0];
    const media = Object.keys(response.content).find((range) => range === type ||
      (range.endsWith("/*") && type.startsWith(range.slice(0, -1))));
    assert.ok(media, `the content type '${type}' is not described: ${what}`);
    const { schema } = response.content[media];
    if (isJson(type)) this.hold(JSON.parse(answer.bytes), schema, what);
    else if (schema) this.hold(answer.bytes.toString("utf8"), schema, what);
  }
}
