import { ComplaintForm, ReceiptPanel } from "@menshen/ui/complaints";
import type { CodedComplaint } from "@menshen/wire";
import { useState } from "react";
import { useCommunityMoments } from "../community/use-community.tsx";
import { writeNameless } from "./ask-server.ts";
import { OwnCheck } from "./own-check.tsx";
import { keptOf, saveReceipt } from "./save-receipt.ts";
import { usePageTexts } from "./texts.ts";

/** Writes a complaint without a name; the receipt and its code are shown this once. */
export function WritePart() {
  const p = usePageTexts();
  const moments = useCommunityMoments();
  const [written, setWritten] = useState<CodedComplaint>();
  if (written === undefined) {
    return (
      <ComplaintForm
        mayName={false}
        onSend={async (body) => {
          setWritten(await writeNameless(body));
        }}
      />
    );
  }
  const { complaint, code } = written;
  return (
    <>
      <ReceiptPanel
        complaint={complaint}
        code={code}
        moments={moments}
        onSave={() => saveReceipt(complaint)}
      />
      <OwnCheck kept={keptOf(complaint)} />
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={() => setWritten(undefined)}>
          {p.again}
        </button>
      </div>
    </>
  );
}
