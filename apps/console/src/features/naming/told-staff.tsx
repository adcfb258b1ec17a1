import { StateMark } from "@menshen/ui";
import { type NameableStaff, namingEndpoints, TOLD_HOW, type Told, type ToldHow } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useHeldReason, useViewKey } from "../../api/view-reason.ts";
import { Failed, Loading } from "../../components/page-states.tsx";
import { NamesOnRequest } from "../../components/residents-data.tsx";

/** People who only work here, and whether each was told; for whoever said why they look. */
export function ToldStaff() {
  const { t: text } = useTranslation("naming");
  const held = useHeldReason();
  return (
    <section className="section" aria-labelledby="naming-told">
      <h2 id="naming-told">{text("told.title")}</h2>
      <NamesOnRequest text={text("told.ask")} />
      {held === undefined ? null : <StaffList />}
    </section>
  );
}

function StaffList() {
  const { t: text } = useTranslation("naming");
  const viewKey = useViewKey();
  const list = useQuery({
    queryKey: [namingEndpoints.staff.id, viewKey],
    queryFn: ({ signal }) => call(namingEndpoints.staff, { signal }),
  });
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} onRetry={() => void list.refetch()} />;
  const { items } = list.data;
  if (items.length === 0) return <p>{text("told.none")}</p>;
  return (
    <ul className="plain-list">
      {items.map((person) => (
        <StaffRow key={person.personId} person={person} />
      ))}
    </ul>
  );
}

function StaffRow(props: { person: NameableStaff }) {
  const { t: text } = useTranslation("naming");
  const mayWrite = useMay("homes.write");
  const [isTelling, setIsTelling] = useState(false);
  const { personId: id, name, told } = props.person;
  const remove = useChange(() => call(namingEndpoints.untell, { params: { id } }));
  return (
    <li>
      <span>
        <strong>{name}</strong>
        <br />
        {told === undefined ? (
          <StateMark tone="quiet">{text("told.no")}</StateMark>
        ) : (
          <StateMark tone="granted">
            {text("told.yes", { day: told.on, how: text(`told.how.${told.how}`) })}
          </StateMark>
        )}
      </span>
      {!mayWrite ? null : told !== undefined ? (
        <Button loading={remove.isPending} onClick={() => remove.mutate(undefined)}>
          {text("told.remove")}
        </Button>
      ) : isTelling ? (
        <TellForm id={id} onDone={() => setIsTelling(false)} />
      ) : (
        <Button onClick={() => setIsTelling(true)}>{text("told.record")}</Button>
      )}
    </li>
  );
}

function TellForm(props: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("naming");
  const formId = useId();
  const [on, setOn] = useState("");
  const [how, setHow] = useState<ToldHow>("in-writing");
  const tell = useChange((body: Told) => call(namingEndpoints.tell, { params: { id: props.id }, body }), {
    onDone: props.onDone,
  });
  return (
    <form
      className="reason-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (on !== "") tell.mutate({ on, how });
      }}
    >
      <label htmlFor={`${formId}-on`}>{text("told.on")}</label>
      <Input id={`${formId}-on`} type="date" value={on} onChange={(event) => setOn(event.target.value)} />
      <Select<ToldHow>
        aria-label={text("told.by")}
        value={how}
        onChange={setHow}
        options={TOLD_HOW.map((value) => ({ value, label: text(`told.how.${value}`) }))}
      />
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={on === ""} loading={tell.isPending}>
          {text("told.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}
