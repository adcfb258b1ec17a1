import { aesCbcEncrypt, aesCmac } from "@menshen/crypto/node";
import { decodeAccessRights, decodeCommMode } from "./card-file.ts";
import { type DesfireContext, mayCreateFile } from "./desfire-context.ts";
import { type DesfireApplication, type TransactionMacFile, transactionMacContent } from "./desfire-state.ts";
import { type CommandGroup, denial, planned } from "./native-command.ts";
import { DONE } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";

/**
 * The transaction MAC file and the commands that move its counter: every transaction that names its reader counts up
 * by one and leaves a code under a key that doors do not have. Formulas after MF2DL(H)x0 §10.3.2; no published vector
 * is known, so only this package's own tests stand behind the code's value. The counter is plain counting.
 */
export function desfireTransactionCommands(card: DesfireContext): CommandGroup {
  let open: { readonly application: DesfireApplication; readonly input: Uint8Array } | undefined;

  return {
    // CreateTransactionMACFile
    206: (body, key) => {
      const application = card.selected;
      if (application === undefined) return { refused: STATUS.permissionDenied };
      if (key === undefined || !mayCreateFile(application, key)) return { refused: denial(key) };
      return planned(body, 5, "full", 17, (payload) => {
        const [number = 0, option = 0, low = 0, high = 0, keyType = 0] = body;
        if (number > 31 || (keyType & 3) !== 2) return { refused: STATUS.parameterError };
        if (application.files.has(number) || fileOf(application) !== undefined) {
          return { refused: STATUS.duplicateError };
        }
        application.files.set(number, {
          type: "transaction-mac",
          mode: decodeCommMode(option),
          rights: decodeAccessRights(low, high),
          key: { value: payload.slice(0, 16), version: payload[16] ?? 0 },
          counter: 0,
          code: new Uint8Array(8),
          lastReaderId: new Uint8Array(16),
        });
        return DONE;
      });
    },
    // CommitReaderID
    200: (body, key) => {
      const application = card.selected;
      const file = application === undefined ? undefined : fileOf(application);
      if (application === undefined || file === undefined) return { refused: STATUS.permissionDenied };
      if (key === undefined) return { refused: STATUS.authenticationError };
      return planned(body, 0, "mac", 16, (readerId) => {
        const { enc } = sessionKeys(file, card.state.uid);
        const previous = aesCbcEncrypt(enc, new Uint8Array(16), file.lastReaderId);
        const input = new Uint8Array(48);
        input.set([0xc8, ...readerId, ...previous]);
        open = { application, input };
        file.lastReaderId = readerId.slice();
        return { data: previous };
      });
    },
    // CommitTransaction, with option 1 answered by counter and code
    199: (body, key) => {
      const application = card.selected;
      if (application === undefined) return { refused: STATUS.permissionDenied };
      const wantsCode = (key === undefined ? body.length : body.length - 8) === 1 && body[0] === 1;
      return planned(body, wantsCode ? 1 : 0, "mac", 0, () => {
        const file = fileOf(application);
        const transaction = open;
        open = undefined;
        if (file === undefined || transaction?.application !== application) return DONE;
        const { mac } = sessionKeys(file, card.state.uid);
        file.code = aesCmac(mac, transaction.input).filter((_, index) => index % 2 === 1);
        file.counter += 1;
        return wantsCode ? { data: transactionMacContent(file) } : DONE;
      });
    },
    // AbortTransaction
    167: (body) =>
      planned(body, 0, "mac", 0, () => {
        open = undefined;
        return DONE;
      }),
  };
}

function fileOf(application: DesfireApplication): TransactionMacFile | undefined {
  for (const file of application.files.values()) if (file.type === "transaction-mac") return file;
  return undefined;
}

/** Keys of the transaction that comes next: CMAC over label, counter plus one and UID. */
function sessionKeys(file: TransactionMacFile, uid: Uint8Array): { enc: Uint8Array; mac: Uint8Array } {
  const derive = (label: number) => {
    const input = new Uint8Array(16);
    input.set([label, 0x00, 0x01, 0x00, 0x80]);
    new DataView(input.buffer).setUint32(5, file.counter + 1, true);
    input.set(uid, 9);
    return aesCmac(file.key.value, input);
  };
  return { enc: derive(0xa5), mac: derive(0x5a) };
}
