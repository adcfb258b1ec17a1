import { OsdpError } from "../osdp-error.ts";
import { byteString, makeByteReader } from "./byte-reader.ts";

/**
 * Extended write and read: osdp_XWR (A1) and osdp_XRD (B1), body = mode, code, data.
 *
 * Layouts. Codes and the two-byte mode set are those of IEC 60839-11-5 tables 34, 36, 40, 41 and 43 as cited in
 * Security-Industry-Association/libosdp-conformance `include/iec-xwrite.h` and `src-lib/oo-xwrite.c`; the request
 * bodies agree with OSDP.Net `ExtendedWrite.cs` (before its commit 85332b0) and liblogicalaccess `osdpcommands.cpp`.
 * Replies: goToMain/libosdp branch trs_dev `src/osdp_trs.c` (mode report, card information, card data with a status
 * byte before the APDU) and liblogicalaccess `osdpreadercardadapter.cpp` (APDU from the fifth byte).
 */
export type XwrRequest =
  /** 00 01: which mode is the reader in? */
  | { readonly kind: "get-mode" }
  /** 00 02 mode config. Mode 0: config bit 0 asks for card information reports; mode 1: config is 0. */
  | { readonly kind: "set-mode"; readonly mode: number; readonly config: number }
  /** 01 01 reader apdu */
  | { readonly kind: "apdu"; readonly reader: number; readonly apdu: Uint8Array }
  /** 01 02 reader: let go of the card */
  | { readonly kind: "done"; readonly reader: number }
  /** 01 04 reader: is there a card? */
  | { readonly kind: "scan"; readonly reader: number }
  | { readonly kind: "opaque"; readonly mode: number; readonly code: number; readonly data: Uint8Array };

export type XrdReport =
  /** 00 00 or 01 00, then an error code */
  | { readonly kind: "error"; readonly mode: number; readonly data: Uint8Array }
  /** 00 01 mode config */
  | { readonly kind: "mode"; readonly mode: number; readonly config: number }
  /** 00 02 reader protocol lengths csn protocol-data */
  | {
      readonly kind: "card-information";
      readonly reader: number;
      readonly protocol: CardProtocol;
      readonly csn: Uint8Array;
      readonly protocolData: Uint8Array;
    }
  /** 01 01 reader status. Some readers leave the status out; that means present. */
  | { readonly kind: "card-present"; readonly reader: number; readonly status: CardStatus }
  /** 01 02 reader status apdu */
  | { readonly kind: "apdu"; readonly reader: number; readonly status: number; readonly apdu: Uint8Array }
  | { readonly kind: "opaque"; readonly mode: number; readonly code: number; readonly data: Uint8Array };

export type CardProtocol = "contact" | "contactless" | "unknown";

/** Status 0 is "no card", 1 present, 2 present and contactless, 3 present with contacts (SIA OSDP v2.2 §7.26). */
export type CardStatus = "absent" | "present" | "contactless" | "contact";

const CARD_STATUS: readonly CardStatus[] = ["absent", "present", "contactless", "contact"];

/** @throws {OsdpError} `invalid-argument` when a number does not fit its byte */
export function encodeXwr(request: XwrRequest): Uint8Array {
  switch (request.kind) {
    case "get-mode":
      return byteString("osdp_XWR", 0, 1);
    case "set-mode":
      return byteString("osdp_XWR", 0, 2, request.mode, request.config);
    case "apdu":
      return byteString("osdp_XWR", 1, 1, request.reader, request.apdu);
    case "done":
      return byteString("osdp_XWR", 1, 2, request.reader);
    case "scan":
      return byteString("osdp_XWR", 1, 4, request.reader);
    case "opaque":
      return byteString("osdp_XWR", request.mode, request.code, request.data);
  }
}

/** @throws {OsdpError} `malformed-message` when the body is shorter than its code demands */
export function decodeXwr(body: Uint8Array): XwrRequest {
  const reader = makeByteReader("osdp_XWR", body);
  const mode = reader.u8();
  const code = reader.u8();
  if (mode === 0 && code === 1) return { kind: "get-mode" };
  // liblogicalaccess sends the mode without a configuration byte.
  if (mode === 0 && code === 2) {
    return { kind: "set-mode", mode: reader.u8(), config: reader.left === 0 ? 0 : reader.u8() };
  }
  if (mode === 1 && code === 1) return { kind: "apdu", reader: reader.u8(), apdu: reader.rest() };
  if (mode === 1 && code === 2) return { kind: "done", reader: reader.u8() };
  if (mode === 1 && code === 4) return { kind: "scan", reader: reader.u8() };
  return { kind: "opaque", mode, code, data: reader.rest() };
}

/** @throws {OsdpError} `invalid-argument` when a number or a length does not fit its byte */
export function encodeXrd(report: XrdReport): Uint8Array {
  switch (report.kind) {
    case "error":
      return byteString("osdp_XRD", report.mode, 0, report.data);
    case "mode":
      return byteString("osdp_XRD", 0, 1, report.mode, report.config);
    case "card-information": {
      const { reader, csn, protocolData } = report;
      const protocol = report.protocol === "contact" ? 0 : 1;
      return byteString(
        "osdp_XRD",
        0,
        2,
        reader,
        protocol,
        csn.length,
        protocolData.length,
        csn,
        protocolData,
      );
    }
    case "card-present":
      return byteString("osdp_XRD", 1, 1, report.reader, CARD_STATUS.indexOf(report.status));
    case "apdu":
      return byteString("osdp_XRD", 1, 2, report.reader, report.status, report.apdu);
    case "opaque":
      return byteString("osdp_XRD", report.mode, report.code, report.data);
  }
}

/** @throws {OsdpError} `malformed-message` when the body is shorter than its code demands */
export function decodeXrd(body: Uint8Array): XrdReport {
  const reader = makeByteReader("osdp_XRD", body);
  const mode = reader.u8();
  const code = reader.u8();
  if (code === 0) return { kind: "error", mode, data: reader.rest() };
  if (mode === 0 && code === 1) {
    return { kind: "mode", mode: reader.u8(), config: reader.left === 0 ? 0 : reader.u8() };
  }
  if (mode === 0 && code === 2) return cardInformation(reader);
  if (mode === 1 && code === 1) {
    return {
      kind: "card-present",
      reader: reader.u8(),
      status: cardStatus(reader.left === 0 ? 1 : reader.u8()),
    };
  }
  if (mode === 1 && code === 2) {
    return { kind: "apdu", reader: reader.u8(), status: reader.u8(), apdu: reader.rest() };
  }
  return { kind: "opaque", mode, code, data: reader.rest() };
}

function cardInformation(reader: ReturnType<typeof makeByteReader>): XrdReport {
  const readerNumber = reader.u8();
  const protocol = reader.u8();
  const csnBytes = reader.u8();
  const protocolDataBytes = reader.u8();
  return {
    kind: "card-information",
    reader: readerNumber,
    protocol: protocol === 0 ? "contact" : protocol === 1 ? "contactless" : "unknown",
    csn: reader.bytes(csnBytes),
    protocolData: reader.bytes(protocolDataBytes),
  };
}

function cardStatus(value: number): CardStatus {
  const status = CARD_STATUS[value];
  if (status === undefined) {
    throw new OsdpError("malformed-message", `osdp_XRD: expected a card status from 0 to 3, came ${value}`);
  }
  return status;
}
