import { argon2id, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import { createStore, identityKeyOf, type PinnedLog, type StoreContents, sealStore } from "@menshen/custody";
import { parseVerifierKey } from "@menshen/evidence";
import { custodyEndpoints, evidenceEndpoints, type LogDescription } from "@menshen/wire";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { makeCustodianClient } from "./custodian-client.ts";
import { codeOf, placeOf, saveServer } from "./desk.ts";
import { confirm, passphraseFor } from "./passphrase.ts";

/** First line of checkpoints: the log is named after its community. */
const ORIGIN = /^log\.menshen\.local\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** `menshen custodian init`: makes the identity key and the store, and pins the log. */
export async function setUp(call: Call): Promise<ExitCode> {
  const place = placeOf(call);
  const server = call.option("server");
  if (server === undefined || !URL.canParse(server)) {
    throw new CliError("usage", { en: "missing --server URL", zh: "缺少 --server URL" });
  }
  if (place.exists()) {
    throw new CliError(
      "config",
      { en: "this directory holds shares already", zh: "这个目录里已有密钥份额" },
      { en: "another custodian takes another directory", zh: "另一位保管人请用另一个目录" },
    );
  }
  const ask = makeCustodianClient(server);
  const [shown, status] = [await ask(evidenceEndpoints.log, {}), await ask(custodyEndpoints.status, {})];
  const communityId = ORIGIN.exec(shown.origin)?.[1];
  if (communityId === undefined) {
    throw new CliError("failed", { en: "the server's log has no name of ours", zh: "服务器的日志名称不符" });
  }
  const log = await pin(call, shown);
  const passphrase = await passphraseFor(call, true);
  const contents: StoreContents = {
    identitySeed: randomBytes(32),
    communityId,
    grid: status.grid,
    log,
    retentionDays: status.settings.retentionDays,
    shares: [],
    receipts: [],
    answered: [],
    latestMs: Date.now(),
  };
  const store = await createStore({
    contents,
    unlock: { by: "passphrase", passphrase },
    random: randomBytes,
    argon2id,
  });
  await place.alone(async () => {
    saveServer(place, server);
    place.replace(sealStore(store, randomBytes));
  });
  const identityKey = identityKeyOf(contents);
  const [key, code] = [toHex(identityKey), codeOf(identityKey)];
  call.output.say(
    { identityKey: key, code },
    {
      en: [
        `identity key  ${key}`,
        `code          ${code}`,
        "Give the key to whoever appoints custodians, and the code to the other two bodies by another way.",
        "There is no copy of what this directory will hold, and there must be none: keep it out of backups.",
      ].join("\n"),
      zh: [
        `身份公钥  ${key}`,
        `核对码    ${code}`,
        "请把公钥交给任命保管人的人员，并另外把核对码告知其他两方。",
        "这个目录将保存的内容没有副本，也不允许有：请勿备份。",
      ].join("\n"),
    },
  );
  return EXIT.ok;
}

/** What the command line says must be what the server shows; what it leaves open is shown, and the person says yes. */
async function pin(call: Call, shown: LogDescription): Promise<PinnedLog> {
  // Extra ones count for nobody.
  const witnesses = shown.witnesses
    .filter(({ extra }) => extra !== true)
    .map(({ body, key }) => ({ body, key }));
  const { origin, logKey, quorum } = shown;
  const differs = (what: string): CliError =>
    new CliError(
      "failed",
      { en: `the server shows another ${what} than you gave`, zh: `服务器给出的 ${what} 与您提供的不同` },
      { en: "do not go on; ask the other bodies", zh: "请勿继续，并与其他各方核实" },
    );
  const givenKey = call.option("log-key");
  if (givenKey !== undefined && givenKey !== logKey) throw differs("--log-key");
  const given = call.all("witness").toSorted();
  const isSame =
    JSON.stringify(given) === JSON.stringify(witnesses.map(({ body, key }) => `${body}=${key}`).toSorted());
  if (given.length > 0 && !isSame) throw differs("--witness");
  const givenQuorum = call.option("quorum");
  if (givenQuorum !== undefined && Number(givenQuorum) !== quorum) throw differs("--quorum");
  for (const text of [logKey, ...witnesses.map(({ key }) => key)]) {
    if (!parseVerifierKey(sha256, text).parsed) throw differs("key");
  }
  if (givenKey === undefined || givenQuorum === undefined || given.length < witnesses.length) {
    const lines = [
      `log      ${logKey}`,
      ...witnesses.map(({ body, key }) => `witness  ${body}  ${key}`),
      `quorum   ${quorum}`,
    ].join("\n");
    call.output.remark({
      en: `${lines}\nCompare these with what the other bodies have. The program will believe no other.`,
      zh: `${lines}\n请与其他各方核对。本程序此后只认这些密钥。`,
    });
    if (quorum === 0) {
      call.output.remark({
        en: "No witness has to sign: whoever holds the log's key can show you a log of its own.",
        zh: "没有要求见证方签名：持有日志密钥的人可以给您看另一本日志。",
      });
    }
    await confirm(call, { en: "Are they right?", zh: "是否无误？" });
  }
  return { origin, logKey, witnesses, quorum };
}
