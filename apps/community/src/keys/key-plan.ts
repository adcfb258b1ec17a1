import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import type { CommunityConfig } from "../config.ts";
import { CommunityError } from "../errors.ts";
import type { KeyPlan } from "./key-vault.ts";

/** 256 random bits need no stretching; this is what guards a passphrase file that somebody shortens by hand. */
const DRAWN_COST = { memoryKib: 19_456, passes: 2, lanes: 1 };
const DRAWN_BYTES = 32;
const MAX_SECRET_BYTES = 1_024;

/**
 * Where the keys of cards are by the configuration. Without a word about them: in a sealed file, under a passphrase that is
 * drawn at the first start and lies beside it, for its owner alone. That keeps them out of the database and its backups; who
 * takes the whole machine has both.
 *
 * @throws {CommunityError} `keys-unreadable` for a passphrase or PIN file that is missing, empty, or that others may read
 */
export function keyPlanOf(config: CommunityConfig["keyService"], stateDir: string): KeyPlan {
  const folder = join(stateDir, "keys", "cards");
  if (config === undefined) {
    const file = join(folder, "store");
    return { place: { backEnd: "file", file, cost: DRAWN_COST }, secret: drawnPassphrase(folder, file) };
  }
  if (config.backEnd === "pkcs11") {
    const { library, token, pinFile } = config;
    const place = { backEnd: "pkcs11", library, token } as const;
    return pinFile === undefined ? { place } : { place, secret: secretIn(resolve(pinFile)) };
  }
  const { store, passphraseFile } = config;
  const place = {
    backEnd: "file",
    file: store === undefined ? join(folder, "store") : resolve(store),
  } as const;
  return passphraseFile === undefined ? { place } : { place, secret: secretIn(resolve(passphraseFile)) };
}

function drawnPassphrase(folder: string, store: string): string {
  const file = join(folder, "passphrase");
  if (!existsSync(file)) {
    // The passphrase of a store that is there cannot be drawn: whoever has it has to give it.
    if (existsSync(store)) {
      throw new CommunityError(
        "keys-unreadable",
        "the key store's passphrase file is gone: name one in /keyService",
      );
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileDurably(file, `${toHex(randomBytes(DRAWN_BYTES))}\n`, 0o600);
  }
  return secretIn(file);
}

function secretIn(file: string): string {
  let text: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new CommunityError(
        "keys-unreadable",
        "a passphrase file can be read by other users: expected mode 0600",
      );
    }
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof CommunityError) throw cause;
    throw new CommunityError("keys-unreadable", "a passphrase file cannot be read", { cause });
  }
  const [secret = ""] = text.split(/\r?\n/);
  if (secret === "" || secret.length > MAX_SECRET_BYTES) {
    throw new CommunityError(
      "keys-unreadable",
      `expected a first line of 1 to ${MAX_SECRET_BYTES} characters`,
    );
  }
  return secret;
}
