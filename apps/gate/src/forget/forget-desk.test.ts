import { sha256, toHex } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import { type ForgottenMessage, forgetList, forgetMessage, forgottenMessage, WireError } from "@menshen/wire";
import { expect, test } from "vitest";
import { type ForgetDeskOptions, makeForgetDesk } from "./forget-desk.ts";

const GATE = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");
const DELETION = new Uint8Array(16).fill(5);
const GONE = new Uint8Array(16).fill(1);
const NOW = Instant(1_795_305_600_000);

function standDesk() {
  const held = new Set<string>([toHex(GONE)]);
  const forgotten: string[] = [];
  const receipts: ForgottenMessage[] = [];
  const keys = {
    version: 7,
    holdsAny: (names: ReadonlySet<string>) => [...names].some((name) => held.has(name)),
  };
  const options = {
    identity: { gateId: GATE },
    clock: { now: () => ({ earliest: NOW, latest: NOW }) },
    seal: { nameOf: (what: string, key: Uint8Array) => new TextEncoder().encode(`${what} ${toHex(key)}`) },
    journal: {
      forgetCounters: async (names: readonly Uint8Array[]) => {
        forgotten.push(...names.map((name) => new TextDecoder().decode(name)));
        return names.length;
      },
    },
    held: () => ({
      snapshot: () => undefined,
      passes: () => undefined,
      trail: () => undefined,
      cardKeys: () => keys,
    }),
    phones: () => ({ forget: async () => 0 }),
    logger: makeLogger({ app: "test", level: "error" }),
  };
  // The keyring is the part of it that this desk asks.
  const desk = makeForgetDesk(options as unknown as ForgetDeskOptions);
  desk.connected(async (receipt) => {
    receipts.push(forgottenMessage.decode(receipt));
  });
  return { desk, held, forgotten, receipts };
}

const asked = (gateId = GATE) =>
  forgetMessage.encode({ version: 1, gateId, deletionId: DELETION, issuedAt: NOW, credentialKeys: [GONE] });

test("X2: no receipt while a document has the credential; with the one that has none, it is signed for", async () => {
  const { desk, held, forgotten, receipts } = standDesk();
  await desk.receive(asked());
  expect(receipts).toEqual([]);
  expect(forgotten).toEqual([]);
  held.clear();
  desk.documentsChanged();
  await expect.poll(() => receipts.length).toBe(1);
  expect(receipts[0]).toMatchObject({
    gateId: GATE,
    deletionId: DELETION,
    listHash: sha256(forgetList(DELETION, [GONE])),
    keyringVersion: 7,
    counters: 2,
  });
  expect(forgotten.every((name) => name.endsWith(toHex(GONE)))).toBe(true);
});

test("X2: asked again it says the same again; what is another gate's is not answered", async () => {
  const { desk, held, receipts } = standDesk();
  held.clear();
  await desk.receive(asked());
  await desk.receive(asked());
  expect(receipts).toHaveLength(2);
  await desk.receive(asked(GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d22")));
  expect(receipts).toHaveLength(2);
  await expect(desk.receive(new Uint8Array([1, 2, 3]))).rejects.toThrow(WireError);
});
