import { setTimeout as delay } from "node:timers/promises";
import { coseVerify1 } from "@menshen/crypto/node";
import { makeResident, makeSmallSite, type SmallSite, waitForGate } from "@menshen/testkit/system";
import {
  CHANGE_REASON_HEADER,
  deletionEndpoints,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  externalAad,
  fillPath,
  personEndpoints,
  VIEW_REASON_HEADER,
} from "@menshen/wire";
import { startBareGate } from "./harness/bare-gate.ts";
import { inWorld, type World } from "./harness/world.ts";
import { median, type Result, rounded } from "./result.ts";

const GATES = 20;
const PEOPLE = 5;
const TARGET_S = 60;
const LOOK_EVERY_MS = 20;
const WITHIN_MS = 5 * 60_000;

/** From the order to delete somebody until each of 20 gates that are online has given its signed receipt. */
export function benchDeletion(): Promise<Result[]> {
  return inWorld(async (world) => {
    const site = await makeSmallSite(world.api);
    const gates: string[] = [];
    for (let index = 0; index < GATES; index++) gates.push(await startBareGate(world, index, 1));
    const times: number[] = [];
    for (let turn = 0; turn < PEOPLE; turn++) times.push(await deleteOne(world, site, gates, turn));
    return [
      {
        id: "deletion.receipts_20_s",
        value: rounded(Math.max(...times)),
        unit: "s",
        better: "lower",
        target: TARGET_S,
        note:
          `slowest of ${PEOPLE} people (median ${rounded(median(times))} s): from the request until the deletion is closed, ` +
          `with the receipt of ${GATES} real gate processes online, each signed and checked, and every store of the server ` +
          "looked through",
      },
    ];
  });
}

/** @returns seconds */
async function deleteOne(
  world: World,
  site: SmallSite,
  gates: readonly string[],
  turn: number,
): Promise<number> {
  const { api } = world;
  const { personId: id } = await makeResident(api, site, `住户 ${turn + 1}`, "uid");
  // Every gate has what it is to forget.
  for (const gate of gates) await waitForGate(api, gate);
  await ask(world, personEndpoints.remove, id);
  const begin = performance.now();
  const { deletionId } = (await ask(world, personEndpoints.erase, id)) as { deletionId: string };
  for (;;) {
    const { deletion, receipt } = await api.call(deletionEndpoints.get, { params: { id: deletionId } });
    if (deletion.closedAt !== undefined) {
      const seconds = (performance.now() - begin) / 1_000;
      demandSigned(receipt);
      return seconds;
    }
    if (performance.now() - begin > WITHIN_MS) throw new Error("a deletion was not closed within minutes");
    await delay(LOOK_EVERY_MS);
  }
}

/** As the desk does because the resident asked: no other reason removes who lives here. */
async function ask({ api }: World, endpoint: Endpoint, id: string): Promise<unknown> {
  const response = await fetch(new URL(fillPath(endpoint.path, { id }), api.origin), {
    method: endpoint.method,
    headers: {
      cookie: api.cookie(),
      origin: api.origin,
      [CHANGE_REASON_HEADER]: encodeChangeReason({ code: "resident-request" }),
      [VIEW_REASON_HEADER]: encodeViewReason({ code: "maintenance", text: "bench" }),
    },
  });
  if (!response.ok) throw new Error(`${endpoint.id}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** A figure without its receipts would be worth nothing. */
function demandSigned(text: string): void {
  const { receipt } = JSON.parse(text) as {
    receipt: { gates: { state: string; deviceKey: string; receipt: string }[] };
  };
  const good = receipt.gates.filter(
    (gate) =>
      gate.state === "answered" &&
      coseVerify1({
        message: Buffer.from(gate.receipt, "hex"),
        key: { alg: "ES256", publicKey: Buffer.from(gate.deviceKey, "hex") },
        externalAad: externalAad("forgotten"),
      }).verified,
  );
  if (good.length !== GATES) throw new Error(`expected ${GATES} signed receipts, got ${good.length}`);
}
