import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type AliroReaderIdentity, POINT_BYTES } from "@menshen/credentials";
import {
  CryptoError,
  fromHex,
  p256FromSecret,
  p256Sign,
  type SigningKey,
  signingKeyFromPem,
  toHex,
  verifyKeyFromPem,
} from "@menshen/crypto/node";
import { AliroDeskReader } from "@menshen/wire";
import Type from "typebox";
import { Value } from "typebox/value";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";

const Around = Type.Object({ reader: AliroDeskReader });

/** The P-256 key pair in a PEM file; throws `CliError("usage")` with the option's name. */
export function keyPairFile(option: string, file: string): SigningKey {
  const key = parsed(option, () => signingKeyFromPem(readFileSync(file, "utf8")));
  if (key.alg === "ES256") return key;
  throw fileError(option, "a P-256 key", "P-256 密钥");
}

/** The P-256 public key (65 bytes) in a PEM file, or as hexadecimal in a file. */
export function publicKeyFile(option: string, file: string): Uint8Array {
  const text = parsed(option, () => readFileSync(file, "latin1"));
  if (/^[0-9a-fA-F]{130}\s*$/.test(text)) return fromHex(text.trim());
  const key = parsed(option, () => verifyKeyFromPem(text));
  if (key.publicKey.length === POINT_BYTES) return key.publicKey;
  throw fileError(option, "a P-256 public key", "P-256 公钥");
}

/** Bytes of a file, which may hold them as hexadecimal text. */
export function bytesFile(option: string, file: string): Uint8Array {
  const bytes = parsed(option, () => new Uint8Array(readFileSync(file)));
  const text = Buffer.from(bytes).toString("latin1").trim();
  return /^([0-9a-fA-F]{2})+$/.test(text) ? fromHex(text) : bytes;
}

/** What one side of fast transactions keeps: keys by a name in hexadecimal. Keep the file like a key. */
export type FastKeys = Map<string, Uint8Array>;

/** Fast keys of a file that may not exist yet. */
export function readFastKeys(option: string, file: string): FastKeys {
  if (!existsSync(file)) return new Map();
  const json: unknown = parsed(option, () => JSON.parse(readFileSync(file, "utf8")));
  const keys: FastKeys = new Map();
  for (const [name, key] of Object.entries(json ?? {})) {
    if (typeof key !== "string" || !/^[0-9a-f]{64}$/.test(key)) {
      throw fileError(option, "fast keys as this program writes them", "本程序写出的快速密钥");
    }
    keys.set(name, fromHex(key));
  }
  return keys;
}

/** Written beside and moved over, so that a kill leaves the old keys or the new ones. */
export function writeFastKeys(file: string, keys: FastKeys): void {
  const json = Object.fromEntries([...keys].map(([name, key]) => [name, toHex(key)]));
  writeFileSync(`${file}.new`, `${JSON.stringify(json, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** A desk's reader as the console gave it, on its own or with what stands around it in the answer. */
export function deskReaderFile(option: string, file: string): AliroReaderIdentity {
  const json: unknown = parsed(option, () => JSON.parse(readFileSync(file, "utf8")));
  const reader = Value.Check(Around, json) ? json.reader : json;
  if (!Value.Check(AliroDeskReader, reader)) {
    throw fileError(option, "a reader of the desk as the console gave it", "控制台给出的前台读卡器");
  }
  const { publicKey, secretKey } = parsed(option, () => p256FromSecret(fromHex(reader.secretKey)));
  return {
    identifier: fromHex(reader.identifier),
    signer: { publicKey, sign: (message) => p256Sign(secretKey, message) },
    certificate: {
      bytes: fromHex(reader.certificate),
      issuerPublicKey: fromHex(reader.groupKey),
      sentIn: "load-cert",
    },
  };
}

/** The value of an option that has to be given. */
export function requiredOption(call: Call, name: string): string {
  const value = call.option(name);
  if (value !== undefined) return value;
  throw new CliError("usage", { en: `--${name} is missing`, zh: `缺少 --${name}` });
}

function parsed<T>(option: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    // What stands in a key file is never repeated; a path the user typed is.
    const why =
      cause instanceof Error && !(cause instanceof CryptoError) && "code" in cause ? cause.message : "";
    throw new CliError(
      "usage",
      {
        en: `--${option}: the file cannot be used${why === "" ? "" : `: ${why}`}`,
        zh: `--${option}：文件无法使用${why === "" ? "" : `：${why}`}`,
      },
      undefined,
      { cause },
    );
  }
}

function fileError(option: string, wantedEn: string, wantedZh: string): CliError {
  return new CliError("usage", {
    en: `--${option}: expected ${wantedEn} in the file`,
    zh: `--${option}：文件中应为${wantedZh}`,
  });
}
