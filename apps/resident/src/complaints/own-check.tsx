import type { ComplaintChecked, KeptComplaint } from "@menshen/evidence";
import { ReceiptOutcome } from "@menshen/ui/complaints";
import { useEffect, useState } from "react";
import { useMoments } from "../layout/moments.ts";
import { usePinnedLog } from "../log/use-log.ts";
import { usePinnedReceiptKey } from "../receipts/use-receipt-key.ts";
import { checkOnDevice } from "./kept-complaints.ts";

/** A complaint that is not in the log yet is looked for again so often. */
const LOOK_EVERY_MS = 10_000;

/** A receipt, checked on this device: whose signature, which words, and whether the log has it. */
export function OwnCheck(props: { kept: KeptComplaint }) {
  const moments = useMoments();
  const log = usePinnedLog();
  const receiptKey = usePinnedReceiptKey();
  const [check, setCheck] = useState<ComplaintChecked>();
  const [turn, setTurn] = useState(0);
  const { receipt, written } = props.kept;
  const waits = check?.genuine === true && check.log.verdict === "waiting";
  const { kind, category, text, nonce } = written ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` looks again
  useEffect(() => {
    if (receiptKey === undefined) return;
    let isGone = false;
    const kept =
      kind === undefined || category === undefined || text === undefined || nonce === undefined
        ? { receipt }
        : { receipt, written: { kind, category, text, nonce } };
    void checkOnDevice(kept, receiptKey, log).then((found) => {
      if (!isGone) setCheck(found);
    });
    return () => {
      isGone = true;
    };
  }, [receipt, kind, category, text, nonce, receiptKey, log, turn]);
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => setTurn((before) => before + 1), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [waits]);
  return <ReceiptOutcome check={check} moments={moments} />;
}
