// Signing in and out by the NextAuth-compatible routes, which keep the session in an HttpOnly cookie that no
// script reads.
import { api } from "../api/client";
import { Problem, problemOf } from "../api/problem";

async function csrfToken(): Promise<string> {
  const { data } = await api.GET("/api/auth/csrf");
  return data!.csrfToken;
}

async function postForm(path: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ ...fields, csrfToken: await csrfToken(), json: "true" });
  try {
    return await fetch(path, { method: "POST", body });
  } catch {
    throw new Problem(0, "The server cannot be reached");
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  const response = await postForm("/api/auth/callback/credentials", { email, password });
  if (response.ok) return;
  if (response.status === 401) throw new Problem(401, "This e-mail and this password do not belong together");
  throw await problemOf(response);
}

// Makes the account and signs in. The session that comes with making it is for programs, and is ended.
export async function signUp(email: string, password: string, name: string): Promise<void> {
  const body = { email, password, ...(name ? { data: { name } } : {}) };
  const { data } = await api.POST("/auth/v1/signup", { body });
  await signIn(email, password);
  await api.POST("/auth/v1/logout", {
    params: { query: { scope: "local" } },
    headers: { Authorization: `Bearer ${data!.session_token}` },
  });
}

export async function signOut(): Promise<void> {
  await postForm("/api/auth/signout", {});
}
