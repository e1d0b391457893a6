// What holds for every surface: its description by itself, that the server serves it, what every operation refuses, and
// at the end that all of it was seen. A test file registers what it wants, in this order.
//
// `given` holds what before() makes: {server, user, banned}, of which the users are signed in there, and `invalid`, the
// status of what cannot be done as asked, where it is not 400.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { exchange, needsUser, takesBearer } from "./description.mjs";

// ---- The file by itself

// `apart`: components that no operation names.
export function testFile(description, { apart, examplesMin }) {
  test("the description is valid OpenAPI 3.1", async () => {
    const result = await new Validator().validate(JSON.parse(description.text));
    assert.ok(result.valid, JSON.stringify(result.errors));
    const names = description.operations().map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
  });

  test("its references lead somewhere, and every component is used", () => {
    const used = new Set();
    JSON.stringify(description.api, (key, value) => {
      if (key === "$ref") {
        assert.ok(description.resolved({ $ref: value }), value);
        used.add(value);
      }
      return value;
    });
    for (const [kind, components] of Object.entries(description.api.components)) {
      if (kind === "securitySchemes") continue;
      for (const name of Object.keys(components)) {
        assert.ok(used.has(`#/components/${kind}/${name}`) || apart.includes(name), `${kind}/${name} is not used`);
      }
    }
  });

  test("its examples are as its schemas say", () => {
    let examples = 0;
    const visit = (content, what) => {
      for (const [media, { schema, example }] of Object.entries(content ?? {})) {
        if (example === undefined) continue;
        description.hold(example, schema, `${what} ${media}`);
        ++examples;
      }
    };
    for (const { operation } of description.operations()) {
      visit(description.contentOf(operation), operation.operationId);
      for (const [status, response] of Object.entries(operation.responses)) {
        visit(description.resolved(response).content, `${operation.operationId} ${status}`);
      }
    }
    assert.ok(examples >= examplesMin, `${examples}`);
  });
}

// ---- The addresses

export function testAddresses(description, given, { unknown }) {
  test("the server serves this very file", async () => {
    const { bytes } = await description.send(given.server, "GET", `/${description.file}`, { expected: 200 });
    assert.ok(bytes.toString("utf8") === description.text, "it serves another one");
  });

  test("each address takes the described methods and no other", async () => {
    for (const [path, methods] of Object.entries(description.api.paths)) {
      const target = path.replace(/\{\w+\}/g, "none");
      const described = Object.keys(methods).map((method) => method.toUpperCase());
      const allowed = [...described, ...(described.includes("GET") ? ["HEAD"] : []), "OPTIONS"].sort();
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((one) => !described.includes(one))) {
        const { headers } = await description.send(given.server, method, target, { expected: 405 });
        assert.deepEqual(headers.allow.split(", ").sort(), allowed, `${method} ${path}`);
      }
      const options = await exchange(given.server, "OPTIONS", target);
      assert.equal(options.status, 204);
      assert.deepEqual(options.headers.allow.split(", ").sort(), allowed, path);
    }
  });

  test("addresses that are not described are not there", async () => {
    for (const target of unknown) {
      await description.send(given.server, "GET", target, { expected: 404, token: given.user.token });
      await description.send(given.server, "POST", target, { expected: 404, token: given.user.token });
    }
    assert.equal((await exchange(given.server, "PURGE", Object.keys(description.api.paths)[0])).status, 501);
  });
}

// ---- What every operation refuses

// Values that a schema refuses, made from the schema.
function* wrongValues(description, given) {
  const schema = description.resolved(given);
  const types = [schema.type].flat();
  const samples = { string: "text", integer: 1, boolean: true, array: [], object: {}, null: null };
  if (schema.type) {
    for (const [type, sample] of Object.entries(samples)) if (!types.includes(type)) yield sample;
  }
  if (schema.enum || schema.const) yield "nonsense";
  if (schema.minLength > 0) yield "";
  if (schema.maxLength) yield "x".repeat(schema.maxLength + 1);
  if (types.includes("integer")) {
    yield 1.5;
    for (const wrong of [schema.minimum - 1, schema.maximum + 1]) if (Number.isSafeInteger(wrong)) yield wrong;
  }
  if (types.includes("array")) {
    const items = description.resolved(schema.items);
    const item = (at) => items.enum ? items.enum[at % items.enum.length] : `item-${at}`;
    if (schema.minItems) yield [];
    if (schema.maxItems) yield Array.from({ length: schema.maxItems + 1 }, (_, at) => item(at));
    if (schema.uniqueItems) yield [item(0), item(0)];
    for (const wrong of wrongValues(description, items)) yield [wrong];
  }
}

function* wrongBodies(description, schema, good) {
  for (const name of schema.required ?? []) {
    const { [name]: left, ...rest } = good;
    yield rest;
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    for (const wrong of wrongValues(description, property)) yield { ...good, [name]: wrong };
    const item = description.resolved(description.resolved(property).items);
    if (item?.type !== "object") continue;
    for (const wrong of wrongBodies(description, item, good[name][0])) yield { ...good, [name]: [wrong] };
  }
  if (schema.additionalProperties === false) yield { ...good, unknown: 1 };
  if (schema.minProperties) yield {};
}

