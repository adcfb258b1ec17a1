import { describe, expect, it } from "vitest";
import { bytes } from "../evidence.fixture.ts";
import { formatAddCheckpoint, MAX_ADD_CHECKPOINT_BYTES, parseAddCheckpoint } from "./add-checkpoint.ts";
import { formatLogProof, MAX_PROOF_BYTES, parseLogProof } from "./log-proof.ts";

const HASH = "A".repeat(43).concat("=");
const NOTE = "x.example\n1\n\n— x.example AAAAAAA=\n";

describe("a proof that is refused:", () => {
  const good = `c2sp.org/tlog-proof@v1\nextra AA==\nindex 5\n${HASH}\n\n${NOTE}`;

  it("(the good one is not)", () => {
    expect(parseLogProof(good)).toMatchObject({
      index: 5,
      hashes: [new Uint8Array(32)],
      extra: Uint8Array.of(0),
    });
  });

  it.each([
    ["empty", ""],
    ["another version", good.replace("@v1", "@v2")],
    ["a blank before", ` ${good}`],
    ["carriage returns", good.replaceAll("\n", "\r\n")],
    ["no index", good.replace("index 5\n", "")],
    ["a signed index", good.replace("index 5", "index +5")],
    ["leading zero", good.replace("index 5", "index 05")],
    ["an index beyond 2^53", good.replace("index 5", "index 9007199254740992")],
    ["two indices", good.replace("index 5\n", "index 5\nindex 5\n")],
    ["extra after the index", good.replace("extra AA==\nindex 5", "index 5\nextra AA==")],
    ["two extras", good.replace("extra AA==\n", "extra AA==\nextra AA==\n")],
    ["extra that is not base64", good.replace("AA==", "A")],
    ["extra with unused bits", good.replace("AA==", "AB==")],
    ["a hash of 31 bytes", good.replace(HASH, `${"A".repeat(42)}==`)],
    ["a hash with white space", good.replace(HASH, ` ${HASH}`)],
    ["64 hashes", good.replace(HASH, Array.from({ length: 64 }, () => HASH).join("\n"))],
    ["no empty line", good.replace("\n\n", "\n")],
    ["cut off", good.slice(0, 30)],
    ["too long", good + "x".repeat(MAX_PROOF_BYTES)],
    ["an unpaired surrogate", `${good}\ud800`],
  ])("%s", (_what, text) => {
    expect(parseLogProof(text)).toBeUndefined();
  });

  it("cannot be written either", () => {
    const proof = { index: 5, hashes: [], checkpoint: bytes(NOTE) };
    for (const [change, code] of [
      [{ index: -1 }, "outside-tree"],
      [{ index: 1.5 }, "outside-tree"],
      [{ hashes: [new Uint8Array(31)] }, "bad-length"],
      [{ hashes: Array.from({ length: 64 }, () => new Uint8Array(32)) }, "bad-length"],
      [{ checkpoint: Uint8Array.of(0xff) }, "invalid-text"],
    ] as const) {
      expect(() => formatLogProof({ ...proof, ...change })).toThrow(expect.objectContaining({ code }));
    }
  });
});

describe("a request to a witness that is refused:", () => {
  const good = `old 5\n${HASH}\n\n${NOTE}`;

  it("(the good one is not)", () => {
    const request = parseAddCheckpoint(bytes(good));
    expect(request).toEqual({ oldSize: 5, proof: [new Uint8Array(32)], checkpoint: bytes(NOTE) });
    expect(request && formatAddCheckpoint(request)).toEqual(bytes(good));
    expect(parseAddCheckpoint(bytes(`old 0\n\n${NOTE}`))).toMatchObject({ oldSize: 0, proof: [] });
  });

  it.each([
    ["empty", ""],
    ["no old size", good.replace("old 5\n", "")],
    ["a leading zero", good.replace("old 5", "old 05")],
    ["two blanks", good.replace("old 5", "old  5")],
    ["an old size beyond 2^53", good.replace("old 5", "old 9007199254740992")],
    ["a hash of 31 bytes", good.replace(HASH, `${"A".repeat(42)}==`)],
    ["64 hashes", good.replace(HASH, Array.from({ length: 64 }, () => HASH).join("\n"))],
    ["no empty line", good.replace("\n\n", "\n")],
    ["too long", good + "x".repeat(MAX_ADD_CHECKPOINT_BYTES)],
  ])("%s", (_what, text) => {
    expect(parseAddCheckpoint(bytes(text))).toBeUndefined();
  });

  it("no UTF-8", () => {
    expect(parseAddCheckpoint(Uint8Array.of(...bytes(good), 0xff))).toBeUndefined();
  });

  it("cannot be written either", () => {
    const request = { oldSize: 5, proof: [], checkpoint: bytes(NOTE) };
    expect(() => formatAddCheckpoint({ ...request, oldSize: -1 })).toThrow(
      expect.objectContaining({ code: "outside-tree" }),
    );
    expect(() => formatAddCheckpoint({ ...request, proof: [new Uint8Array()] })).toThrow(
      expect.objectContaining({ code: "bad-length" }),
    );
  });
});
