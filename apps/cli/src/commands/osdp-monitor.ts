import { closeSync, openSync, writeSync } from "node:fs";
import { capturedFrame, captureHeader, monitorLine } from "@menshen/osdp";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import { BAUD, openLine, WHERE, wholeNumber } from "../osdp/reader-options.ts";

export const osdpMonitorCommand: Command = {
  path: ["osdp", "monitor"],
  summary: {
    en: "listen to an OSDP line without a word of its own: one line for each frame, and a file for Wireshark",
    zh: "只听不说地监听 OSDP 线路：每帧一行，并可写成 Wireshark 文件",
  },
  positionals: [WHERE],
  options: {
    baud: BAUD,
    write: {
      type: "string",
      placeholder: "FILE",
      help: { en: "capture into this file (pcapng)", zh: "抓包写入该文件（pcapng）" },
    },
    for: {
      type: "string",
      placeholder: "SECONDS",
      help: { en: "stop by itself after this time", zh: "到时自动停止（秒）" },
    },
  },
  details: {
    en: [
      "Wants an adapter of its own on the two wires, beside the gate's.",
      "Payloads of the secure channel stay enciphered. Keys are never written; neither are cards and PINs that could",
      "be read: of such a frame only what stands before its data is kept, with its true length.",
      "The file has link type USER0; each frame carries its words as comment, and packages/osdp/wireshark/osdp.lua decodes",
      "fields: tshark -X lua_script:osdp.lua -r FILE",
    ].join("\n"),
    zh: [
      "需要在两根线上另接一只自己的适配器，与控制器并联。",
      "安全通道的内容保持密文。密钥从不写入；可读出的卡号和 PIN 也不写入：",
      "此类帧只保留数据之前的部分，并注明真实长度。",
      "文件链路类型为 USER0；每帧以注释写明含义，packages/osdp/wireshark/osdp.lua 可解析字段：",
      "tshark -X lua_script:osdp.lua -r FILE",
    ].join("\n"),
  },
  run: monitor,
};

async function monitor(call: Call): Promise<ExitCode> {
  const [where = ""] = call.positionals;
  const seconds = wholeNumber(call, "for", 1, 86_400);
  const file = call.option("write");
  const capture = file === undefined ? undefined : openCapture(file, where);
  const transport = await openLine(call, where);
  let frames = 0;
  const heard = monitorLine({
    transport,
    seen(seen) {
      const at = new Date();
      frames += 1;
      if (capture !== undefined) writeSync(capture, capturedFrame(seen, at.getTime()));
      const { address, reply, sequence, code, security } = seen.frame;
      call.output.say(
        {
          at: at.toISOString(),
          address,
          reply,
          sequence,
          code,
          ...(security === undefined ? {} : { security: security.type }),
          sizeBytes: seen.sizeBytes,
          words: seen.words,
        },
        `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")} ${seen.words}`,
      );
    },
  });
  await new Promise<void>((resolve) => {
    if (call.stop.aborted) resolve();
    call.stop.addEventListener("abort", () => resolve());
    if (seconds !== undefined) setTimeout(resolve, seconds * 1_000);
  });
  await transport.close();
  if (capture !== undefined) closeSync(capture);
  const discardedBytes = heard.discardedBytes();
  call.output.say(
    { frames, discardedBytes },
    {
      en: `${frames} frames; ${discardedBytes} bytes that belong to none`,
      zh: `共 ${frames} 帧；${discardedBytes} 字节不属于任何帧`,
    },
  );
  return frames > 0 ? EXIT.ok : EXIT.unavailable;
}

/** Where a line leads is nobody's business who gets the file: it is named by its kind. */
function openCapture(file: string, where: string): number {
  try {
    const capture = openSync(file, "wx", 0o600);
    writeSync(capture, captureHeader(/^([a-z-]+):/.exec(where)?.[1] ?? "serial"));
    return capture;
  } catch (cause) {
    throw new CliError(
      "failed",
      { en: `cannot write \`${file}\``, zh: `无法写入 \`${file}\`` },
      { en: "name a file that is not there yet", zh: "请指定一个尚不存在的文件" },
      { cause },
    );
  }
}
