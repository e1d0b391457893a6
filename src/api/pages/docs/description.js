// The server's descriptions, read once: surfaces with their operations, references resolved where they are looked at.
const kMethods = ["get", "put", "post", "patch", "delete"];

export class Surface {
  constructor(name, url, api) {
    Object.assign(this, { name, url, api });
    this.title = api.info.title.replace(/^Tintype: /, "");
    this.tags = api.tags ?? [];
    this.operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      kMethods.filter((method) => methods[method]).map((method) => this.#operation(path, method, methods)));
  }

  #operation(path, method, methods) {
    const operation = methods[method];
    const parameters = [...(methods.parameters ?? []), ...(operation.parameters ?? [])].map((one) => this.resolved(one));
    return {
      ...operation, path, method: method.toUpperCase(), surface: this, parameters,
      id: operation.operationId,
      tag: operation.tags?.[0] ?? "",
      address: `#/${this.name}/${operation.operationId}`,
      content: this.resolved(operation.requestBody)?.content ?? {},
    };
  }

  resolved(value) {
    let at = value;
    while (at?.$ref) {
      const found = at.$ref.slice(2).split("/")
        .reduce((place, name) => place?.[name.replace(/~1/g, "/").replace(/~0/g, "~")], this.api);
      // What stands beside a reference adds to it.
      const { $ref, ...beside } = at;
      at = { ...found, ...beside };
    }
    return at;
  }

  operationsOf(tag) {
    return this.operations.filter((operation) => operation.tag === tag);
  }

  credentialsOf(operation) {
    return (operation.security ?? this.api.security ?? []).flatMap((one) => Object.keys(one));
  }
}

async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

export async function readSurfaces() {
  const { descriptions } = await read("/openapi.json");
  return Promise.all(descriptions.map(async ({ url }) =>
    new Surface(url.replace(/^.*\/(\w+)\.json$/, "$1"), url, await read(url))));
}

const named = ({ surface, tag, id, method, path, summary = "" }) => `${surface.name} ${tag} ${id} ${method} ${path} ${summary}`;
const told = (operation) => `${named(operation)} ${operation.description ?? ""}`;

// Of each surface the operations that every word names; where there are none, those that tell of them.
export function matching(surfaces, words) {
  const found = (textOf) => surfaces.map((surface) => surface.operations.filter((operation) => {
    const text = textOf(operation).toLowerCase();
    return words.every((word) => text.includes(word));
  }));
  const byName = found(named);
  return byName.some((operations) => operations.length > 0) ? byName : found(told);
}
