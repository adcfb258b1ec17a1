import { isMultipart, makeAssembler } from "../message/multipart.ts";
import type { Reply } from "../message/reply.ts";
import { OsdpError } from "../osdp-error.ts";
import type { BusEvent, PersonsAct } from "./bus-event.ts";

/** Under which circumstances a reply came. */
type HowReported = Pick<PersonsAct, "secure" | "stale">;

/**
 * Turns replies of one peripheral into events. ACK, NAK and handshake replies report nothing, parts of a long reply
 * only when it is whole.
 */
export function makeReporter(address: number): (reply: Reply, how: HowReported) => readonly BusEvent[] {
  const assembler = makeAssembler();
  return (reply, how) => {
    if (reply.kind !== "opaque" || !isMultipart(reply.code)) return reportOf(reply, address, how);
    try {
      const data = assembler.push(reply.code, reply.data);
      return data === undefined ? [] : reportOf({ ...reply, data }, address, how);
    } catch (error) {
      // A part that does not fit is dropped with what came before; the panel may ask again.
      if (error instanceof OsdpError) return [];
      throw error;
    }
  };
}

function reportOf(reply: Reply, address: number, { secure, stale }: HowReported): readonly BusEvent[] {
  switch (reply.kind) {
    case "raw": {
      const { reader, format, bitCount, bits } = reply;
      return [{ kind: "card-raw", address, secure, stale, reader, format, bitCount, bits }];
    }
    case "fmt": {
      const { reader, direction, characters } = reply;
      return [{ kind: "card-formatted", address, secure, stale, reader, direction, characters }];
    }
    case "keypad":
      return [{ kind: "keypad", address, secure, stale, reader: reply.reader, digits: reply.digits }];
    case "lstatr":
      return [
        { kind: "tamper", address, cause: "reported", active: reply.tamper },
        { kind: "power", address, failed: reply.powerFailed },
      ];
    case "istatr":
      return [{ kind: "input", address, secure, states: reply.inputs }];
    case "ostatr":
      return [{ kind: "output", address, secure, states: reply.outputs }];
    case "rstatr":
      return [{ kind: "reader-status", address, states: reply.readers }];
    case "com":
      return [{ kind: "line-settings", address, newAddress: reply.address, baudRate: reply.baudRate }];
    case "mfgrep":
      return [{ kind: "mfg-reply", address, vendor: reply.vendor, data: reply.data }];
    case "opaque":
      return [{ kind: "opaque-reply", address, code: reply.code, data: reply.data }];
    case "xrd":
      return [{ kind: "xrd", address, secure, report: reply.report }];
    case "ack":
    case "nak":
    case "busy":
    case "pdid":
    case "pdcap":
    case "ccrypt":
    case "rmac-i":
      return [];
  }
}
