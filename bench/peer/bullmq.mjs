// Jobs that do nothing through BullMQ: added by this process, done by a worker in another.
//   node bench/peer/bullmq.mjs SOCKET JOBS ADDERS BULK CONCURRENCY      prints {"seconds": ...}
import { fork } from "node:child_process";
import { Queue, Worker } from "bullmq";

const [path, ...numbers] = process.argv.slice(2);
const [jobs, adders, bulk, concurrency] = numbers.map(Number);
const connection = { path, maxRetriesPerRequest: null };
const name = "bench";

if (process.send) {
  let done = 0;
  const worker = new Worker(name, async () => {}, { connection, concurrency });
  worker.on("completed", () => { if (++done === jobs) process.send("done"); });
  await worker.waitUntilReady();
  process.send("ready");
  process.once("message", async () => { await worker.close(); process.exit(); });
} else {
  const queue = new Queue(name, { connection });
  await queue.obliterate({ force: true });
  const worker = fork(new URL(import.meta.url).pathname, process.argv.slice(2));
  const said = (word) => new Promise((heard) => worker.on("message", (message) => message === word && heard()));
  await said("ready");
  const done = said("done");
  const began = performance.now();
  let left = jobs;
  await Promise.all(Array.from({ length: adders }, async () => {
    while (left > 0) {
      const count = Math.min(bulk, left);
      left -= count;
      if (bulk === 1) await queue.add("nothing", {});
      else await queue.addBulk(Array.from({ length: count }, () => ({ name: "nothing", data: {} })));
    }
  }));
  await done;
  console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
  worker.send("end");
  await queue.close();
}
