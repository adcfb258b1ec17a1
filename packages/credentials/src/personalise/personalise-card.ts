import type { Primitives } from "@menshen/crypto";
import { readFile } from "../card/authenticate-application.ts";
import { CREDENTIAL_FILE_BYTES, layoutOf } from "../card/card-layout.ts";
import { chipFamilyOf, parseCardVersion } from "../card/card-version.ts";
import { credentialKeyOf } from "../card/credential-key.ts";
import { selectIsoApplication } from "../card/identify-card.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { NativeCommand } from "../desfire/native-framing.ts";
import { makeNativeReader } from "../desfire/native-reader.ts";
import {
  writeAccessApplication,
  writePrivacyApplication,
  writeTransactionMac,
} from "./desfire-applications.ts";
import {
  CARD_LEVEL,
  type CardLevel,
  createApplications,
  emptyCard,
  hideUid,
  takeCard,
} from "./desfire-card-level.ts";
import {
  type Desk,
  type DeskPrimitives,
  type ForeignPlace,
  provesKey,
  selectDeskApplication,
} from "./desk.ts";
import { emptyNtag424, writeNtag424 } from "./ntag424.ts";
import { applicationsOf, type PersonalisationOrder, requireOrder } from "./personalisation-order.ts";

/** What came of a card on the desk's reader. */
export type PersonalisationOutcome =
  /** It is as ordered, and proved each of its door groups' keys just now. */
  | { readonly outcome: "personalised" }
  /** It holds keys that are neither a factory's nor the order's; nothing was changed there. */
  | { readonly outcome: "foreign"; readonly place: ForeignPlace }
  /** Another card than the order is for, or another kind of chip; nothing was changed. */
  | { readonly outcome: "other-card" };

/** What came of emptying a card. */
export type EmptyingOutcome =
  | { readonly outcome: "blank" }
  | Exclude<PersonalisationOutcome, { outcome: "personalised" }>;

/** What a desk works with. */
export interface DeskDependencies {
  readonly primitives: DeskPrimitives;
  /** Fresh bytes, as many as asked for. */
  readonly random: Primitives["randomBytes"];
}

/**
 * Makes a blank card one of ours, finishes one that was interrupted at any command, or renews the keys of one that
 * carries an earlier version. What is there already is found out from the card, so giving the same order again is
 * always right; a card that is as ordered is only verified.
 *
 * @throws {CredentialError} the channel's (`card-removed`, `timeout`, `transport`, `closed`) when the card was taken
 *   away: give the order again, or empty the card; `card-status` for a chip that refuses what it should do;
 *   `integrity`, `malformed` for answers out of form; `bad-argument` for an order that no card can be
 */
export async function personaliseCard(
  channel: CardChannel,
  order: PersonalisationOrder,
  dependencies: DeskDependencies,
): Promise<PersonalisationOutcome> {
  requireOrder(order);
  const desk = deskOf(channel, order, dependencies);
  const shown = await readVersion(desk);
  if (shown.family !== order.kind) return { outcome: "other-card" };
  if (order.kind === "ntag424") {
    const level = await writeNtag424(desk, shown.uid);
    if (level !== "ours") return refused(level, "access");
  } else {
    const level = await takeCard(desk, shown.uid);
    if (level !== "ours") return refused(level, "card");
    await createApplications(desk);
    if (!(await writePrivacyApplication(desk))) return { outcome: "foreign", place: "privacy" };
    if (!(await writeAccessApplication(desk))) return { outcome: "foreign", place: "access" };
    if (!(await writeTransactionMac(desk))) return { outcome: "foreign", place: "access" };
    if (order.privacyKey !== undefined && shown.uid !== undefined && !(await hideUid(desk))) {
      return { outcome: "foreign", place: "card" };
    }
  }
  return (await verifyGroups(desk)) ? { outcome: "personalised" } : { outcome: "foreign", place: "access" };
}

/**
 * Takes everything of ours off a card: back to a factory's keys of zeros. Random identifiers, once on, stay on.
 *
 * @throws {CredentialError} as {@link personaliseCard}; an interrupted emptying is repeated in the same way
 */
export async function emptyPersonalisedCard(
  channel: CardChannel,
  order: PersonalisationOrder,
  dependencies: DeskDependencies,
): Promise<EmptyingOutcome> {
  requireOrder(order);
  const desk = deskOf(channel, order, dependencies);
  const shown = await readVersion(desk);
  if (shown.family !== order.kind) return { outcome: "other-card" };
  const level = await (order.kind === "ntag424" ? emptyNtag424 : emptyCard)(desk, shown.uid);
  if (level === "ours") return { outcome: "blank" };
  return refused(level, order.kind === "ntag424" ? "access" : "card");
}

function deskOf(
  channel: CardChannel,
  order: PersonalisationOrder,
  { primitives, random }: DeskDependencies,
): Desk {
  return { channel, primitives, random, order, reader: makeNativeReader(channel, primitives, random) };
}

function refused(level: Exclude<CardLevel, "ours">, place: ForeignPlace) {
  return level === "foreign"
    ? ({ outcome: "foreign", place } as const)
    : ({ outcome: "other-card" } as const);
}

/** Each door group's key, as a gate will use it. */
async function verifyGroups(desk: Desk): Promise<boolean> {
  const { channel, reader, primitives, order } = desk;
  const expected = credentialKeyOf(primitives, order.kind, order.uid);
  reader.forgetSession();
  const selected =
    order.kind === "desfire"
      ? await selectDeskApplication(desk, applicationsOf(order).access)
      : await selectIsoApplication(channel, layoutOf(order.kind).applicationId);
  if (!selected) return false;
  for (const [group, key] of order.keys.groups) {
    if (!(await provesKey(desk, group, key)) || reader.session === undefined) return false;
    const content = await readFile(channel, reader.session, {
      number: layoutOf(order.kind).fileNumber,
      offset: 0,
      lengthBytes: CREDENTIAL_FILE_BYTES,
      mode: "full",
    });
    if (!primitives.constantTimeEqual(content, expected)) return false;
  }
  return true;
}

/** Chip and shown identifier. Selects first, which ends any session that somebody left open on the card. */
async function readVersion(desk: Desk) {
  if (desk.order.kind === "ntag424") {
    await selectIsoApplication(desk.channel, layoutOf("ntag424").applicationId);
  } else {
    await selectDeskApplication(desk, CARD_LEVEL);
  }
  const version = parseCardVersion(
    await desk.reader.command({ command: NativeCommand.getVersion, mode: "plain" }),
  );
  return { family: version === undefined ? undefined : chipFamilyOf(version), uid: version?.uid };
}
