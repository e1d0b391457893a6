// The duties of a status read and of an upload, done as a Node.js service would do them: Fastify 5, better-sqlite3 in
// WAL with synchronous=FULL, an access log, a session checked by its digest on every request, a rate limit, signed
// addresses; uploads go to disk with fsync. Prints its address, a token and an image's id as one JSON line.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import multipart from "@fastify/multipart";
import Database from "better-sqlite3";
import Fastify from "fastify";

const data = mkdtempSync(join(tmpdir(), "tintype-peer-"));
const database = new Database(join(data, "peer.sqlite"));
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`
  CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL, role TEXT NOT NULL, banned_at_ms INTEGER);
  CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at_ms INTEGER NOT NULL);
  CREATE TABLE images (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
    key TEXT NOT NULL, width INTEGER, height INTEGER, size INTEGER, format TEXT, public INTEGER, views INTEGER,
    created_at_ms INTEGER, updated_at_ms INTEGER);
  CREATE TABLE jobs (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, image_id TEXT NOT NULL, tier TEXT, status TEXT,
    price INTEGER, result_key TEXT, result_width INTEGER, result_height INTEGER, result_size INTEGER, error TEXT,
    created_at_ms INTEGER, started_at_ms INTEGER, finished_at_ms INTEGER);
  CREATE INDEX jobs_by_image ON jobs (image_id, created_at_ms);`);

const secret = randomBytes(32);
const token = randomBytes(32).toString("base64url");
const digest = (text) => createHash("sha256").update(text).digest("hex");
const now = Date.now();
database.prepare("INSERT INTO users VALUES ('user_1', 'ann@example.org', 'user', NULL)").run();
database.prepare("INSERT INTO sessions VALUES (?, 'user_1', ?)").run(digest(token), now + 3_600_000);
const insertImage = database.prepare("INSERT INTO images VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, 0, 0, ?, ?)");
insertImage.run("img_1", "user_1", "photo.png", "images/img_1/original.png", 64, 48, 7806, "PNG", now, now);
const insertJob = database.prepare(
  "INSERT INTO jobs VALUES (?, 'user_1', 'img_1', ?, 'PENDING', ?, NULL, NULL, NULL, NULL, NULL, ?, NULL, NULL)");
insertJob.run("job_1", "TIER_1K", 2, now);
insertJob.run("job_2", "TIER_2K", 5, now);

const sessionOf = database.prepare(`SELECT users.id, users.role FROM sessions JOIN users ON users.id = user_id
  WHERE token_hash = ? AND expires_at_ms > ? AND banned_at_ms IS NULL`);
const imageOf = database.prepare("SELECT * FROM images WHERE id = ? AND user_id = ?");
const jobsOf = database.prepare("SELECT * FROM jobs WHERE image_id = ? AND user_id = ? ORDER BY created_at_ms DESC");

const windows = new Map();
const time = (ms) => (ms == null ? null : new Date(ms).toISOString());

function signedUrl(key) {
  const expires = Math.ceil((Date.now() / 1000 + 3600) / 3600) * 3600;
  const signature = createHmac("sha256", secret).update(`${key}\n${expires}`).digest("base64url");
  return `http://localhost/objects/${key}?expires=${expires}&signature=${signature}`;
}

function imageJson(image) {
  return { id: image.id, name: image.name, description: image.description, url: signedUrl(image.key),
    width: image.width, height: image.height, size: image.size, format: image.format, isPublic: image.public === 1,
    viewCount: image.views, createdAt: time(image.created_at_ms), updatedAt: time(image.updated_at_ms) };
}

function jobJson(job) {
  return { id: job.id, tier: job.tier, status: job.status, tokensCost: job.price,
    enhancedUrl: job.result_key && signedUrl(job.result_key), enhancedWidth: job.result_width,
    enhancedHeight: job.result_height, enhancedSizeBytes: job.result_size, errorMessage: job.error,
    createdAt: time(job.created_at_ms), processingStartedAt: time(job.started_at_ms),
    processingCompletedAt: time(job.finished_at_ms) };
}

const server = Fastify({ logger: true, genReqId: () => `req_${randomBytes(16).toString("base64url")}` });
server.register(multipart, { limits: { fileSize: 10_000_000 } });
server.addHook("onRequest", async (request, reply) => {
  const bearer = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
  request.user = bearer && sessionOf.get(digest(bearer), Date.now());
  if (!request.user) return reply.code(401).send({ error: "You must be logged in to access this resource" });
  const window = windows.get(request.user.id);
  if (window?.endsAt > Date.now()) window.taken += 1;
  else windows.set(request.user.id, { endsAt: Date.now() + 900_000, taken: 1 });
});
server.get("/api/images/:id", async (request, reply) => {
  const image = imageOf.get(request.params.id, request.user.id);
  if (!image) return reply.code(404).send({ error: "Image not found" });
  const jobs = jobsOf.all(image.id, request.user.id).map(jobJson);
  return { success: true, image: { ...imageJson(image), jobs } };
});
server.post("/api/images/upload", async (request) => {
  const part = await request.file();
  const id = `img_${randomBytes(16).toString("base64url")}`;
  const path = join(data, id);
  const file = await open(`${path}.part`, "w");
  for await (const piece of part.file) await file.write(piece);
  await file.sync();
  const { size } = await file.stat();
  await file.close();
  await rename(`${path}.part`, path);
  const folder = await open(data);
  await folder.sync();
  await folder.close();
  const at = Date.now();
  insertImage.run(id, request.user.id, part.filename, id, 0, 0, size, "JPEG", at, at);
  return { success: true, image: imageJson(imageOf.get(id, request.user.id)) };
});
const url = await server.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ url, token, image: "img_1" }));
process.once("SIGTERM", async () => {
  await server.close();
  rmSync(data, { recursive: true });
});
