import { existsSync, readFileSync } from "node:fs";
import { fromHex, toHex } from "@menshen/crypto/node";
import { parseLabScbk, type Scbk } from "@menshen/osdp";
import { writeFileDurably } from "@menshen/service-kit/process";

/** The keys that virtual readers were given, kept as a real reader keeps its own. */
export interface KeyStore {
  of(name: string): Scbk | undefined;
  /** On the disk when this returns: the reader acknowledges after it. */
  keep(name: string, key: Scbk): void;
}

export function openKeyStore(file: string): KeyStore {
  const keys = new Map<string, Scbk>();
  if (existsSync(file)) {
    const stored: unknown = JSON.parse(readFileSync(file, "utf8"));
    for (const [name, hex] of Object.entries(stored ?? {})) {
      if (typeof hex === "string") keys.set(name, parseLabScbk(fromHex(hex)));
    }
  }
  return {
    of: (name) => keys.get(name),
    keep(name, key) {
      keys.set(name, key);
      const all = Object.fromEntries([...keys].map(([one, value]) => [one, toHex(value)]));
      writeFileDurably(file, `${JSON.stringify(all)}\n`, 0o600);
    },
  };
}
