// The local object store behind the real server, through Amazon's own client: it must not be able to tell.
import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { on } from "node:events";
import { watch } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CopyObjectCommand, CreateMultipartUploadCommand,
  DeleteObjectCommand, DeleteObjectsCommand, GetBucketLocationCommand, GetObjectCommand, HeadBucketCommand,
  HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, ListPartsCommand, PutObjectCommand, S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { startServer } from "../support/server.mjs";

const Bucket = "objects";
const mib = 1 << 20, partSize = 5 * mib;
const secrets = ["a newer secret of this test", "an older secret of this test"];
const credentialsOf = (secretAccessKey) => ({
  accessKeyId: "TT" + createHash("sha256").update(secretAccessKey).digest("hex").slice(0, 18),
  secretAccessKey,
});
const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");
const base64 = (algorithm, bytes) => createHash(algorithm).update(bytes).digest("base64");

let server, client;

function clientWith(options = {}) {
  return new S3Client({
    endpoint: server.url, region: "us-east-1", credentials: credentialsOf(secrets[0]), forcePathStyle: true,
    maxAttempts: 1, ...options,
  });
}

// The error's code and status, as S3's clients tell it.
async function refusalOf(promise) {
  const error = await promise.then(() => assert.fail("it was not refused"), (error) => error);
  return `${error.name}/${error.$metadata?.httpStatusCode}`;
}

async function codeOf(response) {
  const body = await response.text();
  return `${response.status} ${body.match(/<Code>([^<]*)/)?.[1] ?? ""}`;
}

const signed = (command, options = {}, by = client) => getSignedUrl(by, command, { expiresIn: 300, ...options });
const bytesOf = async (answer) => Buffer.from(await answer.Body.transformToByteArray());
const put = (Key, Body, more = {}) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

before(async () => {
  server = await startServer({ workers: 0, set: { "auth.url_key": secrets.join(",") } });
  client = clientWith();
});
after(() => server?.stop());

test("an object is put, read, described and removed", async () => {
  const bytes = randomBytes(100_000), Key = "plain/x.png";
  assert.equal((await put(Key, bytes)).ETag, `"${md5(bytes)}"`);
  const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
  assert.deepEqual([head.ContentLength, head.ETag, head.ContentType], [100_000, `"${md5(bytes)}"`, "image/png"]);
  assert.ok((await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key })))).equals(bytes));
  const some = await client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=10-19" }));
  assert.equal(some.ContentRange, "bytes 10-19/100000");
  assert.ok((await bytesOf(some)).equals(bytes.subarray(10, 20)));
  assert.equal(await refusalOf(client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=100000-" }))),
    "InvalidRange/416");
  assert.equal(await refusalOf(client.send(new GetObjectCommand({ Bucket, Key, IfMatch: `"${md5("")}"` }))),
    "PreconditionFailed/412");
  assert.equal(await refusalOf(put(Key, "other", { IfNoneMatch: "*" })), "PreconditionFailed/412");
  await put("plain/new.png", "new", { IfNoneMatch: "*" });
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
  assert.equal(await refusalOf(client.send(new GetObjectCommand({ Bucket, Key }))), "NoSuchKey/404");
  assert.equal(await refusalOf(client.send(new HeadObjectCommand({ Bucket, Key }))), "NotFound/404");
  await put("plain/empty.png", "");
  assert.equal((await client.send(new HeadObjectCommand({ Bucket, Key: "plain/empty.png" }))).ContentLength, 0);
});

