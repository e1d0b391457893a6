// Schemas (JSON Schema 2020-12, as far as the descriptions use it) as lists for people, and values made from them.
import { element } from "/pages/common/elements.js";
import { prose } from "./prose.js";

const kDepthMax = 6;

export const isFile = (schema) => schema.format === "binary" || schema.contentMediaType !== undefined;

const alternativesOf = (schema) => schema.oneOf ?? schema.anyOf;

// All parts of an allOf as one.
function joined(surface, given) {
  const schema = surface.resolved(given) ?? {};
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((part) => joined(surface, part));
  return {
    ...schema,
    type: schema.type ?? parts.find(({ type }) => type)?.type,
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), schema.properties),
    required: [...parts, schema].flatMap(({ required = [] }) => required),
  };
}

function typeName(surface, given) {
  const schema = joined(surface, given);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (isFile(schema)) return "file";
  const alternatives = alternativesOf(schema);
  if (alternatives) return [...new Set(alternatives.map((one) => typeName(surface, one)))].join(" or ");
  const types = [schema.type ?? "any"].flat();
  return types.map((type) => type === "array" ? `array of ${typeName(surface, schema.items ?? {})}` : type).join(" or ");
}

function bounds(schema) {
  const range = (name, least, most) => {
    if (least === undefined && most === undefined) return [];
    if (least === most) return [`${name} ${least}`];
    return [`${name} ${least ?? "0"} to ${most ?? "any"}`];
  };
  return [
    schema.format !== "binary" && schema.format,
    ...range("length", schema.minLength, schema.maxLength),
    ...range("items", schema.minItems, schema.maxItems),
    schema.minimum !== undefined && `at least ${schema.minimum}`,
    schema.maximum !== undefined && `at most ${schema.maximum}`,
    schema.uniqueItems && "no item twice",
    schema.pattern && `matches ${schema.pattern}`,
    schema.default !== undefined && `otherwise ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
}

// What a value may be, in one line behind its name.
export function typeLine(surface, given) {
  const schema = joined(surface, given);
  const values = schema.enum ?? joined(surface, schema.items ?? {}).enum;
  return [
    element("span", { class: "type" }, typeName(surface, schema)),
    bounds(schema).map((bound) => element("span", { class: "bound" }, bound)),
    values && element("span", { class: "bound" }, "one of ",
      values.flatMap((value, at) => [at > 0 && " ", element("code", {}, String(value))])),
  ];
}

function field(surface, name, given, isRequired, depth) {
  const schema = joined(surface, given);
  return element("li", { class: "field" },
    element("div", { class: "field-line" },
      element("code", { class: "field-name" }, name),
      typeLine(surface, schema),
      isRequired && element("span", { class: "required" }, "required")),
    schema.description && prose(schema.description),
    nested(surface, schema, depth + 1));
}

// The fields inside, also those of an array's items and of alternatives.
function nested(surface, given, depth) {
  const schema = joined(surface, given);
  if (depth > kDepthMax) return null;
  if (schema.properties) return fieldList(surface, schema, depth);
  if (schema.items) return nested(surface, schema.items, depth);
  const alternatives = (alternativesOf(schema) ?? []).map((one) => nested(surface, one, depth)).filter(Boolean);
  if (alternatives.length > 0) return alternatives;
  if (typeof schema.additionalProperties === "object") return nested(surface, schema.additionalProperties, depth);
  return null;
}

function fieldList(surface, schema, depth) {
  const required = new Set(schema.required);
  return element("ul", { class: depth > 0 ? "fields inner" : "fields" }, Object.entries(schema.properties)
    .map(([name, property]) => field(surface, name, property, required.has(name), depth)));
}

export function schemaView(surface, given) {
  const schema = joined(surface, given);
  return nested(surface, schema, 0) ?? element("p", { class: "field-line" }, typeLine(surface, schema));
}

// A value that the schema takes, as plain as can be.
export function sampleOf(surface, given, depth = 0) {
  const schema = joined(surface, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (alternativesOf(schema)) return sampleOf(surface, alternativesOf(schema)[0], depth + 1);
  return sampleOfType(surface, schema, depth);
}

function sampleOfType(surface, schema, depth) {
  const type = [schema.type].flat()[0];
  if (schema.properties && depth < kDepthMax) {
    const names = schema.required?.length ? schema.required : Object.keys(schema.properties);
    return Object.fromEntries(names.map((name) => [name, sampleOf(surface, schema.properties[name] ?? {}, depth + 1)]));
  }
  if (type === "array") return [sampleOf(surface, schema.items ?? {}, depth + 1)];
  if (type === "integer" || type === "number") return schema.minimum ?? 0;
  if (type === "boolean") return false;
  if (type === "object") return {};
  return type === "null" ? null : "text";
}
