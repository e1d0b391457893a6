// A first call in three languages, against this very server: what is pasted works.

export type Language = "curl" | "javascript" | "python";

const kKey = "TINTYPE_KEY";

const curl = (origin: string) => `export ${kKey}=pk_live_...   # a key from "API keys"

# Double a photograph's size; the answer names the job.
curl -s ${origin}/api/v1/upscale -H "Authorization: Bearer $${kKey}" -F file=@photo.jpg -F scale=2

# Look at the job; this waits until something changes, a minute at most.
curl -s "${origin}/api/v1/jobs/JOB_ID?wait=60" -H "Authorization: Bearer $${kKey}"
`;

const javascript = (origin: string) => `// Node.js 18 or newer: ${kKey}=pk_live_... node first_call.mjs
import { readFile, writeFile } from "node:fs/promises";

const server = "${origin}";
const headers = { Authorization: \`Bearer \${process.env.${kKey}}\` };

async function call(path, options) {
  const response = await fetch(server + path, { headers, ...options });
  const { data, error } = await response.json();
  if (error) throw new Error(\`\${error.code}: \${error.message}\`);
  return data;
}

const form = new FormData();
form.append("file", new Blob([await readFile("photo.jpg")]), "photo.jpg");
form.append("scale", "2");
const { job_id } = await call("/api/v1/upscale", { method: "POST", body: form });

let job;
do {
  job = await call(\`/api/v1/jobs/\${job_id}?wait=60\`);
} while (job.status === "pending" || job.status === "processing");
if (job.status !== "completed") throw new Error(job.error?.message ?? job.status);

const picture = await fetch(job.result.output_url);
await writeFile("upscaled.jpg", Buffer.from(await picture.arrayBuffer()));
console.log(job.result.output_size);
`;

const python = (origin: string) => `# Python 3 with requests: ${kKey}=pk_live_... python3 first_call.py
import os
import requests

server = "${origin}"
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['${kKey}']}"


def call(method, path, **options):
    answer = session.request(method, server + path, **options).json()
    if not answer["success"]:
        raise RuntimeError(f"{answer['error']['code']}: {answer['error']['message']}")
    return answer["data"]


with open("photo.jpg", "rb") as photo:
    job_id = call("POST", "/api/v1/upscale", files={"file": photo}, data={"scale": 2})["job_id"]

job = {"status": "pending"}
while job["status"] in ("pending", "processing"):
    job = call("GET", f"/api/v1/jobs/{job_id}?wait=60")
if job["status"] != "completed":
    raise RuntimeError(job["error"] or job["status"])

with open("upscaled.jpg", "wb") as picture:
    picture.write(requests.get(job["result"]["output_url"]).content)
print(job["result"]["output_size"])
`;

const kTexts: Record<Language, (origin: string) => string> = { curl, javascript, python };

export const firstCall = (language: Language, origin: string): string => kTexts[language](origin);
