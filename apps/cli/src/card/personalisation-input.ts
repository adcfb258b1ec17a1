import { readFileSync } from "node:fs";
import {
  type CardKeySet,
  CredentialError,
  diversificationInput,
  type KeyedCardKind,
  layoutOf,
  orderFromAnswer,
  type PersonalisationOrder,
  transactionKeyOf,
} from "@menshen/credentials";
import { concatBytes, fromHex, primitives } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import { CARD_MASTER, CARD_PRIVACY, type KeyService, KeyServiceError } from "@menshen/key-service";
import { CardPersonalisation, uuidBytes } from "@menshen/wire";
import Type from "typebox";
import { Value } from "typebox/value";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { wholeNumber } from "../osdp/reader-options.ts";
import { keyError } from "./key-store.ts";

/** Versions of privacy keys on cards begin here; see the order's own rules. */
const FIRST_PRIVACY_VERSION = 128;
const PRIVACY_LABEL = new TextEncoder().encode("privacy key");

const closed = { additionalProperties: false };
const HexKey = Type.String({ pattern: "^[0-9a-fA-F]{32}$" });

/** What the server answered to an enrolment, with the card's number and, for a renewal, the keys before. */
const OrderFile = Type.Object(
  {
    uid: Type.String({ pattern: "^[0-9a-fA-F]{14}$" }),
    personalisation: CardPersonalisation,
    earlier: Type.Optional(Type.Array(CardPersonalisation, { maxItems: 8 })),
    privacyKey: Type.Optional(
      Type.Object({ version: Type.Integer({ minimum: 128, maximum: 255 }), value: HexKey }, closed),
    ),
    transactionMac: Type.Optional(Type.Literal(true)),
    address: Type.Optional(Type.String({ maxLength: 220 })),
    lrp: Type.Optional(Type.Literal(true)),
  },
  closed,
);

/** The order of `--order FILE`; throws `CliError("config")` naming the place that is wrong, never a value. */
export function orderFromFile(file: string): PersonalisationOrder {
  const parsed = readJson(file);
  if (!Value.Check(OrderFile, parsed)) {
    const [first] = Value.Errors(OrderFile, parsed);
    throw wrongOrder(`${first?.instancePath ?? ""} ${first?.message ?? "not of the documented form"}`.trim());
  }
  const { uid, personalisation, earlier = [], privacyKey, transactionMac, address, lrp } = parsed;
  const order = answered(fromHex(uid), personalisation, earlier);
  return {
    ...order,
    ...(privacyKey === undefined
      ? {}
      : { privacyKey: { version: privacyKey.version, value: fromHex(privacyKey.value) } }),
    ...(transactionMac === undefined || order.transactionMac !== undefined
      ? {}
      : { transactionMac: transactionKeyOf(primitives, order.keys) }),
    ...(address === undefined ? {} : { sun: { address } }),
    ...(lrp === undefined ? {} : { secureMessaging: "lrp" }),
  };
}

/** What `--community`, `--groups` and the rest ask of a key service. */
export interface DeskWish {
  readonly communityId: Uint8Array;
  readonly doorGroups: readonly number[];
  readonly keyVersion: number;
  /** Versions that a card may carry before. */
  readonly earlierVersions: readonly number[];
  readonly hidesUid: boolean;
  readonly transactionMac: boolean;
  readonly address: string | undefined;
  readonly lrp: boolean;
}

