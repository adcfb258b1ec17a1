import { AES_KEY_TYPE, changedKey } from "@menshen/credentials";
import { equalBytes } from "@menshen/crypto/node";
import type { DesfireContext } from "./desfire-context.ts";
import { OPEN_KEY_SETTINGS } from "./desfire-state.ts";
import { type CommandGroup, denial, planned } from "./native-command.ts";
import { DONE } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";

const MAX_APPLICATIONS = 28;
const MAX_KEYS = 14;
const CARD_AID = new Uint8Array(3);

/**
 * GetVersion of an EV2 and an EV3 with 4 kB: hardware and software, each vendor, type, subtype, major, minor, storage
 * size, protocol (MF3DX2 datasheet §11.5.3). The production data behind the UID are zero: it was never made.
 */
const VERSION = {
  ev2: {
    hardware: [0x04, 0x01, 0x01, 0x12, 0x00, 0x18, 0x05],
    software: [0x04, 0x01, 0x01, 0x02, 0x01, 0x18, 0x05],
  },
  ev3: {
    hardware: [0x04, 0x01, 0x01, 0x33, 0x00, 0x18, 0x05],
    software: [0x04, 0x01, 0x01, 0x03, 0x00, 0x18, 0x05],
  },
} as const;
const HIDDEN_UID = new Uint8Array(7);
/** Bits of SetConfiguration's option 00 (libfreefare `mifare_desfire_set_configuration`). */
const FORMAT_DISABLED = 0x01;
const RANDOM_UID = 0x02;
const PRODUCTION = [0, 0, 0, 0, 0, 0, 0];

/** Commands about the card, its applications and its keys. */
export function desfireDirectoryCommands(card: DesfireContext): CommandGroup {
  const find = (aid: Uint8Array) => card.state.applications.find((one) => equalBytes(one.aid, aid));

  /** Upper nibble of the key settings: the key that changes the others; E each its own, F none. */
  const mayChangeKey = (number: number, authenticated: number) => {
    if (card.selected === undefined) return authenticated === 0;
    const { keySettings } = card.selected;
    if (number === 0) return authenticated === 0 && (keySettings & 0x01) !== 0;
    const rule = keySettings >> 4;
    return rule === 0xe ? authenticated === number : authenticated === rule;
  };

  return {
    // SelectApplication
    90: (body) =>
      planned(body, 3, "plain", 0, () => {
        const application = find(body);
        if (application === undefined && !equalBytes(body, CARD_AID)) {
          return { refused: STATUS.applicationNotFound };
        }
        card.select(application);
        return { endsSession: true };
      }),
    // GetVersion
    96: (body) =>
      planned(body, 0, "mac", 0, () => {
        const { hardware, software } = VERSION[card.state.generation ?? "ev2"];
        const uid = card.state.randomUid === true ? HIDDEN_UID : card.state.uid;
        return {
          data: Uint8Array.of(...hardware, ...software, ...uid, ...PRODUCTION),
          frameBytes: [hardware.length, software.length],
        };
      }),
    // GetCardUID
    81: (body, key) =>
      key === undefined
        ? { refused: STATUS.authenticationError }
        : planned(body, 0, "full", 0, () => ({ data: card.state.uid })),
    // GetKeyVersion
    100: (body) =>
      planned(body, 1, "mac", 0, () => {
        const found = card.keys[(body[0] ?? 0) & 0x3f];
        return found === undefined ? { refused: STATUS.noSuchKey } : { data: Uint8Array.of(found.version) };
      }),
    // GetKeySettings
    69: (body) =>
      planned(body, 0, "mac", 0, () => ({
        data: Uint8Array.of(card.selected?.keySettings ?? OPEN_KEY_SETTINGS, 0x80 | card.keys.length),
      })),
    // GetApplicationIDs
    106: (body) =>
      card.selected !== undefined
        ? { refused: STATUS.permissionDenied }
        : planned(body, 0, "mac", 0, () => ({
            data: Uint8Array.from(card.state.applications.flatMap(({ aid }) => [...aid])),
          })),
    // CreateApplication
    202: (body, key) => {
      if (card.selected !== undefined) return { refused: STATUS.permissionDenied };
      return planned(body, 5, key === undefined ? "plain" : "mac", 0, () => {
        const aid = body.slice(0, 3);
        const [keySettings = 0, keyOptions = 0] = body.subarray(3);
        const count = keyOptions & 0x0f;
        // AES keys only, without ISO names and further key sets.
        const supported = (keyOptions & 0xf0) === 0x80 && count >= 1 && count <= MAX_KEYS;
        if (!supported || equalBytes(aid, CARD_AID)) return { refused: STATUS.parameterError };
        if (find(aid) !== undefined) return { refused: STATUS.duplicateError };
        if (card.state.applications.length >= MAX_APPLICATIONS) return { refused: STATUS.countError };
        const keys = Array.from({ length: count }, () => ({ value: new Uint8Array(16), version: 0 }));
        card.state.applications.push({ aid, keySettings, keys, files: new Map() });
        return DONE;
      });
    },
    // ChangeKey
    196: (body, authenticated) => {
      const number = (body[0] ?? 0) & 0x3f;
      const target = card.keys[number];
      if (authenticated === undefined) return { refused: STATUS.authenticationError };
      if (target === undefined) return { refused: STATUS.noSuchKey };
      if (!mayChangeKey(number, authenticated)) return { refused: STATUS.permissionDenied };
      // At the card's own level the number says what kind of key comes; only AES keys are taken.
      if (card.selected === undefined && body[0] !== AES_KEY_TYPE) return { refused: STATUS.parameterError };
      const own = number === authenticated;
      return planned(body, 1, "full", own ? 17 : 21, (payload) => {
        const next = changedKey(payload, own ? undefined : target.value);
        if (next === undefined) return { refused: STATUS.integrityError };
        target.value = next.value;
        target.version = next.version;
        return own ? { endsSession: true } : DONE;
      });
    },
    // FormatPICC
    252: (body, key) =>
      card.selected !== undefined || key === undefined
        ? { refused: denial(key) }
        : planned(body, 0, "mac", 0, () => {
            if (card.state.formatDisabled === true) return { refused: STATUS.permissionDenied };
            card.state.applications.length = 0;
            return DONE;
          }),
    // SetConfiguration, option 00
    92: (body, key) =>
      card.selected !== undefined || key === undefined
        ? { refused: denial(key) }
        : planned(body, 1, "full", 1, ([flags = 0]) => {
            if (body[0] !== 0x00 || flags > (FORMAT_DISABLED | RANDOM_UID)) {
              return { refused: STATUS.parameterError };
            }
            if ((flags & FORMAT_DISABLED) !== 0) card.state.formatDisabled = true;
            if ((flags & RANDOM_UID) !== 0) card.state.randomUid = true;
            return DONE;
          }),
  };
}
