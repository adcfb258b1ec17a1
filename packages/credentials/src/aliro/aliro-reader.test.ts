import { p256Generate, toHex } from "@menshen/crypto";
import * as nodeCrypto from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { openInProcessChannel } from "../channel/software-card.ts";
import { ReaderStatus, SignalingBit } from "./aliro-codes.ts";
import { readAliro } from "./aliro-reader.ts";
import {
  credentialKey,
  groupIdentifier,
  identity,
  primitives,
  readerIdentifier,
  readerIssuer,
  readerKey,
  signerOf,
} from "./aliro-vectors.testing.ts";
import { doorOptions, doorRequest, NOW_S, phone } from "./aliro-world.testing.ts";
import { parseDeviceResponse } from "./document/issuer-signed.ts";
import { encodePossession, parsePossession, provesPossession } from "./possession.ts";
import { issueReaderCertificate } from "./reader-certificate.ts";

async function session(device: ReturnType<typeof phone>["device"], options = doorOptions()) {
  const reading = await readAliro(openInProcessChannel(device), options);
  if (reading.outcome !== "authenticated") throw new Error(`refused: ${reading.reason}`);
  return reading.session;
}

it("a standard transaction leaves what others can check: that a device with this key signed to this reader", async () => {
  const { possession } = await session(phone().device);
  if (possession === undefined) throw new Error("expected a proof");
  const bytes = encodePossession(possession);
  expect(bytes).toHaveLength(275);
  expect(toHex(bytes.subarray(0, 65))).toBe(toHex(credentialKey.publicKey));
  const read = parsePossession(bytes);
  expect(provesPossession(primitives, read, readerIdentifier)).toBe(true);
  expect(provesPossession(primitives, read, readerIdentifier.toReversed())).toBe(false);
  const { publicKey } = p256Generate();
  expect(provesPossession(primitives, { ...read, publicKey }, readerIdentifier)).toBe(false);
  const offCurve = Uint8Array.of(4, ...new Uint8Array(64));
  expect(provesPossession(primitives, { ...read, publicKey: offCurve }, readerIdentifier)).toBe(false);
  for (const at of [65, 130, 195, 211]) {
    const changed = bytes.slice();
    changed[at + 1] = (changed[at + 1] ?? 0) ^ 1;
    expect(provesPossession(primitives, parsePossession(changed), readerIdentifier)).toBe(false);
  }
});

