import { makePkocCard, verifyPkocProof } from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { makePkocPanel, type PkocPanelOutcome, parseScbk } from "@menshen/osdp";
import { describe, expect, test } from "vitest";
import { cardFromProfile } from "../card/card-profile.ts";
import { seededRandom } from "../random.ts";
import { makeTestBus } from "./bus.test-support.ts";
import { makeVirtualReader } from "./virtual-reader.ts";

const KEY = parseScbk(primitives.fromHex("9b3c5f0e8a7d4612c05e7713fa29b8d4"));
const holder = primitives.p256FromSecret(primitives.fromHex("42".repeat(32)));
const readerIdentifier = new Uint8Array(32).fill(0x5a);

/** A phone shows another number at every tap. */
const phone = () => ({
  ...makePkocCard({ primitives, key: holder }),
  kind: "pkoc",
  uid: primitives.fromHex("08112233"),
});

function rig(options: { readonly timeoutMs?: number; readonly pkoc?: boolean } = {}) {
  const made = makeTestBus([{ address: 3, security: { kind: "secure-channel", key: KEY }, cardMode: 1 }]);
  const random = seededRandom("pkoc");
  const outcomes: PkocPanelOutcome[] = [];
  const reader = makeVirtualReader(made.line, {
    address: 3,
    key: KEY,
    timers: made.timers,
    pkoc: options.pkoc ?? true,
  });
  const panel = makePkocPanel({
    bus: made.bus,
    address: 3,
    readerIdentifier,
    random: random.bytes,
    timers: made.timers,
    timeoutMs: options.timeoutMs ?? 3_000,
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  let handled = 0;
  return {
    ...made,
    reader,
    outcomes,
    /** Time passes, and the panel is handed what the bus told. */
    async run(ms: number) {
      for (let passed = 0; passed < ms; passed += 5) {
        await made.run(5);
        for (; handled < made.events.length; handled += 1) {
          const event = made.events[handled];
          if (event !== undefined) panel.handle(event);
        }
      }
    },
    panel,
  };
}

describe("a reader that speaks PKOC over OSDP", () => {
  test("the panel draws the nonce, the card signs it, and the signature holds", async () => {
    const { run, reader, outcomes } = rig();
    await run(1_000);
    void reader.hold(phone());
    await run(1_000);
    expect(outcomes).toHaveLength(1);
    const [proof] = outcomes;
    if (proof?.kind !== "proof") throw new Error("no proof");
    expect(proof.publicKey).toEqual(holder.publicKey);
    expect(verifyPkocProof(primitives, proof, proof.transactionId)).toBe(true);
    expect(verifyPkocProof(primitives, proof, new Uint8Array(16))).toBe(false);
  });

  test("each tap gets a nonce of its own", async () => {
    const { run, reader, outcomes } = rig();
    await run(1_000);
    for (let tap = 0; tap < 3; tap += 1) {
      void reader.hold(phone());
      await run(800);
      reader.take();
      await run(100);
    }
    const ids = outcomes.map((outcome) =>
      outcome.kind === "proof" ? primitives.toHex(outcome.transactionId) : "",
    );
    expect(new Set(ids).size).toBe(3);
  });

  test("a card taken away while it signs is an error of the reader, and grants nothing", async () => {
    const { run, reader, outcomes } = rig();
    await run(1_000);
    const card = phone();
    const transceive = (command: Uint8Array) => {
      if (command[0] === 0x80) reader.take();
      return card.transceive(command);
    };
    void reader.hold({ ...card, transceive });
    await run(1_000);
    expect(outcomes).toEqual([{ kind: "reader-error", error: { code: 2 } }]);
  });

  test("a reader that falls silent is given up", async () => {
    const { run, reader, outcomes, events } = rig({ timeoutMs: 500 });
    await run(1_000);
    void reader.hold(phone());
    while (!events.some(({ kind }) => kind === "mfg-reply")) await run(5);
    reader.setPulled(true);
    await run(1_000);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ kind: "failed" });
  });

  test("other cards are passed through as before", async () => {
    const { run, reader, of, outcomes } = rig();
    await run(1_000);
    const { card } = cardFromProfile({ kind: "desfire", uid: "04a1b2c3d4e5f6" }, seededRandom("card").bytes);
    void reader.hold(card);
    await run(500);
    expect(of("xrd")).toMatchObject([{ report: { kind: "card-present", status: "contactless" } }]);
    expect(outcomes).toEqual([]);
  });

  test("answers that nobody asked for, and messages of panels, are refused", async () => {
    const { run, outcomes, panel } = rig();
    await run(100);
    const event = { kind: "mfg-reply", address: 3, vendor: 0x1a9021 } as const;
    const tid = `4c10${"00".repeat(16)}`;
    const whole = `5a4104${"11".repeat(64)}9e40${"22".repeat(64)}`;
    const part = `e2${"8500"}0000${"8500"}${whole}`;
    for (const hex of [part, `e3${tid}`, "e5", "e0fc045c020200", "e4", "fe02"]) {
      panel.handle({ ...event, data: primitives.fromHex(hex) });
    }
    panel.handle({ ...event, vendor: 0x123456, data: primitives.fromHex("e5") });
    panel.handle({ ...event, address: 4, data: primitives.fromHex("e5") });
    expect(outcomes).toEqual([
      { kind: "failed", reason: "unasked" },
      { kind: "failed", reason: "malformed" },
      { kind: "failed", reason: "malformed" },
      { kind: "failed", reason: "version" },
      { kind: "reader-error", error: { code: 2 } },
    ]);
  });

  test("a reader without PKOC refuses the request", async () => {
    const { run, outcomes, panel } = rig({ pkoc: false });
    await run(1_000);
    panel.handle({
      kind: "mfg-reply",
      address: 3,
      vendor: 0x1a9021,
      data: primitives.fromHex("e0fc045c020100"),
    });
    await run(500);
    expect(outcomes).toEqual([{ kind: "failed", reason: "refused" }]);
  });
});
