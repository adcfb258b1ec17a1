import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, wipe } from "@menshen/crypto/node";
import { destroyFile, openUnbackedDirectory, syncDirectory, writeFileDurably } from "@menshen/service-kit";
import { CommunityError } from "../errors.ts";
import { makeStorageKey, type StorageKey } from "./storage-key.ts";

const KEY_BYTES = 32;
const PREFIX = "sealed:1:";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_BACKUP =
  "Keys of persons: a general backup leaves them out, or it could be read after somebody was deleted. Mirror this folder by itself, and keep no mirror for longer than seven days.";

/** Text of a person as the database holds it. Made by {@link PersonKeys.sealText} and by nothing else. */
export type SealedText = string & { readonly [sealedText]: true };
declare const sealedText: unique symbol;

/** Stands where somebody's key was destroyed: nobody reads it any more. */
export const UNREADABLE = "—";

/**
 * A key for each person, and what names them sealed under it. Each key is a file of its own outside the database, wrapped
 * under the storage key: once it is destroyed, whatever copies of the database there are tell nothing of that person.
 */
export interface PersonKeys {
  /** Draws the key of somebody who has none. Throws `not-found` for somebody whose key was destroyed. */
  readonly sealText: (personId: string, text: string) => SealedText;
  /** {@link UNREADABLE} once the key was destroyed or lost; text that was never sealed comes back as it is. */
  readonly openText: (stored: string) => string;
  /** As {@link sealText}, for bytes. @param context what it is */
  readonly seal: (personId: string, plaintext: Uint8Array, context: string) => Uint8Array;
  /** `undefined` once the key was destroyed or lost. Throws `keys-unreadable` for what was changed. */
  readonly open: (personId: string, sealed: Uint8Array, context: string) => Uint8Array | undefined;
  /** Writes over the key and removes it, durably; a note of it stays, without the key. Repeating it is no trouble. */
  readonly destroy: (personId: string) => void;
  /** Those whose keys were destroyed. */
  readonly destroyed: () => readonly string[];
}

/** Takes the place of a text of somebody whose key was destroyed: it opens as {@link UNREADABLE}. */
export function emptiedText(personId: string): SealedText {
  return `${PREFIX}${personId}:` as SealedText;
}

/** @param directory of its own: general backups are told to leave it out */
export function openPersonKeys(directory: string, storageKey: StorageKey): PersonKeys {
  openUnbackedDirectory(directory, NO_BACKUP);
  const text = new TextEncoder();
  const keys = new Map<string, StorageKey>();
  /** Names that were opened before, by person: lists show the same ones again and again. */
  const opened = new Map<string, Map<string, string>>();
  const fileOf = (id: string) => join(directory, `${id}.key`);
  const noteOf = (id: string) => join(directory, `${id}.gone`);
  // A process that was killed between the note and the key ends what it began.
  for (const id of gone()) destroyKey(id);

  function gone(): readonly string[] {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".gone"))
      .map((name) => name.slice(0, -".gone".length))
      .filter((id) => UUID.test(id));
  }

  function destroyKey(id: string): void {
    keys.delete(id);
    opened.delete(id);
    if (existsSync(fileOf(id))) destroyFile(fileOf(id));
    syncDirectory(directory);
  }

  function keyOf(id: string): StorageKey | undefined {
    const known = keys.get(id);
    if (known !== undefined) return known;
    if (!UUID.test(id) || !existsSync(fileOf(id)) || existsSync(noteOf(id))) return undefined;
    return kept(id, storageKey.open(new Uint8Array(readFileSync(fileOf(id))), `person-key:${id}`));
  }

  function kept(id: string, root: Uint8Array): StorageKey {
    const key = makeStorageKey(root);
    wipe(root);
    keys.set(id, key);
    return key;
  }

  function keyFor(id: string): StorageKey {
    const known = keyOf(id);
    if (known !== undefined) return known;
    if (!UUID.test(id)) throw new CommunityError("internal", "expected the id of a person");
    if (existsSync(noteOf(id))) throw new CommunityError("not-found", "this person was deleted");
    const root = randomBytes(KEY_BYTES);
    // INVARIANT: the key is durable before anything that is sealed under it.
    writeFileDurably(fileOf(id), storageKey.seal(root, `person-key:${id}`), 0o600);
    return kept(id, root);
  }

  function openAnew(id: string, box: string): string | undefined {
    const key = keyOf(id);
    if (key === undefined) return undefined;
    const sealed = new Uint8Array(Buffer.from(box, "base64url"));
    return new TextDecoder().decode(key.open(sealed, `person-text:${id}`));
  }

  return {
    sealText(personId, plain) {
      const sealed = keyFor(personId).seal(text.encode(plain), `person-text:${personId}`);
      return `${PREFIX}${personId}:${Buffer.from(sealed).toString("base64url")}` as SealedText;
    },
    openText(stored) {
      if (!stored.startsWith(PREFIX)) return stored;
      const id = stored.slice(PREFIX.length, PREFIX.length + 36);
      const box = stored.slice(PREFIX.length + 37);
      const before = opened.get(id)?.get(box);
      if (before !== undefined) return before;
      const plain = openAnew(id, box);
      if (plain === undefined) return UNREADABLE;
      opened.set(id, (opened.get(id) ?? new Map<string, string>()).set(box, plain));
      return plain;
    },
    seal: (personId, plaintext, context) => keyFor(personId).seal(plaintext, `${context}:${personId}`),
    open: (personId, sealed, context) => keyOf(personId)?.open(sealed, `${context}:${personId}`),
    destroy(personId) {
      if (!UUID.test(personId)) throw new CommunityError("internal", "expected the id of a person");
      // The note first: from here on the key is not read, whatever happens.
      if (!existsSync(noteOf(personId))) writeFileDurably(noteOf(personId), new Uint8Array(), 0o600);
      destroyKey(personId);
    },
    destroyed: gone,
  };
}
