// A TCP line that a test can cut.
import { connect, createServer } from "node:net";
import { consoleUrl } from "./console.mjs";
import { startServer } from "./server.mjs";

// A line between browser and server that can be cut: by `cut(bytes)` once so many have gone to the server, for good until
// `mend`.
export async function startLine() {
  const line = { port: 0, target: 0, left: Infinity, sockets: new Set() };
  const listener = createServer((near) => {
    if (line.left <= 0) return near.destroy();
    const far = connect(line.target, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      line.sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => { line.sockets.delete(one); other.destroy(); });
    }
    far.pipe(near);
    near.on("data", (bytes) => {
      line.left -= bytes.length;
      if (line.left > 0) return far.write(bytes) || (near.pause(), far.once("drain", () => near.resume()));
      for (const socket of line.sockets) socket.destroy();
      line.onCut?.();
    });
  });
  await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
  line.url = `http://127.0.0.1:${listener.address().port}`;
  line.cut = (bytes) => {
    line.left = bytes;
    return new Promise((cut) => { line.onCut = cut; });
  };
  line.mend = () => { line.left = Infinity; };
  line.stop = () => {
    for (const socket of line.sockets) socket.destroy();
    listener.close();
  };
  return line;
}

// A server that a browser reaches by such a line alone: {line, server, stop}.
export async function startServerBehindLine(set) {
  const line = await startLine();
  const server = await startServer({ set: { "server.public_url": consoleUrl(line), ...set } });
  line.target = server.ready.port;
  return { line, server, stop: async () => {
    line.stop();
    await server.stop();
  } };
}
