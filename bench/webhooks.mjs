// Webhooks a second, to one receiver on the same cores: `node bench/webhooks.mjs [messages] [rounds]`. The program takes
// messages from an outbox that is full, signs and posts them over kept connections, and notes each in a durable commit.
// The receiver, a process of its own, reads each body and answers 204.
import { execFile, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { binary } from "../tests/support/server.mjs";
import { median } from "./harness.mjs";

if (process.send) {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      received += 1;
      response.writeHead(204).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
  process.on("message", () => process.send({ received, cpu: process.cpuUsage() }));
} else {
  const [messages = 30_000, rounds = 3] = process.argv.slice(2).map(Number);
  const rates = [];
  for (let round = 0; round < rounds; ++round) {
    const receiver = fork(new URL(import.meta.url).pathname);
    const said = () => new Promise((done) => receiver.once("message", done));
    const { port } = await said();
    const data = mkdtempSync(join(tmpdir(), "tintype-bench-"));
    const { stdout } = await promisify(execFile)(binary, ["bench-webhooks", "--data", data, "--messages",
      String(messages), "--url", `http://127.0.0.1:${port}/hook`, "--set", "egress.allow_private=true"]);
    receiver.send("how many");
    const { received, cpu } = await said();
    receiver.kill();
    rmSync(data, { recursive: true });
    const rate = Number(stdout.match(/: (\d+) a second/)[1]);
    rates.push(rate);
    console.log(`${stdout.trim()}; ${received} received, ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s of a core there`);
  }
  console.log(`median: ${median(rates)} a second`);
}
