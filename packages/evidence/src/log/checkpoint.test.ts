import { describe, expect, it } from "vitest";
import { bytes, crypto, sha256, text, vectors } from "../evidence.fixture.ts";
import { emptyRoot } from "../merkle/hashing.ts";
import { noteKey, parseVerifierKey } from "../note/note-key.ts";
import { cosignCheckpoint, signNote } from "../note/note-signature.ts";
import { formatNote } from "../note/signed-note.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

const { toHex, fromHex } = crypto;
const { checkpoint_cosigned: cosigned, tiles_70000: tiles } = vectors;

function keyOf(vkey: string) {
  const result = parseVerifierKey(sha256, vkey);
  if (!result.parsed) throw new Error(result.refusal);
  return result.key;
}

const origin = "gate.example/log1";
const logKey = keyOf(cosigned.log_vkey);
const witnessKey = keyOf(cosigned.witness_vkey);
const log = { origin, logKeys: [logKey], witnessKeys: [witnessKey] };
const body = "gate.example/log1\n70000\nGkzfy2Y3SgwNy+9JrL1JdtE+6GT7PLJB/JQ8rQTwL34=\n";

it("the text is the known one, both ways", () => {
  const checkpoint = {
    origin,
    size: 70_000,
    root: fromHex(tiles.root_by_size_hex["70000"] ?? ""),
    extensions: [],
  };
  expect(formatCheckpoint(checkpoint)).toBe(body);
  expect(parseCheckpoint(body)).toEqual(checkpoint);
});

it("an origin may hold spaces, and extension lines are kept", () => {
  const [real] = vectors.real_checkpoints;
  const content = real?.note.slice(0, real.note.indexOf("\n\n") + 1) ?? "";
  expect(parseCheckpoint(content)).toMatchObject({ origin: "go.sum database tree", size: 15_081_221 });
  expect(parseCheckpoint(`${content}one\ntwo more\n`)?.extensions).toEqual(["one", "two more"]);
});

it("the empty tree has a checkpoint", () => {
  const checkpoint = { origin: "a", size: 0, root: emptyRoot(), extensions: [] };
  expect(formatCheckpoint(checkpoint)).toBe("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
});

it("what is no checkpoint is not written", () => {
  const good = { origin, size: 1, root: emptyRoot(), extensions: [] };
  for (const change of [
    { origin: "" },
    { origin: "a\nb" },
    { origin: "a\tb" },
    { origin: "\ud800" },
    { size: -1 },
    { size: 0.5 },
    { size: 2 ** 53 },
    { root: emptyRoot().subarray(1) },
    { extensions: [""] },
    { extensions: ["a\nb"] },
  ]) {
    expect(() => formatCheckpoint({ ...good, ...change })).toThrow(
      expect.objectContaining({ code: "invalid-checkpoint" }),
    );
  }
});

describe("opening", () => {
  const logSeed = fromHex(cosigned.log_seed_hex);
  const witnessSeed = fromHex(cosigned.witness_seed_hex);
  const sign = (content: string) => signNote(crypto, logKey, logSeed, content);
  const refusalOf = (note: Uint8Array) => {
    const result = openCheckpoint(crypto, note, log);
    return result.opened ? "opened" : result.refusal;
  };

  it("gives the checkpoint, its note and who cosigned", () => {
    const note = bytes(cosigned.checkpoint);
    const result = openCheckpoint(crypto, note, log);
    if (!result.opened) throw new Error(result.refusal);
    expect(result.signed.checkpoint).toMatchObject({ origin, size: 70_000 });
    expect(toHex(result.signed.checkpoint.root)).toBe(tiles.root_by_size_hex["70000"]);
    expect(text(result.signed.note)).toBe(cosigned.checkpoint);
    expect(result.cosignatures).toEqual([{ key: witnessKey, timeSeconds: 1_700_000_000 }]);
  });

  it("knows a published log whose key has another name than its origin", () => {
    const [real] = vectors.real_checkpoints;
    const identity = {
      origin: "go.sum database tree",
      logKeys: [keyOf(real?.vkey ?? "")],
      witnessKeys: [],
    };
    expect(openCheckpoint(crypto, bytes(real?.note ?? ""), identity)).toMatchObject({
      opened: true,
      cosignatures: [],
    });
  });

  it("refuses what only witnesses signed", () => {
    const signatures = [cosignCheckpoint(crypto, witnessKey, witnessSeed, body, 1)];
    expect(refusalOf(formatNote({ text: body, signatures }))).toBe("no-log-signature");
  });

  it("refuses what strangers signed", () => {
    const identity = { ...log, logKeys: [noteKey(sha256, { ...logKey, name: "other.example" })] };
    const result = openCheckpoint(crypto, bytes(cosigned.checkpoint), { ...identity, witnessKeys: [] });
    expect(result).toEqual({ opened: false, refusal: "no-known-signature" });
  });

  it("refuses another log's checkpoint under the same key", () => {
    const other = body.replace("log1", "log2");
    expect(refusalOf(formatNote({ text: other, signatures: [sign(other)] }))).toBe("wrong-origin");
  });

  it("refuses a signed text that is no checkpoint", () => {
    const words = "gate.example/log1\nhello\n";
    expect(refusalOf(formatNote({ text: words, signatures: [sign(words)] }))).toBe("malformed-checkpoint");
  });

  it("refuses a changed size, a cut note, a broken cosignature", () => {
    expect(refusalOf(bytes(cosigned.checkpoint.replace("70000", "70001")))).toBe("bad-signature");
    expect(refusalOf(bytes(cosigned.checkpoint.slice(0, -1)))).toBe("malformed");
    const broken = cosigned.checkpoint.replace("BR+kAA==", "BR+lAA==");
    expect(broken).not.toBe(cosigned.checkpoint);
    expect(refusalOf(bytes(broken))).toBe("bad-signature");
  });

  it("wants log keys that sign and witness keys that cosign", () => {
    const note = bytes(cosigned.checkpoint);
    for (const identity of [
      { origin, logKeys: [witnessKey], witnessKeys: [] },
      { origin, logKeys: [logKey], witnessKeys: [logKey] },
    ]) {
      expect(() => openCheckpoint(crypto, note, identity)).toThrow(
        expect.objectContaining({ code: "wrong-key-type" }),
      );
    }
  });
});
