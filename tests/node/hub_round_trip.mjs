// Sends files to a Hub with @huggingface/hub and reads them back, then prints what it saw as JSON.
// Arguments: the node_modules folder, the Hub's address, a token, the repository.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, hubUrl, accessToken, name] = process.argv.slice(2);
const require = createRequire(`${modules}/../index.js`);
const hub = await import(pathToFileURL(require.resolve("@huggingface/hub")));
const repo = { type: "dataset", name };
const known = { repo, hubUrl, accessToken };
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

await hub.createRepo(known);
const large = new Uint8Array(60_000).map((_, number) => number % 251);
const sent = await hub.commit({
  ...known,
  title: "send",
  useXet: false,
  operations: [
    { operation: "addOrUpdate", path: "data/large.bin", content: new Blob([large]) },
    { operation: "addOrUpdate", path: "README.md", content: new Blob(["# news\n"]) },
  ],
});
let stale = null;
try {
  await hub.commit({
    ...known,
    title: "late",
    useXet: false,
    parentCommit: "0".repeat(40),
    operations: [{ operation: "addOrUpdate", path: "README.md", content: new Blob(["# late\n"]) }],
  });
} catch (error) {
  stale = error.statusCode;
}
const files = {};
for await (const item of hub.listFiles({ ...known, recursive: true })) {
  if (item.type !== "file") continue;
  const blob = await hub.downloadFile({ ...known, path: item.path, xet: false });
  files[item.path] = sha256(new Uint8Array(await blob.arrayBuffer()));
}
console.log(JSON.stringify({ commit: sent.commit.oid, stale, files, large: sha256(large) }));
