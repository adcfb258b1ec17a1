import {
  type AccessCondition,
  type AccessRights,
  decodeSdmSettings,
  encodeSdmSettings,
} from "@menshen/credentials";
import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { VirtualDeviceError } from "../virtual-device-error.ts";
import { makeDesfireCard } from "./desfire-card.ts";
import {
  blankDesfire,
  type CardKey,
  type DesfireFile,
  type DesfireState,
  OPEN_KEY_SETTINGS,
} from "./desfire-state.ts";
import type { CardRandom } from "./native-engine.ts";
import { makeNtag424Card } from "./ntag424-card.ts";
import { blankNtag424, type Ntag424State } from "./ntag424-state.ts";
import { makeUidCard } from "./uid-card.ts";
import type { VirtualCard } from "./virtual-card.ts";

const closed = { additionalProperties: false };

function hex(minBytes: number, maxBytes: number) {
  return Type.String({
    pattern: "^([0-9a-fA-F]{2})*$",
    minLength: 2 * minBytes,
    maxLength: 2 * maxBytes,
    description:
      minBytes === maxBytes ? `${minBytes} bytes in hex` : `${minBytes} to ${maxBytes} bytes in hex`,
  });
}

const Uid = Type.Union([hex(4, 4), hex(7, 7), hex(10, 10)]);
const Key = Type.Object(
  { value: hex(16, 16), version: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })) },
  closed,
);
/** The card's own key: with `des`, the DES key of delivery that it was not given up yet. */
const CardMasterKey = Type.Object({ ...Key.properties, des: Type.Optional(Type.Literal(true)) }, closed);
const Mode = Type.Enum(["plain", "mac", "full"]);
const Condition = Type.Union([
  Type.Integer({ minimum: 0, maximum: 13 }),
  Type.Literal("free"),
  Type.Literal("never"),
]);
const Rights = Type.Object(
  { read: Condition, write: Condition, readWrite: Condition, change: Condition },
  closed,
);

const StandardFileProfile = Type.Object(
  {
    number: Type.Integer({ minimum: 0, maximum: 31 }),
    mode: Mode,
    rights: Rights,
    additionalRights: Type.Optional(Type.Array(Rights, { maxItems: 7 })),
    data: hex(1, 8_192),
  },
  closed,
);
const TransactionMacProfile = Type.Object(
  {
    number: Type.Integer({ minimum: 0, maximum: 31 }),
    mode: Mode,
    rights: Rights,
    transactionMac: Type.Object(
      {
        key: Key,
        counter: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
        code: hex(8, 8),
        lastReaderId: hex(16, 16),
      },
      closed,
    ),
  },
  closed,
);
const DesfireProfile = Type.Object(
  {
    kind: Type.Literal("desfire"),
    uid: hex(7, 7),
    masterKey: Type.Optional(CardMasterKey),
    generation: Type.Optional(Type.Enum(["ev2", "ev3"])),
    randomUid: Type.Optional(Type.Literal(true)),
    /** The card was switched to LRP. */
    lrp: Type.Optional(Type.Literal(true)),
    applications: Type.Optional(
      Type.Array(
        Type.Object(
          {
            /** As it travels, least significant byte first. */
            aid: hex(3, 3),
            keySettings: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
            keys: Type.Array(Key, { minItems: 1, maxItems: 14 }),
            files: Type.Array(Type.Union([StandardFileProfile, TransactionMacProfile]), { maxItems: 32 }),
          },
          closed,
        ),
        { maxItems: 28 },
      ),
    ),
  },
  closed,
);
const Ntag424Profile = Type.Object(
  {
    kind: Type.Literal("ntag424"),
    uid: hex(7, 7),
    keys: Type.Optional(Type.Array(Key, { minItems: 5, maxItems: 5 })),
    files: Type.Optional(
      Type.Array(
        Type.Object(
          {
            number: Type.Integer({ minimum: 1, maximum: 3 }),
            mode: Mode,
            rights: Rights,
            /** Shorter content is filled up with zeros. */
            data: hex(0, 256),
            /** Options, access rights and offsets as ChangeFileSettings takes them behind the file's own. */
            sdm: Type.Optional(hex(3, 30)),
          },
          closed,
        ),
        { maxItems: 3 },
      ),
    ),
    randomUid: Type.Optional(Type.Literal(true)),
    /** The card was switched to LRP. */
    lrp: Type.Optional(Type.Literal(true)),
    readCounter: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xff_ffff })),
    tagTamper: Type.Optional(Type.Enum(["closed", "opened"])),
  },
  closed,
);
const UidProfile = Type.Object({ kind: Type.Literal("uid"), uid: Uid }, closed);

