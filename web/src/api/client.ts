// The public APIs, typed by their descriptions. Every refusal and every failure is thrown as a Problem.
import createFetchClient, { type Middleware } from "openapi-fetch";
import createClient from "openapi-react-query";
import { Problem, problemOf } from "./problem";
import type { paths as Account } from "./schema/account";
import type { paths as Admin } from "./schema/admin";
import type { paths as Enhancement } from "./schema/enhancement";
import type { paths as Hosting } from "./schema/hosting";
import type { paths as Studio } from "./schema/studio";
import type { paths as Upscale } from "./schema/upscale";

export type Paths = Account & Admin & Enhancement & Hosting & Studio & Upscale;

type Listener = () => void;
const signedOutListeners = new Set<Listener>();

// Called whenever a call was refused because nobody is signed in any more.
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return undefined;
    const problem = await problemOf(response);
    if (problem.kind === "signed-out") for (const listener of signedOutListeners) listener();
    throw problem;
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Problem(0, "The server cannot be reached");
  },
};

// `api.GET("/v1/images/{id}", { params: { path: { id } } })` answers `{ data }`.
export const api = createFetchClient<Paths>({ baseUrl: window.location.origin });
api.use(throwProblems);

// The same as hooks: `$api.useQuery("get", "/v1/images/{id}", { params: ... })`.
export const $api = createClient(api);

// For POSTs that create or charge: the same key makes a second try the same call.
// Of random bytes, as randomUUID is for HTTPS alone and the console is also opened by plain HTTP at home.
export const newIdempotencyKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