// Texts that a parameter's schema refuses.
function wrongTexts(schema) {
  if (schema.type === "integer" || schema.type === "number") {
    const out = [schema.minimum - 1, schema.maximum + 1].filter(Number.isFinite).map(String);
    return [...out, "x", "", "9".repeat(30), ...(schema.type === "integer" ? ["1.5"] : [])];
  }
  if (schema.enum || schema.type === "boolean") return ["nonsense", ""];
  return schema.pattern ? ["!!!", "AAAA"] : [];
}

// `takesAnyBody`: operations that read a body and look at none. `bodiesMin`: how many wrong bodies there are at least.
export function testRefusals(description, given, { takesAnyBody, bodiesMin = 100 }) {
  const send = (...sent) => description.send(given.server, ...sent);
  const tokenFor = (operation) => needsUser(operation) ? given.user.token : undefined;
  const invalid = given.invalid ?? 400;

  test("every operation refuses a bad query, a long body, a long header, and no or a suspended user", async () => {
    for (const one of description.operations()) {
      const { target, method, options } = description.sampleOf(one);
      const token = tokenFor(one.operation);
      await send(method, `${target.split("?")[0]}?a=%zz`, { token, expected: invalid });
      const headers = { "Content-Type": options.form ? "multipart/form-data; boundary=b" : "application/json" };
      await send(method, target, { token, headers, length: 1e12, expected: 413 });
      await send(method, target, { token, headers: { "X-Padding": "x".repeat(40_000) }, expected: 431 });
      if (needsUser(one.operation)) await send(method, target, { ...options, expected: 401 });
      if (takesBearer(one.operation) && 401 in one.operation.responses) {
        await send(method, target, { ...options, token: "nonsense", expected: 401 });
        await send(method, target, { ...options, token: "a.b.c", expected: 401 });
        await send(method, target, { ...options, token: given.banned.token, expected: 403 });
      }
      if (one.operation.requestBody) {
        const wrong = { headers: { "Content-Type": "text/plain" }, body: Buffer.from("x"), token, expected: 415 };
        await send(method, target, wrong);
      } else if (!takesAnyBody.includes(one.operation.operationId)) {
        await send(method, target, { token, body: Buffer.from("x"), expected: invalid });
      }
    }
  });

  test("bodies that the description refuses are refused", async (t) => {
    let sent = 0;
    for (const one of description.operations()) {
      const content = description.contentOf(one.operation);
      if (Object.keys(content).join() !== "application/json") continue;
      await t.test(one.operation.operationId, async () => {
        const { target, method, options: { json: good = {} } } = description.sampleOf(one);
        const token = tokenFor(one.operation);
        const { schema } = content["application/json"];
        for (const wrong of wrongBodies(description, description.resolved(schema), good)) {
          assert.ok(description.refuses(wrong, schema), `the description takes ${JSON.stringify(wrong)}`);
          await send(method, target, { token, json: wrong, expected: invalid });
          ++sent;
        }
        const twice = `{"a":1,"a":2,${JSON.stringify(good).slice(1)}`;
        const nothing = description.resolved(one.operation.requestBody).required ? [""] : [];
        for (const raw of [...nothing, "{", "[]", "null", '"text"', "1", twice, "[".repeat(5000), "{\"\xff\":1}"]) {
          await send(method, target, { token, headers: { "Content-Type": "application/json" },
            body: Buffer.from(raw, "latin1"), expected: invalid });
          ++sent;
        }
      });
    }
    assert.ok(sent > bodiesMin, `only ${sent} were made`);
  });

  test("parameters that the description refuses are refused", async () => {
    for (const one of description.operations()) {
      const { target, method, options } = description.sampleOf(one);
      const token = tokenFor(one.operation);
      const [path, query] = target.split("?");
      for (const parameter of description.parametersOf(one.operation)) {
        if (parameter.in === "query") {
          const others = new URLSearchParams(query);
          others.delete(parameter.name);
          for (const wrong of wrongTexts(parameter.schema)) {
            const changed = new URLSearchParams([...others, [parameter.name, wrong]]);
            await send(method, `${path}?${changed}`, { ...options, token, expected: invalid });
          }
        }
        if (parameter.name === "Idempotency-Key") {
          for (const wrong of ["", "a b", "\u00e9", "k".repeat(256), ["one", "two"]]) {
            await send(method, target, { ...options, token, headers: { "Idempotency-Key": wrong }, expected: invalid });
          }
        }
      }
    }
  });
}

// ---- Last: what was seen

// `unseen`: what no test can bring about from outside, "operationId status" and why.
export function testAllSeen(description, unseen) {
  test("every operation and every status that is described was seen", () => {
    const described = description.operations().flatMap(({ operation }) =>
      Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`));
    assert.deepEqual(described.filter((pair) => !description.seen.has(pair) && !(pair in unseen)), []);
    assert.deepEqual(Object.keys(unseen).filter((pair) => description.seen.has(pair)), [],
      "these can be seen after all");
  });
}

const kServerFailure = "only when the server fails";
const kSlow = "only when a body takes a second at least; the server's own tests have it";
const kNoRoom = "only when more than a thousand requests wait for a thread, or PostgreSQL is slow";

// What cannot be seen of any operation, but for those whose 503 has other reasons too.
export const rarelySeen = (description, seen503) =>
  Object.fromEntries(description.operations().flatMap(({ operation: { operationId: id } }) => [
    [`${id} 408`, kSlow], [`${id} 500`, kServerFailure], ...(seen503.includes(id) ? [] : [[`${id} 503`, kNoRoom]])]));
