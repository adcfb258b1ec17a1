import "./ending-texts/index.ts";
import { StateMark } from "@menshen/ui";
import {
  type BodyOf,
  type NamedResidencyEnd,
  type Residency,
  residencyEndEndpoints,
  residencyEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { ExactMoment } from "../../components/moments.tsx";

type Question = BodyOf<typeof residencyEndEndpoints.ask>;

/** What the desk can do about the end of somebody's home: ask, hand over the letter, enter an answer on paper. */
export function HomeEnding(props: { residency: Residency }) {
  const { t } = useTranslation("ending");
  const { residency } = props;
  const [isAsking, setIsAsking] = useState(false);
  const ends = useQuery({
    queryKey: [residencyEndEndpoints.list.id, useViewKey()],
    queryFn: ({ signal }) => call(residencyEndEndpoints.list, { signal }),
  });
  const moveOut = useChange(
    () =>
      call(residencyEndpoints.moveOut, {
        params: { id: residency.id },
        body: {},
        reason: { code: "resident-request" },
      }),
    { doneText: t("done") },
  );
  const ask = useChange(
    (body: Question) => call(residencyEndEndpoints.ask, { params: { id: residency.id }, body }),
    { onDone: () => setIsAsking(false), doneText: t("done") },
  );
  const end = ends.data?.items.find(({ residencyId }) => residencyId === residency.id);
  if (end !== undefined) return <OpenEnd end={end} />;
  if (isAsking) {
    return (
      <Form<Question> layout="vertical" onFinish={(values) => ask.mutate(values)}>
        <p className="quiet">{t("askLead")}</p>
        <Form.Item name="askedBy" label={t("askedBy")} initialValue="landlord">
          <Select
            options={(["landlord", "household", "company"] as const).map((value) => ({
              value,
              label: t(`asker.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="ground"
          label={t("ground")}
          rules={[{ required: true, whitespace: true, message: t("groundMissing") }]}
        >
          <Input.TextArea maxLength={1_000} autoSize={{ minRows: 2 }} />
        </Form.Item>
        <span className="actions">
          <Button type="primary" htmlType="submit" loading={ask.isPending}>
            {t("send")}
          </Button>
          <Button onClick={() => setIsAsking(false)}>{t("common.cancel", { ns: "translation" })}</Button>
        </span>
      </Form>
    );
  }
  return (
    <span className="actions">
      <Button onClick={() => setIsAsking(true)}>{t("ask")}</Button>
      <Button title={t("oneselfHelp")} loading={moveOut.isPending} onClick={() => moveOut.mutate(undefined)}>
        {t("oneself")}
      </Button>
    </span>
  );
}

function OpenEnd(props: { end: NamedResidencyEnd }) {
  const { t } = useTranslation("ending");
  const { end } = props;
  const params = { id: end.id };
  const done = { doneText: t("done") };
  const tell = useChange(() => call(residencyEndEndpoints.told, { params }), done);
  const withdraw = useChange(() => call(residencyEndEndpoints.withdraw, { params }), done);
  const object = useChange(
    ({ objection }: { objection: string }) =>
      call(residencyEndEndpoints.answer, {
        params,
        body: { answer: "object", objection },
        reason: { code: "resident-request" },
      }),
    done,
  );
  const isOpen = end.state === "asked" || end.state === "objected";
  return (
    <section>
      <p>
        <StateMark tone="refused">{t(`state.${end.state}`)}</StateMark> <EndTimes end={end} />
      </p>
      {end.ground === undefined ? null : <p className="quiet">{end.ground}</p>}
      {end.state === "asked" && end.toldAt === undefined ? (
        <>
          <p>{t("untold")}</p>
          <Button type="primary" loading={tell.isPending} onClick={() => tell.mutate(undefined)}>
            {t("told")}
          </Button>
        </>
      ) : null}
      {end.state === "asked" ? (
        <Form<{ objection: string }> layout="vertical" onFinish={(values) => object.mutate(values)}>
          <Form.Item
            name="objection"
            label={`${t("objects")}: ${t("objection")}`}
            rules={[{ required: true, whitespace: true, message: t("objectionMissing") }]}
          >
            <Input.TextArea maxLength={1_000} autoSize={{ minRows: 2 }} />
          </Form.Item>
          <Button htmlType="submit" loading={object.isPending}>
            {t("enter")}
          </Button>
        </Form>
      ) : null}
      {isOpen ? (
        <p>
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
            {t("withdraw")}
          </Button>
        </p>
      ) : null}
    </section>
  );
}

/** Until when somebody can object, or when access ends. */
export function EndTimes(props: { end: NamedResidencyEnd }) {
  const { t } = useTranslation("ending");
  const { endsAt, graceUntil, state } = props.end;
  if (endsAt !== undefined) {
    const [before, after] = t("endsAt", { when: "|" }).split("|");
    return (
      <>
        {before}
        <ExactMoment epochMs={endsAt} />
        {after}
      </>
    );
  }
  if (graceUntil === undefined || state !== "asked") return null;
  const [before, after] = t("until", { when: "|" }).split("|");
  return (
    <>
      {before}
      <ExactMoment epochMs={graceUntil} />
      {after}
    </>
  );
}
