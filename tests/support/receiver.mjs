// A server that webhooks are sent to: keeps what arrives, answers as the test says.
import { createServer } from "node:http";

// `answer(message, response)` answers each; 204 at once when it is not given. Answers {url, received, close, ...}.
export async function startReceiver({ answer } = {}) {
  const received = [];
  const watchers = new Set();
  const sockets = new Set();
  const server = createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece)).on("error", () => {}).on("end", () => {
      const body = Buffer.concat(pieces).toString("utf8");
      const message = { method: request.method, path: request.url, headers: request.headers, body,
        id: request.headers["webhook-id"] };
      received.push(message);
      if (answer) answer(message, response);
      else response.writeHead(204).end();
      for (const watcher of watchers) watcher();
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const at = server.address().port;
  return {
    url: `http://127.0.0.1:${at}/hook`,
    port: at,
    received,
    // Resolves with what `pick` finds, now or once more has arrived.
    when(pick) {
      return new Promise((done) => {
        const look = () => {
          const found = pick(received);
          if (found) watchers.delete(look), done(found);
        };
        watchers.add(look);
        look();
      });
    },
    close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}
