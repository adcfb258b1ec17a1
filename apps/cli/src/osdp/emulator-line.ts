import { type BitString, CredentialError, encodeWiegand, type WiegandFormat } from "@menshen/credentials";
import { fromHex } from "@menshen/crypto/node";
import { CARD_KINDS, type CardKind } from "@menshen/virtual-devices";

/** What one line of standard input tells an emulated reader to do. */
export type EmulatorAction =
  | { readonly kind: "card-profile"; readonly file: string }
  | { readonly kind: "card-blank"; readonly card: CardKind; readonly uid: Uint8Array }
  | { readonly kind: "remove" }
  | { readonly kind: "raw"; readonly bits: BitString; readonly format: 0 | 1 }
  | { readonly kind: "text"; readonly characters: Uint8Array }
  | { readonly kind: "keys"; readonly keys: string }
  | { readonly kind: "switch"; readonly what: "tamper" | "power" | "busy" | "plug"; readonly on: boolean }
  | { readonly kind: "input"; readonly input: number; readonly on: boolean }
  | { readonly kind: "quit" };

/** The grammar, as `--help` and docs/cli.md show it. */
export const EMULATOR_GRAMMAR: readonly (readonly [form: string, en: string, zh: string])[] = [
  ["card HEX", "a number of whole bytes, sent as raw bits", "整字节的卡号，按原始位发送"],
  ["card desfire UID", "a blank DESFire EV2 stays on the reader", "放上一张空白 DESFire EV2"],
  ["card ntag424 UID", "a blank NTAG 424 DNA stays on the reader", "放上一张空白 NTAG 424 DNA"],
  ["card uid UID", "a card that is only a number", "只有卡号的卡"],
  ["card file FILE", "a card by its profile (JSON)", "按卡描述文件（JSON）放卡"],
  ["remove", "takes the card away", "拿走卡"],
  ["raw BITS HEX", "any raw bits, filled up with zeros", "任意原始位，末尾补零"],
  ["wiegand 26|34|37 FACILITY NUMBER", "a Wiegand frame with parity", "带校验位的韦根帧"],
  ["text TEXT", "osdp_FMT with these characters", "以 osdp_FMT 发送字符"],
  ["keys 1234#", "keys 0 to 9, * and #", "按键 0 到 9、* 和 #"],
  ["tamper on|off", "the tamper switch", "防拆开关"],
  ["power on|off", "the supply", "供电"],
  ["busy on|off", "answers nothing but BUSY", "只回答 BUSY"],
  ["plug on|off", "back on the line, off the line", "接回线路、脱离线路"],
  ["input N on|off", "a contact", "输入触点"],
  ["quit", "ends", "结束"],
];

/** Understands one line; undefined for blank lines and comments (`#`). A string says what was wrong, in English. */
export function parseEmulatorLine(line: string): EmulatorAction | undefined | { readonly wrong: string } {
  const trimmed = line.trim();
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const [word = "", ...words] = trimmed.split(/\s+/);
  const rest = trimmed.slice(word.length).trim();
  switch (word) {
    case "card":
      return parseCard(words, rest);
    case "remove":
      return { kind: "remove" };
    case "raw":
      return parseRaw(words);
    case "wiegand":
      return parseWiegand(words);
    case "text":
      return rest.length > 0 && rest.length <= 255 && /^[\x20-\x7e]*$/.test(rest)
        ? { kind: "text", characters: new TextEncoder().encode(rest) }
        : { wrong: "text: expected 1 to 255 printable ASCII characters" };
    case "keys":
      return /^[0-9*#]{1,64}$/.test(rest)
        ? { kind: "keys", keys: rest }
        : { wrong: "keys: expected 1 to 64 of 0-9, * and #" };
    case "tamper":
    case "power":
    case "busy":
    case "plug": {
      const on = onOff(words[0]);
      return on === undefined ? { wrong: `${word}: expected on or off` } : { kind: "switch", what: word, on };
    }
    case "input": {
      const on = onOff(words[1]);
      const input = /^\d{1,3}$/.test(words[0] ?? "") ? Number(words[0]) : undefined;
      return on === undefined || input === undefined
        ? { wrong: "input: expected a number and on or off" }
        : { kind: "input", input, on };
    }
    case "quit":
      return { kind: "quit" };
    default:
      return { wrong: `unknown word \`${word.slice(0, 32)}\`` };
  }
}

function parseCard(words: readonly string[], rest: string): EmulatorAction | { readonly wrong: string } {
  const [first = "", second = ""] = words;
  if (first === "file") {
    const file = rest.slice("file".length).trim();
    return file === "" ? { wrong: "card file: expected a file" } : { kind: "card-profile", file };
  }
  const kind = CARD_KINDS.find((candidate) => candidate === first);
  if (kind !== undefined) {
    const uid = hex(second);
    const lengths = kind === "uid" ? [4, 7, 10] : [7];
    return uid !== undefined && lengths.includes(uid.length)
      ? { kind: "card-blank", card: kind, uid }
      : { wrong: `card ${kind}: expected a UID of ${lengths.join(", ")} bytes in hex` };
  }
  const bytes = hex(first);
  return bytes === undefined || bytes.length === 0 || bytes.length > 62 || words.length !== 1
    ? { wrong: "card: expected a kind and its UID, `file FILE`, or 1 to 62 bytes in hex" }
    : { kind: "raw", bits: { bitCount: bytes.length * 8, bytes }, format: 0 };
}

function parseRaw(words: readonly string[]): EmulatorAction | { readonly wrong: string } {
  const bitCount = Number(words[0]);
  const bytes = hex(words[1] ?? "");
  const fits =
    /^\d{1,3}$/.test(words[0] ?? "") &&
    bitCount >= 1 &&
    bytes !== undefined &&
    bytes.length === Math.ceil(bitCount / 8);
  if (!fits || bytes === undefined)
    return { wrong: "raw: expected a bit count and as many bytes in hex as it needs" };
  const spare = bytes.length * 8 - bitCount;
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) & (0xff << spare);
  return { kind: "raw", bits: { bitCount, bytes }, format: 0 };
}

function parseWiegand(words: readonly string[]): EmulatorAction | { readonly wrong: string } {
  const [format, facility, cardNumber] = words.map((word) =>
    /^\d{1,6}$/.test(word) ? Number(word) : Number.NaN,
  );
  const known = ([26, 34, 37] as const).find((candidate): candidate is WiegandFormat => candidate === format);
  const wrong = { wrong: "wiegand: expected 26, 34 or 37, a facility and a card number that fit" };
  if (known === undefined || facility === undefined || cardNumber === undefined) return wrong;
  try {
    return { kind: "raw", bits: encodeWiegand({ format: known, facility, cardNumber }), format: 1 };
  } catch (error) {
    if (error instanceof CredentialError) return wrong;
    throw error;
  }
}

function hex(text: string): Uint8Array | undefined {
  return text.length > 0 && text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text) ? fromHex(text) : undefined;
}

function onOff(word: string | undefined): boolean | undefined {
  return word === "on" ? true : word === "off" ? false : undefined;
}
