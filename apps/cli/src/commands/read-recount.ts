import { publicMotionEndpoints, Recount } from "@menshen/wire";
import { Value } from "typebox/value";
import { CliError } from "../command-line/cli-error.ts";

/**
 * A motion as the community publishes it, with roll and, after the end, ballots. Rejects where nobody answers.
 *
 * @throws {CliError} `failed` for a motion that is not there and for an answer that is none
 */
export async function readRecount(url: string, id: string): Promise<Recount> {
  const response = await fetch(new URL(publicMotionEndpoints.recount.path.replace(":id", id), url), {
    signal: AbortSignal.timeout(60_000),
  });
  if (response.status === 404) {
    throw new CliError("failed", {
      en: `no motion \`${id}\` is published there`,
      zh: `那里没有公示议案 \`${id}\``,
    });
  }
  if (!response.ok) throw new Error(`expected 200, got ${response.status}`);
  const body: unknown = await response.json();
  if (Value.Check(Recount, body)) return body;
  throw new CliError("failed", { en: "the answer is no recount", zh: "返回的内容不是计票数据" });
}
