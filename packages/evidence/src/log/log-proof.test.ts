import { describe, expect, it } from "vitest";
import {
  bytes,
  crypto,
  identity,
  sha256,
  signedCheckpoint,
  storedLog,
  vectors,
} from "../evidence.fixture.ts";
import {
  cosignCheckpoint,
  formatNote,
  noteKey,
  parseNote,
  parseVerifierKey,
  proveInclusion,
} from "../index.ts";
import { formatLogProof, parseLogProof, verifyLogProof } from "./log-proof.ts";
import { bodiesOf, meetsQuorum } from "./witness-policy.ts";

const log = storedLog(70);
const entry = bytes("41");
const nobody = { witnesses: [], quorum: 0 };

const witness = (body: string, byte: number) => {
  const seed = new Uint8Array(32).fill(byte);
  const { publicKey } = crypto.ed25519FromSecret(seed);
  return { body, seed, key: noteKey(sha256, { name: `w${byte}`, type: "ed25519-cosignature", publicKey }) };
};
const city = witness("city", 11);
const citysSecond = witness("city", 12);
const committee = witness("committee", 13);

/** The checkpoint's note with cosignatures, each of its own time. */
function cosigned(signers: readonly (readonly [typeof city, number])[]): Uint8Array {
  const note = parseNote(signedCheckpoint(log.head).note);
  if (note === undefined) throw new Error("no note");
  const cosignatures = signers.map(([{ key, seed }, time]) =>
    cosignCheckpoint(crypto, key, seed, note.text, time),
  );
  return formatNote({ text: note.text, signatures: [...note.signatures, ...cosignatures] });
}

async function proofText(checkpoint = cosigned([]), index = 41): Promise<string> {
  const made = await proveInclusion(sha256, log.source, log.head, index);
  if (!made.read) throw new Error(made.path);
  return formatLogProof({ index, hashes: made.proof, checkpoint });
}

describe("a proof that stands alone", () => {
  it("is the text that C2SP tlog-proof describes", async () => {
    const [first, place, ...rest] = (await proofText()).split("\n");
    expect([first, place]).toEqual(["c2sp.org/tlog-proof@v1", "index 41"]);
    // Seven hashes up from leaf 41 of 70, an empty line, the note.
    expect(rest.indexOf("")).toBe(7);
    expect(rest.slice(8, 10)).toEqual(["gate.example/evidence", "70"]);
  });

  it("reads a proof around a published cosigned checkpoint", () => {
    const { checkpoint, log_vkey, witness_vkey } = vectors.checkpoint_cosigned;
    const text = `c2sp.org/tlog-proof@v1\nextra AQI=\nindex 0\n\n${checkpoint}`;
    const proof = parseLogProof(text);
    expect(proof).toEqual({
      index: 0,
      hashes: [],
      extra: Uint8Array.of(1, 2),
      checkpoint: bytes(checkpoint),
    });
    expect(proof && formatLogProof(proof)).toBe(text);
    const keys = [log_vkey, witness_vkey].map((vkey) => parseVerifierKey(sha256, vkey));
    expect(keys.every(({ parsed }) => parsed)).toBe(true);
  });

  it("verifies with the entry given, and with the one it carries", async () => {
    const text = await proofText();
    expect(verifyLogProof(crypto, text, identity, nobody, entry)).toMatchObject({
      verified: true,
      index: 41,
      entry,
    });
    expect(verifyLogProof(crypto, text, identity, nobody)).toEqual({ verified: false, refusal: "no-entry" });
    const proof = parseLogProof(text);
    const carrying = formatLogProof({
      ...(proof ?? { index: 0, hashes: [], checkpoint: entry }),
      extra: entry,
    });
    expect(verifyLogProof(crypto, carrying, identity, nobody)).toMatchObject({ verified: true, entry });
  });

  it("is refused for another entry, place, hash, log and note", async () => {
    const text = await proofText();
    const refusal = (changed: string, claimed = entry, of = identity) => {
      const result = verifyLogProof(crypto, changed, of, nobody, claimed);
      return result.verified ? "verified" : result.refusal;
    };
    expect(refusal(text, bytes("42"))).toBe("not-included");
    expect(refusal(text.replace("index 41", "index 40"))).toBe("not-included");
    expect(refusal(text.replace("index 41", "index 70"))).toBe("not-included");
    const lines = text.split("\n");
    expect(refusal([...lines.slice(0, 2), ...lines.slice(3)].join("\n"))).toBe("not-included");
    expect(refusal(text.replace("\n70\n", "\n71\n"))).toBe("bad-signature");
    expect(refusal(text, entry, { ...identity, origin: "other.example" })).toBe("wrong-origin");
    expect(refusal("")).toBe("malformed-proof");
  });

  it("needs as many bodies as the policy says, whoever has more witnesses", async () => {
    const policy = { witnesses: [city, citysSecond, committee], quorum: 2 };
    const verdict = async (signers: readonly (readonly [typeof city, number])[]) => {
      const result = verifyLogProof(crypto, await proofText(cosigned(signers)), identity, policy, entry);
      return result.verified || result.refusal;
    };
    expect(await verdict([])).toBe("too-few-witnesses");
    expect(await verdict([[city, 1]])).toBe("too-few-witnesses");
    expect(
      await verdict([
        [city, 1],
        [citysSecond, 1],
      ]),
    ).toBe("too-few-witnesses");
    expect(
      await verdict([
        [city, 1],
        [committee, 1],
      ]),
    ).toBe(true);
    expect(
      await verdict([
        [city, 1],
        [witness("committee", 14), 1],
      ]),
    ).toBe("too-few-witnesses");
  });
});

describe("a quorum", () => {
  const policy = { witnesses: [city, citysSecond, committee], quorum: 2 };

  it("may ask for fresh cosignatures", () => {
    const signatures = [
      { key: city.key, timeSeconds: 100 },
      { key: committee.key, timeSeconds: 50 },
    ];
    expect(meetsQuorum(policy, signatures)).toBe(true);
    expect(meetsQuorum(policy, signatures, 50)).toBe(true);
    expect(meetsQuorum(policy, signatures, 51)).toBe(false);
    expect(bodiesOf(policy, signatures, 51)).toEqual(["city"]);
  });

  it("does not count signatures without a time, and of nobody it knows", () => {
    expect(bodiesOf(policy, [{ key: city.key }, { key: witness("x", 9).key, timeSeconds: 1 }])).toEqual([]);
    expect(meetsQuorum({ witnesses: [], quorum: 0 }, [])).toBe(true);
    expect(meetsQuorum({ witnesses: [], quorum: 1 }, [])).toBe(false);
  });
});
