import { fromHex, toHex } from "@menshen/crypto/node";
import {
  adoptWitnessPolicy,
  type CustodianSet,
  endorseWitnessPolicy,
  type LogTrust,
  parseCustodianSet,
  parseWitnessPolicy,
} from "@menshen/custody";
import { type CustodianStandingView, custodianEndpoints } from "@menshen/wire";
import type { Call } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import type { Desk } from "./desk.ts";
import { confirm } from "./passphrase.ts";

/**
 * Believes log and witnesses as enough custodians endorsed them. Before later custodians are followed: what those before
 * them agreed to counts until then.
 */
export async function followPolicy(
  call: Call,
  desk: Desk,
  { sets, witnessPolicy }: CustodianStandingView,
): Promise<void> {
  if (witnessPolicy === undefined) return;
  const shown = {
    policy: parseWitnessPolicy(fromHex(witnessPolicy.encoded)),
    setVersion: witnessPolicy.setVersion,
    endorsements: witnessPolicy.endorsements.map(readEndorsement),
  };
  const shownSets = sets.map(({ encoded, endorsements }) => ({
    set: parseCustodianSet(fromHex(encoded)),
    endorsements: endorsements.map(readEndorsement),
  }));
  const before = desk.contents().log;
  const { log } = await desk.change((contents) => {
    const adopted = adoptWitnessPolicy(contents, shownSets, shown);
    return adopted === contents.log ? contents : { ...contents, log: adopted };
  });
  if (log === before) return;
  const lines = linesOf(before, log);
  call.output.remark({
    en: `The custodians endorsed another policy; this program believes now:\n${lines.en}`,
    zh: `保管人已认可新的日志与见证方，本程序此后只认：\n${lines.zh}`,
  });
}

/** Shows the policy that waits, and signs it when the person says yes; answers its version. */
export async function endorseWaitingPolicy(
  call: Call,
  desk: Desk,
  set: CustodianSet,
  waiting: NonNullable<CustodianStandingView["waitingPolicy"]>,
): Promise<number> {
  const policy = parseWitnessPolicy(fromHex(waiting.encoded));
  const { log, identitySeed } = desk.contents();
  call.output.remark(linesOf(log, policy));
  if (policy.quorum === 0) {
    call.output.remark({
      en: "No witness has to sign: whoever holds the log's key can show you a log of its own.",
      zh: "没有要求见证方签名：持有日志密钥的人可以给您看另一本日志。",
    });
  }
  await confirm(call, {
    en: "Shall gates and custodians' programs believe this log with these witnesses?",
    zh: "是否让控制器和各保管人程序认这本日志和这些见证方？",
  });
  const { signature } = endorseWitnessPolicy({ set, policy, secretKey: identitySeed });
  await desk.ask(custodianEndpoints.endorsePolicy, {
    body: { version: policy.version, signature: toHex(signature) },
  });
  return policy.version;
}

/** What is believed after, with what changes. */
function linesOf(before: LogTrust, after: LogTrust): Text {
  const has = ({ witnesses }: LogTrust, key: string) => witnesses.some((one) => one.key === key);
  const gone = before.witnesses.filter(({ key }) => !has(after, key));
  const text = (word: { log: string; witness: string; quorum: string; isNew: string; gone: string }) =>
    [
      `${word.log}  ${after.logKey}${after.logKey === before.logKey ? "" : `  (${word.isNew})`}`,
      ...after.witnesses.map(
        ({ body, key }) => `${word.witness}  ${body}  ${key}${has(before, key) ? "" : `  (${word.isNew})`}`,
      ),
      ...gone.map(({ body, key }) => `${word.gone}  ${body}  ${key}`),
      `${word.quorum}  ${before.quorum} → ${after.quorum}`,
    ].join("\n");
  return {
    en: text({ log: "log", witness: "witness", quorum: "quorum", isNew: "new", gone: "no longer" }),
    zh: text({ log: "日志", witness: "见证方", quorum: "须有几方见证", isNew: "新", gone: "不再要求" }),
  };
}

function readEndorsement({ index, signature }: { readonly index: number; readonly signature: string }) {
  return { index, signature: fromHex(signature) };
}
