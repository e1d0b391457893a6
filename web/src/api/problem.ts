// One shape for what went wrong, whichever surface said it and in whichever of its dialects.

export type ProblemKind = "offline" | "signed-out" | "forbidden" | "missing" | "funds" | "busy" | "refused" | "broken";

export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly status: number; // 0: nothing answered
  readonly code: string;
  readonly suggestion: string | null;
  readonly retryAt: number | null; // ms since 1970: when trying again makes sense
  readonly required: number | null; // tokens, where they did not suffice
  readonly requestId: string | null;
  readonly body: unknown;

  constructor(status: number, message: string, rest: Partial<Omit<Problem, "status" | "message" | "kind">> = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.kind = kindOf(status);
    this.code = rest.code ?? "";
    this.suggestion = rest.suggestion ?? null;
    this.retryAt = rest.retryAt ?? null;
    this.required = rest.required ?? null;
    this.requestId = rest.requestId ?? null;
    this.body = rest.body;
  }
}

function kindOf(status: number): ProblemKind {
  if (status === 0) return "offline";
  if (status === 401) return "signed-out";
  if (status === 402) return "funds";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "missing";
  if (status === 429 || status === 503) return "busy";
  return status >= 500 ? "broken" : "refused";
}

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);

// hosting: {title, detail, code}; enhancement: {error, title, suggestion, code, required, retryAfter};
// studio: {error, code, details: {message}}; upscale: {error: {code, message}}; sign-in: {msg, error_code}.
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // No surface of ours: a proxy before it. The status says enough.
  }
  const fields = fieldsOf(body);
  const nested = fieldsOf(fields.error);
  const details = fieldsOf(fields.details);
  const message = textOf(fields.detail) ?? textOf(details.message) ?? textOf(nested.message) ?? textOf(fields.error) ??
    textOf(fields.msg) ?? textOf(fields.title) ?? fallback(response.status);
  const seconds = Number(response.headers.get("Retry-After") ?? NaN);
  return new Problem(response.status, message, {
    code: textOf(fields.code) ?? textOf(fields.error_code) ?? textOf(nested.code) ?? "",
    suggestion: textOf(fields.suggestion) ?? textOf(details.suggestion),
    retryAt: Number.isFinite(seconds) ? Date.now() + seconds * 1000 : null,
    required: typeof fields.required === "number" ? fields.required
      : typeof details.required === "number" ? details.required : null,
    requestId: response.headers.get("X-Request-Id"),
    body,
  });
}

function fallback(status: number): string {
  if (status >= 500) return "The server could not answer";
  return `The server refused this (${status})`;
}

// What was thrown and is none is a mistake of the page's own.
export const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(500, "This page has made a mistake. Loading it again may help.");
