import { type ComplaintChecked, type KeptComplaint, parseComplaintFile } from "@menshen/evidence";
import { fillText } from "@menshen/ui";
import { type ComplaintBody, complaintNumber, useComplaintTexts } from "@menshen/ui/complaints";
import { useState } from "react";
import { useCommunityMoments } from "../community/use-community.tsx";
import { OwnCheck } from "./own-check.tsx";
import { usePageTexts } from "./texts.ts";

/** Longest file that is read, in bytes: a text of 4,000 characters with its receipt is far below. */
const FILE_MOST_BYTES = 65_536;

/** Checks a receipt that somebody was given, as a file or as the text on a paper. */
export function CheckPart() {
  const t = useComplaintTexts();
  const p = usePageTexts();
  const moments = useCommunityMoments();
  const [pasted, setPasted] = useState("");
  const [given, setGiven] = useState<{ readonly kept: KeptComplaint | undefined; readonly turn: number }>();
  const [checked, setChecked] = useState<ComplaintChecked>();
  const take = (text: string) => {
    setChecked(undefined);
    setGiven((before) => ({ kept: parseComplaintFile(text), turn: (before?.turn ?? 0) + 1 }));
  };
  const receipt = checked?.genuine === true ? checked.receipt : undefined;
  return (
    <>
      <p>{p.checkHelp}</p>
      <div className="plain-field">
        <label htmlFor="complaint-file">{p.file}</label>
        <input
          id="complaint-file"
          type="file"
          accept=".json,.txt,application/json,text/plain"
          onChange={(event) => {
            const file = event.target.files?.item(0);
            if (!file) return;
            if (file.size > FILE_MOST_BYTES) take("");
            else void file.text().then(take);
          }}
        />
      </div>
      <div className="plain-field">
        <label htmlFor="complaint-text">{p.pasted}</label>
        <textarea
          id="complaint-text"
          className="plain-mono"
          rows={4}
          maxLength={FILE_MOST_BYTES}
          spellCheck={false}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
        />
      </div>
      <div className="plain-actions">
        <button
          type="button"
          className="plain-button"
          disabled={pasted.trim() === ""}
          onClick={() => take(pasted.trim())}
        >
          {p.check}
        </button>
      </div>
      {given !== undefined && given.kept === undefined ? (
        <p role="alert" className="plain-notice plain-notice--due">
          {p.notOne}
        </p>
      ) : null}
      {receipt === undefined ? null : (
        <p>
          {fillText(p.facts, {
            number: complaintNumber(receipt.complaintId),
            when: moments.moment(receipt.receivedAt),
            body: bodyName(t.body, receipt.to),
            day: moments.day(receipt.answerBy - 1),
          })}
        </p>
      )}
      {given?.kept === undefined ? null : (
        <OwnCheck key={given.turn} kept={given.kept} onChecked={setChecked} />
      )}
    </>
  );
}

function bodyName(names: Readonly<Record<ComplaintBody, string>>, body: string): string {
  return Object.entries(names).find(([name]) => name === body)?.[1] ?? body;
}
