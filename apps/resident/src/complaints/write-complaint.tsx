import { formatComplaintFile } from "@menshen/evidence";
import { ComplaintForm, complaintNumber, ReceiptPanel, type WrittenComplaint } from "@menshen/ui/complaints";
import { complaintEndpoints, type OwnComplaint } from "@menshen/wire";
import { useState } from "react";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { saveFile } from "../consents/save-file.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { keepComplaints, keptOf } from "./kept-complaints.ts";
import { OwnCheck } from "./own-check.tsx";
import { useComplaintPageTexts } from "./texts.ts";

const askRecipients = async () => (await call(complaintEndpoints.recipients, {})).items;

/** Writes a complaint, and shows its receipt as soon as the server took it. */
export function WriteComplaint(props: { onWritten: () => void }) {
  const p = useComplaintPageTexts();
  const moments = useMoments();
  const { store, owner } = useOwned();
  const recipients = useAnswer("complaint-recipients", askRecipients);
  const [written, setWritten] = useState<{
    readonly complaint: OwnComplaint;
    readonly code: string | undefined;
    readonly isKept: boolean;
  }>();
  const staff = recipients.value?.flatMap(({ body, staff: members }) =>
    members.map((one) => ({ ...one, body })),
  );

  const send = async (body: WrittenComplaint, isNamed: boolean) => {
    const taken = isNamed
      ? { complaint: await withSession(owner, () => call(complaintEndpoints.write, { body })) }
      : await call(complaintEndpoints.writeNameless, { body });
    const code = "code" in taken ? taken.code : undefined;
    // The code is shown whatever this device can keep.
    const isKept = await keepComplaints(store, [taken.complaint], code).then(
      () => true,
      () => false,
    );
    setWritten({ complaint: taken.complaint, code, isKept });
    props.onWritten();
  };

  if (written !== undefined) {
    const { complaint, code, isKept } = written;
    const kept = keptOf(complaint);
    return (
      <>
        <ReceiptPanel
          complaint={complaint}
          code={code}
          isCodeKept={isKept}
          moments={moments}
          onSave={() =>
            saveFile(`menshen-complaint-${complaintNumber(complaint.id)}.json`, formatComplaintFile(kept))
          }
        />
        <OwnCheck kept={kept} />
        <p className="plain-no-print">
          <a href={`#/complaints/${complaint.id}`}>{p.goOn}</a>
        </p>
      </>
    );
  }
  return (
    <>
      <p className="plain-no-print">
        <a href="#/complaints">{p.back}</a>
      </p>
      <ComplaintForm staff={staff} mayName onSend={send} />
    </>
  );
}
