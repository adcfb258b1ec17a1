import { argon2id, concatBytes } from "@menshen/crypto/node";
import { canonicalJson, parseCanonicalJson } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import { contentsOf, random } from "./custodian.fixture.ts";
import { encodeContents, parseContents } from "./store-contents.ts";
import { createStore, openStore, sealStore } from "./store-file.ts";

const contents = contentsOf(1);
const unlock = { by: "secret", secret: new Uint8Array(32) } as const;
const bytes = sealStore(await createStore({ contents, unlock, random, argon2id }), random);
const passphrase = { by: "passphrase", passphrase: "p" } as const;
const cost = { memoryKib: 8, passes: 1, lanes: 1 };
const guessed = sealStore(
  await createStore({ contents, unlock: passphrase, random, argon2id, cost }),
  random,
);

function at(file: Uint8Array, offset: number, ...part: number[]): Uint8Array {
  const changed = file.slice();
  changed.set(part, offset);
  return changed;
}
async function refusalOf(file: Uint8Array, by: typeof unlock | typeof passphrase = unlock): Promise<string> {
  const result = await openStore(file, by, argon2id);
  return result.opened ? "opened" : result.refusal;
}

describe("a file", () => {
  it("cut off anywhere, or with a byte behind it, does not open", async () => {
    for (let length = 0; length < bytes.length; length += length < 80 ? 1 : 97) {
      expect(await refusalOf(bytes.slice(0, length))).toMatch(/^(malformed|wrong-unlock)$/);
    }
    expect(await refusalOf(concatBytes(bytes, new Uint8Array(1)))).toBe("wrong-unlock");
  });

  it("with any byte changed does not open", async () => {
    for (let i = 0; i < bytes.length; i += i < 80 ? 1 : 97) {
      expect(await refusalOf(at(bytes, i, (bytes[i] ?? 0) ^ 1))).not.toBe("opened");
    }
  });

  it.each<[string, Uint8Array, string]>([
    ["of another kind", at(bytes, 0, 0), "malformed"],
    ["of a later version", at(bytes, 19, 2), "unknown-version"],
    ["with a third way to open it", at(bytes, 20, 3), "malformed"],
    ["of a passkey with a cost", at(bytes, 21, 0, 0, 0, 8), "malformed"],
    ["too large", new Uint8Array(5_000_000), "too-large"],
  ])("%s is refused", async (_what, file, refusal) => {
    expect(await refusalOf(file)).toBe(refusal);
  });

  it.each([
    ["two gibibytes", [0, 0x20, 0, 0, 1, 1]],
    ["no memory", [0, 0, 0, 0, 1, 1]],
    ["200 passes", [0, 0, 0, 8, 200, 1]],
    ["no pass", [0, 0, 0, 8, 0, 1]],
    ["no lane", [0, 0, 0, 8, 1, 0]],
  ])("that asks for %s is refused before anything is computed", async (_what, part) => {
    expect(await refusalOf(at(guessed, 21, ...part), passphrase)).toBe("malformed");
  });
});

/** The contents with members of the JSON replaced. */
function but(changes: object): Uint8Array {
  const text = new TextDecoder().decode(encodeContents(contents));
  const value = parseCanonicalJson(text, 1_000_000);
  return new TextEncoder().encode(canonicalJson({ ...Object(value), ...changes }));
}

describe("contents", () => {
  it("are read as they were written", () => {
    expect(encodeContents(parseContents(but({})))).toEqual(encodeContents(contents));
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["no text", new Uint8Array([0xff])],
    ["a list", new TextEncoder().encode("[]")],
    ["a field more", but({ more: 1 })],
    ["an identity of another length", but({ identitySeed: "00" })],
    ["an identity in capitals", but({ identitySeed: "AB".repeat(32) })],
    ["a community that is none", but({ communityId: "x" })],
    ["a retention beyond the law", but({ retentionDays: 31 })],
    ["epochs without length", but({ grid: { anchorMs: 0, epochMs: 0 } })],
    ["a share that is no scalar", but({ shares: [{ ...share(), secret: "ff".repeat(32) }] })],
    ["a share of no key", but({ shares: [{ ...share(), key: "00" }] })],
    ["a share with a field more", but({ shares: [{ ...share(), more: 1 }] })],
    ["shares that are no list", but({ shares: {} })],
    [
      "a receipt without a signature",
      but({ receipts: [{ ceremony: contents.communityId, epoch: 1, destroyedAtMs: 1 }] }),
    ],
    ["custodians that are none", but({ custodians: "00" })],
    ["a record that is none", but({ answered: [1] })],
    [
      "a record of numbers",
      but({ answered: [{ requestId: contents.communityId, statementSha256: "", entries: [1] }] }),
    ],
    ["a time before all times", but({ latestMs: -1 })],
  ])("with %s are refused", (_what, changed) => {
    expect(() => parseContents(changed)).toThrow(
      expect.objectContaining({ name: "CustodyError", code: "malformed" }),
    );
  });
});

function share(): object {
  const text = new TextDecoder().decode(encodeContents(contents));
  return JSON.parse(text).shares[0];
}
