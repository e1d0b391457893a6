// Routes whose descriptions are still being written.
type Json<Value> = { headers: Record<string, unknown>; content: { "application/json": Value } };
type Answers<Status extends number, Value> = { [At in Status]: Json<Value> } & { default: Json<unknown> };
type Query<Value> = { query?: Value; header?: never; path?: never; cookie?: never };
type None = { query?: never; header?: never; path?: never; cookie?: never };
type Route<Verbs> = Verbs & { parameters: None } & {
  [Verb in Exclude<"get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace", keyof Verbs>]?: never;
};

export interface Suggestion { kind: "operator" | "tag" | "album" | "camera" | "format" | "word"; label: string; query: string }

export interface AccountPaths {
  "/api/account/suggestions": Route<{
    get: { parameters: Query<{ q: string; limit?: number }>; requestBody?: never; responses: Answers<200, { suggestions: Suggestion[] }> };
  }>;
}
