import {
  CredentialError,
  credentialKeyOf,
  issuePkocCertificate,
  makePkocCard,
  openInProcessChannel,
  pkocCredentialOf,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { loadSnapshot } from "@menshen/policy";
import { makeLogger } from "@menshen/service-kit";
import { blankDesfire, makeDesfireCard } from "@menshen/virtual-devices";
import type { AccessEntry } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { PLAIN_PORTAL } from "../testing/test-portal.ts";
import { ACCESS_POINT, READER, testDocument, testModel } from "../testing/test-site.ts";
import { makeTapDesk } from "./tap-desk.ts";

const START_MS = 1_800_057_600_000;
const resident = crypto.p256Generate();
const stranger = crypto.p256Generate();

/** A gate's desk with nothing behind it: no server, no network, and no key of any card. */
function offlineDesk() {
  const driven = makeDrivenClock(START_MS, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: START_MS, monotonicMs: 0, earliestMs: START_MS, latestMs: START_MS },
  });
  // Enrolled by what was read when the resident showed the card.
  const key = credentialKeyOf(crypto, "pkoc", pkocCredentialOf(resident.publicKey));
  const loaded = loadSnapshot(testDocument(testModel([{ key, kind: "pkoc", grade: "C" }]), 7, START_MS));
  if (!loaded.ok) throw new Error("expected a snapshot");
  const entries: AccessEntry["body"][] = [];
  const released: string[] = [];
  const desk = makeTapDesk({
    clock,
    journal: {
      async append(record) {
        if (record.kind === "access") entries.push(record.body);
        return { stored: true, sequence: entries.length };
      },
    },
    snapshot: () => loaded.snapshot,
    cardKeys: () => undefined,
    counterGuard: () => Promise.resolve(undefined),
    inPublicLog: () => Promise.resolve(true),
    placeOf: () => ({
      accessPointId: ACCESS_POINT,
      link: "osdp-own-key",
      lockOnOutdoorReader: false,
      portal: {
        ...PLAIN_PORTAL,
        doorState: () => ({ mode: "normal", lockdown: 0, fireRelease: false }),
        isStanding: () => false,
        unlockMs: () => 1_000,
        granted: () => released.push("door"),
      },
    }),
    indicate: () => undefined,
    floods: { heldBack: () => undefined },
    logger: makeLogger({ app: "gate", level: "error" }),
  });
  const tap = (card: Parameters<typeof openInProcessChannel>[0]) =>
    desk.card(READER, () => openInProcessChannel(card));
  return { tap, entries, released };
}

/** A telephone or card; telephones tell another number at every tap. */
const cardOf = (key: crypto.SigningKey, certificate?: Uint8Array) =>
  makePkocCard({
    primitives: crypto,
    key,
    uid: crypto.fromHex("08a1b2c3"),
    ...(certificate === undefined ? {} : { certificate }),
  });

describe("a PKOC card at a gate without network", () => {
  test("opens the door by its key alone, of either profile", async () => {
    const { tap, entries, released } = offlineDesk();
    const certificate = issuePkocCertificate(crypto, crypto.p256Generate().secretKey, {
      profile: 0,
      issuer: "SOMEBODYELSE0001",
      publicKey: resident.publicKey,
      subject: "CARD000000000001",
      validFrom: "2026-01-01",
      validUntil: "2030-12-31",
    });
    await tap(cardOf(resident));
    await tap(cardOf(resident, certificate));
    expect(released).toEqual(["door", "door"]);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        granted: true,
        kind: "pkoc",
        grade: "C",
        reasons: [{ code: "rule-allows" }],
      });
    }
    expect(entries).toHaveLength(2);
  });

  test("is nobody when it is nobody's, and a forgery when it shows another's key", async () => {
    const { tap, entries, released } = offlineDesk();
    await tap(cardOf(stranger));
    await tap(cardOf({ ...stranger, publicKey: resident.publicKey }));
    expect(released).toEqual([]);
    expect(entries.map(({ reasons }) => reasons[0])).toEqual([
      { code: "credential-unknown" },
      { code: "credential-not-authentic", detail: "wrong-key" },
    ]);
  });

  test("taken away in mid-dialogue opens nothing, at each of its steps", async () => {
    for (let step = 0; step < 4; step += 1) {
      const { tap, entries, released } = offlineDesk();
      const card = cardOf(resident);
      let steps = 0;
      await tap({
        ...card,
        transceive(command) {
          // The dialogue is SELECT of the application, GET DATA, AUTHENTICATE; before it the gate looks for other cards.
          const isOwn =
            crypto.toHex(command).includes("a000000898000001") || command[1] === 0xca || command[0] === 0x80;
          if (isOwn && steps++ === step) throw new CredentialError("card-removed", "the card left the field");
          return card.transceive(command);
        },
      });
      const isTorn = step < 3;
      expect(released).toEqual(isTorn ? [] : ["door"]);
      expect(entries).toMatchObject([
        isTorn
          ? {
              granted: false,
              kind: "pkoc",
              reasons: [{ code: "credential-not-authentic", detail: "card-removed" }],
            }
          : { granted: true, kind: "pkoc" },
      ]);
    }
  });

  test("leaves other cards what they were", async () => {
    const { tap, entries, released } = offlineDesk();
    await tap(makeDesfireCard(blankDesfire(crypto.fromHex("04000000000180")), crypto.randomBytes));
    expect(released).toEqual([]);
    expect(entries[0]).toMatchObject({ granted: false, kind: "uid", grade: "E" });
  });
});
