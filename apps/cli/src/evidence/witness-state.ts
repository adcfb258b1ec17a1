import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { equalBytes, fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { openWitnessStore, type WitnessStore } from "@menshen/evidence/node";
import { acquireStateLock, syncDirectory, writeFileDurably } from "@menshen/service-kit/process";
import { CliError } from "../command-line/cli-error.ts";

/** What a witness keeps below its state directory. */
export interface WitnessState {
  /** Ed25519 seed, 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly store: WitnessStore;
  readonly close: () => void;
}

/**
 * Opens the state of a witness, for this process alone; makes key and memory at the first start.
 *
 * A key without its memory is refused: under this key the witness has promised never to go back, and it can no longer
 * know from where. The memory is made first, so a start that is cut short leaves no such key behind.
 *
 * @throws {CliError} `config` for a key without memory or a file that is no key; {ServiceError} `already-running`
 */
export function openWitnessState(directory: string): WitnessState {
  const lock = acquireStateLock(directory);
  const keyFile = join(directory, "witness.key");
  const memoryFile = join(directory, "witness.db");
  const hasMemory = existsSync(memoryFile);
  if (existsSync(keyFile) && !hasMemory) {
    lock.release();
    throw new CliError(
      "config",
      {
        en: `\`${keyFile}\` is there, and its memory \`${memoryFile}\` is not`,
        zh: `存在密钥 \`${keyFile}\`，但其记录 \`${memoryFile}\` 已丢失`,
      },
      {
        en: "a witness that forgot what it cosigned must not go on under its key: start with an empty directory and give the logs its new key",
        zh: "丢失记录的见证者不得继续使用原密钥：请换用空目录启动，并把新密钥交给各日志",
      },
    );
  }
  const store = openWitnessStore(memoryFile);
  if (!existsSync(keyFile)) {
    // The memory's name must be on disk before the key's is.
    syncDirectory(directory);
    writeFileDurably(keyFile, `${toHex(randomBytes(32))}\n`, 0o600);
  }
  const close = () => {
    store.close();
    lock.release();
  };
  const secretKey = seedIn(readFileSync(keyFile, "utf8"));
  if (secretKey === undefined) {
    close();
    throw new CliError("config", {
      en: `\`${keyFile}\` does not hold a key: expected 64 hexadecimal digits`,
      zh: `\`${keyFile}\` 中没有密钥：应为 64 位十六进制数字`,
    });
  }
  return { secretKey, store, close };
}

function seedIn(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}\n$/.test(text)) return undefined;
  const seed = fromHex(text.trim());
  return equalBytes(seed, new Uint8Array(32)) ? undefined : seed;
}
