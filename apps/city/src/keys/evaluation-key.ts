import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  CryptoError,
  equalBytes,
  randomBytes,
  type VoprfKeys,
  voprfGenerate,
  voprfKeysOf,
} from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import type { Database } from "../database/database.ts";
import { CityError } from "../errors.ts";

/**
 * The key of the PRF, in a file of its own: who has only the database cannot try numbers. Made at the first start.
 *
 * Throws `keys-unreadable` for a file that others may read, one that holds no key, and one of another key than the tags in
 * the database were made with.
 */
export async function loadEvaluationKey(file: string, db: Database): Promise<VoprfKeys> {
  const known = await db.selectFrom("city").select("evaluation_key").executeTakeFirst();
  if (!existsSync(file)) {
    if (known !== undefined)
      throw trouble("evaluation.key is gone: the tags in the database are of another key");
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileDurably(file, voprfGenerate(randomBytes).secretKey, 0o600);
  }
  if ((statSync(file).mode & 0o077) !== 0)
    throw trouble("evaluation.key can be read by other users: expected mode 0600");
  const keys = keysOf(new Uint8Array(readFileSync(file)));
  if (known === undefined) {
    await db.insertInto("city").values({ evaluation_key: keys.publicKey }).execute();
  } else if (!equalBytes(new Uint8Array(known.evaluation_key), keys.publicKey)) {
    throw trouble("evaluation.key is another one than the tags in the database were made with");
  }
  return keys;
}

function keysOf(secretKey: Uint8Array): VoprfKeys {
  try {
    return voprfKeysOf(secretKey);
  } catch (cause) {
    if (cause instanceof CryptoError) throw trouble("evaluation.key holds no key");
    throw cause;
  }
}

function trouble(words: string): CityError {
  return new CityError("keys-unreadable", words);
}
