// A thread that asks keys which another thread opened; see key-service.conformance.test.ts.
import { parentPort, workerData } from "node:worker_threads";
import { fromHex, toHex } from "@menshen/crypto/node";
import { openKeyAccess } from "../key-access.ts";

const service = await openKeyAccess(workerData);
const key = await service.diversify(
  { name: "card-master-desfire", version: 1 },
  fromHex("04782e21801d803042f54e585020416275"),
);
await service.close();
parentPort?.postMessage(toHex(key));
