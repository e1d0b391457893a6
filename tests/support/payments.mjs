// Events of payments, signed as Stripe signs them.
import { createHmac } from "node:crypto";

export const signatureOf = (body, secret, seconds) =>
  createHmac("sha256", secret).update(`${seconds}.`).update(body).digest("hex");

// What to POST: {headers, body}.
export function signedEvent(event, secret, seconds = Math.floor(Date.now() / 1000)) {
  const body = Buffer.from(JSON.stringify(event));
  return { body, headers: { "Content-Type": "application/json; charset=utf-8",
    "Stripe-Signature": `t=${seconds},v1=${signatureOf(body, secret, seconds)},v0=none` } };
}
