import { NakReason } from "../codes.ts";
import type { Reply } from "../message/reply.ts";
import type { XrdReport, XwrRequest } from "../message/xwr.ts";
import type { Timers } from "../timers.ts";
import type { PresentCard } from "./peripheral-settings.ts";

/** The smart-card side of a peripheral: mode, card in the field, APDUs (see `message/xwr.ts` for the layouts). */
export interface CardSlot {
  insert(card: PresentCard, reader: number): void;
  remove(): void;
  answer(request: XwrRequest): Reply | Promise<Reply>;
}

/** XRD error code for an answer that does not fit the panel's receive buffer; the standard leaves the codes open. */
const ANSWER_TOO_LONG = 1;

const CANNOT_PROCESS: Reply = { kind: "nak", reason: NakReason.cannotProcess };
const ACK: Reply = { kind: "ack" };

export interface CardSlotDeps {
  readonly timers: Timers;
  /** longest wait before the request is acknowledged and the answer left for a poll */
  readonly inlineMs: number;
  /** longest APDU the panel can take */
  maxApduBytes(): number;
  report(reply: Reply): boolean;
}

export function makeCardSlot({ timers, inlineMs, maxApduBytes, report }: CardSlotDeps): CardSlot {
  let mode = 0;
  let config = 0;
  /** counts APDUs and changes of the card: an answer that comes after the next of them is nobody's */
  let dialogue = 0;
  let present: { readonly card: PresentCard; readonly reader: number } | undefined;

  function publish(xrd: XrdReport): void {
    report({ kind: "xrd", report: xrd });
  }

  function presence(reader: number): XrdReport {
    return {
      kind: "card-present",
      reader,
      status: present?.reader === reader ? present.card.protocol : "absent",
    };
  }

  function insert(card: PresentCard, reader: number): void {
    dialogue += 1;
    present = { card, reader };
    if (mode === 1) {
      publish(presence(reader));
    } else if (config === 1) {
      const { protocol, csn } = card;
      publish({ kind: "card-information", reader, protocol, csn, protocolData: new Uint8Array(0) });
    } else {
      const raw = card.raw ?? { format: 0, bitCount: card.csn.length * 8, bits: card.csn };
      report({ kind: "raw", reader, ...raw });
    }
  }

  function answer(request: XwrRequest): Reply | Promise<Reply> {
    switch (request.kind) {
      case "get-mode":
        return { kind: "xrd", report: { kind: "mode", mode, config } };
      case "set-mode":
        if (request.mode > 1 || request.config > 1) return CANNOT_PROCESS;
        ({ mode, config } = request);
        return ACK;
      case "scan":
        return mode === 1 ? { kind: "xrd", report: presence(request.reader) } : CANNOT_PROCESS;
      case "done":
        if (mode !== 1) return CANNOT_PROCESS;
        dialogue += 1;
        present?.card.released?.();
        return ACK;
      case "apdu":
        return mode === 1 ? passApdu(request.reader, request.apdu) : CANNOT_PROCESS;
      case "opaque":
        return CANNOT_PROCESS;
    }
  }

  function passApdu(reader: number, apdu: Uint8Array): Reply | Promise<Reply> {
    const card = present?.reader === reader ? present.card : undefined;
    if (card?.transceive === undefined)
      return { kind: "xrd", report: { kind: "card-present", reader, status: "absent" } };
    const answered = card.transceive(apdu).then(
      (bytes) => apduReport(reader, bytes),
      () => lost(card, reader),
    );
    return inTime(answered);
  }

  /** SIA OSDP v2.2 §6.20: what takes longer than the reply delay is acknowledged and delivered by a poll. */
  function inTime(answered: Promise<XrdReport>): Promise<Reply> {
    dialogue += 1;
    const mine = dialogue;
    return new Promise((resolve) => {
      let late = false;
      const cancel = timers.set(inlineMs, () => {
        late = true;
        resolve(ACK);
      });
      void answered.then((xrd) => {
        cancel();
        if (late && mine === dialogue) publish(xrd);
        else resolve({ kind: "xrd", report: xrd });
      });
    });
  }

  function apduReport(reader: number, apdu: Uint8Array): XrdReport {
    if (apdu.length > maxApduBytes())
      return { kind: "error", mode: 1, data: Uint8Array.of(reader, ANSWER_TOO_LONG) };
    return { kind: "apdu", reader, status: 0, apdu };
  }

  function lost(card: PresentCard, reader: number): XrdReport {
    if (present?.card === card) present = undefined;
    return { kind: "card-present", reader, status: "absent" };
  }

  return {
    insert,
    remove() {
      if (present === undefined) return;
      const { reader } = present;
      present = undefined;
      if (mode === 1) publish(presence(reader));
    },
    answer,
  };
}