describe("a phone and a door", () => {
  it("meet by standard, then fast; two fast taps show different cryptograms", async () => {
    const { device, statuses, kpersistents } = phone();
    const first = await session(device);
    expect(first.method).toBe("standard");
    expect(await first.finish(ReaderStatus.unsecured)).toBe(true);
    const kpersistent = first.kpersistent ?? new Uint8Array();
    expect(toHex(kpersistent)).toBe(toHex(kpersistents.get(toHex(readerIdentifier)) ?? new Uint8Array()));

    const others = Array.from({ length: 15 }, () => ({
      publicKey: p256Generate().publicKey,
      kpersistent: new Uint8Array(32).fill(7),
    }));
    const known = [...others, { publicKey: credentialKey.publicKey, kpersistent }];
    const cryptograms: string[] = [];
    for (let tap = 0; tap < 2; tap += 1) {
      const channel = openInProcessChannel({
        ...device,
        async transceive(command) {
          const answer = await device.transceive(command);
          if (command[1] === 0x80) cryptograms.push(toHex(answer.slice(67)));
          return answer;
        },
      });
      const reading = await readAliro(channel, doorOptions({ known }));
      if (reading.outcome !== "authenticated") throw new Error(`refused: ${reading.reason}`);
      expect(reading.session.method).toBe("fast");
      expect(reading.session.kpersistent).toBeUndefined();
      expect(await reading.session.finish(ReaderStatus.unsecured)).toBe(true);
    }
    expect(new Set(cryptograms).size).toBe(2);
    expect(statuses).toEqual([0x0101, 0x0101, 0x0101]);
  });

  it("fall back to standard when the phone has forgotten the door, in one tap", async () => {
    const { device } = phone();
    const known = [{ publicKey: credentialKey.publicKey, kpersistent: new Uint8Array(32) }];
    const read = await session(device, doorOptions({ known }));
    expect(read.method).toBe("standard");
    expect(await read.finish(ReaderStatus.unsecured)).toBe(true);
  });

  it("do not meet by fast once the credential is not accepted any more", async () => {
    const { device } = phone();
    const { kpersistent = new Uint8Array(), publicKey } = await session(device);
    const channel = openInProcessChannel(device);
    const options = doorOptions({ known: [{ publicKey, kpersistent }], accepts: () => false });
    expect(await readAliro(channel, options)).toEqual({
      outcome: "refused",
      reason: "unknown-credential",
      readerStatus: 0x0001,
    });
  });

  it.each(["load-cert", "auth1"] as const)(
    "meet with a certificate in %s, plain and chained",
    async (sentIn) => {
      const bytes = issueReaderCertificate(primitives, signerOf(readerIssuer), {
        serial: Uint8Array.of(9),
        issuer: "community",
        subject: "gate 3",
        notBeforeS: NOW_S - 10,
        notAfterS: NOW_S + 10,
        readerPublicKey: readerKey.publicKey,
      });
      const certificate = { bytes, issuerPublicKey: readerIssuer.publicKey, sentIn };
      const credentials = [
        {
          keyPair: credentialKey,
          groups: [{ identifier: groupIdentifier, key: readerIssuer.publicKey }],
          documents: [],
          kpersistents: new Map(),
        },
      ];
      for (const chunkBytes of [undefined, 100]) {
        const options = doorOptions({
          identity: { ...identity, certificate },
          ...(chunkBytes === undefined ? {} : { chunkBytes }),
        });
        const { device } = phone({ credentials, nowS: () => NOW_S });
        expect((await session(device, options)).method).toBe("standard");
        const late = phone({ credentials, nowS: () => NOW_S + 11 });
        expect(await readAliro(openInProcessChannel(late.device), options)).toMatchObject({
          reason: "device-refused",
          statusWord: 0x6982,
        });
      }
    },
  );

  it("meet by any of sixteen groups on one credential", async () => {
    const identifiers = Array.from({ length: 16 }, (_, index) => new Uint8Array(16).fill(index + 1));
    const groups = identifiers.map((identifier) => ({ identifier, key: readerKey.publicKey }));
    const kpersistents = new Map<string, Uint8Array>();
    const { device } = phone({
      credentials: [{ keyPair: credentialKey, groups, documents: [], kpersistents }],
    });
    for (const identifier of identifiers) {
      const reader = { ...identity, identifier: Uint8Array.from([...identifier, ...new Uint8Array(16)]) };
      expect((await session(device, doorOptions({ identity: reader }))).method).toBe("standard");
    }
    expect(kpersistents.size).toBe(16);
  });

  it("use the mailbox: reads see what was before, an atomic session is one change", async () => {
    const { device, mailbox } = phone();
    const read = await session(device);
    expect(read.signaling & SignalingBit.mailboxReadable).not.toBe(0);
    const write = { kind: "write", offset: 2, bytes: Uint8Array.of(1, 2, 3) } as const;
    const look = { kind: "read", offset: 0, lengthBytes: 6 } as const;
    expect(await read.exchange({ mailbox: { requests: [write, look] } })).toEqual({
      reads: [new Uint8Array(6)],
      status: 0,
    });
    expect(toHex(mailbox.content())).toBe("00000102030000000000000000000000");
    const fill = { kind: "set", offset: 8, lengthBytes: 4, value: 0xaa } as const;
    await read.exchange({ mailbox: { atomic: "begin", requests: [fill] } });
    expect(toHex(mailbox.content())).toBe("00000102030000000000000000000000");
    expect((await read.exchange({ mailbox: { requests: [look] } })).reads.map(toHex)).toEqual([
      "000001020300",
    ]);
    await read.exchange({ mailbox: { atomic: "commit", requests: [] } });
    expect(toHex(mailbox.content())).toBe("000001020300000" + "0aaaaaaaa00000000");
    expect(await read.finish(ReaderStatus.unsecured)).toBe(true);
  });

  it("end the session at a request beyond the mailbox, and nothing of it is done", async () => {
    const { device, mailbox } = phone();
    const read = await session(device);
    const write = { kind: "write", offset: 0, bytes: Uint8Array.of(1) } as const;
    const beyond = { kind: "read", offset: 15, lengthBytes: 2 } as const;
    expect(await read.exchange({ mailbox: { requests: [write, beyond] } })).toEqual({
      reads: [],
      status: 0x0100,
    });
    expect(toHex(mailbox.content())).toBe("00".repeat(16));
    expect(await read.finish(ReaderStatus.unsecured)).toBe(false);
  });

  it("go on to step-up, from standard and from fast", async () => {
    const { device } = phone({ stepUpSelect: true });
    const standard = await session(device);
    const response = await standard.requestDocuments(doorRequest);
    expect(parseDeviceResponse(response)?.map(({ documentType }) => documentType)).toEqual(["aliro-a"]);
    const nothing = await standard.requestDocuments([{ documentType: "aliro-r", elements: new Map() }]);
    expect(toHex(nothing)).toBe("a2613163312e30613300");
    expect(await standard.finish(ReaderStatus.unsecured)).toBe(true);
    const { publicKey, kpersistent = new Uint8Array() } = standard;
    const fast = await session(device, doorOptions({ known: [{ publicKey, kpersistent }] }));
    expect(fast.method).toBe("fast");
    expect(await fast.requestDocuments(doorRequest)).toEqual(response);
    expect(await fast.finish(ReaderStatus.unsecured)).toBe(true);
  });

  it("show only the elements that were asked for", async () => {
    const { device } = phone();
    const read = await session(device);
    const other = [{ documentType: "aliro-a", elements: new Map([["garage", false]]) }];
    expect(parseDeviceResponse(await read.requestDocuments(other))).toEqual([]);
  });

  it("speak the same with Node's cryptography on one side", async () => {
    const { device } = phone();
    const signer = {
      publicKey: readerKey.publicKey,
      sign: (message: Uint8Array) => nodeCrypto.p256Sign(readerKey.secretKey, message),
    };
    const read = await session(
      device,
      doorOptions({
        primitives: nodeCrypto,
        identity: { ...identity, signer },
        ephemeral: nodeCrypto.p256Generate,
      }),
    );
    expect(await read.finish(ReaderStatus.unsecured)).toBe(true);
  });

  it("say why there is no entry, over the secure channel", async () => {
    const { device, statuses } = phone();
    const read = await session(device);
    expect(await read.finish(ReaderStatus.denied)).toBe(true);
    expect(statuses).toEqual([0x0025]);
    expect(await read.finish(ReaderStatus.unsecured)).toBe(false);
    expect(statuses).toEqual([0x0025]);
  });
});

it("a card of another kind is no Aliro device", async () => {
  const card = {
    atr: new Uint8Array(2),
    reset() {},
    powerOff() {},
    transceive: () => Uint8Array.of(0x6a, 0x82),
  };
  expect(await readAliro(openInProcessChannel(card), doorOptions())).toEqual({
    outcome: "refused",
    reason: "not-aliro",
  });
});
