import {
  authenticateCard,
  type CardChannel,
  credentialKeyOf,
  type KeyedCardKind,
  openInProcessChannel,
  personaliseCard as writeCard,
} from "@menshen/credentials";
import { nodeDesk } from "@menshen/credentials/node";
import { primitives, randomBytes } from "@menshen/crypto/node";
import { type AccessPointId, type CredentialKey, type CredentialKind, Instant } from "@menshen/domain";
import { compileSnapshot, decide, loadSnapshot, openReasons, type Snapshot } from "@menshen/policy";
import {
  blankDesfire,
  blankNtag424,
  makeDesfireCard,
  makeNtag424Card,
  makeUidCard,
  personaliseCard,
  type VirtualCard,
} from "@menshen/virtual-devices";
import type { AccessEntry } from "@menshen/wire";
import { END, makeSite, START } from "./site.ts";
import type { TapJournal } from "./tap-journal.ts";

export const TAP_KINDS = ["desfire", "ntag424", "uid"] as const;
export type TapKind = (typeof TAP_KINDS)[number];

/** Milliseconds of one tap, by stage. */
export interface TapTimes {
  readonly card: number;
  readonly decision: number;
  readonly journal: number;
  readonly total: number;
}

const DOOR_GROUP = 2;
const READER_ID = new Uint8Array(16).fill(0x52);
const DOOR_STATE = { mode: "normal", lockdown: 0, fireRelease: false } as const;

export interface TapCard {
  readonly kind: TapKind;
  readonly card: VirtualCard;
  readonly uid: Uint8Array;
  readonly credentialKey: CredentialKey;
  readonly key: Uint8Array;
  /** Of a DESFire that counts its taps. */
  readonly transactionKey?: Uint8Array;
}

/** A DESFire that counts its taps and proves the count. */
export async function makeCountingCard(number: number): Promise<TapCard> {
  const uid = Uint8Array.of(4, 0x11, 0x22, 0x33, 0x44, TAP_KINDS.length, number);
  const [key, transactionKey] = [randomBytes(16), randomBytes(16)];
  const card = makeDesfireCard(blankDesfire(uid, "ev3"), randomBytes);
  const keys = { version: 1, master: randomBytes(16), groups: new Map([[DOOR_GROUP, key]]) };
  const transactionMac = { version: 1, value: transactionKey };
  const order = { kind: "desfire", uid, keys, transactionMac } as const;
  await writeCard(openInProcessChannel(card), order, nodeDesk);
  const credentialKey = credentialKeyOf(primitives, "desfire", uid);
  return { kind: "desfire", card, uid, credentialKey, key, transactionKey };
}

/** A virtual card, personalised where its kind has keys. */
export async function makeTapCard(kind: TapKind, number: number): Promise<TapCard> {
  const uid = Uint8Array.from([4, 0x11, 0x22, 0x33, 0x44, TAP_KINDS.indexOf(kind), number]);
  const key = randomBytes(16);
  const credentialKey = credentialKeyOf(primitives, kind, uid);
  if (kind === "uid") return { kind, card: makeUidCard(uid), uid, credentialKey, key };
  const card =
    kind === "desfire"
      ? makeDesfireCard(blankDesfire(uid), randomBytes)
      : makeNtag424Card(blankNtag424(uid), randomBytes);
  await personaliseCard(openInProcessChannel(card), {
    kind,
    uid,
    keys: [0, DOOR_GROUP].map((keyNumber) => ({ number: keyNumber, version: 1, value: key })),
  });
  return { kind, card, uid, credentialKey, key };
}

/** Reads a card, decides, journals, as the gate's tap desk does; a lock would be driven where it returns. */
export interface TapDesk {
  tap(channel: CardChannel): Promise<TapTimes>;
}

/** A gate's tap path over a snapshot of 100,000 credentials in which the cards given are enrolled. */
export function makeTapDesk(cards: readonly TapCard[], journal: TapJournal): TapDesk {
  const { snapshot, door, at } = snapshotWith(cards);
  const keyOf = (kind: KeyedCardKind, uid: Uint8Array) =>
    cards.find((card) => card.kind === kind && Buffer.compare(card.uid, uid) === 0)?.key;
  return {
    async tap(channel) {
      const begin = performance.now();
      const reading = await authenticateCard(channel, {
        primitives,
        keyFor: ({ kind, uid, doorGroup }) => {
          const key = keyOf(kind, uid);
          return key === undefined ? undefined : { number: doorGroup, keyVersion: 1, key };
        },
        transactionKeysFor: (uid) => {
          const key = cards.find((card) => Buffer.compare(card.uid, uid) === 0)?.transactionKey;
          return key === undefined ? [] : [key];
        },
        readerId: READER_ID,
        doorGroup: DOOR_GROUP,
        random: randomBytes,
        readerLink: "A",
        keyCustody: "B",
        monotonicMs: () => performance.now(),
      });
      const read = performance.now();
      if (reading.outcome !== "presented") throw new Error(`the card was read as ${reading.outcome}`);
      const { presentation } = reading;
      const decision = decide(snapshot, presentation, door, DOOR_STATE, { earliest: at, latest: at });
      if (!decision.granted) throw new Error(`refused: ${JSON.stringify(decision.reasons)}`);
      const decided = performance.now();
      const { credentialKey, kind, grade, evidence } = presentation;
      const entry: AccessEntry = {
        version: 1,
        sequence: 1,
        earliest: at,
        latest: at,
        kind: "access",
        body: {
          accessPointId: door,
          granted: true,
          reasons: openReasons(snapshot, decision.reasons),
          kind,
          grade,
          evidence,
          snapshotVersion: snapshot.version,
          lockDriven: true,
        },
      };
      await journal.append(entry, credentialKey);
      const stored = performance.now();
      return {
        card: read - begin,
        decision: decided - read,
        journal: stored - decided,
        total: stored - begin,
      };
    },
  };
}

/** The measured site of 100,000 with the cards in place of its first credentials, and a rule that lets them pass. */
function snapshotWith(cards: readonly TapCard[]): { snapshot: Snapshot; door: AccessPointId; at: Instant } {
  const site = makeSite(100_000);
  const [door] = site.doors;
  if (door === undefined) throw new Error("the site has no doors");
  const kindOf = (card: TapCard): CredentialKind => card.kind;
  const model = {
    ...site.model,
    credentials: site.model.credentials.map((credential, index) => {
      const card = cards[index];
      return card === undefined
        ? credential
        : {
            ...credential,
            key: card.credentialKey,
            kind: kindOf(card),
            grade: card.kind === "uid" ? ("E" as const) : ("B" as const),
            status: "active" as const,
            validity: {},
          };
    }),
    accessPoints: site.model.accessPoints.map((accessPoint) => ({
      ...accessPoint,
      minimumGrade: "E" as const,
    })),
    rules: site.model.rules.map((rule) => ({
      ...rule,
      minimumGrade: "E" as const,
      where: { accessPointIds: [...(rule.where.accessPointIds ?? []), door] },
    })),
  };
  const { document } = compileSnapshot(model, { gateId: site.gateId, version: 1, at: START, until: END });
  const loaded = loadSnapshot(document);
  if (!loaded.ok) throw new Error("the snapshot does not load");
  // A Wednesday noon in Shanghai, on which every schedule of the site holds.
  return { snapshot: loaded.snapshot, door, at: Instant(Date.UTC(2026, 4, 13, 4)) };
}
