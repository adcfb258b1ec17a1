import { fromHex, toHex } from "@menshen/crypto/node";
import Type from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import type { Seal } from "../keys/seal.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import type { Mark } from "./credential-ledger.ts";

const PURPOSE = "menshen gate public log v1";
const NAME_BYTES = 16;
/** Under this name stands the size of the largest tree seen. */
const TREE = new Uint8Array(NAME_BYTES);

const Whole = Type.Integer({ minimum: 0 });
const StoredMark = Type.Object({
  key: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  floor: Whole,
  numbers: Type.Array(Type.String()),
  acceptances: Type.Array(
    Type.Object({
      reach: Type.Union([
        Type.Object({ kind: Type.Literal("everywhere") }),
        Type.Object({
          kind: Type.Literal("home"),
          dwellingTag: Type.String(),
          number: Whole,
          accessPointIds: Type.Array(Type.String()),
        }),
      ]),
      index: Whole,
      witnessed: Type.Boolean(),
      sinceMs: Type.Integer(),
    }),
  ),
});
const StoredTree = Type.Object({ treeSize: Whole });

/** What is kept of the log, sealed: one short record for each credential, so that a proof costs one write. */
export interface MarkStore {
  /** Records that cannot be read are left out: their credentials are asked about again. */
  readonly load: () => Promise<{ readonly marks: readonly Mark[]; readonly treeSize: number }>;
  /** On the disk when it resolves. @throws {GateError} `disk-full`, `disk-failed` */
  readonly save: (marks: readonly Mark[], treeSize: number) => Promise<void>;
}

export function makeMarkStore(
  state: Pick<Remote<StateKeeper>, "marks" | "saveMarks">,
  seal: Seal,
): MarkStore {
  const text = new TextEncoder();
  const sealed = (value: unknown) => seal.seal(PURPOSE, text.encode(JSON.stringify(value)));

  function opened(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(new TextDecoder().decode(seal.open(PURPOSE, bytes)));
    } catch (fault) {
      if (fault instanceof GateError || fault instanceof SyntaxError) return undefined;
      throw fault;
    }
  }

  return {
    async load() {
      const rows = await state.marks();
      const values = rows.map(({ bytes }) => opened(bytes));
      const tree = values.find((value) => Value.Check(StoredTree, value));
      return {
        marks: values.filter((value) => Value.Check(StoredMark, value)),
        treeSize: tree?.treeSize ?? 0,
      };
    },
    save: (marks, treeSize) =>
      state.saveMarks([
        { name: TREE, bytes: sealed({ treeSize }) },
        ...marks.map((mark) => ({ name: seal.nameOf(PURPOSE, fromHex(mark.key)), bytes: sealed(mark) })),
      ]),
  };
}

/** A credential key as marks name it. */
export function markKey(credentialKey: Uint8Array): string {
  return toHex(credentialKey);
}