/** A card's whole memory as JSON; what is left out is as it leaves the factory. Holds keys: keep it like them. */
export const CardProfile = Type.Union([DesfireProfile, Ntag424Profile, UidProfile]);
export type CardProfile = Static<typeof CardProfile>;

/** A card and the way to keep it: `profile()` is its memory now. */
export interface StoredCard {
  readonly card: VirtualCard;
  readonly profile: () => CardProfile;
}

/**
 * A card with the memory that `profile` describes.
 *
 * @param random chance for its challenges; the operating system's unless told
 * @throws {VirtualDeviceError} `profile-invalid`, naming the place but no value
 */
export function cardFromProfile(profile: unknown, random: CardRandom = randomBytes): StoredCard {
  if (!Value.Check(CardProfile, profile)) {
    throw new VirtualDeviceError("profile-invalid", describe(profile));
  }
  switch (profile.kind) {
    case "uid": {
      const card = makeUidCard(fromHex(profile.uid));
      return { card, profile: () => ({ kind: "uid", uid: toHex(card.uid) }) };
    }
    case "desfire": {
      const state = desfireState(profile);
      return { card: makeDesfireCard(state, random), profile: () => desfireProfile(state) };
    }
    case "ntag424": {
      const state = ntag424State(profile);
      return { card: makeNtag424Card(state, random), profile: () => ntag424Profile(state) };
    }
  }
}

function describe(profile: unknown): string {
  const kind: unknown =
    typeof profile === "object" && profile !== null && "kind" in profile ? profile.kind : "";
  const schema =
    kind === "desfire"
      ? DesfireProfile
      : kind === "ntag424"
        ? Ntag424Profile
        : kind === "uid"
          ? UidProfile
          : undefined;
  if (schema === undefined) return "card: expected `kind` to be desfire, ntag424 or uid";
  const [first] = Value.Errors(schema, profile);
  return `card${first?.instancePath ?? ""}: ${first?.message ?? "not of the documented form"}`;
}

type Key = Static<typeof Key>;
type Rights = Static<typeof Rights>;

const readKey = ({ value, version }: Key): CardKey => ({ value: fromHex(value), version: version ?? 0 });
const writeKey = ({ value, version }: CardKey): Key => ({ value: toHex(value), version });
const writeRights = (rights: AccessRights): Rights => ({ ...rights });
const readRights = (rights: Rights): AccessRights => {
  const condition = (value: number | "free" | "never"): AccessCondition => value;
  return {
    read: condition(rights.read),
    write: condition(rights.write),
    readWrite: condition(rights.readWrite),
    change: condition(rights.change),
  };
};

function desfireState(profile: Static<typeof DesfireProfile>): DesfireState {
  const blank = blankDesfire(fromHex(profile.uid), profile.generation);
  const { masterKey } = profile;
  return {
    ...blank,
    masterKey:
      masterKey === undefined
        ? blank.masterKey
        : { ...readKey(masterKey), ...(masterKey.des === true ? { des: true } : {}) },
    ...(profile.randomUid === true ? { randomUid: true } : {}),
    ...(profile.lrp === true ? { lrp: true } : {}),
    applications: (profile.applications ?? []).map((application) => ({
      aid: fromHex(application.aid),
      keySettings: application.keySettings ?? OPEN_KEY_SETTINGS,
      keys: application.keys.map(readKey),
      files: new Map(
        application.files.map((file): [number, DesfireFile] => {
          const common = { mode: file.mode, rights: readRights(file.rights) };
          if ("data" in file) {
            const additionalRights = (file.additionalRights ?? []).map(readRights);
            const data = fromHex(file.data);
            return [file.number, { type: "standard", ...common, additionalRights, data }];
          }
          const { key, counter, code, lastReaderId } = file.transactionMac;
          return [
            file.number,
            {
              type: "transaction-mac",
              ...common,
              key: readKey(key),
              counter,
              code: fromHex(code),
              lastReaderId: fromHex(lastReaderId),
            },
          ];
        }),
      ),
    })),
  };
}

