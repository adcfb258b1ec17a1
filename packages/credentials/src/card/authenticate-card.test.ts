import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import {
  blankDesfire,
  blankNtag424,
  type DesfireState,
  makeDesfireCard,
  makeNtag424Card,
  makeUidCard,
  personaliseCard,
} from "@menshen/virtual-devices";
import { describe, expect, it } from "vitest";
import type { CardChannel } from "../channel/card-channel.ts";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { openInProcessChannel, type SoftwareCard } from "../channel/software-card.ts";
import { CredentialError } from "../credential-error.ts";
import { diversifyAes128 } from "../ev2/diversification.ts";
import type { AuthenticateCardOptions, CardKey, CardKeyQuery } from "./authenticate-card.ts";
import { authenticateCard } from "./authenticate-card.ts";
import { desfireLayout, diversificationInput, type KeyedCardKind, layoutOf } from "./card-layout.ts";
import { credentialKeyOf } from "./credential-key.ts";

const communityId = fromHex("0190d6c2f3b17a4c8e5d00112233aabb");
const master = fromHex("0f0e0d0c0b0a09080706050403020100");
const desfireUid = fromHex("04112233445566");
const ntagUid = fromHex("04665544332211");
const GROUP = 2;

function keyOf(kind: KeyedCardKind, uid: Uint8Array, doorGroup: number): Uint8Array {
  const { applicationId } = layoutOf(kind);
  return diversifyAes128(
    primitives,
    master,
    diversificationInput({ uid, applicationId, communityId, doorGroup }),
  );
}

async function personalised(kind: KeyedCardKind): Promise<{ card: SoftwareCard; state?: DesfireState }> {
  const uid = kind === "desfire" ? desfireUid : ntagUid;
  const state = blankDesfire(uid);
  const card =
    kind === "desfire"
      ? makeDesfireCard(state, primitives.randomBytes)
      : makeNtag424Card(blankNtag424(uid), primitives.randomBytes);
  const channel = openInProcessChannel(card);
  await personaliseCard(channel, {
    kind,
    uid,
    keys: [0, 1, GROUP].map((number) => ({ number, version: 3, value: keyOf(kind, uid, number) })),
  });
  await channel.close();
  return kind === "desfire" ? { card, state } : { card };
}

/** A gate of door group 2 that knows one card. */
function gate(kind: KeyedCardKind, uid: Uint8Array, change: Partial<CardKey> = {}) {
  const asked: string[] = [];
  const options: AuthenticateCardOptions = {
    primitives,
    doorGroup: GROUP,
    random: primitives.randomBytes,
    keyFor: (query: CardKeyQuery) => {
      asked.push(`${query.kind} ${toHex(query.uid)} ${query.doorGroup}`);
      if (query.kind !== kind || toHex(query.uid) !== toHex(uid)) return undefined;
      return { number: GROUP, keyVersion: 3, key: keyOf(kind, uid, GROUP), ...change };
    },
  };
  return { asked, options };
}

