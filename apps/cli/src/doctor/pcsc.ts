import { CredentialError } from "@menshen/credentials";
import { listPcscReaders } from "@menshen/credentials/node";
import type { Finding } from "./finding.ts";

/** The PC/SC service and its readers. */
export async function checkPcsc(socketPath: string | undefined): Promise<Finding> {
  try {
    const readers = await listPcscReaders(socketPath === undefined ? {} : { socketPath });
    const names = readers.map(({ name }) => name).join(", ");
    return {
      check: "pcsc",
      state: readers.length > 0 ? "ok" : "note",
      what:
        readers.length > 0
          ? { en: `PC/SC readers: ${names}`, zh: `PC/SC 读卡器：${names}` }
          : { en: "pcscd runs and knows no reader", zh: "pcscd 正在运行，未发现读卡器" },
      values: { readers: readers.length },
    };
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const absent = error.code === "pcsc-absent";
    return {
      check: "pcsc",
      state: absent ? "note" : "problem",
      what: absent
        ? { en: "the PC/SC service (pcscd) does not run", zh: "PC/SC 服务（pcscd）未运行" }
        : {
            en: `the PC/SC service does not answer: ${error.message}`,
            zh: `PC/SC 服务无应答：${error.message}`,
          },
      remedy: absent
        ? {
            en: "only desk readers need it: `apt-get install pcscd && systemctl start pcscd`",
            zh: "仅桌面读卡器需要：`apt-get install pcscd && systemctl start pcscd`",
          }
        : { en: "restart it: `systemctl restart pcscd`", zh: "请重启：`systemctl restart pcscd`" },
    };
  }
}
