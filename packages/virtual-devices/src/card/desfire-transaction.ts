import {
  decodeAccessRights,
  decodeCommMode,
  NativeCommand,
  transactionSessionKeys,
  truncateMac,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { type DesfireContext, mayCreateFile } from "./desfire-context.ts";
import { type DesfireApplication, type TransactionMacFile, transactionMacContent } from "./desfire-state.ts";
import { type CommandGroup, denial, planned } from "./native-command.ts";
import { DONE } from "./native-engine.ts";
import { STATUS } from "./native-status.ts";

/**
 * The transaction MAC file and the commands that move its counter: every transaction that names its reader counts up
 * by one and leaves a code. Formulas after MF2DL(H)x0 §10.3.2 and §10.3.4; no published vector is known, so only this
 * project's own tests stand behind the code's value. The counter is plain counting.
 */
export function desfireTransactionCommands(card: DesfireContext): CommandGroup {
  let named: { readonly application: DesfireApplication; readonly readerId: Uint8Array } | undefined;

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
    // CommitReaderID: the file's read-write right says whose sessions may name their reader
    200: (body, key) => {
      const application = card.selected;
      const file = application === undefined ? undefined : fileOf(application);
      if (application === undefined || file === undefined) return { refused: STATUS.permissionDenied };
      if (key === undefined) return { refused: STATUS.authenticationError };
      if (file.rights.readWrite !== "free" && file.rights.readWrite !== key) {
        return { refused: STATUS.permissionDenied };
      }
      return planned(body, 0, "mac", 16, (readerId) => {
        const { encryptionKey } = transactionSessionKeys(primitives, file.key.value, {
          counter: file.counter + 1,
          uid: card.state.uid,
        });
        const previous = primitives.aesCbcEncrypt(encryptionKey, new Uint8Array(16), file.lastReaderId);
        card.transaction.note(Uint8Array.of(NativeCommand.commitReaderId, ...readerId, ...previous));
        named = { application, readerId: readerId.slice() };
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
        const input = card.transaction.take();
        const by = named?.application === application ? named.readerId : undefined;
        named = undefined;
        if (file === undefined || by === undefined) return DONE;
        file.counter += 1;
        file.lastReaderId = by;
        const { macKey } = transactionSessionKeys(primitives, file.key.value, {
          counter: file.counter,
          uid: card.state.uid,
        });
        file.code = truncateMac(primitives.aesCmac(macKey, input));
        return wantsCode ? { data: transactionMacContent(file) } : DONE;
      });
    },
    // AbortTransaction
    167: (body) =>
      planned(body, 0, "mac", 0, () => {
        named = undefined;
        card.transaction.take();
        return DONE;
      }),
  };
}

function fileOf(application: DesfireApplication): TransactionMacFile | undefined {
  for (const file of application.files.values()) if (file.type === "transaction-mac") return file;
  return undefined;
}