test("a multipart upload with parts sent to signed URLs", async () => {
  const Key = "multi/a.jpg", bytes = randomBytes(2 * partSize + 1_000);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "image/jpeg" }));
  const upload = { Bucket, Key, UploadId };
  const part = (number) => bytes.subarray((number - 1) * partSize, number * partSize);
  const send = async (PartNumber, body = part(PartNumber)) => {
    const answer = await fetch(await signed(new UploadPartCommand({ ...upload, PartNumber })), { method: "PUT", body });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal(answer.headers.get("etag"), `"${md5(body)}"`);
    return { PartNumber, ETag: answer.headers.get("etag") };
  };
  await send(2, Buffer.from("replaced below"));
  const parts = await Promise.all([3, 1, 2].map((number) => send(number)));
  parts.sort((a, b) => a.PartNumber - b.PartNumber);

  const listed = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
  assert.deepEqual(listed.Parts.map((one) => [one.PartNumber, one.ETag, one.Size]),
    [[1, parts[0].ETag, partSize], [2, parts[1].ETag, partSize]]);
  const rest = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: listed.NextPartNumberMarker }));
  assert.deepEqual([listed.IsTruncated, rest.IsTruncated, rest.Parts.length], [true, false, 1]);
  const open = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "multi/" }));
  assert.deepEqual(open.Uploads.map((one) => [one.Key, one.UploadId]), [[Key, UploadId]]);
  assert.ok(Math.abs(open.Uploads[0].Initiated - Date.now()) < 600_000);

  const complete = (Parts) => client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  assert.equal(await refusalOf(complete([{ ...parts[0], ETag: `"${md5("no")}"` }])), "InvalidPart/400");
  assert.equal(await refusalOf(complete([parts[0], { PartNumber: 9, ETag: parts[0].ETag }])), "InvalidPart/400");
  assert.equal(await refusalOf(complete([parts[1], parts[0]])), "InvalidPartOrder/400");
  const ETag = `"${md5(Buffer.concat(parts.map((one) => Buffer.from(one.ETag.slice(1, -1), "hex"))))}-3"`;
  const done = await complete(parts);
  assert.deepEqual([done.ETag, done.Key, done.Bucket], [ETag, Key, Bucket]);
  assert.equal((await complete(parts)).ETag, ETag, "asked again after a lost answer");
  assert.ok((await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key })))).equals(bytes));
  assert.equal(await refusalOf(client.send(new ListPartsCommand(upload))), "NoSuchUpload/404");
  assert.deepEqual(await readdir(join(server.dataDir, "objects/multipart")), []);
});

test("small parts, late parts and aborted uploads", async () => {
  const Key = "multi/b.jpg";
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const upload = { Bucket, Key, UploadId };
  const parts = [];
  for (const PartNumber of [1, 2]) {
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body: "tiny" }));
    parts.push({ PartNumber, ETag });
  }
  const complete = (Parts) => client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  assert.equal(await refusalOf(complete(parts)), "EntityTooSmall/400");
  assert.equal(await refusalOf(client.send(new UploadPartCommand({ ...upload, PartNumber: 10_001, Body: "x" }))),
    "InvalidArgument/400");
  const late = await signed(new UploadPartCommand({ ...upload, PartNumber: 3 }));
  await client.send(new AbortMultipartUploadCommand(upload));
  assert.equal(await codeOf(await fetch(late, { method: "PUT", body: "late" })), "404 NoSuchUpload");
  assert.equal(await refusalOf(client.send(new AbortMultipartUploadCommand(upload))), "NoSuchUpload/404");
  assert.equal(await refusalOf(client.send(new HeadObjectCommand({ Bucket, Key }))), "NotFound/404");
});

test("the SDK's own manager of uploads", async () => {
  const Body = randomBytes(3 * partSize + 17);
  const upload = new Upload({ client, params: { Bucket, Key: "managed/x.jpg", Body: Readable.from([Body]) }, partSize });
  await upload.done();
  assert.ok((await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key: "managed/x.jpg" })))).equals(Body));
});

test("bodies in chunks, with their checksum behind them", async () => {
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    const bytes = randomBytes(200_000);
    await put("chunked/x.jpg", Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]),
      { ContentLength: bytes.length, ChecksumAlgorithm });
    const got = await client.send(new GetObjectCommand({ Bucket, Key: "chunked/x.jpg" }));
    assert.ok((await bytesOf(got)).equals(bytes), ChecksumAlgorithm);
    assert.equal(got.ContentEncoding, undefined);
  }
});

