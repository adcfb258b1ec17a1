import "./texts/index.ts";
import "./complaints.css";
import { complaintEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ComplaintLine } from "./complaint-line.tsx";

/** Complaints that came up to the committee from a body below, for its own desk. */
export function RisenComplaints() {
  const { t: text } = useTranslation("complaints");
  const mayHandle = useMay("complaints.handle");
  const { staffId } = useSignedIn();
  const list = useQuery({
    queryKey: [complaintEndpoints.queue.id, staffId, false],
    queryFn: ({ signal }) => call(complaintEndpoints.queue, { query: { answered: false }, signal }),
    enabled: mayHandle,
  });
  if (!mayHandle) return null;
  const risen = list.data?.items.filter(({ cameBy }) => cameBy !== undefined) ?? [];
  return (
    <section className="section" aria-labelledby="committee-complaints">
      <h2 id="committee-complaints">{text("risen.title")}</h2>
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isSuccess && risen.length === 0 ? <p>{text("risen.none")}</p> : null}
      <ul className="plain-list">
        {risen.map((complaint) => (
          <ComplaintLine key={complaint.id} complaint={complaint} />
        ))}
      </ul>
      <p>
        <Link to="/complaints">{text("risen.open")}</Link>
      </p>
    </section>
  );
}