/** Reads the options; throws `CliError("usage")`. */
export function wishOf(call: Call): DeskWish {
  const community = call.option("community");
  if (community === undefined)
    throw usage("give --order FILE, or --community UUID", "请给出 --order FILE 或 --community UUID");
  let communityId: Uint8Array;
  try {
    communityId = uuidBytes(CommunityId(community));
  } catch (cause) {
    throw usage("--community: expected a UUID", "--community：应为 UUID", cause);
  }
  const doorGroups = (call.option("groups") ?? "1").split(",").map(Number);
  if (!doorGroups.every((group) => Number.isInteger(group) && group >= 1 && group <= 13)) {
    throw usage(
      "--groups: expected door groups of 1 to 13, with commas",
      "--groups：应为 1 到 13 的门组，以逗号分隔",
    );
  }
  const keyVersion = wholeNumber(call, "key-version", 1, 127) ?? 1;
  const earlierVersions = Array.from({ length: keyVersion - 1 }, (_, index) => index + 1);
  return {
    communityId,
    doorGroups,
    keyVersion,
    earlierVersions,
    hidesUid: call.flag("hide-uid"),
    transactionMac: call.flag("transaction-mac"),
    address: call.option("address"),
    lrp: call.flag("lrp"),
  };
}

/** The order for one card, its keys made by the key service. */
export async function orderFromKeys(
  service: KeyService,
  wish: DeskWish,
  kind: KeyedCardKind,
  uid: Uint8Array,
): Promise<PersonalisationOrder> {
  try {
    const keys = await keySet(service, wish, kind, uid, wish.keyVersion);
    const known = new Set(
      (await service.list())
        .filter(({ reference }) => reference.name === CARD_MASTER[kind])
        .map(({ reference }) => reference.version),
    );
    const earlier = await Promise.all(
      wish.earlierVersions
        .filter((version) => known.has(version))
        .map((version) => keySet(service, wish, kind, uid, version)),
    );
    const privacyKey = wish.hidesUid ? await privacyKeyOf(service, wish.communityId) : undefined;
    return {
      kind,
      uid,
      keys,
      earlier,
      ...(privacyKey === undefined ? {} : { privacyKey }),
      ...(wish.transactionMac ? { transactionMac: transactionKeyOf(primitives, keys) } : {}),
      ...(wish.address === undefined ? {} : { sun: { address: wish.address } }),
      ...(wish.lrp ? { secureMessaging: "lrp" } : {}),
    };
  } catch (error) {
    throw error instanceof KeyServiceError ? keyError(error) : error;
  }
}

/**
 * The key that all cards of a community share for telling their true number: a server's own, or made by the newest privacy
 * master.
 */
export async function privacyKeyOf(service: KeyService, communityId: Uint8Array) {
  const newest = (await service.list()).findLast(({ reference }) => reference.name === CARD_PRIVACY);
  const reference = newest?.reference ?? { name: CARD_PRIVACY, version: 1 };
  const value =
    newest?.use === "shared"
      ? await service.reveal(reference)
      : await service.diversify(reference, concatBytes(communityId, PRIVACY_LABEL));
  return { version: FIRST_PRIVACY_VERSION + reference.version - 1, value };
}

async function keySet(
  service: KeyService,
  { communityId, doorGroups }: DeskWish,
  kind: KeyedCardKind,
  uid: Uint8Array,
  version: number,
): Promise<CardKeySet> {
  const { applicationId } = layoutOf(kind);
  const keyOf = (doorGroup: number) =>
    service.diversify(
      { name: CARD_MASTER[kind], version },
      diversificationInput({ uid, applicationId, communityId, doorGroup }),
    );
  const groups = new Map<number, Uint8Array>();
  for (const group of doorGroups) groups.set(group, await keyOf(group));
  return { version, master: await keyOf(0), groups };
}

function answered(...answer: Parameters<typeof orderFromAnswer>): PersonalisationOrder {
  try {
    return orderFromAnswer(...answer);
  } catch (cause) {
    if (!(cause instanceof CredentialError)) throw cause;
    throw wrongOrder(`/personalisation/keys ${cause.message}`, cause);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw wrongOrder("expected JSON", cause);
  }
}

function wrongOrder(what: string, cause?: unknown): CliError {
  return new CliError("config", { en: `--order: ${what}`, zh: `--order 有误：${what}` }, undefined, {
    cause,
  });
}

function usage(en: string, zh: string, cause?: unknown): CliError {
  return new CliError("usage", { en, zh }, undefined, { cause });
}
