import { sha256 } from "@menshen/crypto/node";
import { type NoteKey, type NoteKeyType, parseVerifierKey, type WitnessPolicy } from "@menshen/evidence";
import { CliError } from "../command-line/cli-error.ts";
import type { Call, OptionSpec } from "../command-line/command.ts";

/** Options that say whose word about a log counts. */
export const TRUST_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  key: {
    type: "string",
    placeholder: "VKEY",
    help: {
      en: "verifier key of the log; its name is the log's origin",
      zh: "日志的验证密钥，其名称即日志名",
    },
  },
  witness: {
    type: "string",
    placeholder: "BODY=VKEY",
    multiple: true,
    help: {
      en: "verifier key of a witness and who runs it; may stand several times",
      zh: "见证者的验证密钥及其所属机构，可重复",
    },
  },
  quorum: {
    type: "string",
    placeholder: "N",
    help: {
      en: "bodies whose witnesses must have cosigned; all that are given unless told",
      zh: "必须联署的机构数，默认为所给的全部机构",
    },
  },
};

/** A log as the command line names it. */
export interface TrustedLog {
  readonly origin: string;
  readonly logKeys: readonly NoteKey[];
}

/** The log and the policy that {@link TRUST_OPTIONS} give. Throws `CliError("usage")`. */
export function trustOf(call: Call): { readonly log: TrustedLog; readonly policy: WitnessPolicy } {
  const text = call.option("key");
  if (text === undefined) {
    throw usage("missing --key VKEY", "缺少 --key VKEY");
  }
  const key = keyOf("--key", text, "ed25519");
  const witnesses = call.all("witness").map((given) => {
    const equals = given.indexOf("=");
    if (equals < 1) throw usage("--witness: expected BODY=VKEY", "--witness：应为 机构=验证密钥");
    const body = given.slice(0, equals);
    return { body, key: keyOf("--witness", given.slice(equals + 1), "ed25519-cosignature") };
  });
  const bodies = new Set(witnesses.map(({ body }) => body)).size;
  const wanted = call.option("quorum");
  const quorum = wanted === undefined ? bodies : Number(wanted);
  if (!/^[0-9]{1,3}$/.test(wanted ?? "0") || quorum > bodies) {
    throw usage(
      `--quorum: expected a whole number up to ${bodies}, the bodies given`,
      `--quorum：应为不超过 ${bodies}（所给机构数）的整数`,
    );
  }
  return { log: { origin: key.name, logKeys: [key] }, policy: { witnesses, quorum } };
}

/** A verifier key of the wanted type. Throws `CliError("usage")`. */
function keyOf(option: string, text: string, type: NoteKeyType): NoteKey {
  const parsed = parseVerifierKey(sha256, text);
  if (!parsed.parsed) {
    throw usage(
      `${option}: expected a verifier key NAME+ID+BASE64, it is refused: ${parsed.refusal}`,
      `${option}：应为验证密钥 名称+编号+BASE64，被拒绝：${parsed.refusal}`,
    );
  }
  if (parsed.key.type !== type) {
    const [en, zh] = type === "ed25519" ? ["log", "日志"] : ["witness", "见证者"];
    throw usage(`${option}: expected the key of a ${en}`, `${option}：应为${zh}的密钥`);
  }
  return parsed.key;
}

export function usage(en: string, zh: string): CliError {
  return new CliError(
    "usage",
    { en, zh },
    { en: "see `menshen log --help`", zh: "用法见 `menshen log --help`" },
  );
}