describe.each(["desfire", "ntag424"] as const)("an enrolled %s card", (kind) => {
  const uid = kind === "desfire" ? desfireUid : ntagUid;

  it("proves itself at grade B", async () => {
    const { card } = await personalised(kind);
    const { options, asked } = gate(kind, uid);
    const reading = await authenticateCard(openInProcessChannel(card), options);
    expect(reading).toMatchObject({
      outcome: "presented",
      presentation: {
        credentialKey: credentialKeyOf(primitives, kind, uid),
        kind,
        grade: "B",
        evidence: { keyVersion: 3 },
        identifier: uid,
        version: { hardware: { vendor: 0x04 } },
      },
    });
    expect(asked).toEqual([`${kind} ${toHex(uid)} 2`]);
  });

  it("is worth no more than the reader link and the keeping of keys", async () => {
    const { card } = await personalised(kind);
    const { options } = gate(kind, uid);
    const gradeWith = async (limits: Partial<AuthenticateCardOptions>) => {
      const reading = await authenticateCard(openInProcessChannel(card), { ...options, ...limits });
      return reading.outcome === "presented" ? reading.presentation.grade : reading.outcome;
    };
    expect(await gradeWith({ readerLink: "A", keyCustody: "A" })).toBe("B");
    expect(await gradeWith({ readerLink: "D" })).toBe("D");
    expect(await gradeWith({ keyCustody: "C" })).toBe("C");
    expect(await gradeWith({ readerLink: "C", keyCustody: "D" })).toBe("D");
  });

  it("measures the dialogue by the clock it is given", async () => {
    const { card } = await personalised(kind);
    const times = [1000.2, 1007.9];
    const reading = await authenticateCard(openInProcessChannel(card), {
      ...gate(kind, uid).options,
      monotonicMs: () => times.shift() ?? Number.NaN,
    });
    expect(reading).toMatchObject({ presentation: { evidence: { keyVersion: 3, dialogueMs: 8 } } });
  });

  it("is not authentic under another key", async () => {
    const { card } = await personalised(kind);
    const { options } = gate(kind, uid, { key: keyOf(kind, uid, 1) });
    expect(await authenticateCard(openInProcessChannel(card), options)).toEqual({
      outcome: "not-authentic",
      detail: "wrong-key",
      claimedKind: kind,
      identifier: uid,
    });
  });

  it("is not authentic when it lacks the key number, or answers another mode", async () => {
    const { card } = await personalised(kind);
    const detailWith = async (change: Partial<CardKey>) => {
      const reading = await authenticateCard(openInProcessChannel(card), gate(kind, uid, change).options);
      return reading.outcome === "not-authentic" ? reading.detail : reading.outcome;
    };
    expect(await detailWith({ number: 15 })).toBe("protocol-error");
    expect(await detailWith({ secureMessaging: "lrp" })).toBe("protocol-error");
  });

  it("never lets one bit changed on the way pass", async () => {
    const { card } = await personalised(kind);
    const counting = recording(openInProcessChannel(card));
    await authenticateCard(counting.channel, gate(kind, uid).options);
    const exchanges = counting.lengths.length;
    expect(exchanges).toBe(7);
    for (let index = 3; index < exchanges; index += 1) {
      for (let byte = 0; byte < (counting.lengths[index] ?? 0); byte += 3) {
        const channel = tampering(openInProcessChannel(card), index, byte);
        const reading = await authenticateCard(channel, gate(kind, uid).options);
        if (reading.outcome === "presented") expect(reading.presentation.grade).toBe("E");
        else expect(reading.outcome).toBe("not-authentic");
      }
    }
  });

  it("is reported as removed at every step of the dialogue", async () => {
    const { card } = await personalised(kind);
    for (let after = 0; after < 7; after += 1) {
      const inner = openInProcessChannel(card);
      let sent = 0;
      const channel: CardChannel = {
        ...inner,
        transceive(command) {
          if (sent === after) inner.remove();
          sent += 1;
          return inner.transceive(command);
        },
      };
      const reading = await authenticateCard(channel, gate(kind, uid).options);
      expect(reading).toMatchObject({ outcome: "not-authentic", detail: "card-removed" });
    }
  });

  it("is downgraded when only its identifier answers", async () => {
    const copy = makeUidCard(uid);
    const { options, asked } = gate(kind, uid);
    expect(await authenticateCard(openInProcessChannel(copy), options)).toEqual({
      outcome: "presented",
      presentation: {
        credentialKey: credentialKeyOf(primitives, kind, uid),
        kind: "uid",
        grade: "E",
        evidence: { downgraded: true },
        identifier: uid,
      },
    });
    expect(asked).toContain(`${kind} ${toHex(uid)} 2`);
  });

  it("is downgraded when the other kind of chip answers with its identifier", async () => {
    const impostor =
      kind === "desfire"
        ? makeNtag424Card(blankNtag424(uid), primitives.randomBytes)
        : makeDesfireCard(blankDesfire(uid), primitives.randomBytes);
    const reading = await authenticateCard(openInProcessChannel(impostor), gate(kind, uid).options);
    expect(reading).toMatchObject({
      presentation: { kind: "uid", grade: "E", evidence: { downgraded: true } },
    });
  });
});

