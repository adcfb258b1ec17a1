import "./ending-texts/index.ts";
import { StateMark } from "@menshen/ui";
import { type BodyOf, type NamedResidencyEnd, residencyEndEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { EndTimes } from "./home-ending.tsx";

type Decision = BodyOf<typeof residencyEndEndpoints.decide>;

/** Ends of homes that wait for an answer or a decision. */
export default function EndingsPage() {
  const { t } = useTranslation("ending");
  return (
    <ResidentsData title={t("page.title")} lead={t("page.lead")}>
      <Endings />
    </ResidentsData>
  );
}

function Endings() {
  const { t } = useTranslation("ending");
  const [past, setPast] = useState(false);
  const ends = useQuery({
    queryKey: [residencyEndEndpoints.list.id, useViewKey(), past],
    queryFn: ({ signal }) => call(residencyEndEndpoints.list, { query: past ? { past } : {}, signal }),
  });
  if (ends.isPending) return <Loading />;
  if (ends.isError) return <Failed error={ends.error} onRetry={() => void ends.refetch()} />;
  return (
    <>
      <h1>{t("page.title")}</h1>
      <p className="lead">{t("page.lead")}</p>
      <Checkbox checked={past} onChange={(event) => setPast(event.target.checked)}>
        {t("page.past")}
      </Checkbox>
      {ends.data.items.length === 0 ? <Empty title={t("page.none")}>{t("page.noneHelp")}</Empty> : null}
      {ends.data.items.map((end) => (
        <Ending key={end.id} end={end} />
      ))}
    </>
  );
}

function Ending(props: { end: NamedResidencyEnd }) {
  const { t } = useTranslation("ending");
  const mayDecide = useMay("residencies.decide");
  const { end } = props;
  const decide = useChange(
    (body: Decision) => call(residencyEndEndpoints.decide, { params: { id: end.id }, body }),
    { doneText: t("done") },
  );
  return (
    <section className="section" aria-label={end.home}>
      <h2>
        {end.home} · {t(`role.${end.role}`, { ns: "translation" })}
        {end.personName === undefined ? null : ` · ${end.personName}`}
      </h2>
      <p>
        <StateMark tone="refused">{t(`state.${end.state}`)}</StateMark> <EndTimes end={end} />
      </p>
      <dl className="facts">
        <dt>{t("askedBy")}</dt>
        <dd>{t(`asker.${end.askedBy}`)}</dd>
        {end.ground === undefined ? null : (
          <>
            <dt>{t("page.ground")}</dt>
            <dd>{end.ground}</dd>
          </>
        )}
        {end.objection === undefined ? null : (
          <>
            <dt>{t("page.objection")}</dt>
            <dd>{end.objection}</dd>
          </>
        )}
        {end.decisionReason === undefined ? null : (
          <>
            <dt>{t("page.decided")}</dt>
            <dd>{end.decisionReason}</dd>
          </>
        )}
      </dl>
      {mayDecide && end.state === "objected" ? (
        <Form<Decision> layout="vertical" onFinish={(values) => decide.mutate(values)}>
          <Form.Item name="outcome" label={t("page.decide")} initialValue="stays">
            <Radio.Group
              options={(["stays", "ends"] as const).map((value) => ({ value, label: t(`page.${value}`) }))}
            />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t("page.reason")}
            rules={[{ required: true, min: 10, whitespace: true, message: t("page.reasonMissing") }]}
          >
            <Input.TextArea maxLength={1_000} autoSize={{ minRows: 2 }} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={decide.isPending}>
            {t("page.decide")}
          </Button>
        </Form>
      ) : null}
    </section>
  );
}
