import {
  ComplaintView,
  complaintProblem,
  type ShownVerdict,
  useComplaintTexts,
} from "@menshen/ui/complaints";
import type { OwnComplaint } from "@menshen/wire";
import { useState } from "react";
import { useCommunityMoments } from "../community/use-community.tsx";
import { follow, judge, Refused } from "./ask-server.ts";
import { OwnCheck } from "./own-check.tsx";
import { keptOf, saveReceipt } from "./save-receipt.ts";
import { usePageTexts } from "./texts.ts";

/** Reads a complaint by its code, and says whether the answer will do. The code stays on this page alone. */
export function FollowPart() {
  const t = useComplaintTexts();
  const p = usePageTexts();
  const moments = useCommunityMoments();
  const [code, setCode] = useState("");
  const [complaint, setComplaint] = useState<OwnComplaint>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const look = async () => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      setComplaint(await follow(code.trim()));
    } catch (error) {
      const found = error instanceof Refused ? error.code : "other";
      // What is no code at all is an unknown one.
      setFailure(found === "invalid-request" ? "code-invalid" : found);
    }
    setIsBusy(false);
  };
  const decide = async (verdict: ShownVerdict, text: string | undefined) =>
    setComplaint(await judge({ code: code.trim(), verdict, ...(text === undefined ? {} : { text }) }));

  if (complaint === undefined) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <div className="plain-field">
          <label htmlFor="complaint-code">{p.code}</label>
          <span id="complaint-code-help" className="plain-quiet">
            {p.codeHelp}
          </span>
          <input
            id="complaint-code"
            className="plain-mono"
            aria-describedby="complaint-code-help"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={40}
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </div>
        <div role="alert">
          {failure === undefined ? null : (
            <p className="plain-notice plain-notice--due">{complaintProblem(t, failure)}</p>
          )}
        </div>
        <div className="plain-actions">
          <button
            type="submit"
            className="plain-button plain-button--main"
            disabled={isBusy || code.trim() === ""}
          >
            {isBusy ? p.looking : p.look}
          </button>
        </div>
      </form>
    );
  }
  return (
    <>
      <ComplaintView complaint={complaint} moments={moments} onJudge={decide} />
      <h2>{t.check.title}</h2>
      <OwnCheck key={complaint.id} kept={keptOf(complaint)} />
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={() => saveReceipt(complaint)}>
          {t.done.save}
        </button>
        <button
          type="button"
          className="plain-button"
          onClick={() => {
            setComplaint(undefined);
            setCode("");
          }}
        >
          {p.other}
        </button>
      </div>
    </>
  );
}
