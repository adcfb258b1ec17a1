import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { FIRST_SLOT, startTestPcscd, type TestPcscd } from "@menshen/testkit/pcscd";
import { blankDesfire, makeDesfireCard, makeUidCard, personaliseCard } from "@menshen/virtual-devices";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CardKeyQuery } from "../../card/authenticate-card.ts";
import { authenticateCard } from "../../card/authenticate-card.ts";
import { credentialKeyOf } from "../../card/credential-key.ts";
import { openInProcessChannel, type SoftwareCard } from "../../channel/software-card.ts";
import { CredentialError } from "../../credential-error.ts";
import type { ServedCard } from "../apdu-socket.ts";
import { openApduStream, serveApduSocket } from "../apdu-socket.ts";
import { listPcscReaders, openPcscCard, waitForPcscCard, watchPcscReaders } from "./pcsc.ts";

// ATR that PC/SC readers form for an ISO/IEC 14443-4 card without historical bytes (PC/SC part 3 §3.1.3.2.3.1).
const atr = fromHex("3b80800101");

let pcscd: TestPcscd;
beforeAll(async () => {
  pcscd = await startTestPcscd();
});
afterAll(async () => {
  await pcscd?.stop();
});

/** Answers with the command turned round and 9000. */
const echoCard: SoftwareCard = {
  atr,
  reset: () => {},
  powerOff: () => {},
  transceive: (command) => Uint8Array.from([...command.toReversed(), 0x90, 0x00]),
};

let served: ServedCard | undefined;

async function insert(card: SoftwareCard): Promise<void> {
  served = serveApduSocket(await openApduStream({ host: "127.0.0.1", port: pcscd.vpcdPort }), card);
}

async function remove(): Promise<void> {
  served?.close();
  await served?.ended;
  served = undefined;
}

afterEach(async () => {
  await remove();
  await waitForEmptyReader();
});

const within = (ms: number) => AbortSignal.timeout(ms);

/**
 * Until pcscd's watching thread has seen the removal, not only a command that failed on it: the thread counts every
 * insertion and every removal, so an empty reader has an even count.
 */
async function waitForEmptyReader(): Promise<void> {
  for await (const readers of watchPcscReaders(within(10_000), pcscd)) {
    const reader = readers.find(({ name }) => name === FIRST_SLOT);
    if (reader !== undefined && !reader.cardPresent && reader.eventCounter % 2 === 0) return;
  }
  throw new Error(`the reader did not report the removal: ${pcscd.log()}`);
}

