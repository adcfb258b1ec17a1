import { areaText } from "@menshen/domain";
import { type ChangeReason, ownersRollEndpoints, type RollDwelling } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { RollForm } from "./roll-form.tsx";

/** Who owns what. Names only for whoever may read them and said why; the committee reads the rest. */
export function RollPage() {
  const { t: text } = useTranslation("votes");
  const mayWrite = useMay("roll.write");
  const title = text("rollPage.title");
  const lead = text("rollPage.lead");
  if (!mayWrite) return <Roll />;
  return (
    <ResidentsData title={title} lead={lead}>
      <Roll />
    </ResidentsData>
  );
}

function Roll() {
  const { t: text } = useTranslation("votes");
  const mayWrite = useMay("roll.write");
  const viewKey = useViewKey();
  const [editing, setEditing] = useState<string>();
  const list = useQuery({
    queryKey: [ownersRollEndpoints.list.id, viewKey],
    queryFn: ({ signal }) => call(ownersRollEndpoints.list, { signal }),
  });
  const remove = useChange(({ id, reason }: { id: string; reason: ChangeReason }) =>
    call(ownersRollEndpoints.remove, { params: { id }, reason }),
  );
  const head = (
    <>
      <p>
        <Link to="/votes">{text("back")}</Link>
      </p>
      <PageHead title={text("rollPage.title")} lead={text("rollPage.lead")} />
    </>
  );
  if (list.isPending) return <Loading />;
  if (list.isError) {
    return (
      <>
        {head}
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      </>
    );
  }
  const { items, heads, areaDm2, missing } = list.data;
  const done = () => setEditing(undefined);
  return (
    <>
      {head}
      <p role="status">
        {items.length === 0
          ? text("rollPage.none")
          : text("rollPage.sums", { heads, area: areaText(areaDm2) })}
      </p>
      <ul className="plain-list">
        {items.map((dwelling) => (
          <li key={dwelling.dwellingId}>
            <span>
              <strong>{dwelling.dwellingName}</strong> · {areaText(dwelling.areaDm2)} m² ·{" "}
              <Owner dwelling={dwelling} />
            </span>
            {mayWrite && editing !== dwelling.dwellingId ? (
              <span className="actions">
                <Button onClick={() => setEditing(dwelling.dwellingId)}>{text("rollPage.edit")}</Button>
                <ReasonButton
                  label={text("rollPage.remove")}
                  isPending={remove.isPending}
                  onConfirm={(reason) => remove.mutate({ id: dwelling.dwellingId, reason })}
                />
              </span>
            ) : null}
            {editing === dwelling.dwellingId ? (
              <RollForm dwellingId={dwelling.dwellingId} known={dwelling} onDone={done} />
            ) : null}
          </li>
        ))}
      </ul>
      {missing.length === 0 ? null : (
        <section className="section" aria-labelledby="roll-missing">
          <h2 id="roll-missing">{text("rollPage.missing", { count: missing.length })}</h2>
          <ul className="plain-list">
            {missing.map(({ dwellingId, dwellingName }) => (
              <li key={dwellingId}>
                <span>{dwellingName}</span>
                {editing === dwellingId ? (
                  <RollForm dwellingId={dwellingId} known={undefined} onDone={done} />
                ) : mayWrite ? (
                  <Button onClick={() => setEditing(dwellingId)}>{text("rollPage.add")}</Button>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Owner(props: { dwelling: RollDwelling }) {
  const { t: text } = useTranslation("votes");
  const { kind, ownerName, persons } = props.dwelling;
  const names = persons.flatMap(({ name }) => (name === undefined ? [] : [name]));
  if (kind !== "persons") return <>{ownerName}</>;
  return <>{names.length === 0 ? text("rollPage.unnamed", { count: persons.length }) : names.join("、")}</>;
}
