// Servers that speak as providers of pictures do, by their published protocols; what they answer is the test's.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { png } from "./pictures.mjs";

// Waves in every size, so that no two results are alike and none is of one colour.
export function made(width, height, seed = 1) {
  return png(width, height, (x, y) => [128 + 100 * Math.sin(x / 9 + seed), 128 + 100 * Math.cos(y / 7), (x + y) & 255]
    .map(Math.floor));
}

// `handle({method, path, headers, body, json}, response)` answers each request. Answers {url, heard, when, close}.
async function start(handle) {
  const heard = [], watchers = new Set(), sockets = new Set();
  const server = createServer((request, response) => {
    const pieces = [];
    request.on("error", () => {}).on("data", (piece) => pieces.push(piece)).on("end", () => {
      const body = Buffer.concat(pieces);
      const isJson = request.headers["content-type"] === "application/json";
      const call = { method: request.method, path: request.url, headers: request.headers, body,
        json: isJson ? JSON.parse(body) : undefined };
      heard.push(call);
      for (const watcher of watchers) watcher();
      handle(call, response);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    heard,
    // Resolves with the first call that `pick` takes, one that was heard already or the next.
    when: (pick) => new Promise((done) => {
      const look = () => {
        const found = heard.find(pick);
        if (found) watchers.delete(look), done(found);
      };
      watchers.add(look);
      look();
    }),
    close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

const answer = (response, status, body, headers = {}) =>
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));

// The images API of OpenAI: every generation and edit is answered with a picture of the size asked for, unless
// `answers(call, response)` has answered it (and says so by true).
export function startOpenAi({ key, answers = () => false } = {}) {
  return start((call, response) => {
    if (key && call.headers.authorization !== `Bearer ${key}`) {
      return answer(response, 401, { error: { message: "Incorrect API key provided", type: "invalid_request_error",
        param: null, code: "invalid_api_key" } });
    }
    if (answers(call, response)) return undefined;
    const isOne = call.method === "POST" && /\/images\/(generations|edits)$/.test(call.path);
    if (!isOne) return answer(response, 404, { error: { message: "Unknown request URL", code: "unknown_url" } });
    const size = call.json?.size ?? /name="size"\r\n\r\n(\d+x\d+)/.exec(call.body.toString("latin1"))?.[1];
    const [width, height] = (size ?? "1024x1024").split("x").map(Number);
    return answer(response, 200,
      { created: 1, data: [{ b64_json: made(width, height).toString("base64") }], usage: { total_tokens: 1 } });
  });
}

// Replicate's predictions: each stays `processing` until end(id, {status, output, error}) is called; `picture` is what
// the files of its outputs hold. report(id, server) sends the signed webhook that it was created with.
export async function startReplicate({ token, secret, picture = made(256, 192) } = {}) {
  const predictions = new Map();
  let count = 0;
  const server = await start((call, response) => {
    if (token && call.headers.authorization !== `Bearer ${token}`) {
      return answer(response, 401, { title: "Unauthenticated", detail: "You did not pass a valid token", status: 401 });
    }
    const [, id, verb] = /^\/v1\/predictions\/(\w+)(\/cancel)?$/.exec(call.path) ?? [];
    if (id && predictions.has(id)) {
      const prediction = predictions.get(id);
      if (verb && call.method === "POST") Object.assign(prediction, { status: "canceled" });
      return answer(response, 200, prediction);
    }
    if (call.method === "POST" && /^\/v1\/(models\/[^/]+\/[^/]+\/)?predictions$/.test(call.path)) {
      const prediction = { id: `pred${++count}x${process.pid}`, status: "processing", logs: " 50%|##  | 2/4",
        output: null, error: null, input: call.json.input, webhook: call.json.webhook };
      predictions.set(prediction.id, prediction);
      return answer(response, 201, prediction);
    }
    if (call.path.startsWith("/files/")) return response.end(picture);
    return answer(response, 404, { detail: "The requested resource could not be found." });
  });
  return Object.assign(server, {
    predictions,
    end(id, { status = "succeeded", output = `${server.url}/files/${id}.png`, error = null } = {}) {
      Object.assign(predictions.get(id), { status, output, error, logs: "100%|####| 4/4" });
    },
    async report(id) {
      const { webhook, ...prediction } = predictions.get(id);
      const body = JSON.stringify(prediction), seconds = Math.floor(Date.now() / 1000);
      const signature = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"))
        .update(`msg_${id}.${seconds}.${body}`).digest("base64");
      return fetch(webhook, { method: "POST", body, headers: { "Content-Type": "application/json",
        "webhook-id": `msg_${id}`, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${signature}` } });
    },
  });
}
