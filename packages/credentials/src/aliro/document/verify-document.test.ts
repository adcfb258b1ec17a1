import * as browser from "@menshen/crypto";
import { toHex } from "@menshen/crypto";
import { Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { encodeTlv } from "../../tlv/ber-tlv.ts";
import {
  credentialKey,
  documentIssuer,
  primitives,
  readerIssuer,
  signerOf,
} from "../aliro-vectors.testing.ts";
import {
  accessDocument,
  DAY_S,
  everyDay,
  issuer,
  NOW_S,
  revocationDocument,
  time,
  validity,
} from "../aliro-world.testing.ts";
import { type ReaderCertificate, readerCertificateX509 } from "../reader-certificate.ts";
import { AccessCapability, type AccessData } from "./access-data.ts";
import { CborTag, encodedItem, mapOf, readCbor, writeCbor } from "./document-cbor.ts";
import { encodeDeviceResponse } from "./issuer-signed.ts";
import { applyRevocation, emptyRevocationList, isRevoked } from "./revocation.ts";
import { type AccessDocumentCheck, checkAccessDocument, checkRevocationDocument } from "./verify-document.ts";

function check(document: Uint8Array, change: Partial<AccessDocumentCheck> = {}) {
  const checked = checkAccessDocument({
    primitives,
    response: encodeDeviceResponse([document]),
    trust: { issuers: [documentIssuer.publicKey] },
    time,
    credential: credentialKey.publicKey,
    elementId: "door",
    capability: AccessCapability.momentary,
    ...change,
  });
  return checked.accepted ? "accepted" : checked.reason;
}

/** A document whose outer parts are changed after it was signed. */
function changed(
  change: (document: Map<unknown, unknown>, signed: Map<unknown, unknown>) => void,
): Uint8Array {
  const document = new Map(mapOf(readCbor(accessDocument()), "document"));
  const signed = new Map(mapOf(document.get("1"), "issuer signed"));
  document.set("1", signed);
  change(document, signed);
  return writeCbor(document);
}

/** The issuer's signature structure with another unprotected header. */
function withHeader(header: ReadonlyMap<number, unknown>): Uint8Array {
  return changed((_, signed) => {
    const auth = signed.get("2");
    if (Array.isArray(auth)) signed.set("2", [auth[0], header, auth[2], auth[3]]);
  });
}

describe("an access document", () => {
  it("is accepted at its door, for its phone, in its time", () => {
    expect(check(accessDocument())).toBe("accepted");
  });

  it.each<[string, string, Partial<AccessDocumentCheck>]>([
    ["another phone", "other-device", { credential: documentIssuer.publicKey }],
    ["another element", "no-element", { elementId: "garage" }],
    ["another action", "no-rule", { capability: AccessCapability.unsecure }],
    ["nobody trusted", "issuer-unknown", { trust: { issuers: [] } }],
    ["no clock", "no-clock", { time: undefined }],
    ["a time before", "not-yet-valid", { time: { ...time, earliestS: validity.fromS - 1 } }],
    ["a time behind", "expired", { time: { ...time, latestS: validity.untilS + 1 } }],
    [
      "an old iteration",
      "old-iteration",
      { trust: { issuers: [documentIssuer.publicKey], newestIteration: () => 8 } },
    ],
  ])("is refused for %s: %s", (_name, reason, change) => {
    expect(check(accessDocument(), change)).toBe(reason);
  });

  it("is still good seven iterations later", () => {
    const trust = { issuers: [documentIssuer.publicKey], newestIteration: () => 10 };
    const of = (iteration: number) => accessDocument(everyDay, { validity: { ...validity, iteration } });
    expect(check(of(3), { trust })).toBe("accepted");
    expect(check(of(2), { trust })).toBe("old-iteration");
  });

  it("may stand without a clock where the issuer allows it, and where no schedule asks for one", () => {
    const document = (data: AccessData) => accessDocument(data, { timeVerificationRequired: false });
    expect(check(document(everyDay), { time: undefined })).toBe("accepted");
    const schedules = [{ startS: 0, endS: 0xffff_ffff, utc: true }];
    const rule = { capabilities: AccessCapability.momentary };
    const allowed = { schedules, rules: [{ ...rule, allowSchedules: 1 }] };
    const denied = { schedules, rules: [{ ...rule, denySchedules: 1 }] };
    expect(check(document(allowed), { time: undefined })).toBe("no-rule");
    expect(check(document(denied), { time: undefined })).toBe("no-rule");
    expect(check(document(allowed))).toBe("accepted");
    expect(check(document(denied))).toBe("no-rule");
  });

  it("holds only if its schedule holds at both ends of what the door knows of the time", () => {
    const schedules = [{ startS: NOW_S, endS: NOW_S + 3, utc: true }];
    const rules = [{ capabilities: AccessCapability.momentary, allowSchedules: 1 }];
    const document = accessDocument({ schedules, rules });
    expect(check(document)).toBe("no-rule");
    expect(check(document, { time: { ...time, latestS: NOW_S + 2 } })).toBe("accepted");
  });

  it("denies by a schedule that is not in the list, and does not allow by it", () => {
    const rule = { capabilities: AccessCapability.momentary };
    expect(check(accessDocument({ schedules: [], rules: [{ ...rule, denySchedules: 2 }] }))).toBe("no-rule");
    expect(check(accessDocument({ schedules: [], rules: [{ ...rule, allowSchedules: 2 }] }))).toBe("no-rule");
    expect(check(accessDocument({ schedules: [], rules: [] }))).toBe("no-rule");
  });

  it("is refused for reader rules and for extensions that must be understood", () => {
    expect(check(accessDocument({ ...everyDay, readerRuleIds: [1] }))).toBe("reader-rule");
    const withExtension = (extension: readonly unknown[]) => {
      const data = new Map<number, unknown>([
        [0, 1],
        [2, [new Map([[0, AccessCapability.momentary]])]],
        [6, new Map([[0xabcdef, [extension]]])],
      ]);
      return signedWith(data);
    };
    expect(check(withExtension([0, 1, 1, new Uint8Array()]))).toBe("critical-extension");
    expect(check(withExtension([1, 1, 1, new Uint8Array()]))).toBe("accepted");
    expect(check(withExtension([2, 1, 1, new Uint8Array()]))).toBe("critical-extension");
    expect(check(withExtension([]))).toBe("critical-extension");
  });

  it("is refused when its outside says another type, version or issuer", () => {
    expect(check(changed((document) => document.set("5", "aliro-r")))).toBe("wrong-type");
    expect(check(revocationDocument({ changeMode: "overwrite", entries: [] }))).toBe("wrong-type");
    const response = writeCbor(
      new Map<string, unknown>([
        ["1", "2.0"],
        ["3", 0],
      ]),
    );
    expect(check(accessDocument(), { response })).toBe("unknown-version");
    expect(check(withHeader(new Map()))).toBe("no-issuer");
    expect(check(withHeader(new Map([[4, new Uint8Array(8)]])))).toBe("issuer-unknown");
  });

  it("takes no item that is not under the signature", () => {
    const item = encodedItem(
      new Map<string, unknown>([
        ["1", 7],
        ["2", new Uint8Array(16)],
        ["3", "door"],
        ["4", new Map([[0, 1]])],
      ]),
    );
    const document = changed((_, signed) => signed.set("1", new Map([["aliro-a", [item]]])));
    expect(check(document)).toBe("digest-mismatch");
    expect(check(changed((_, signed) => signed.set("1", new Map([["aliro-a", []]]))))).toBe("no-element");
  });
});

/** A document around any CBOR as its element, properly signed. */
function signedWith(value: unknown): Uint8Array {
  const template = mapOf(readCbor(accessDocument()), "document");
  const signed = mapOf(template.get("1"), "issuer signed");
  const item = new Map<string, unknown>([
    ["1", 1],
    ["2", new Uint8Array(16)],
    ["3", "door"],
    ["4", value],
  ]);
  const tagged = encodedItem(item);
  const [header, unprotected, payload] = signed.get("2") as readonly [Uint8Array, unknown, Uint8Array];
  const inner = readCbor(payload);
  const object = new Map(
    mapOf(readCbor(inner instanceof Tagged ? (inner.value as Uint8Array) : payload), "object"),
  );
  object.set("3", new Map([["aliro-a", new Map([[1, primitives.sha256(writeCbor(tagged))]])]]));
  const newPayload = writeCbor(new Tagged(CborTag.encodedItem, writeCbor(object)));
  const toBeSigned = writeCbor(["Signature1", header, new Uint8Array(), newPayload]);
  const signature = browser.p256Sign(documentIssuer.secretKey, toBeSigned);
  return writeCbor(
    new Map<string, unknown>([
      [
        "1",
        new Map<string, unknown>([
          ["1", new Map([["aliro-a", [tagged]]])],
          ["2", [header, unprotected, newPayload, signature]],
        ]),
      ],
      ["5", "aliro-a"],
    ]),
  );
}

describe("an issuer with a certificate", () => {
  const authority = readerIssuer;
  const certificateOf = (change: Partial<ReaderCertificate> = {}) => {
    const body: Omit<ReaderCertificate, "signature"> = {
      serial: Uint8Array.of(5),
      issuer: "community",
      subject: "documents",
      notBefore: "260501000000Z",
      notAfter: "270101000000Z",
      publicKey: documentIssuer.publicKey,
      ...change,
    };
    const unsigned = { ...body, signature: new Uint8Array(64).fill(1) };
    const x509 = readerCertificateX509(primitives, unsigned, authority.publicKey);
    // SEQUENCE { tbs, algorithm, BIT STRING }: the signature is over the first of them.
    const tbsBytes = x509.slice(4, 4 + 3 + (x509[6] ?? 0));
    const signature = browser.p256Sign(authority.secretKey, tbsBytes);
    return readerCertificateX509(primitives, { ...body, signature }, authority.publicKey);
  };
  const trust = { issuers: [], authorities: [authority.publicKey] };
  const by = (certificate: unknown) => check(withHeader(new Map([[33, certificate]])), { trust });

  it("is trusted by its authority, alone and in a chain of one", () => {
    expect(by(certificateOf())).toBe("accepted");
    expect(by([certificateOf()])).toBe("accepted");
  });

  it("may be named by its key as well, if it is the same", () => {
    const keyId = mapOf(readCbor(accessDocument()), "document");
    expect(keyId.get("5")).toBe("aliro-a");
    const other = new Map<number, unknown>([
      [4, new Uint8Array(8)],
      [33, certificateOf()],
    ]);
    expect(check(withHeader(other), { trust })).toBe("issuer-certificate");
  });

  it("is refused by others, out of its time, and for another key", () => {
    expect(
      check(withHeader(new Map([[33, certificateOf()]])), { trust: { issuers: [authority.publicKey] } }),
    ).toBe("issuer-unknown");
    expect(by(certificateOf({ notAfter: "260531000000Z" }))).toBe("issuer-certificate");
    expect(by(certificateOf({ notBefore: "260601000000Z" }))).toBe("issuer-certificate");
    expect(by(certificateOf({ publicKey: credentialKey.publicKey }))).toBe("bad-signature");
    expect(by([certificateOf(), certificateOf()])).toBe("issuer-certificate");
    const tampered = certificateOf();
    tampered[40] = (tampered[40] ?? 0) ^ 1;
    expect(["issuer-unknown", "malformed"]).toContain(by(tampered));
    expect(by(encodeTlv(0x30, new Uint8Array(3)))).toBe("malformed");
  });
});

describe("revocation documents", () => {
  const hash = primitives.sha256(credentialKey.publicKey);
  const id = new TextEncoder().encode("unit-1");
  const checkRevocation = (document: Uint8Array, newest?: number) =>
    checkRevocationDocument({
      primitives,
      response: encodeDeviceResponse([document]),
      trust: {
        issuers: [documentIssuer.publicKey],
        ...(newest === undefined ? {} : { newestIteration: () => newest }),
      },
      time,
    });

  it("carry keys and ids to a door; a newer one replaces or adds", () => {
    const first = checkRevocation(
      revocationDocument(
        { changeMode: "overwrite", entries: [{ publicKeyHash: hash, expiryS: NOW_S + DAY_S }] },
        4,
      ),
    );
    if (!first.accepted) throw new Error(first.reason);
    expect(first.iteration).toBe(4);
    const list = first.revocations.reduce(applyRevocation, emptyRevocationList);
    expect(isRevoked(primitives, list, credentialKey.publicKey)).toBe(true);
    expect(isRevoked(primitives, list, documentIssuer.publicKey)).toBe(false);
    const second = applyRevocation(list, {
      changeMode: "append",
      entries: [{ id }],
      removed: [{ publicKeyHash: hash }],
    });
    expect(isRevoked(primitives, second, credentialKey.publicKey)).toBe(false);
    expect(isRevoked(primitives, second, credentialKey.publicKey, id)).toBe(true);
    const third = applyRevocation(second, { changeMode: "overwrite", entries: [] });
    expect(third).toEqual(emptyRevocationList);
  });

  it("never step back", () => {
    const document = revocationDocument({ changeMode: "overwrite", entries: [] }, 4);
    expect(checkRevocation(document, 4).accepted).toBe(true);
    expect(checkRevocation(document, 5)).toEqual({ accepted: false, reason: "old-iteration" });
  });

  it("are refused where they replace and remove at once, or name nobody", () => {
    const issue = (data: Parameters<typeof revocationDocument>[0]) => () => revocationDocument(data);
    const badArgument = expect.objectContaining({ code: "bad-argument" });
    expect(issue({ changeMode: "overwrite", entries: [], removed: [{ id }] })).toThrow(badArgument);
    expect(issue({ changeMode: "append", entries: [{}] })).toThrow(badArgument);
    expect(issue({ changeMode: "append", entries: [{ id: new Uint8Array(17) }] })).toThrow(badArgument);
    expect(issue({ changeMode: "append", entries: [{ publicKeyHash: new Uint8Array(31) }] })).toThrow(
      badArgument,
    );
  });

  it("are not taken for access documents, nor the reverse", () => {
    expect(checkRevocation(accessDocument())).toEqual({ accepted: false, reason: "wrong-type" });
    expect(toHex(issuer.signer.publicKey)).toBe(toHex(documentIssuer.publicKey));
    expect(signerOf(documentIssuer).publicKey).toEqual(documentIssuer.publicKey);
  });
});
