import { concatBytes, fromHex, toHex } from "@menshen/crypto";
import { type CanonicalJson, canonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";
import { EvidenceError } from "../evidence-error.ts";
import { isHex, membersOf } from "./members.ts";

/** One kind of receipt: canonical JSON `{"receipt": body, "signature": hex}`, the community's Ed25519 over the tag and the body. */
export interface ReceiptForm<Receipt> {
  /** Sets its signatures apart from all others; ends with a line feed. */
  readonly tag: string;
  /** Of the member `version`. */
  readonly version: number;
  /** UTF-16 code units of a whole receipt. */
  readonly maxCharacters: number;
  /** Everything in it, in the members that {@link receiptOf} reads; without the version. */
  readonly bodyOf: (receipt: Receipt) => { readonly [name: string]: CanonicalJson };
  /** `undefined` for a body that is none. */
  readonly receiptOf: (body: CanonicalJson | undefined) => Receipt | undefined;
}

export type SignedReceiptFault = "malformed" | "unknown-version" | "bad-signature";

type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * The text of a receipt.
 *
 * @param sign Ed25519 with the community's receipt key, 64 bytes
 * @throws {EvidenceError} `invalid-text` for a receipt that {@link openReceipt} would call malformed
 */
export function signReceipt<Receipt>(
  form: ReceiptForm<Receipt>,
  receipt: Receipt,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  const body = canonicalBody(form, receipt);
  const text = receiptText(body, toHex(sign(signedBytes(form, body))));
  if (typeof readReceipt(form, text) === "string") {
    throw new EvidenceError("invalid-text", "expected a receipt within its limits");
  }
  return text;
}

/**
 * Reads a receipt whose every byte is signed by a key.
 *
 * @param receiptKey Ed25519 public key of the community, 32 bytes, known from elsewhere than the receipt
 */
export function openReceipt<Receipt>(
  form: ReceiptForm<Receipt>,
  verify: Verify,
  text: string,
  receiptKey: Uint8Array,
): { readonly receipt: Receipt } | { readonly fault: SignedReceiptFault } {
  const read = readReceipt(form, text);
  if (typeof read === "string") return { fault: read };
  const { receipt, body, signature } = read;
  return verify(receiptKey, signedBytes(form, body), signature) ? { receipt } : { fault: "bad-signature" };
}

function readReceipt<Receipt>(form: ReceiptForm<Receipt>, text: string) {
  const file = parse(text, form.maxCharacters);
  if (file === undefined) return "malformed";
  const { receipt: said, signature } = membersOf(file);
  const { version } = membersOf(said);
  if (typeof version === "number" && version !== form.version) return "unknown-version";
  const receipt = form.receiptOf(said);
  if (receipt === undefined || !isHex(signature, 64)) return "malformed";
  // One spelling, no field more: what was read, written again, is what came.
  const body = canonicalBody(form, receipt);
  if (receiptText(body, signature) !== text) return "malformed";
  return { receipt, body, signature: fromHex(signature) };
}

function parse(text: string, maxCharacters: number): CanonicalJson | undefined {
  try {
    return parseCanonicalJson(text, maxCharacters);
  } catch (fault) {
    if (fault instanceof DomainError) return undefined;
    throw fault;
  }
}

function canonicalBody<Receipt>(form: ReceiptForm<Receipt>, receipt: Receipt): CanonicalJson {
  return { version: form.version, ...form.bodyOf(receipt) };
}

function receiptText(body: CanonicalJson, signature: string): string {
  return canonicalJson({ receipt: body, signature });
}

function signedBytes<Receipt>(form: ReceiptForm<Receipt>, body: CanonicalJson): Uint8Array {
  const utf8 = new TextEncoder();
  return concatBytes(utf8.encode(form.tag), utf8.encode(canonicalJson(body)));
}
