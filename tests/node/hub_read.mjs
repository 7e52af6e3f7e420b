// Reads every file of a revision with @huggingface/hub and prints path to SHA-256 as JSON.
// Arguments: the node_modules folder, the Hub's address, the repository, the revision.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, hubUrl, name, revision] = process.argv.slice(2);
const require = createRequire(`${modules}/../index.js`);
const hub = await import(pathToFileURL(require.resolve("@huggingface/hub")));
const known = { repo: { type: "dataset", name }, hubUrl, revision };
const files = {};
for await (const item of hub.listFiles({ ...known, recursive: true })) {
  if (item.type !== "file") continue;
  const blob = await hub.downloadFile({ ...known, path: item.path, xet: false });
  files[item.path] = createHash("sha256").update(new Uint8Array(await blob.arrayBuffer())).digest("hex");
}
console.log(JSON.stringify(files));
