import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SeedResult } from "./evaluate-seed.ts";

export interface SeedStore {
  /** Undefined if that seed was not finished with this engine. */
  read(seed: string): SeedResult | undefined;
  write(seed: string, result: SeedResult): void;
}

/** One file for each finished seed, in a folder of its own for each engine; a file is whole or not there. */
export function openSeedStore(directory: string, fingerprint: string): SeedStore {
  const folder = join(directory, fingerprint);
  mkdirSync(folder, { recursive: true });
  return {
    read(seed) {
      try {
        const text = readFileSync(join(folder, `${seed}.json`), "utf8");
        return JSON.parse(text, (_, value: unknown) =>
          value === "never" ? Number.POSITIVE_INFINITY : value,
        );
      } catch {
        return undefined;
      }
    },
    write(seed, result) {
      const file = join(folder, `${seed}.json`);
      const text = JSON.stringify(result, (_, value: unknown) =>
        value === Number.POSITIVE_INFINITY ? "never" : value,
      );
      // Stopped in between, the seed is simulated again: only the rename makes it finished.
      writeFileSync(`${file}.part`, text);
      renameSync(`${file}.part`, file);
    },
  };
}
