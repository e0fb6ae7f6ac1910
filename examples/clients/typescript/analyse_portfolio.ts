// Has a portfolio analysed over the gRPC door, and keeps the payload as a file: one call of each shape.
//
//   WEALTH_API_KEY=k_... node out/analyse_portfolio.js http://127.0.0.1:8001 ananya review.json
//
// The stubs in gen/ are made by `npm run generate` (docs/grpc.md).
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PortfolioService, TaskStatus, TaskView } from "./gen/wealth/portfolio/v1/portfolio_pb.js";
import { StorageService } from "./gen/wealth/storage/v1/storage_pb.js";

const PIECE_BYTES = 256 * 1024;
const [address, user, path] = process.argv.slice(2);
if (!address || !user || !path) throw new Error("usage: analyse_portfolio ADDRESS USER FILE");

const withKey: Interceptor = (next) => (request) => {
  request.header.set("x-api-key", process.env.WEALTH_API_KEY ?? "");
  return next(request);
};
const transport = createGrpcTransport({ baseUrl: address, interceptors: [withKey] });
const portfolio = createClient(PortfolioService, transport);
const storage = createClient(StorageService, transport);
const content = await readFile(path);

// A header, then pieces.
async function* pieces() {
  yield { part: { case: "header" as const, value: { userId: user, fileName: "payload.json", size: BigInt(content.length) } } };
  for (let start = 0; start < content.length; start += PIECE_BYTES) {
    yield { part: { case: "chunk" as const, value: content.subarray(start, start + PIECE_BYTES) } };
  }
}
const file = await storage.uploadFile(pieces());
console.log(`uploaded ${file.size} bytes`);

const payloads: unknown[] = JSON.parse(content.toString("utf8")).data;
// Creating again with the same requestId gives the same task: keep it with your own record of the work.
const { taskId } = await portfolio.createTask({
  username: user,
  payloadsJson: payloads.map((payload) => JSON.stringify(payload)),
  requestId: randomUUID(),
});

// A watch ends before the task does where a service restarts: it is taken up after the last revision that was whole.
let afterRevision = 0n;
let terminal = false;
while (!terminal) {
  try {
    for await (const event of portfolio.watchTask({ taskId, afterRevision })) {
      console.log(`${event.progress} ${event.message}`);
      if (event.resumable) afterRevision = event.revision;
      terminal = event.terminal;
    }
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unavailable) throw error;
  }
}
const task = await portfolio.getTask({ taskId, view: TaskView.FULL }, { timeoutMs: 10_000 });
for (const section of task.sections) console.log(`${section.name}: ${section.response.split(". ")[0]}`);
process.exitCode = task.status === TaskStatus.COMPLETED ? 0 : 1;
