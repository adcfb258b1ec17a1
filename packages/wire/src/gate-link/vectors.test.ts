import { createHash } from "node:crypto";
import type { Reason } from "@menshen/domain";
import { GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { describe, expect, expectTypeOf, it } from "vitest";
import { accessEntrySigningInput, accessEntryToSign, decodeJournalEntry } from "./journal.ts";
import { journalGenesisHash, journalHashAfter, nextJournalHash } from "./journal-chain.ts";
import { externalAad } from "./message-types.ts";
import { reasonNumber, type reasonSchema } from "./reason.ts";
import { downFilter, downTopic, parseDownTopic, parseUpTopic, upTopic } from "./topics.ts";
import { coders, fromHex, toHex, vectorFile, withBytes } from "./vectors.fixture.ts";

const gateId = GateId("3f1c2a9e-0d4b-4c55-9a67-5b1e8f0c7d21");

describe("gate link messages", () => {
  it("have a vector each", () => {
    expect(new Set(vectorFile.vectors.map(({ message }) => message))).toEqual(new Set(Object.keys(coders)));
  });

  it.each(vectorFile.vectors)("$message: $name", ({ message, cbor, value }) => {
    expect(coders[message].decode(fromHex(cbor))).toEqual(withBytes(value));
    expect(toHex(coders[message].encode(withBytes(value)))).toBe(cbor);
  });

  it("are read from the middle of a larger buffer", () => {
    for (const { message, cbor, value } of vectorFile.vectors) {
      const inside = Buffer.concat([Buffer.from("ff"), fromHex(cbor), Buffer.from("ff")]);
      expect(coders[message].decode(inside.subarray(2, -2))).toEqual(withBytes(value));
    }
  });

  it("skip fields that they do not know", () => {
    // The renewal's answer with a fourth field, 9: "new".
    const [known] = vectorFile.vectors.filter(({ message }) => message === "renewResponse");
    const extended = fromHex(`${(known?.cbor ?? "").replace(/^a3/, "a4")}09636e6577`);
    expect(coders.renewResponse.decode(extended)).toEqual(withBytes(known?.value));
  });
});

describe("journal chain", () => {
  const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
  const entries = vectorFile.chain.entries.map(fromHex);

  it("hashes as the document says", () => {
    let hash = journalGenesisHash();
    for (const [index, entry] of entries.entries()) {
      hash = nextJournalHash(sha256, hash, entry);
      expect(toHex(hash)).toBe(vectorFile.chain.hashes[index]);
    }
    expect(toHex(journalHashAfter(sha256, journalGenesisHash(), entries))).toBe(vectorFile.chain.hashes[1]);
    expect(journalHashAfter(sha256, hash, [])).toBe(hash);
  });

  it("takes entries of every size", () => {
    const large = new Uint8Array(4096).fill(1);
    const data = Buffer.concat([Buffer.from("menshen journal v1"), Buffer.alloc(32), large]);
    expect(toHex(journalHashAfter(sha256, journalGenesisHash(), [large]))).toBe(toHex(sha256(data)));
  });
});

describe("the signature of an access entry", () => {
  const { entry, signed } = vectorFile.accessEntrySignature;
  const decoded = decodeJournalEntry(fromHex(entry));

  it("covers its type and all of the entry but itself", () => {
    const input = accessEntrySigningInput(fromHex(entry));
    expect(toHex(input?.signed ?? new Uint8Array())).toBe(signed);
    expect(toHex(input?.signature ?? new Uint8Array())).toMatch(/^808182.*bebf$/);
    if (decoded.kind !== "access") throw new Error("expected an access entry");
    expect(toHex(accessEntryToSign(decoded))).toBe(signed);
  });

  it("covers fields that this version does not know", () => {
    // The same body with a field 23: 9 behind the signature's.
    const extended = entry.replace("05ae0050", "05af0050").concat("1709");
    expect(toHex(accessEntrySigningInput(fromHex(extended))?.signed ?? new Uint8Array())).toBe(
      signed.replace("05ad0050", "05ae0050").concat("1709"),
    );
  });

  it("is absent from an entry without one", () => {
    expect(accessEntrySigningInput(fromHex(vectorFile.chain.entries[1] ?? ""))).toBeUndefined();
  });
});

describe("reasons", () => {
  it("are those of the domain", () => {
    expectTypeOf<Static<typeof reasonSchema>>().toExtend<Reason>();
    expectTypeOf<Reason>().toExtend<Static<typeof reasonSchema>>();
  });

  it("keep their numbers", () => {
    expect([reasonNumber("rule-allows"), reasonNumber("credential-not-in-log")]).toEqual([0, 23]);
    expect([reasonNumber("pass-allows"), reasonNumber("visits-off")]).toEqual([24, 35]);
    expect([reasonNumber("anti-passback"), reasonNumber("person-left-alone")]).toEqual([36, 45]);
    expect(reasonNumber("second-factor-needed")).toBe(46);
    expect([reasonNumber("stopped-by-person"), reasonNumber("desk-asks")]).toEqual([47, 48]);
  });
});

describe("topics", () => {
  it("name a gate, a direction and a kind", () => {
    expect(upTopic(gateId, "journal")).toBe(`menshen/v1/${gateId}/up/journal`);
    expect(downTopic(gateId, "modes")).toBe(`menshen/v1/${gateId}/down/modes`);
    expect(downFilter(gateId)).toBe(`menshen/v1/${gateId}/down/+`);
    expect(parseUpTopic(`menshen/v1/${gateId}/up/hello`)).toEqual({ gateId, kind: "hello" });
    expect(parseDownTopic(`menshen/v1/${gateId}/down/resume`)).toEqual({ gateId, kind: "resume" });
    expect(parseDownTopic(`menshen/v1/${gateId}/down/door-rules`)).toEqual({ gateId, kind: "door-rules" });
  });

  it.each([
    `menshen/v1/${gateId}/down/hello`,
    `menshen/v1/${gateId}/up/hello/x`,
    `/menshen/v1/${gateId}/up/hello`,
    `menshen/v2/${gateId}/up/hello`,
    `menshen/v1/${gateId.toUpperCase()}/up/hello`,
    `menshen/v1/${"-".repeat(36)}/up/hello`,
    `menshen/v1/${gateId}/up/+`,
    "",
  ])("refuse `%s`", (topic) => {
    expect(parseUpTopic(topic)).toBeUndefined();
  });
});

it("binds a signature to its type of message", () => {
  expect(new TextDecoder().decode(externalAad("journal"))).toBe("menshen/journal/v1");
});
