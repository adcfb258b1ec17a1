import { randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import { drawDuressPin, drawPin, pinCredentialKey, plateCredentialKey } from "@menshen/credentials/node";
import { primitives, toHex } from "@menshen/crypto/node";
import { type CredentialKey, DomainError, type Plate, parsePlate } from "@menshen/domain";
import type { CardPersonalisation, Credential, CredentialReplace } from "@menshen/wire";
import type { ChangeScope } from "../../change-record/change-scope.ts";
import type { Reader, Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import { type Keys, pinKeyOf } from "../../keys/card-masters.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { CardKeys } from "./card-keys.ts";
import { chooseDoorGroups, gradeOf, isKeyed, labelOf, mayCount, parseIdentifier } from "./card-kinds.ts";
import { demandHonestChip } from "./chip-check.ts";
import { mayStep, takeStep } from "./credential-life.ts";
import { withLogStates } from "./credential-log.store.ts";
import {
  insertCredential,
  insertDuressPin,
  selectCredential,
  selectCredentialByKey,
  selectDoorGroups,
  selectDuressPins,
  selectKeyVersion,
  selectLegacyUntil,
  updateState,
} from "./credentials.store.ts";
import { demandLegacyEnd } from "./legacy-end.ts";

/** What the desk gets back: the record, for a card with keys what to write onto it, for a PIN its digits. */
export interface Enrolment {
  readonly credential: Credential;
  readonly personalisation?: CardPersonalisation;
  readonly pin?: string;
  /** Does what the PIN does, and calls the guards. */
  readonly duressPin?: string;
}

export interface Holder {
  readonly personId: string;
  readonly dwellingId: string | undefined;
}

/** What makes a new credential this one. Of a PIN nothing is kept that it could be read back from. */
export interface Identified {
  readonly key: CredentialKey;
  readonly identifier: Uint8Array;
  readonly label: string;
  readonly pin?: string;
  readonly duress?: { readonly pin: string; readonly key: CredentialKey };
}

/** So many characters of a plate its holder knows it by. */
const PLATE_LABEL_CHARACTERS = 3;

/** Of a million PINs one draw in a hundred meets one; so many in a row only meet a broken random source. */
const MAX_DRAWS = 16;

/** Puts new credentials into the register of the community: the one way in, for desks and for lists alike. */
export interface Enroller {
  /**
   * Stores a new credential. A card that was somebody's before and opens nothing now begins a new life.
   *
   * Throws `conflict` for a card that is somebody's, or was destroyed; `invalid-request` for what does not fit its kind.
   */
  readonly enrol: (
    scope: ChangeScope,
    card: CredentialReplace,
    holder: Holder,
    replacesId?: string,
  ) => Promise<Enrolment>;
  /** The key of a card on the desk reader, or of a PIN that was drawn. */
  readonly identify: (
    trx: Trx,
    card: Pick<CredentialReplace, "kind" | "identifier" | "plate">,
  ) => Promise<Identified>;
  /** Ends an earlier life of the same card. Throws `conflict` for a card that is somebody's, or was destroyed. */
  readonly endEarlierLife: (
    scope: ChangeScope,
    key: CredentialKey,
    modelVersion: number,
  ) => Promise<string | undefined>;
}

export function makeEnroller(dependencies: {
  readonly cardKeys: CardKeys;
  readonly storageKey: StorageKey;
  readonly keys: Keys;
}): Enroller {
  const { cardKeys, storageKey, keys } = dependencies;

  /** A PIN nobody has: drawn, so that a refusal never tells anybody that some PIN is taken. */
  async function drawFreePin(trx: Trx, asked: string | undefined): Promise<Identified> {
    if (asked !== undefined) {
      throw refusal("invalid-request", "a PIN is drawn, not chosen", {
        fields: [{ path: "body/identifier", message: "expected none for a PIN" }],
      });
    }
    const pinKey = await pinKeyOf(keys());
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const pin = drawPin();
      const duressPin = drawDuressPin(pin);
      const key = await pinCredentialKey(pinKey, pin);
      const duress = { pin: duressPin, key: await pinCredentialKey(pinKey, duressPin) };
      const isTaken = await isPinTaken(trx, [key, duress.key]);
      if (!isTaken) return { key, identifier: new Uint8Array(), label: "PIN", pin, duress };
    }
    throw new CommunityError("internal", "expected a PIN that nobody has");
  }

  /** Whether one of these is somebody's PIN, or stands for one: a door must never take one for the other. */
  async function isPinTaken(trx: Trx, keys: readonly CredentialKey[]): Promise<boolean> {
    for (const key of keys) if ((await selectCredentialByKey(trx, key)) !== undefined) return true;
    const there = new Set(keys.map(toHex));
    const rows = await selectDuressPins(trx);
    return rows.some(({ credential_id, sealed_key }) =>
      there.has(toHex(storageKey.open(sealed_key, duressContext(credential_id)))),
    );
  }

  const identify: Enroller["identify"] = async (trx, card) => {
    if (card.kind === "pin") return drawFreePin(trx, card.identifier);
    if (card.kind === "plate") {
      const plate = plateOf(card);
      return {
        key: plateCredentialKey(await pinKeyOf(keys()), plate),
        identifier: new TextEncoder().encode(plate),
        label: plate.slice(-PLATE_LABEL_CHARACTERS),
      };
    }
    const identifier = parseIdentifier(card.kind, card.identifier);
    return {
      key: credentialKeyOf(primitives, card.kind, identifier),
      identifier,
      label: labelOf(identifier),
    };
  };

  const endEarlierLife: Enroller["endEarlierLife"] = async (scope, key, modelVersion) => {
    const earlier = await selectCredentialByKey(scope.trx, key);
    if (earlier === undefined) return undefined;
    if (earlier.state === "active" || earlier.state === "personalised") {
      throw refusal("conflict", "this card is enrolled already");
    }
    if (!mayStep(earlier.state, "replace")) throw refusal("conflict", "this card was destroyed");
    const { to } = takeStep(earlier.state, "replace");
    await updateState(scope.trx, earlier.id, to, scope.at, modelVersion);
    await scope.record({ action: "credential.replaced", entity: "credential", entityId: earlier.id });
    return earlier.id;
  };

  return {
    identify,
    endEarlierLife,
    async enrol(scope, card, holder, replacesId) {
      const { trx, at } = scope;
      demandOrder(card.from, card.until);
      demandEnd(card);
      demandLegacyEnd(card.kind, card.until, await selectLegacyUntil(trx));
      demandHonestChip(card.kind, card.chip);
      const { key, identifier, label, pin, duress } = await identify(trx, card);
      const hidesUid = card.hidesUid === true;
      const countsTaps = mayCount(card.kind, card.countsTaps);
      const doorGroups = chooseDoorGroups(card, await selectDoorGroups(trx));
      const modelVersion = await scope.touch("credentials");
      const earlierId = await endEarlierLife(scope, key, modelVersion);
      const id = randomUUID();
      const keyVersion = await selectKeyVersion(trx);
      await insertCredential(trx, {
        id,
        key,
        kind: card.kind,
        grade: gradeOf(card.kind),
        label,
        sealedIdentifier: storageKey.seal(identifier, identifierContext(id)),
        doorGroups,
        ...holder,
        from: card.from,
        until: card.until,
        temporary: card.temporary === true,
        state: "active",
        at,
        replacesId: replacesId ?? earlierId,
        modelVersion,
        keyVersion,
        hidesUid,
        countsTaps,
      });
      if (duress !== undefined) {
        await insertDuressPin(trx, id, storageKey.seal(duress.key, duressContext(id)));
      }
      await scope.record({
        action: "credential.enrolled",
        entity: "credential",
        entityId: id,
        after: { kind: card.kind, doorGroups, ...holder, from: card.from, until: card.until },
      });
      const credential = await stated(trx, at, id);
      if (pin !== undefined && duress !== undefined) return { credential, pin, duressPin: duress.pin };
      if (!isKeyed(card.kind)) return { credential };
      const countsAs = countsTaps ? id : undefined;
      const written = { kind: card.kind, uid: identifier, doorGroups, hidesUid, countsAs };
      const personalisation = await cardKeys.personalisation(written, keyVersion);
      return { credential, personalisation };
    },
  };
}

/** Throws `invalid-request` unless there is a plate, and nothing else to know the vehicle by. */
function plateOf({ plate, identifier }: Pick<CredentialReplace, "identifier" | "plate">): Plate {
  try {
    if (plate !== undefined && identifier === undefined) return parsePlate(plate);
  } catch (fault) {
    if (!(fault instanceof DomainError)) throw fault;
  }
  throw refusal("invalid-request", "a plate is the text on a vehicle", {
    fields: [{ path: "body/plate", message: "expected a number plate" }],
  });
}

/** A credential with how it stands to the public log. */
export async function stated(db: Reader, at: number, id: string): Promise<Credential> {
  const credential = found(await selectCredential(db, id), "credential");
  const [withLog] = await withLogStates(db, at, [credential]);
  return withLog ?? credential;
}

/** Where a sealed identifier belongs: it opens for no other record. */
export function identifierContext(credentialId: string): string {
  return `identifier:${credentialId}`;
}

/** Where the key of a duress PIN is sealed. */
export function duressContext(credentialId: string): string {
  return `duress-pin:${credentialId}`;
}

export function demandOrder(from: number | undefined, until: number | undefined): void {
  if (from !== undefined && until !== undefined && from >= until) {
    throw refusal("invalid-request", "`until` lies after `from`", {
      fields: [{ path: "body/until", message: "expected later than `from`" }],
    });
  }
}

/** What is lent ends by itself. */
export function demandEnd(card: {
  readonly temporary?: boolean | undefined;
  readonly until?: number | undefined;
}): void {
  if (card.temporary !== true || card.until !== undefined) return;
  throw refusal("invalid-request", "what is lent has an end", {
    fields: [{ path: "body/until", message: "expected an end for what is lent" }],
  });
}
