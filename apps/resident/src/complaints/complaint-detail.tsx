import { formatComplaintFile } from "@menshen/evidence";
import { ComplaintView, complaintNumber, type ShownVerdict, useComplaintTexts } from "@menshen/ui/complaints";
import { complaintEndpoints, type OwnComplaint } from "@menshen/wire";
import { useEffect, useState } from "react";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { saveFile } from "../consents/save-file.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { type DeviceComplaint, keptComplaints, keptOf } from "./kept-complaints.ts";
import { OwnCheck } from "./own-check.tsx";
import { useComplaintPageTexts } from "./texts.ts";

/** One complaint: where it stands, its answer, and the receipt that this device keeps, checked. */
export function ComplaintDetail(props: { complaint: OwnComplaint; isOld: boolean; onChanged: () => void }) {
  const t = useComplaintTexts();
  const p = useComplaintPageTexts();
  const moments = useMoments();
  const { store, owner } = useOwned();
  const { complaint, isOld, onChanged } = props;
  const [kept, setKept] = useState<DeviceComplaint>();
  useEffect(() => {
    void keptComplaints(store).then((all) => setKept(all.find(({ id }) => id === complaint.id)));
  }, [store, complaint.id]);

  const judge = async (verdict: ShownVerdict, text: string | undefined) => {
    const said = { verdict, ...(text === undefined ? {} : { text }) };
    const code = kept?.code;
    if (code === undefined) {
      const params = { id: complaint.id };
      await withSession(owner, () => call(complaintEndpoints.judge, { params, body: said }));
    } else {
      await call(complaintEndpoints.judgeNameless, { body: { code, ...said } });
    }
    onChanged();
  };
  // The receipt that was given first, with the words that the server shows now.
  const shown = keptOf(complaint);
  const checked = { ...shown, receipt: kept?.receipt ?? shown.receipt };
  return (
    <>
      <p className="plain-no-print">
        <a href="#/complaints">{p.back}</a>
      </p>
      <ComplaintView complaint={complaint} moments={moments} onJudge={isOld ? undefined : judge} />
      <section aria-labelledby="receipt-check">
        <h2 id="receipt-check">{t.check.title}</h2>
        <OwnCheck kept={checked} />
        <p className="plain-quiet plain-no-print">{p.saveHelp}</p>
        <div className="plain-actions plain-no-print">
          <button
            type="button"
            className="plain-button"
            onClick={() =>
              saveFile(
                `menshen-complaint-${complaintNumber(complaint.id)}.json`,
                formatComplaintFile(kept ?? shown),
              )
            }
          >
            {p.save}
          </button>
        </div>
      </section>
    </>
  );
}
