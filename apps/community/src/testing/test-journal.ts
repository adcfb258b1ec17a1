import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, hmacSha256, p256Sign, primitives, randomBytes } from "@menshen/crypto/node";
import { sealDeskName } from "@menshen/custody";
import {
  AccessPointId,
  type CredentialKind,
  GateId,
  type Instant,
  PortalId,
  ReaderId,
  type Reason,
} from "@menshen/domain";
import {
  type AccessEntry,
  accessEntryToSign,
  encodeJournalEntry,
  enrolResponse,
  gateEndpoints,
  type PortalEvent,
  type ReaderEvent,
  uuidBytes,
} from "@menshen/wire";
import { eventually } from "../gate-link/testing/eventually.ts";
import { TestGate } from "../gate-link/testing/test-gate.ts";
import type { TestServer } from "./test-server.ts";
import type { TestSite } from "./test-site.ts";

const PSEUDONYM_KEY = new Uint8Array(32).fill(7);

/** A connected gate that writes what a test tells it to. */
export interface JournalGate {
  readonly gate: TestGate;
  /** Writes an access entry and sends it; resolves when the server has stored it. Answers its sequence. */
  readonly access: (entry: {
    readonly at: Instant;
    readonly accessPointId: string;
    /** The card answered only as something weaker than it was enrolled as. */
    readonly downgraded?: boolean;
    readonly evidence?: AccessEntry["body"]["evidence"];
    readonly granted: boolean;
    readonly reasons: readonly Reason[];
    /** Kind and identifier of the card presented; none: nothing was read. */
    readonly card?: { readonly kind: CredentialKind; readonly identifier: string };
    /** Public half of the desk key that the card is named to. */
    readonly deskKey?: Uint8Array;
  }) => Promise<number>;
  readonly portal: (at: Instant, portalId: string, event: PortalEvent) => Promise<number>;
  readonly reader: (at: Instant, readerId: string, event: ReaderEvent) => Promise<number>;
}

/** Enrols the site's gate and connects it; its pseudonyms are made with a key of its own, as gates do. */
export async function connectGate(server: TestServer, site: TestSite): Promise<JournalGate> {
  const gate = await TestGate.make(GateId(site.gateId));
  const { code, enrolUrl } = await site.secure.call(gateEndpoints.enrolmentCode, {
    params: { id: site.gateId },
  });
  gate.enrolment = enrolResponse.decode((await gate.enrol(server, enrolUrl, code)).body);
  await gate.connect(server);
  await gate.sayHello();
  await eventually("keyring", () => gate.received.some(({ kind }) => kind === "keyring"));

  async function append(entry: (sequence: number) => Uint8Array): Promise<number> {
    const sequence = gate.journal.length + 1;
    gate.journal.push(entry(sequence));
    await gate.send("journal", gate.batch(sequence, 1));
    return sequence;
  }
  /** As gates sign each access entry by itself. */
  const signed = (entry: AccessEntry) =>
    encodeJournalEntry({
      ...entry,
      body: { ...entry.body, signature: p256Sign(gate.key.secretKey, accessEntryToSign(entry)) },
    });
  const header = (sequence: number, at: Instant) => ({
    version: 1 as const,
    sequence,
    earliest: at,
    latest: at,
  });
  return {
    gate,
    access: ({ at, accessPointId, granted, reasons, card, deskKey, downgraded, evidence }) =>
      append((sequence) =>
        signed({
          ...header(sequence, at),
          kind: "access",
          body: {
            accessPointId: AccessPointId(accessPointId),
            granted,
            reasons: [...reasons],
            snapshotVersion: 1,
            lockDriven: granted,
            ...(downgraded === true
              ? { evidence: { downgraded } }
              : evidence === undefined
                ? {}
                : { evidence }),
            ...(card === undefined
              ? {}
              : {
                  kind: card.kind,
                  grade: "B" as const,
                  pseudonym: hmacSha256(
                    PSEUDONYM_KEY,
                    credentialKeyOf(primitives, card.kind, fromHex(card.identifier)),
                  ).slice(0, 16),
                  epoch: 1,
                  pseudonymKeyId: new Uint8Array(8).fill(1),
                  wrap: randomBytes(96),
                  ...(deskKey === undefined
                    ? {}
                    : {
                        deskName: sealDeskName(
                          primitives,
                          deskKey,
                          {
                            gate: uuidBytes(site.gateId),
                            sequence,
                            accessPoint: uuidBytes(accessPointId),
                            timeMs: at,
                          },
                          credentialKeyOf(primitives, card.kind, fromHex(card.identifier)),
                        ),
                      }),
                }),
          },
        }),
      ),
    portal: (at, portalId, event) =>
      append((sequence) =>
        encodeJournalEntry({
          ...header(sequence, at),
          kind: "portal",
          body: { portalId: PortalId(portalId), event },
        }),
      ),
    reader: (at, readerId, event) =>
      append((sequence) =>
        encodeJournalEntry({
          ...header(sequence, at),
          kind: "reader",
          body: { readerId: ReaderId(readerId), event },
        }),
      ),
  };
}
