// A search as its terms, so that menus can write what one could have typed: docs/hosting.md has the language.

export interface Term {
  text: string;
  name: string | null; // of a filter
  value: string;
  isExcluded: boolean;
}

const kTerm = /(-?)(?:([a-z]+):)?("[^"]*"?|[^\s"]\S*|(?=\s|$))/giu;

export function termsOf(query: string): Term[] {
  return [...query.matchAll(kTerm)].filter(([text]) => text !== "").map(([text, minus, name, value]) => ({
    text,
    name: name?.toLowerCase() ?? null,
    value: (value ?? "").replaceAll("\"", ""),
    isExcluded: minus === "-",
  }));
}

export const quoted = (value: string) => (/[\s"]/u.test(value) ? `"${value.replaceAll("\"", "")}"` : value);

export const valueOf = (query: string, name: string): string =>
  termsOf(query).find((term) => term.name === name && !term.isExcluded)?.value ?? "";

// One filter of that name, or none.
export function withFilter(query: string, name: string, value: string): string {
  const others = termsOf(query).filter((term) => term.name !== name || term.isExcluded).map((term) => term.text);
  return [...others, ...(value === "" ? [] : [`${name}:${quoted(value)}`])].join(" ");
}

export const withoutTerm = (query: string, at: number): string =>
  termsOf(query).filter((_, index) => index !== at).map((term) => term.text).join(" ");

// Whether nobody else's picture can be among what it finds.
export const findsOwnAlone = (query: string, ownId: string): boolean => ["me", ownId].includes(valueOf(query, "owner"));

// The library is one's own; the places of mistakes stay where they are.
export const amongOwn = (query: string): string =>
  termsOf(query).some((term) => term.name === "owner") ? query : `${query} owner:me`;