function desfireProfile(state: DesfireState): CardProfile {
  return {
    kind: "desfire",
    uid: toHex(state.uid),
    masterKey: { ...writeKey(state.masterKey), ...(state.masterKey.des === true ? { des: true } : {}) },
    ...(state.generation === "ev3" ? { generation: state.generation } : {}),
    ...(state.randomUid === true ? { randomUid: true } : {}),
    ...(state.lrp === true ? { lrp: true } : {}),
    applications: state.applications.map(({ aid, keySettings, keys, files }) => ({
      aid: toHex(aid),
      keySettings,
      keys: keys.map(writeKey),
      files: [...files].map(([number, file]) => {
        const common = { number, mode: file.mode, rights: writeRights(file.rights) };
        if (file.type === "standard") {
          const sets = (file.additionalRights ?? []).map(writeRights);
          return {
            ...common,
            ...(sets.length > 0 ? { additionalRights: sets } : {}),
            data: toHex(file.data),
          };
        }
        const { key, counter, code, lastReaderId } = file;
        return {
          ...common,
          transactionMac: {
            key: writeKey(key),
            counter,
            code: toHex(code),
            lastReaderId: toHex(lastReaderId),
          },
        };
      }),
    })),
  };
}

function ntag424State(profile: Static<typeof Ntag424Profile>): Ntag424State {
  const blank = blankNtag424(fromHex(profile.uid), { tagTamper: profile.tagTamper !== undefined });
  const { tamper } = blank;
  if (tamper !== undefined) tamper.opened = profile.tagTamper === "opened";
  for (const described of profile.files ?? []) {
    const file = blank.files.get(described.number);
    const data = fromHex(described.data);
    if (file === undefined || data.length > file.data.length) {
      throw new VirtualDeviceError(
        "profile-invalid",
        `card file ${described.number}: its content is too long`,
      );
    }
    file.mode = described.mode;
    file.rights = readRights(described.rights);
    file.data.fill(0);
    file.data.set(data);
    if (described.sdm === undefined) continue;
    const sdm = decodeSdmSettings(fromHex(described.sdm));
    if (sdm === undefined) {
      throw new VirtualDeviceError(
        "profile-invalid",
        `card file ${described.number}: settings that do not add up`,
      );
    }
    file.sdm = sdm;
  }
  return {
    ...blank,
    keys: profile.keys === undefined ? blank.keys : profile.keys.map(readKey),
    readCounter: profile.readCounter ?? 0,
    ...(profile.randomUid === true ? { randomUid: true } : {}),
    ...(profile.lrp === true ? { lrp: true } : {}),
  };
}

function ntag424Profile(state: Ntag424State): CardProfile {
  return {
    kind: "ntag424",
    uid: toHex(state.uid),
    keys: state.keys.map(writeKey),
    files: [...state.files].map(([number, file]) => ({
      number,
      mode: file.mode,
      rights: writeRights(file.rights),
      data: toHex(file.data),
      ...(file.sdm === undefined ? {} : { sdm: toHex(encodeSdmSettings(file.sdm)) }),
    })),
    readCounter: state.readCounter,
    ...(state.randomUid === true ? { randomUid: true } : {}),
    ...(state.lrp === true ? { lrp: true } : {}),
    ...(state.tamper === undefined ? {} : { tagTamper: state.tamper.opened ? "opened" : "closed" }),
  };
}
