// A request as code. A request is {method, url, credential, headers: [[name, value]], body}; its body is nothing,
// {json: text}, {fields: [[name, value]]}, or {form: [{name, text} or {name, file}]}.
const kVariables = { bearer: "TINTYPE_KEY", adminKey: "TINTYPE_ADMIN_KEY" };
const kHeaders = { bearer: ["Authorization", "Bearer "], adminKey: ["x-admin-key", ""] };

const shell = (text) => `'${text.replace(/'/g, "'\\''")}'`;

function curl({ method, url, credential, headers, body, isPicture }) {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${shell(url)}`];
  if (credential) {
    const [name, prefix] = kHeaders[credential];
    lines.push(`-H "${name}: ${prefix}$${kVariables[credential]}"`);
  }
  for (const [name, value] of headers) lines.push(`-H ${shell(`${name}: ${value}`)}`);
  if (body?.json !== undefined) lines.push("-H 'Content-Type: application/json'", `-d ${shell(body.json)}`);
  for (const [name, value] of body?.fields ?? []) lines.push(`--data-urlencode ${shell(`${name}=${value}`)}`);
  for (const { name, text, file } of body?.form ?? []) {
    lines.push(file ? `-F ${shell(`${name}=@${file}`)}` : `--form-string ${shell(`${name}=${text}`)}`);
  }
  if (isPicture) lines.push("-L --output picture");
  return lines.join(" \\\n  ");
}

const indented = (text, by) => text.split("\n").join(`\n${" ".repeat(by)}`);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function javascriptHeaders({ credential, headers, body }) {
  const entries = headers.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (credential) {
    const [name, prefix] = kHeaders[credential];
    entries.unshift(`${JSON.stringify(name)}: \`${prefix}\${process.env.${kVariables[credential]}}\``);
  }
  if (body?.json !== undefined) entries.push('"Content-Type": "application/json"');
  return entries;
}

function javascriptBody(body) {
  if (body?.json !== undefined) {
    const value = parsed(body.json);
    return value === undefined ? JSON.stringify(body.json)
      : `JSON.stringify(${indented(JSON.stringify(value, null, 2), 2)})`;
  }
  if (body?.fields) return `new URLSearchParams(${JSON.stringify(Object.fromEntries(body.fields))})`;
  return body?.form ? "form" : undefined;
}

function javascript(request) {
  const { method, url, body, isPicture } = request;
  const before = [];
  const files = body?.form?.some(({ file }) => file);
  if (files) before.push('import { readFile } from "node:fs/promises";', "");
  if (body?.form) before.push("const form = new FormData();");
  for (const { name, text, file } of body?.form ?? []) {
    before.push(file
      ? `form.append("${name}", new Blob([await readFile(${JSON.stringify(file)})]), ${JSON.stringify(file)});`
      : `form.append("${name}", ${JSON.stringify(text)});`);
  }
  const options = [];
  if (method !== "GET") options.push(`method: "${method}",`);
  const headers = javascriptHeaders(request);
  if (headers.length > 0) options.push(`headers: {\n    ${headers.join(",\n    ")},\n  },`);
  const written = javascriptBody(body);
  if (written) options.push(`body: ${written},`);
  const given = options.length > 0 ? `, {\n  ${options.join("\n  ")}\n}` : "";
  const read = isPicture ? "(await response.arrayBuffer()).byteLength" : "await response.text()";
  return [...before, `const response = await fetch(${JSON.stringify(url)}${given});`,
    `console.log(response.status, ${read});`].join("\n");
}

// A JSON value as Python writes it.
function pythonValue(value, indent = 0) {
  const pad = " ".repeat(indent + 4);
  const close = `${" ".repeat(indent)}`;
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => pad + pythonValue(item, indent + 4)).join(",\n")},\n${close}]`;
  }
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([name, item]) => `${pad}${JSON.stringify(name)}: ${pythonValue(item, indent + 4)}`)
    .join(",\n")},\n${close}}`;
}

function pythonArguments({ credential, headers, body }) {
  const out = [];
  const entries = headers.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (credential) {
    const [name, prefix] = kHeaders[credential];
    const key = `os.environ["${kVariables[credential]}"]`;
    entries.unshift(`${JSON.stringify(name)}: ${prefix ? `"${prefix}" + ${key}` : key}`);
  }
  if (entries.length > 0) out.push(`headers={${entries.join(", ")}},`);
  if (body?.json !== undefined) {
    const value = parsed(body.json);
    out.push(value === undefined ? `data=${JSON.stringify(body.json)},` : `json=${pythonValue(value, 4)},`);
  }
  if (body?.fields) out.push(`data=${pythonValue(Object.fromEntries(body.fields), 4)},`);
  if (body?.form) {
    const parts = body.form.map(({ name, text, file }) => file
      ? `("${name}", open(${JSON.stringify(file)}, "rb")),` : `("${name}", (None, ${JSON.stringify(text)})),`);
    out.push(`files=[\n        ${parts.join("\n        ")}\n    ],`);
  }
  return out;
}

function python(request) {
  const { method, url, credential, isPicture } = request;
  const given = [`${JSON.stringify(url)},`, ...pythonArguments(request)];
  return [...(credential ? ["import os", ""] : []), "import requests", "",
    `response = requests.${method.toLowerCase()}(\n    ${given.join("\n    ")}\n)`,
    `print(response.status_code, ${isPicture ? "len(response.content)" : "response.text"})`].join("\n");
}

export const languages = { cURL: curl, JavaScript: javascript, Python: python };
