import { readFileSync, statSync, writeFileSync } from "node:fs";
import * as crypto from "@menshen/crypto/node";
import {
  formatLogProof,
  logOverHttp,
  MAX_PROOF_BYTES,
  parseCheckpoint,
  parseLeaf,
  parseNote,
  proveInclusion,
  readEntries,
  TILE_WIDTH,
  verifyLogProof,
} from "@menshen/evidence";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { findingText, proofText } from "../evidence/finding-text.ts";
import { TRUST_OPTIONS, trustOf, usage } from "../evidence/log-options.ts";
import { URL_POSITIONAL, unreachable } from "../evidence/log-url.ts";

export const logProveCommand: Command = {
  path: ["log", "prove"],
  summary: {
    en: "write a proof that an entry stands in a log, to be verified offline",
    zh: "生成某条目在日志中的证明，可离线验证",
  },
  positionals: [URL_POSITIONAL],
  options: {
    leaf: {
      type: "string",
      placeholder: "INDEX",
      help: {
        en: "place of the entry in the log, from 0; required",
        zh: "条目在日志中的序号，从 0 起，必填",
      },
    },
    out: {
      type: "string",
      placeholder: "FILE",
      help: { en: "where to write it; standard output unless told", zh: "写入的文件，默认输出到标准输出" },
    },
  },
  details: {
    en: "The proof (C2SP tlog-proof) carries the entry. Nothing is trusted to make it: `menshen log verify` does that.",
    zh: "证明（C2SP tlog-proof）中附带该条目。生成时不信任任何一方：由 `menshen log verify` 验证。",
  },
  run: prove,
};

export const logVerifyCommand: Command = {
  path: ["log", "verify"],
  summary: {
    en: "verify a proof of `menshen log prove`, offline",
    zh: "离线验证 `menshen log prove` 的证明",
  },
  positionals: [{ name: "FILE", help: { en: "the proof, *.tlog-proof", zh: "证明文件 *.tlog-proof" } }],
  options: TRUST_OPTIONS,
  run: verify,
};

async function prove(call: Call): Promise<ExitCode> {
  const [url = ""] = call.positionals;
  const text = call.option("leaf") ?? "";
  const index = Number(text);
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw usage("--leaf: expected the index of an entry", "--leaf：应为条目序号");
  }
  const proof = await proofOf(url, index).catch((error: unknown) => {
    throw error instanceof CliError ? error : unreachable(url, error);
  });
  const out = call.option("out");
  if (out === undefined) {
    call.output.say({ index, proof }, proof.trimEnd());
  } else {
    writeFileSync(out, proof);
    call.output.say({ index, file: out }, { en: `written to \`${out}\``, zh: `已写入 \`${out}\`` });
  }
  return EXIT.ok;
}

async function proofOf(url: string, index: number): Promise<string> {
  const reader = logOverHttp(fetch, url);
  const checkpoint = await reader.checkpoint();
  const head = parseCheckpoint(parseNote(checkpoint)?.text ?? "");
  if (head === undefined) {
    throw new CliError("failed", { en: "what the log shows is no checkpoint", zh: "日志所示内容不是检查点" });
  }
  if (index >= head.size) {
    throw new CliError("failed", {
      en: `the log has ${head.size} entries, no entry ${index}`,
      zh: `日志共有 ${head.size} 条，没有第 ${index} 条`,
    });
  }
  const made = await proveInclusion(crypto.sha256, reader.tile, head, index);
  if (!made.read) throw new CliError("failed", findingText({ finding: "tile-refused", ...made }));
  const read = await readEntries(crypto.sha256, reader.tile, head, Math.floor(index / TILE_WIDTH));
  if (!read.read) throw new CliError("failed", findingText({ finding: "tile-refused", ...read }));
  const entry = read.entries[index % TILE_WIDTH] ?? new Uint8Array();
  return formatLogProof({ index, hashes: made.proof, checkpoint, extra: entry });
}

function verify(call: Call): Promise<ExitCode> {
  const [file = ""] = call.positionals;
  const { log, policy } = trustOf(call);
  const result = verifyLogProof(crypto, readProof(file), log, policy);
  if (!result.verified) {
    const why = proofText(result.refusal);
    throw new CliError(
      "failed",
      { en: `\`${file}\` is refused: ${why.en}`, zh: `\`${file}\` 不被接受：${why.zh}` },
      {
        en: "the keys must be those of the log and its witnesses, from somebody you trust",
        zh: "日志及其见证者的密钥应取自您信任的来源",
      },
    );
  }
  const { index, entry, signed, cosignatures } = result;
  const { size } = signed.checkpoint;
  const parsed = parseLeaf(entry);
  const topic = parsed.parsed ? parsed.leaf.topic : undefined;
  const times = cosignatures.map(({ key, timeSeconds = 0 }) => ({
    witness: key.name,
    at: new Date(timeSeconds * 1_000).toISOString(),
  }));
  const said = times.map(({ witness, at }) => `\n  ${at} ${witness}`).join("");
  call.output.say(
    { verified: true, index, size, ...(topic === undefined ? {} : { topic }), cosigned: times },
    {
      en: `✓ entry ${index} of ${size}${topic === undefined ? "" : `, ${topic}`}, stands in ${log.origin}${said}`,
      zh: `✓ 第 ${index} 条（共 ${size} 条${topic === undefined ? "" : `，${topic}`}）在 ${log.origin} 中${said}`,
    },
  );
  return Promise.resolve(EXIT.ok);
}

function readProof(file: string): string {
  try {
    if (statSync(file).size > 4 * MAX_PROOF_BYTES) return "";
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError(
      "failed",
      { en: `\`${file}\` cannot be read`, zh: `无法读取 \`${file}\`` },
      undefined,
      { cause },
    );
  }
}
