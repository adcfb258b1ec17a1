// A thread that compiles what gates should hold; see compiler.ts. It has its own database connections and its own copy
// of the model, so that nothing large crosses between threads but finished documents.

import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../../clock.ts";
import { openDatabase } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { loadServerSecrets } from "../../keys/server-secrets.ts";
import { loadStorageKey } from "../../keys/storage-key.ts";
import { makeGateAliro } from "../aliro/index.ts";
import { makeCardKeys } from "../credentials/index.ts";
import type { CompileOrder, CompilerPlan, CompilerReport } from "./compiler.ts";
import { makeKeyringMaker } from "./keyring.ts";
import { makeModelCache } from "./model-cache.ts";
import { makePublisher } from "./publisher.ts";

const port = parentPort;
if (port === null) throw new CommunityError("internal", "the compiler runs as a worker thread");
const plan: CompilerPlan = workerData;
// A connection that breaks is opened again by the next query.
const db = openDatabase({ ...plan.connection, max: 2 }, () => {});
const storageKey = loadStorageKey(plan.storageKeyFile);
const { privacyKey, pinKey } = await loadServerSecrets(db, storageKey, systemClock.now());

const publisher = makePublisher({
  db,
  clock: systemClock,
  cache: makeModelCache(db),
  keyrings: makeKeyringMaker({
    db,
    storageKey,
    cardKeys: makeCardKeys({ storageKey, communityId: plan.communityId, privacyKey }),
    pinKey,
    privacyKey,
  }),
  aliro: makeGateAliro({ db, clock: systemClock, storageKey }),
  settle: (gateId) => report({ what: "settle", gateId }),
});

function report(message: CompilerReport): void {
  port?.postMessage(message);
}

port.on("message", ({ id, gateId, request }: CompileOrder) => {
  publisher.compileFor(gateId, request).then(
    (documents) => report({ what: "made", id, documents, findings: publisher.findings() }),
    (error: unknown) => report({ what: "failed", id, error }),
  );
});