describe("an enrolled DESFire card", () => {
  it("is downgraded when its application is gone", async () => {
    const blank = makeDesfireCard(blankDesfire(desfireUid), primitives.randomBytes);
    const reading = await authenticateCard(openInProcessChannel(blank), gate("desfire", desfireUid).options);
    expect(reading).toMatchObject({
      presentation: {
        credentialKey: credentialKeyOf(primitives, "desfire", desfireUid),
        grade: "E",
        evidence: { downgraded: true },
      },
    });
  });

  it("is refused when its file names another credential", async () => {
    const { card, state } = await personalised("desfire");
    const file = state?.applications[0]?.files.get(desfireLayout.fileNumber);
    if (file?.type !== "standard") throw new Error("no credential file");
    file.data = credentialKeyOf(primitives, "desfire", ntagUid);
    expect(
      await authenticateCard(openInProcessChannel(card), gate("desfire", desfireUid).options),
    ).toMatchObject({ outcome: "not-authentic", detail: "protocol-error" });
  });

  it("answers under the community's own application", async () => {
    const { card } = await personalised("desfire");
    const reading = await authenticateCard(openInProcessChannel(card), {
      ...gate("desfire", desfireUid).options,
      desfireApplication: fromHex("010203"),
    });
    expect(reading).toMatchObject({ presentation: { kind: "uid", evidence: { downgraded: true } } });
  });
});

describe("other cards", () => {
  const options = gate("desfire", desfireUid).options;

  it("are constants when nobody enrolled them as more", async () => {
    const stranger = makeDesfireCard(blankDesfire(ntagUid), primitives.randomBytes);
    for (const card of [stranger, makeUidCard(ntagUid)]) {
      expect(await authenticateCard(openInProcessChannel(card), options)).toMatchObject({
        outcome: "presented",
        presentation: {
          credentialKey: credentialKeyOf(primitives, "uid", ntagUid),
          kind: "uid",
          grade: "E",
          evidence: {},
          identifier: ntagUid,
        },
      });
    }
  });

  it("that tell a random number or none are nobody", async () => {
    const random = scriptedChannel({}, { uid: fromHex("08a1b2c3") });
    expect(await authenticateCard(random, options)).toEqual({ outcome: "no-identifier" });
    expect(await authenticateCard(scriptedChannel({}), options)).toEqual({ outcome: "no-identifier" });
  });

  it("that tell two numbers are refused", async () => {
    const { card } = await personalised("desfire");
    const twoFaced: CardChannel = { ...openInProcessChannel(card), uid: ntagUid };
    expect(await authenticateCard(twoFaced, options)).toEqual({
      outcome: "not-authentic",
      detail: "protocol-error",
      claimedKind: "uid",
      identifier: desfireUid,
    });
  });

  it("that talk out of form are refused", async () => {
    const mumbling = scriptedChannel({ "9060000000": "91" }, { uid: desfireUid });
    expect(await authenticateCard(mumbling, options)).toEqual({
      outcome: "not-authentic",
      detail: "protocol-error",
      claimedKind: "uid",
    });
  });

  it("behind a broken reader are the caller's to hear about", async () => {
    const broken: CardChannel = {
      kind: "pcsc",
      transceive: async () => {
        throw new CredentialError("transport", "the reader is unplugged");
      },
      close: async () => {},
    };
    await expect(authenticateCard(broken, options)).rejects.toMatchObject({ code: "transport" });
    const failing = { ...options, keyFor: () => Promise.reject(new RangeError("no keyring")) };
    await expect(authenticateCard(openInProcessChannel(makeUidCard(ntagUid)), failing)).rejects.toThrow(
      RangeError,
    );
  });
});

function recording(inner: CardChannel) {
  const lengths: number[] = [];
  const channel: CardChannel = {
    ...inner,
    async transceive(command) {
      const response = await inner.transceive(command);
      lengths.push(response.length);
      return response;
    },
  };
  return { channel, lengths };
}

/** Turns one bit of one response. */
function tampering(inner: CardChannel, exchange: number, byte: number): CardChannel {
  let count = 0;
  return {
    ...inner,
    async transceive(command) {
      const response = (await inner.transceive(command)).slice();
      if (count === exchange) response[byte] = (response[byte] ?? 0) ^ 0x10;
      count += 1;
      return response;
    },
  };
}
