import { concatBytes } from "@menshen/crypto";
import { encodeCommand, parseResponse, type ResponseApdu } from "../apdu/apdu.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { AliroCommand, CLA_CHAINING } from "./aliro-codes.ts";
import { encodeExtendedCommand } from "./extended-apdu.ts";

/** How long commands travel to one device. */
export interface AliroLimits {
  /** Longest command APDU the device takes, in bytes; absent, the short form only. */
  readonly maxCommandBytes?: number;
  /** Cuts commands into parts of this many data bytes (1 to 255) where the extended form would do. */
  readonly chunkBytes?: number;
}

const SHORT_LE = 256;
const EXTENDED_LE = 65_536;
/** Header, extended Lc and Le around the data of an extended command. */
const EXTENDED_OVERHEAD_BYTES = 9;
const MAX_ANSWER_BYTES = 32_768;

/**
 * Sends one command in whatever form it fits and puts the answer together (ISO/IEC 7816-4 §5.3.3 and §7.6.1).
 *
 * @throws {CredentialError} `malformed` for an answer beyond 32 KiB; what the channel throws
 */
export async function transmit(
  channel: CardChannel,
  command: { readonly cla: number; readonly ins: number; readonly p1?: number },
  data: Uint8Array,
  limits: AliroLimits,
): Promise<ResponseApdu> {
  const { cla, ins, p1 = 0 } = command;
  const send = async (bytes: Uint8Array) => parseResponse(await channel.transceive(bytes));
  const { chunkBytes = 255, maxCommandBytes = 0 } = limits;
  if (data.length <= chunkBytes) {
    return whole(send, await send(encodeCommand({ cla, ins, p1, p2: 0, data, le: SHORT_LE })));
  }
  if (limits.chunkBytes === undefined && data.length + EXTENDED_OVERHEAD_BYTES <= maxCommandBytes) {
    return whole(send, await send(encodeExtendedCommand({ cla, ins, p1, p2: 0, data, le: EXTENDED_LE })));
  }
  let offset = 0;
  for (; offset + chunkBytes < data.length; offset += chunkBytes) {
    const part = data.slice(offset, offset + chunkBytes);
    const answer = await send(
      encodeCommand({ cla: cla | CLA_CHAINING, ins, p1, p2: 0, data: part, le: SHORT_LE }),
    );
    if (answer.sw !== 0x9000) return answer;
  }
  const last = encodeCommand({ cla, ins, p1, p2: 0, data: data.slice(offset), le: SHORT_LE });
  return whole(send, await send(last));
}

async function whole(
  send: (bytes: Uint8Array) => Promise<ResponseApdu>,
  first: ResponseApdu,
): Promise<ResponseApdu> {
  const parts = [first.data];
  let lengthBytes = first.data.length;
  let { sw } = first;
  while (sw >> 8 === 0x61) {
    const { cla, ins } = AliroCommand.getResponse;
    const next = await send(encodeCommand({ cla, ins, p1: 0, p2: 0, data: new Uint8Array(), le: SHORT_LE }));
    lengthBytes += next.data.length;
    // A part without data would let a device keep the reader at the door for ever.
    if (lengthBytes > MAX_ANSWER_BYTES || (next.sw >> 8 === 0x61 && next.data.length === 0)) {
      throw new CredentialError("malformed", `expected an answer of at most ${MAX_ANSWER_BYTES} bytes`);
    }
    parts.push(next.data);
    sw = next.sw;
  }
  return { data: concatBytes(...parts), sw };
}