describe("PC/SC through a real pcscd and virtual reader", () => {
  it("lists readers, waits for a card, exchanges APDUs and lets go", async () => {
    const before = await listPcscReaders(pcscd);
    expect(before.map(({ name, cardPresent }) => ({ name, cardPresent }))).toEqual([
      { name: "Virtual PCD 00 00", cardPresent: false },
      { name: "Virtual PCD 00 01", cardPresent: false },
    ]);

    const waiting = waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
    let noticePowerOff = () => {};
    await insert({ ...echoCard, powerOff: () => noticePowerOff() });
    const reader = await waiting;
    expect(reader?.name).toBe(FIRST_SLOT);

    const channel = await openPcscCard(FIRST_SLOT, pcscd);
    expect(channel.kind).toBe("pcsc");
    expect(toHex(channel.atr ?? new Uint8Array())).toBe(toHex(atr));
    expect(toHex(await channel.transceive(fromHex("00a4040007d276000085010100")))).toBe(
      "00010185000076d2070004a4009000",
    );
    const long = Uint8Array.from([0x90, 0xaf, 0, 0, 250, ...new Uint8Array(250).fill(7), 0]);
    expect(await channel.transceive(long)).toHaveLength(258);

    const poweredOff = new Promise<void>((resolve) => {
      noticePowerOff = resolve;
    });
    await channel.close();
    await channel.close();
    await poweredOff;
    await expect(channel.transceive(fromHex("00000000"))).rejects.toMatchObject({ code: "closed" });
  });

  it("tells that the card was removed in mid-dialogue", async () => {
    await insert(echoCard);
    const reader = await waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
    const channel = await openPcscCard(FIRST_SLOT, pcscd);
    await channel.transceive(fromHex("00000000"));
    await remove();
    await expect(channel.transceive(fromHex("00000000"))).rejects.toMatchObject({ code: "card-removed" });
    await channel.close();
    await waitForEmptyReader();

    await insert(echoCard);
    const next = await waitForPcscCard(FIRST_SLOT, within(10_000), {
      ...pcscd,
      ...(reader === undefined ? {} : { afterEvent: reader.eventCounter }),
    });
    expect(next?.eventCounter).toBeGreaterThan(reader?.eventCounter ?? Number.POSITIVE_INFINITY);
  });

  it("tells that the card was removed in the middle of an exchange", async () => {
    await insert({
      ...echoCard,
      transceive() {
        served?.close();
        return Uint8Array.of(0x90, 0x00);
      },
    });
    await waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
    const channel = await openPcscCard(FIRST_SLOT, pcscd);
    await expect(channel.transceive(fromHex("00000000"))).rejects.toMatchObject({ code: "card-removed" });
    await channel.close();
  });

  it("holds the card exclusively, and says so to the second", async () => {
    await insert(echoCard);
    await waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
    const first = await openPcscCard(FIRST_SLOT, pcscd);
    await expect(openPcscCard(FIRST_SLOT, pcscd)).rejects.toMatchObject({ code: "reader-busy" });
    await first.close();
    const second = await openPcscCard(FIRST_SLOT, pcscd);
    await second.close();
  });

  it("names an empty reader, an unknown one, and a silent card", async () => {
    await expect(openPcscCard(FIRST_SLOT, pcscd)).rejects.toMatchObject({ code: "card-removed" });
    await expect(openPcscCard("No Such Reader 00 00", pcscd)).rejects.toMatchObject({
      code: "reader-unknown",
    });
    await expect(openPcscCard("x".repeat(128), pcscd)).rejects.toMatchObject({ code: "bad-argument" });

    await insert({ ...echoCard, transceive: () => new Promise(() => {}) });
    await waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
    const hasty = await openPcscCard(FIRST_SLOT, { ...pcscd, timeoutMs: 300 });
    await expect(hasty.transceive(fromHex("00000000"))).rejects.toMatchObject({ code: "timeout" });
    await hasty.close();
  });

  it("authenticates a DESFire card, and knows a copy of its identifier for one", async () => {
    const uid = fromHex("04112233445566");
    const key = fromHex("000102030405060708090a0b0c0d0e0f");
    const card = makeDesfireCard(blankDesfire(uid), primitives.randomBytes);
    const keys = [0, 2].map((number) => ({ number, version: 1, value: key }));
    await personaliseCard(openInProcessChannel(card), { kind: "desfire", uid, keys });
    const options = {
      primitives,
      doorGroup: 2,
      random: primitives.randomBytes,
      keyFor: ({ kind }: CardKeyQuery) =>
        kind === "desfire" ? { number: 2, keyVersion: 1, key } : undefined,
    };
    for (const [presented, expected] of [
      [card, { kind: "desfire", grade: "B", evidence: { keyVersion: 1 } }],
      [makeUidCard(uid), { kind: "uid", grade: "E", evidence: { downgraded: true } }],
    ] as const) {
      await insert(presented);
      await waitForPcscCard(FIRST_SLOT, within(10_000), pcscd);
      const channel = await openPcscCard(FIRST_SLOT, pcscd);
      const credentialKey = credentialKeyOf(primitives, "desfire", uid);
      expect(await authenticateCard(channel, options)).toMatchObject({
        outcome: "presented",
        presentation: { ...expected, credentialKey, identifier: uid },
      });
      await channel.close();
      await remove();
      await waitForEmptyReader();
    }
  });

  it("stops waiting when told", async () => {
    const controller = new AbortController();
    const waiting = waitForPcscCard(FIRST_SLOT, controller.signal, pcscd);
    controller.abort();
    expect(await waiting).toBeUndefined();
  });
});

describe("PC/SC without pcscd", () => {
  it("says that the daemon is absent", async () => {
    const error = await listPcscReaders({ socketPath: "/run/pcscd/no-such-socket" }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({
      code: "pcsc-absent",
      message: "no PC/SC daemon (pcscd) listens here; card readers need one",
    });
  });
});
