import { describe, expect, it } from "vitest";
import { bytes, crypto, sha256, text, vectors } from "../evidence.fixture.ts";
import type { NoteKey } from "./note-key.ts";
import { formatVerifierKey, noteKey, parseVerifierKey } from "./note-key.ts";
import { cosignCheckpoint, signNote } from "./note-signature.ts";
import { formatNote, parseNote } from "./signed-note.ts";
import { verifyNote } from "./verify-note.ts";

function keyOf(vkey: string): NoteKey {
  const result = parseVerifierKey(sha256, vkey);
  if (!result.parsed) throw new Error(result.refusal);
  return result.key;
}

const { signed_note: example, checkpoint_cosigned: cosigned } = vectors;
const exampleKey = keyOf(example.vkey);
const logSeed = crypto.fromHex(cosigned.log_seed_hex);
const witnessSeed = crypto.fromHex(cosigned.witness_seed_hex);
const logKey = keyOf(cosigned.log_vkey);
const witnessKey = keyOf(cosigned.witness_vkey);
const body = "gate.example/log1\n70000\nGkzfy2Y3SgwNy+9JrL1JdtE+6GT7PLJB/JQ8rQTwL34=\n";

describe("published notes", () => {
  it("the example of signed-note verifies, the tampered one does not", () => {
    expect(verifyNote(crypto, bytes(example.note), [exampleKey])).toEqual({
      verified: true,
      text: "This is an example message.\n",
      signatures: [{ key: exampleKey }],
    });
    expect(verifyNote(crypto, bytes(example.tampered_note), [exampleKey])).toEqual({
      verified: false,
      refusal: "bad-signature",
    });
  });

  it("checkpoints of the Go checksum database verify", () => {
    expect(vectors.real_checkpoints).toHaveLength(2);
    const origins = vectors.real_checkpoints.map(({ vkey, note }) => {
      const result = verifyNote(crypto, bytes(note), [keyOf(vkey)]);
      return result.verified ? result.text.split("\n").slice(0, 2) : result.refusal;
    });
    expect(origins).toEqual([
      ["go.sum database tree", "15081221"],
      ["go.sum database tree", "63096908"],
    ]);
  });

  it("the cosigned checkpoint is made again byte for byte", () => {
    const signatures = [
      signNote(crypto, logKey, logSeed, body),
      cosignCheckpoint(crypto, witnessKey, witnessSeed, body, 1_700_000_000),
    ];
    expect(text(formatNote({ text: body, signatures }))).toBe(cosigned.checkpoint);
    expect(cosigned.cosigned_message).toBe(`cosignature/v1\ntime 1700000000\n${body}`);
    expect(
      crypto.ed25519Verify(
        witnessKey.publicKey,
        bytes(cosigned.cosigned_message),
        signatures[1]?.signature.subarray(8) ?? bytes(""),
      ),
    ).toBe(true);
  });

  it("the cosigned checkpoint verifies with its time", () => {
    expect(verifyNote(crypto, bytes(cosigned.checkpoint), [witnessKey, logKey])).toEqual({
      verified: true,
      text: body,
      signatures: [{ key: logKey }, { key: witnessKey, timeSeconds: 1_700_000_000 }],
    });
  });

  it("verifier keys are made again from name and public key", () => {
    for (const [vkey, type] of [
      [example.vkey, "ed25519"],
      [cosigned.log_vkey, "ed25519"],
      [cosigned.witness_vkey, "ed25519-cosignature"],
    ] as const) {
      const key = keyOf(vkey);
      expect(key.type).toBe(type);
      expect(formatVerifierKey(noteKey(sha256, key))).toBe(vkey);
    }
    expect(witnessKey.keyId).toBe("df1c0a35");
  });
});