// One PUT in signed chunks, made by hand: "Signature Calculations for the Authorization Header" (Amazon S3 API Reference).
async function putInSignedChunks({ key, chunks, trailer, spoil = (coded) => coded }) {
  const { accessKeyId, secretAccessKey } = credentialsOf(secrets[0]);
  const hmac = (k, text) => createHmac("sha256", k).update(text).digest();
  const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, ""), day = date.slice(0, 8);
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const signingKey = ["us-east-1", "s3", "aws4_request"].reduce(hmac, hmac("AWS4" + secretAccessKey, day));
  const sign = (text) => hmac(signingKey, text).toString("hex");
  const headers = {
    "content-encoding": "aws-chunked", host: new URL(server.url).host,
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + (trailer ? "-TRAILER" : ""), "x-amz-date": date,
    "x-amz-decoded-content-length": String(chunks.reduce((sum, chunk) => sum + chunk.length, 0)),
    ...(trailer && { "x-amz-trailer": trailer[0] }),
  };
  const names = Object.keys(headers).sort();
  const canonical = ["PUT", `/${Bucket}/${key}`, "", ...names.map((name) => `${name}:${headers[name]}`), "",
    names.join(";"), headers["x-amz-content-sha256"]].join("\n");
  let previous = sign(["AWS4-HMAC-SHA256", date, scope, sha(canonical)].join("\n"));
  const Authorization =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names.join(";")},Signature=${previous}`;
  const coded = [];
  for (const chunk of [...chunks, Buffer.alloc(0)]) {
    previous = sign(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, sha(""), sha(chunk)].join("\n"));
    coded.push(Buffer.from(`${chunk.length.toString(16)};chunk-signature=${previous}\r\n`), chunk);
    if (chunk.length > 0) coded.push(Buffer.from("\r\n"));
  }
  if (trailer) {
    const signature = sign(["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, sha(`${trailer.join(":")}\n`)].join("\n"));
    coded.push(Buffer.from(`${trailer.join(":")}\r\nx-amz-trailer-signature:${signature}\r\n`));
  }
  coded.push(Buffer.from("\r\n"));
  const { host: _, ...sent } = headers;
  return fetch(`${server.url}/${Bucket}/${key}`,
    { method: "PUT", headers: { ...sent, Authorization }, body: spoil(Buffer.concat(coded)) });
}

test("bodies in chunks that are signed one by one", async () => {
  const chunks = [Buffer.alloc(65_536, "a"), Buffer.alloc(1_024, "b")], whole = Buffer.concat(chunks);
  const key = "signed/x.png";
  for (const trailer of [undefined, ["x-amz-checksum-sha256", base64("sha256", whole)]]) {
    const answer = await putInSignedChunks({ key, chunks, trailer });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal(answer.headers.get("etag"), `"${md5(whole)}"`);
  }
  const changed = (coded) => (coded[200] ^= 1, coded);
  assert.equal(await codeOf(await putInSignedChunks({ key, chunks, spoil: changed })), "403 AccessDenied");
  assert.equal(await codeOf(await putInSignedChunks({ key, chunks, spoil: (coded) => coded.subarray(0, -100) })),
    "400 InvalidRequest");
  assert.equal(
    await codeOf(await putInSignedChunks({ key, chunks, trailer: ["x-amz-checksum-sha256", base64("sha256", "no")] })),
    "400 BadDigest");
});

test("what a client says of its body is held against the body", async () => {
  const wrong = base64("md5", "other");
  assert.equal(await refusalOf(put("check/x.png", "x", { ContentMD5: wrong })), "BadDigest/400");
  assert.equal(await refusalOf(put("check/x.png", "x", { ContentMD5: "nonsense" })), "InvalidDigest/400");
  assert.equal(await refusalOf(put("check/x.png", "x", { ChecksumSHA256: base64("sha256", "y") })), "BadDigest/400");
  assert.equal(await refusalOf(put("check/x.png", "x", { ChecksumCRC32: "AAAAAA==" })), "BadDigest/400");
  await put("check/y.png", "x", { ContentMD5: base64("md5", "x"), ChecksumSHA256: base64("sha256", "x") });
  const url = await signed(new PutObjectCommand({ Bucket, Key: "check/x.png" }));
  const named = await fetch(url, { method: "PUT", body: "x", headers: { "x-amz-content-sha256": "0".repeat(64) } });
  assert.equal(await codeOf(named), "403 AccessDenied", "a header that was not signed");
  assert.equal(await refusalOf(client.send(new HeadObjectCommand({ Bucket, Key: "check/x.png" }))), "NotFound/404");
});

test("lists are in order and go on where they left off", async () => {
  for (const name of ["c/1.png", "a/2.png", "b.png", "a/1.png"]) await put(`list/${name}`, "x");
  const list = (more) => client.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", ...more }));
  const seen = [];
  for (let ContinuationToken; ;) {
    const page = await list({ MaxKeys: 3, ContinuationToken });
    seen.push(...page.Contents.map((one) => one.Key));
    if (!(ContinuationToken = page.NextContinuationToken)) break;
  }
  assert.deepEqual(seen, ["list/a/1.png", "list/a/2.png", "list/b.png", "list/c/1.png"]);
  const first = (await list({ MaxKeys: 1 })).Contents[0];
  assert.deepEqual([first.ETag, first.Size], [`"${md5("x")}"`, 1]);
  const folders = await list({ Delimiter: "/" });
  assert.deepEqual(folders.CommonPrefixes.map((one) => one.Prefix), ["list/a/", "list/c/"]);
  assert.deepEqual(folders.Contents.map((one) => one.Key), ["list/b.png"]);
  const paged = await list({ Delimiter: "/", MaxKeys: 1 });
  const next = await list({ Delimiter: "/", MaxKeys: 1, ContinuationToken: paged.NextContinuationToken });
  assert.deepEqual([paged.CommonPrefixes[0].Prefix, next.Contents[0].Key], ["list/a/", "list/b.png"]);
  assert.equal((await list({ StartAfter: "list/b.png", EncodingType: "url" })).Contents[0].Key, "list/c/1.png");
  const deleted = await client.send(new DeleteObjectsCommand({
    Bucket, Delete: { Objects: ["list/b.png", "list/none.png", "../x"].map((Key) => ({ Key })) },
  }));
  assert.deepEqual(deleted.Deleted.map((one) => one.Key), ["list/b.png", "list/none.png", "../x"]);
  assert.equal((await list({})).KeyCount, 3);
});

test("the bucket, and copies within it", async () => {
  await client.send(new HeadBucketCommand({ Bucket }));
  assert.equal((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, undefined);
  assert.equal(await refusalOf(client.send(new GetObjectCommand({ Bucket, Key: "tmp/x" }))), "NoSuchKey/404");
  await put("copy/a.png", "bytes");
  const copied = await client.send(new CopyObjectCommand({ Bucket, Key: "copy/b.png", CopySource: `${Bucket}/copy/a.png` }));
  assert.equal(copied.CopyObjectResult.ETag, `"${md5("bytes")}"`);
  await client.send(new DeleteObjectCommand({ Bucket, Key: "copy/a.png" }));
  assert.equal((await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key: "copy/b.png" })))).toString(), "bytes");
  const copy = (CopySource, more = {}) =>
    client.send(new CopyObjectCommand({ Bucket, Key: "copy/c.png", CopySource, ...more }));
  assert.equal(await refusalOf(copy(`${Bucket}/copy/none.png`)), "NoSuchKey/404");
  assert.equal(await refusalOf(copy(`${Bucket}/copy/b.png`, { CopySourceIfMatch: `"${md5("no")}"` })),
    "PreconditionFailed/412");
});

test("what is not implemented is refused, not passed over", async () => {
  assert.equal(await refusalOf(put("x.png", "x", { Metadata: { who: "me" } })), "NotImplemented/501");
  assert.equal(await refusalOf(put("x.png", "x", { ACL: "public-read" })), "NotImplemented/501");
  assert.equal(await refusalOf(put("x.png", "x", { ServerSideEncryption: "AES256" })), "NotImplemented/501");
  assert.equal(await refusalOf(put("x.png", "x", { ContentEncoding: "gzip" })), "NotImplemented/501");
  assert.equal(await refusalOf(client.send(new GetObjectCommand({ Bucket, Key: "x.png", VersionId: "1" }))),
    "NotImplemented/501");
  assert.equal(await refusalOf(put("a b/x.png", "x")), "InvalidArgument/400");
});

test("only who has a key of ours gets in", async () => {
  await put("guard/x.png", "x");
  const get = new GetObjectCommand({ Bucket, Key: "guard/x.png" });
  const older = clientWith({ credentials: credentialsOf(secrets[1]) });
  assert.equal((await bytesOf(await older.send(get))).toString(), "x");
  assert.equal((await fetch(await signed(get, {}, older))).status, 200);
  const wrong = clientWith({ credentials: { ...credentialsOf(secrets[0]), secretAccessKey: "no" } });
  assert.equal(await refusalOf(wrong.send(get)), "SignatureDoesNotMatch/403");
  assert.equal(await refusalOf(clientWith({ credentials: credentialsOf("no") }).send(get)), "InvalidAccessKeyId/403");
  assert.equal(await codeOf(await fetch(`${server.url}/objects/guard/x.png`)), "403 AccessDenied");
  const url = await signed(get);
  for (const changed of [url + "&response-content-disposition=inline", url.replace("guard", "plain"),
    url.replace(/(X-Amz-Signature=)./, "$1g"), url + "&partNumber=1"]) {
    assert.equal((await fetch(changed)).status, 403, changed);
  }
  assert.equal(await codeOf(await fetch(url, { method: "PUT", body: "x" })), "403 SignatureDoesNotMatch");
  const sized = await signed(new PutObjectCommand({ Bucket, Key: "guard/y.png", ContentLength: 3 }),
    { signableHeaders: new Set(["content-length"]) });
  assert.equal(await codeOf(await fetch(sized, { method: "PUT", body: "four" })), "403 SignatureDoesNotMatch");
  assert.equal((await fetch(sized, { method: "PUT", body: "abc" })).status, 200);
});

test("answers say what the URL asks them to, and stay harmless", async () => {
  await put("say/x.png", "<script>");
  const url = await signed(new GetObjectCommand({ Bucket, Key: "say/x.png", ResponseContentType: "text/html",
    ResponseContentDisposition: 'attachment; filename="a b.png"' }));
  const { headers } = await fetch(url);
  assert.equal(headers.get("content-disposition"), 'attachment; filename="a b.png"');
  assert.equal(headers.get("content-type"), "text/html");
  assert.match(headers.get("content-security-policy"), /sandbox/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal((await fetch(url, { method: "HEAD" })).status, 200);
});

test("a page of any origin may use a signed URL", async () => {
  const url = await signed(new PutObjectCommand({ Bucket, Key: "cors/x.png" }));
  const origin = "https://app.example";
  const preflight = await fetch(url, { method: "OPTIONS", headers: {
    origin, "access-control-request-method": "PUT", "access-control-request-headers": "content-type" } });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.match(preflight.headers.get("access-control-allow-methods"), /PUT/);
  assert.equal(preflight.headers.get("access-control-allow-headers"), "content-type");
  const answer = await fetch(url, { method: "PUT", body: "x", headers: { origin, "content-type": "image/png" } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.match(answer.headers.get("access-control-expose-headers"), /ETag/);
});

test("a body that is cut off leaves nothing", async () => {
  const url = new URL(await signed(new PutObjectCommand({ Bucket, Key: "cut/x.png" })));
  const socket = connect(url.port, url.hostname);
  const ended = new Promise((done) => socket.once("close", done));
  socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 3000000\r\n` +
    "X-Request-Id: cut-off\r\n\r\n");
  socket.write(Buffer.alloc(2_000_000), () => socket.end());
  socket.resume();
  await Promise.all([ended, server.logged("request", { request_id: "cut-off" })]);
  assert.equal(await refusalOf(client.send(new HeadObjectCommand({ Bucket, Key: "cut/x.png" }))), "NotFound/404");
  const [run] = await readdir(join(server.dataDir, "objects/tmp"));
  assert.deepEqual(await readdir(join(server.dataDir, "objects/tmp", run)), ["lock"]);
});

