import { CommandCode, NakReason } from "../codes.ts";
import type { Command } from "../message/command.ts";
import type { Reply } from "../message/reply.ts";
import type { PeripheralHandlers } from "./peripheral-settings.ts";

type MachineCommand = "poll" | "id" | "cap" | "chlng" | "scrypt" | "keyset" | "comset" | "acurxsize" | "xwr";

const ACK: Reply = { kind: "ack" };
const UNKNOWN: Reply = { kind: "nak", reason: NakReason.unknownCommand };
const REFUSED: Reply = { kind: "nak", reason: NakReason.cannotProcess };

/** Answers the commands that only concern the peripheral's owner; what has no handler is unknown (NAK 3). */
export function answerCommand(
  command: Exclude<Command, { kind: MachineCommand }>,
  handlers: PeripheralHandlers,
): Reply {
  switch (command.kind) {
    case "lstat": {
      const { tamper, powerFailed } = handlers.localStatus?.() ?? { tamper: false, powerFailed: false };
      return { kind: "lstatr", tamper, powerFailed };
    }
    case "istat":
      return handlers.inputStates === undefined
        ? UNKNOWN
        : { kind: "istatr", inputs: handlers.inputStates() };
    case "ostat":
      return handlers.outputStates === undefined
        ? UNKNOWN
        : { kind: "ostatr", outputs: handlers.outputStates() };
    case "rstat":
      return { kind: "rstatr", readers: handlers.readerStates?.() ?? [0] };
    case "out":
      return verdict(handlers.output?.(command.outputs));
    case "led":
      return verdict(handlers.led?.(command.leds));
    case "buz":
      return verdict(handlers.buzzer?.(command));
    case "text":
      return verdict(handlers.text?.(command));
    case "mfg": {
      const answer = handlers.mfg?.(command.vendor, command.data);
      return answer === undefined ? UNKNOWN : answer === false ? REFUSED : answer;
    }
    case "keepactive":
    case "abort":
      return ACK;
    case "filetransfer":
      return handlers.other?.(CommandCode.filetransfer, command.data) ?? UNKNOWN;
    case "opaque":
      return handlers.other?.(command.code, command.data) ?? UNKNOWN;
  }
}

function verdict(accepted: boolean | undefined): Reply {
  return accepted === undefined ? UNKNOWN : accepted ? ACK : REFUSED;
}
