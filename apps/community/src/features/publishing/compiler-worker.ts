// A thread that compiles what gates should hold; see compiler.ts. It has its own database connections and its own copy
// of the model, so that nothing large crosses between threads but finished documents.

import { parentPort, workerData } from "node:worker_threads";
import { type KeyAccess, type KeyService, openKeyAccess } from "@menshen/key-service";
import { systemClock } from "../../clock.ts";
import { openDatabase } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { keysLocked } from "../../keys/key-vault.ts";
import { loadStorageKey } from "../../keys/storage-key.ts";
import { makeGateAliro } from "../aliro/index.ts";
import { makeCardKeys } from "../credentials/index.ts";
import { readHolders } from "../door-rules/index.ts";
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
let service: KeyService | undefined;
const keys = () => {
  if (service === undefined) throw keysLocked();
  return service;
};
/** Orders come one by one, the first ones perhaps while keys are locked. */
let opening = Promise.resolve();
function takeKeys(access: KeyAccess | undefined): Promise<void> {
  opening = opening.then(async () => {
    if (access !== undefined) service ??= await openKeyAccess(access);
  });
  return opening;
}

const publisher = makePublisher({
  db,
  clock: systemClock,
  cache: makeModelCache(db),
  keyrings: makeKeyringMaker({
    storageKey,
    cardKeys: makeCardKeys({ keys, communityId: plan.communityId }),
    keys,
  }),
  aliro: makeGateAliro({ db, clock: systemClock, storageKey }),
  holders: () => readHolders({ db, clock: systemClock, storageKey }),
  settle: (gateId) => report({ what: "settle", gateId }),
});

function report(message: CompilerReport): void {
  port?.postMessage(message);
}

port.on("message", ({ id, gateId, request, access }: CompileOrder) => {
  const compiled = takeKeys(access).then(() => publisher.compileFor(gateId, request));
  compiled.then(
    (documents) => report({ what: "made", id, documents, findings: publisher.findings() }),
    (error: unknown) => report({ what: "failed", id, error }),
  );
});