describe("verifying", () => {
  const note = { text: body, signatures: [signNote(crypto, logKey, logSeed, body)] };
  const cosignature = cosignCheckpoint(crypto, witnessKey, witnessSeed, body, 1);

  it("ignores keys that share only a name or only an id with a known one", () => {
    const [signature = cosignature] = note.signatures;
    const strangers = [
      { ...signature, keyId: "00000000" },
      { ...signature, name: "gate.example/other" },
    ];
    const result = verifyNote(crypto, formatNote({ text: body, signatures: strangers }), [logKey]);
    expect(result).toEqual({ verified: false, refusal: "no-known-signature" });
    const both = formatNote({ text: body, signatures: [...strangers, signature] });
    expect(verifyNote(crypto, both, [logKey])).toMatchObject({ verified: true });
  });

  it("counts a key once that signed twice", () => {
    const later = cosignCheckpoint(crypto, witnessKey, witnessSeed, body, 2);
    const twice = formatNote({ text: body, signatures: [cosignature, later] });
    expect(verifyNote(crypto, twice, [witnessKey])).toMatchObject({
      signatures: [{ key: witnessKey, timeSeconds: 1 }],
    });
  });

  it("condemns the note when any signature of a known key fails, also a second one", () => {
    const broken = { ...cosignature, signature: cosignature.signature.slice() };
    broken.signature[40] = (broken.signature[40] ?? 0) ^ 1;
    const signatures = [...note.signatures, cosignature, broken];
    const result = verifyNote(crypto, formatNote({ text: body, signatures }), [logKey, witnessKey]);
    expect(result).toEqual({ verified: false, refusal: "bad-signature" });
    // To whom the witness is a stranger, its broken line is noise.
    expect(verifyNote(crypto, formatNote({ text: body, signatures }), [logKey])).toMatchObject({
      verified: true,
    });
  });

  it("takes a cosignature with another time for a bad one", () => {
    const moved = { ...cosignature, signature: cosignature.signature.slice() };
    moved.signature[7] = 2;
    const result = verifyNote(crypto, formatNote({ text: body, signatures: [moved] }), [witnessKey]);
    expect(result).toEqual({ verified: false, refusal: "bad-signature" });
  });

  it("takes a time that it cannot count to for a bad one, though the witness signed it", () => {
    const signedAt = (timeSeconds: bigint) => {
      const time = new Uint8Array(8);
      new DataView(time.buffer).setBigUint64(0, timeSeconds);
      const message = bytes(`cosignature/v1\ntime ${timeSeconds}\n${body}`);
      const signature = crypto.concatBytes(time, crypto.ed25519Sign(witnessSeed, message));
      return verifyNote(crypto, formatNote({ text: body, signatures: [{ ...cosignature, signature }] }), [
        witnessKey,
      ]);
    };
    expect(signedAt(2n ** 53n - 1n)).toMatchObject({ signatures: [{ timeSeconds: 2 ** 53 - 1 }] });
    expect(signedAt(2n ** 53n)).toEqual({ verified: false, refusal: "bad-signature" });
    expect(signedAt(2n ** 63n)).toEqual({ verified: false, refusal: "bad-signature" });
  });

  it("takes a signature of one kind under a key of the other for a bad one", () => {
    const plain = crypto.ed25519Sign(witnessSeed, bytes(body));
    const signature = { name: witnessKey.name, keyId: witnessKey.keyId, signature: plain };
    const result = verifyNote(crypto, formatNote({ text: body, signatures: [signature] }), [witnessKey]);
    expect(result).toEqual({ verified: false, refusal: "bad-signature" });
  });

  it("takes a cosignature under what is no checkpoint for a bad one", () => {
    const words = "not a checkpoint\n";
    const message = bytes(`cosignature/v1\ntime 0\n${words}`);
    const signature = crypto.concatBytes(new Uint8Array(8), crypto.ed25519Sign(witnessSeed, message));
    const forged = formatNote({ text: words, signatures: [{ ...cosignature, signature }] });
    expect(verifyNote(crypto, forged, [witnessKey])).toEqual({ verified: false, refusal: "bad-signature" });
  });

  it("refuses keys of which one signature could count twice", () => {
    const renamed = noteKey(sha256, { ...witnessKey, name: "witness.example/w2" });
    for (const keys of [
      [witnessKey, witnessKey],
      [witnessKey, renamed],
      [logKey, noteKey(sha256, { ...logKey, type: "ed25519-cosignature" })],
      // Four bytes of key id can be made to collide.
      [logKey, { ...logKey, publicKey: witnessKey.publicKey }],
    ]) {
      expect(() => verifyNote(crypto, formatNote(note), keys)).toThrow(
        expect.objectContaining({ code: "ambiguous-keys" }),
      );
    }
  });
});

it("signing what no note can hold, or with the other kind of key, is the caller's fault", () => {
  const faults = {
    "no newline": () => signNote(crypto, logKey, logSeed, "text"),
    "a control character": () => signNote(crypto, logKey, logSeed, "te\txt\n"),
    "half a character": () => signNote(crypto, logKey, logSeed, "te\ud800xt\n"),
    "a witness key signs": () => signNote(crypto, witnessKey, witnessSeed, body),
    "a log key cosigns": () => cosignCheckpoint(crypto, logKey, logSeed, body, 1),
    "no checkpoint": () => cosignCheckpoint(crypto, witnessKey, witnessSeed, "text\n", 1),
    "a negative time": () => cosignCheckpoint(crypto, witnessKey, witnessSeed, body, -1),
    "half a second": () => cosignCheckpoint(crypto, witnessKey, witnessSeed, body, 0.5),
    "no signature": () => formatNote({ text: body, signatures: [] }),
  };
  const codes = Object.entries(faults).map(([name, fault]) => {
    try {
      fault();
    } catch (error) {
      return [name, error instanceof Error && "code" in error ? error.code : error];
    }
    return [name, "none"];
  });
  expect(Object.fromEntries(codes)).toEqual({
    "no newline": "invalid-text",
    "a control character": "invalid-text",
    "half a character": "invalid-text",
    "a witness key signs": "wrong-key-type",
    "a log key cosigns": "wrong-key-type",
    "no checkpoint": "invalid-checkpoint",
    "a negative time": "invalid-time",
    "half a second": "invalid-time",
    "no signature": "bad-length",
  });
});

it("text with empty lines and lines like signatures comes back whole", () => {
  const tricky = "one\n\n— fake.example abcdabcdabcd\n\n";
  const note = formatNote({ text: tricky, signatures: [signNote(crypto, logKey, logSeed, tricky)] });
  expect(parseNote(note)?.text).toBe(tricky);
  expect(verifyNote(crypto, note, [logKey])).toMatchObject({ verified: true, text: tricky });
});
