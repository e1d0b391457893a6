// The board's side of /api/admin/queue. The admin key lives in this tab's session storage; without one the browser sends
// the cookie of whoever is signed in.
const kKey = "tintype.adminKey";

export class Refused extends Error {} // the credential does not hold

export const signIn = (key) => sessionStorage.setItem(kKey, key);
export const signOut = () => sessionStorage.removeItem(kKey);
export const hasKey = () => sessionStorage.getItem(kKey) !== null;

const paused = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function ask(method, path, body) {
  const headers = new Headers();
  if (hasKey()) headers.set("x-admin-key", sessionStorage.getItem(kKey));
  if (body) headers.set("Content-Type", "application/json");
  const answer = await fetch(`/api/admin/queue${path}`, { method, headers, body: body && JSON.stringify(body) });
  const told = await answer.json();
  if (answer.status === 401 || answer.status === 403) throw new Refused(told.error);
  // An operator has so many calls in a minute, over all pages that he has open.
  if (answer.status === 429) return paused(told.retryAfter ?? 1).then(() => ask(method, path, body));
  const { message, suggestion } = told.details ?? {};
  if (!answer.ok) throw new Error([message ?? told.error, suggestion].filter(Boolean).join(". "));
  return told;
}

const given = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();

export const state = () => ask("GET", "");
export const series = (window) => ask("GET", `/series?${given({ window })}`);
export const jobs = (filter) => ask("GET", `/jobs?${given(filter)}`);
export const retry = (id) => ask("POST", `/jobs/${encodeURIComponent(id)}/retry`);
export const cancel = (id) => ask("POST", `/jobs/${encodeURIComponent(id)}/cancel`);
export const pause = (lane) => ask("POST", "/pause", { lane });
export const resume = (lane) => ask("POST", "/resume", { lane });

// Call by call until nothing waits; answers how many jobs were cancelled.
export async function drain(what) {
  let cancelled = 0;
  for (let more = true; more;) {
    const told = await ask("POST", "/drain", what);
    cancelled += told.cancelled;
    more = told.more && told.cancelled > 0;
  }
  return cancelled;
}
