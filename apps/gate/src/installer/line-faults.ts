import type { LineVerdict, PdVerdict } from "@menshen/osdp";
import type { SelfTestFaultItem } from "@menshen/wire";
import type { ReaderConfig } from "../config.ts";

/** What the probe of a line means to the person who wired it. */
export function lineFaults(verdict: LineVerdict, readers: readonly ReaderConfig[]): SelfTestFaultItem[] {
  const [first] = readers;
  if (verdict.line === "absent") {
    // The first reader stands for its line.
    return [{ code: "line-absent", ...(first === undefined ? {} : { subject: first.readerId }) }];
  }
  const faults = readers.flatMap(({ readerId, address }) => {
    const of = verdict.pds.find((pd) => pd.address === address)?.verdict;
    const fault = of === undefined ? undefined : readerFault(of);
    return fault === undefined ? [] : [{ ...fault, subject: readerId }];
  });
  const isNoisy = verdict.line === "noisy" || verdict.pds.some(({ verdict: { kind } }) => kind === "damaged");
  return isNoisy && first !== undefined
    ? [{ code: "line-noisy", subject: first.readerId }, ...faults]
    : faults;
}

function readerFault(verdict: PdVerdict): Omit<SelfTestFaultItem, "subject"> | undefined {
  switch (verdict.kind) {
    case "well":
    // The line is noisy: said once for all of it.
    case "damaged":
      return undefined;
    case "silent":
      return { code: "cable-cut" };
    case "pair-swapped":
      return { code: "pair-swapped" };
    case "address-twice":
      return { code: "address-twice", value: verdict.atLeast };
    case "wrong-baud":
      return { code: "wrong-baud", value: verdict.baudRate };
    case "wrong-address":
      return { code: "wrong-address", value: verdict.address };
    case "install-mode":
      return { code: "reader-install-mode" };
    // A key that this gate never had is as good as another one.
    case "no-key":
    case "wrong-key":
      return { code: "wrong-key" };
  }
}
