// Jobs that do nothing through graphile-worker, with its defaults: added by this process, done by a worker in another.
//   node bench/peer/graphile.mjs POSTGRESQL_URL JOBS ADDERS BULK      prints {"seconds": ...}
import { fork } from "node:child_process";
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [connectionString, ...numbers] = process.argv.slice(2);
const [jobs, adders, bulk] = numbers.map(Number);
const logger = new Logger(() => () => {});

if (process.send) {
  let done = 0;
  const runner = await run({ connectionString, logger, taskList: { nothing: async () => {} } });
  runner.events.on("job:complete", () => { if (++done === jobs) process.send("done"); });
  process.send("ready");
  process.once("message", async () => { await runner.stop(); process.exit(); });
} else {
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
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
      if (bulk === 1) await utils.addJob("nothing", {});
      else await utils.addJobs(Array.from({ length: count }, () => ({ identifier: "nothing", payload: {} })));
    }
  }));
  await done;
  console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
  worker.send("end");
  await utils.release();
}
