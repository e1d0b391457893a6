// Routes whose descriptions are still being written.
type Json<Value> = { headers: Record<string, unknown>; content: { "application/json": Value } };
type Nothing = { headers: Record<string, unknown>; content?: never };
type Answers<Status extends number, Value> = { [At in Status]: Json<Value> } & { default: Json<unknown> };
type Query<Value> = { query?: Value; header?: never; path?: never; cookie?: never };
type Path<Value> = { query?: never; header?: never; path: Value; cookie?: never };
type None = { query?: never; header?: never; path?: never; cookie?: never };
type Body<Value> = { content: { "application/json": Value } };
type Route<Verbs> = Verbs & { parameters: None } & {
  [Verb in Exclude<"get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace", keyof Verbs>]?: never;
};

export interface Suggestion { kind: "operator" | "tag" | "album" | "camera" | "format" | "word"; label: string; query: string }

export interface AccountPaths {
  "/api/account/suggestions": Route<{
    get: { parameters: Query<{ q: string; limit?: number }>; requestBody?: never; responses: Answers<200, { suggestions: Suggestion[] }> };
  }>;
}

export interface Model {
  name: string; purpose: string; architecture: string; scale: number; parameters: number; bytes: number; licence: string;
  sha256: string; shipped: boolean; description: string; used_by: string[];
}
export interface CatalogueModel { name: string; bytes: number | null; licence: string; scale: number; purpose: string; description: string; installed: boolean }
export interface Installation {
  name: string; state: "running" | "succeeded" | "failed"; received_bytes: number; total_bytes: number | null; error: string | null; started_at_ms: number;
}
export interface Tier { name: string; model: string | null; default: string | null; choices: string[] }

export interface AdminPaths {
  "/api/admin/models": Route<{
    get: { parameters: None; requestBody?: never; responses: Answers<200, { models: Model[]; catalogue: CatalogueModel[]; installations: Installation[] }> };
    post: { parameters: None; requestBody: Body<{ name: string }>; responses: Answers<202, { installation: Installation }> };
  }>;
  "/api/admin/models/{name}": Route<{ delete: { parameters: Path<{ name: string }>; requestBody?: never; responses: { 204: Nothing } } }>;
  "/api/admin/tiers": Route<{ get: { parameters: None; requestBody?: never; responses: Answers<200, { tiers: Tier[] }> } }>;
  "/api/admin/tiers/{name}": Route<{ put: { parameters: Path<{ name: string }>; requestBody: Body<{ model: string | null }>; responses: Answers<200, Tier> } }>;
}