test("a killed server keeps what it acknowledged, and nothing else", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tintype-objects-"));
  const options = { workers: 0, dataDir, set: { "auth.url_key": secrets[0] } };
  let killed = await startServer(options);
  const by = () => clientWith({ endpoint: killed.url });
  const upload = { Bucket, Key: "kill/x.jpg" };
  upload.UploadId = (await by().send(new CreateMultipartUploadCommand(upload))).UploadId;
  const { ETag } = await by().send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "acknowledged" }));
  // Half of another part: the server has it on its disk when it ends.
  const url = new URL(await getSignedUrl(by(), new UploadPartCommand({ ...upload, PartNumber: 1 }), { expiresIn: 300 }));
  const socket = connect(url.port, url.hostname).on("error", () => {});
  socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 9000000\r\n\r\n`);
  socket.write(Buffer.alloc(4_000_000));
  const tmp = join(dataDir, "objects/tmp"), [run] = await readdir(tmp);
  const folder = watch(join(tmp, run)), changes = on(folder, "change");
  while (!(await readdir(join(tmp, run))).some((name) => name.startsWith("body-"))) await changes.next();
  folder.close();
  await killed.kill();
  killed = await startServer(options);
  const open = await by().send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(open.Uploads.map((one) => one.UploadId), [upload.UploadId]);
  const { Parts } = await by().send(new ListPartsCommand(upload));
  assert.deepEqual(Parts.map((one) => [one.PartNumber, one.ETag]), [[1, ETag]]);
  assert.ok(!(await readdir(tmp)).includes(run), "what came in when it was killed is still there");
  await by().send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }));
  const whole = await by().send(new GetObjectCommand({ Bucket, Key: upload.Key }));
  assert.equal((await bytesOf(whole)).toString(), "acknowledged");
  await killed.stop();
  await rm(dataDir, { recursive: true });
});
