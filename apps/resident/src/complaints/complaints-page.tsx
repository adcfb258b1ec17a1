import "@menshen/ui/complaints.css";
import { formatComplaintFile } from "@menshen/evidence";
import { ComplaintState, complaintNumber, useComplaintTexts } from "@menshen/ui/complaints";
import type { OwnComplaint } from "@menshen/wire";
import { useCallback, useEffect, useState } from "react";
import { useAnswer } from "../api/use-answer.ts";
import { saveFile } from "../consents/save-file.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { ComplaintDetail } from "./complaint-detail.tsx";
import { type DeviceComplaint, keptComplaints, readComplaints } from "./kept-complaints.ts";
import { OwnCheck } from "./own-check.tsx";
import { useComplaintPageTexts } from "./texts.ts";
import { WriteComplaint } from "./write-complaint.tsx";

/** One's own complaints, one of them, or a new one. */
export function ComplaintsPage(props: { part: string | undefined }) {
  const p = useComplaintPageTexts();
  const { store } = useOwned();
  const ask = useCallback(() => readComplaints(store), [store]);
  const complaints = useAnswer("complaints", ask);
  const { value } = complaints;
  if (props.part === "new") return <WriteComplaint onWritten={complaints.again} />;
  const chosen = value?.find(({ id }) => id === props.part);
  return (
    <>
      {complaints.failure === undefined ? null : (
        <Problem code={complaints.failure} onRetry={complaints.again} />
      )}
      {value === undefined && complaints.isAsking ? <Loading /> : null}
      {chosen === undefined ? null : (
        <ComplaintDetail
          key={chosen.id}
          complaint={chosen}
          isOld={complaints.isOld}
          onChanged={complaints.again}
        />
      )}
      {chosen !== undefined || value === undefined ? null : (
        <>
          <p className="plain-quiet">{p.lead}</p>
          <div className="plain-actions">
            <a className="plain-button plain-button--main" href="#/complaints/new">
              {p.write}
            </a>
          </div>
          {value.length === 0 ? <Nothing title={p.none}>{p.noneHelp}</Nothing> : null}
          <ul className="rights__list">
            {value.map((complaint) => (
              <ComplaintLine key={complaint.id} complaint={complaint} />
            ))}
          </ul>
          {complaints.isOld ? null : <Lost shown={value} />}
          <p>
            <a href="/public/complaints">{p.elsewhere}</a>
          </p>
        </>
      )}
    </>
  );
}

function ComplaintLine(props: { complaint: OwnComplaint }) {
  const t = useComplaintTexts();
  const p = useComplaintPageTexts();
  const moments = useMoments();
  const { complaint } = props;
  return (
    <li>
      <a className="right" href={`#/complaints/${complaint.id}`}>
        <span className="right__title">{t.category[complaint.category]}</span>
        <span className="right__fact">
          {complaintNumber(complaint.id)} · {moments.day(complaint.receivedAt)}
          {complaint.channel === "resident" ? null : ` · ${p.unnamed}`}
        </span>
        <ComplaintState complaint={complaint} />
      </a>
    </li>
  );
}

/** Complaints that this device holds receipts of, and the server shows none. */
function Lost(props: { shown: readonly OwnComplaint[] }) {
  const p = useComplaintPageTexts();
  const { store } = useOwned();
  const { shown } = props;
  const [lost, setLost] = useState<readonly DeviceComplaint[]>([]);
  useEffect(() => {
    let isGone = false;
    void keptComplaints(store).then((kept) => {
      if (!isGone) setLost(kept.filter(({ id }) => shown.every((one) => one.id !== id)));
    });
    return () => {
      isGone = true;
    };
  }, [store, shown]);
  if (lost.length === 0) return null;
  return (
    <section aria-labelledby="lost">
      <h2 id="lost">{p.lost}</h2>
      <p className="plain-notice plain-notice--due">{p.lostHelp}</p>
      <ul className="plain-list">
        {lost.map((kept) => (
          <li key={kept.id}>
            <strong>{complaintNumber(kept.id)}</strong>
            <p className="complaint-text">{kept.written?.text}</p>
            <OwnCheck kept={kept} />
            <div className="plain-actions">
              <button
                type="button"
                className="plain-button"
                onClick={() =>
                  saveFile(`menshen-complaint-${complaintNumber(kept.id)}.json`, formatComplaintFile(kept))
                }
              >
                {p.save}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
