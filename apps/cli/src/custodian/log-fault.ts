import * as crypto from "@menshen/crypto/node";
import { acknowledgeLogFault, followShownLog, type LogFault, type SeenTree } from "@menshen/custody";
import { logOverHttp } from "@menshen/evidence";
import type { CustodianOpening } from "@menshen/wire";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import type { Text } from "../command-line/language.ts";
import { unreachable } from "../evidence/log-url.ts";
import { type Desk, openDesk } from "./desk.ts";
import { confirm } from "./passphrase.ts";

/**
 * Follows the log to the checkpoint that a request came with.
 *
 * @param known what had been seen before the server was asked for the request
 * @throws {CliError} `unavailable` if the log's tiles are not reached
 */
export async function followLog(
  desk: Desk,
  request: CustodianOpening,
  known: SeenTree | undefined,
): Promise<void> {
  const url = new URL("/log", desk.server).href;
  const { tile } = logOverHttp(fetch, url);
  await followShownLog({
    crypto,
    place: desk,
    request,
    known,
    tiles: async (one) => {
      try {
        return await tile(one);
      } catch (error) {
        throw unreachable(url, error);
      }
    },
    nowMs: Date.now(),
  });
}

/** `menshen custodian acknowledge-log`: the person knows that the log contradicted itself; the program answers again. */
export async function acknowledgeLog(call: Call): Promise<ExitCode> {
  const believe = call.option("believe") ?? "seen";
  if (believe !== "seen" && believe !== "shown") {
    throw new CliError("usage", {
      en: "--believe: expected `seen` or `shown`",
      zh: "--believe：应为 `seen` 或 `shown`",
    });
  }
  const desk = await openDesk(call);
  const { logFault, seen } = desk.contents();
  if (logFault === undefined) {
    throw new CliError("failed", { en: "the log has no fault", zh: "日志没有异常" });
  }
  call.output.remark(faultText(logFault, seen));
  await confirm(call, {
    en: `Have you told the other custodians and the witnesses, and shall the tree ${believe === "seen" ? "seen before" : "shown last"} be followed?`,
    zh: `您是否已告知其他保管人和见证方，并以${believe === "seen" ? "以前所见" : "最后出示"}的日志为准？`,
  });
  await desk.change((contents) => acknowledgeLogFault(contents, believe));
  call.output.say(
    { acknowledged: logFault.kind, believe, seen: desk.contents().seen },
    { en: "✓ acknowledged; requests are answered again", zh: "✓ 已确认，可继续答复申请" },
  );
  return EXIT.ok;
}

/** What the log did, with both trees, to be compared with what others saw. */
export function faultText({ kind, size, root }: LogFault, seen: SeenTree | undefined): Text {
  const before = seen === undefined ? "–" : `${seen.size} ${seen.root}`;
  const after = `${size} ${root}`;
  const isFork = kind === "forked";
  return {
    en: [
      isFork
        ? "THE LOG FORKED: it signed two trees of which neither begins with the other."
        : "THE LOG WENT BACK: it showed a smaller tree than before.",
      `  seen before  ${before}`,
      `  shown then   ${after}`,
    ].join("\n"),
    zh: [
      isFork ? "日志分叉：它签署了两本互不相容的日志。" : "日志倒退：它给出的日志比以前短。",
      `  以前所见  ${before}`,
      `  随后出示  ${after}`,
    ].join("\n"),
  };
}
